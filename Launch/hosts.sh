# How Launch/lloyd reads the machines of a host file. Sourced, never run.
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between this file and the scripts

# Sets $machines to the lines of the host file $1 in one form, `NAME slots=N` or `NAME slots=N max_slots=M`, which every
# version of mpirun reads. Takes what Open MPI takes: blanks and tabs on both sides of `=`, `count` and `cpu` for `slots`,
# `max-slots`, `username`, comments of #, // and /* */; and, besides, line ends of Windows, a byte order mark and a last
# line without its end. What it takes for a mistake is one here, too: a machine named twice, or fewer max_slots than slots.
read_hosts() {
    local problem
    machines=$(LC_ALL=C awk "$hosts_grammar" <"$1") && return
    problem=${machines##*$'\n'}
    refuse "$1: ${problem%%|*}" "${problem#*|}"
}

# shellcheck disable=SC2016  # awk's own dollars
# The problem goes to the last line, with its remedy behind a bar.
hosts_grammar='
function wrong(problem, remedy) { print "line " FNR ": " problem "|" remedy; failed = 1; exit 1 }
function shown(text) { gsub(/[^ -~]/, "?", text); return text }
NR == 1 { sub(/^\357\273\277/, "") }
NR == 1 && /^(\377\376|\376\377)/ { wrong("this is UTF-16", "save the file as plain text (UTF-8)") }
{
    sub(/\r$/, ""); line = $0
    if (inside) { if (!match(line, /\*\//)) next; line = substr(line, RSTART + 2); inside = 0 }
    while (match(line, /\/\*/)) {
        before = substr(line, 1, RSTART - 1); rest = substr(line, RSTART + 2)
        if (before ~ /#|\/\//) break
        if (match(rest, /\*\//)) line = before " " substr(rest, RSTART + 2)
        else { line = before; inside = 1 }
    }
    sub(/(#|\/\/).*/, "", line)
    gsub(/[ \t\v\f]*=[ \t\v\f]*/, "=", line)
    count = split(line, words, /[ \t\v\f]+/)
    name = ""; slots = ""; most = ""; user = ""
    for (i = 1; i <= count; i++) {
        word = words[i]
        if (word == "") continue
        if (name == "") { name = word; continue }
        key = word; sub(/=.*/, "", key); value = word; sub(/^[^=]*=?/, "", value)
        gsub(/-/, "_", key)
        if (key ~ /^(slots|count|cpu|max_slots|slots_max|cpu_max|count_max)$/) {
            if (value !~ /^[0-9]+$/ || length(value) > 6 || value + 0 == 0)
                wrong(shown(name) ": " shown(word) " is not a number of cores", "write slots=CORES, as in slots=8")
            if (key ~ /max/) most = value + 0
            else if (slots != "") wrong(shown(name) " has its slots twice", "write one slots=CORES a machine")
            else slots = value + 0
        } else if (key ~ /^user_?name$/ && value ~ /^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/) {
            user = value "@"
        } else wrong(shown(name) ": " shown(word) " is unknown", "write NAME slots=CORES; see Launch/hosts.example")
    }
    if (name == "") next
    if (name ~ /^\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*\]?(%.*)?$/)
        wrong(shown(name) ": Open MPI takes no IPv6 addresses here", "use a name that resolves to it, as of /etc/hosts")
    if (name !~ /^([A-Za-z0-9_.][A-Za-z0-9_.-]*@)?[A-Za-z0-9_][A-Za-z0-9_.-]*$/)
        wrong(shown(name) " is not the name of a machine", "write one NAME slots=CORES a line; see Launch/hosts.example")
    if (user != "" && name !~ /@/) name = user name
    if (slots == "") wrong(shown(name) " has no slots=CORES", "add it: see Launch/hosts.example")
    if (most != "" && most < slots)
        wrong(name ": max_slots=" most " is less than slots=" slots, "give as many max_slots as slots, or more")
    bare = name; sub(/.*@/, "", bare)
    if (bare in seen)
        wrong(name " was named before, in line " seen[bare], "name each machine once, with all of its slots")
    seen[bare] = FNR
    print name " slots=" slots (most == "" ? "" : " max_slots=" most)
}
END { if (!failed && inside) wrong("a comment of /* has no */", "close it") }
'

# Of such lines: those on which a rank of T threads fits, with as many slots as ranks fit.
fit_threads() { # LINES T
    awk -v threads="$2" '{
        split($2, pair, "="); slots = int(pair[2] / threads); most = ""
        if ($3 != "") { split($3, pair, "="); most = " max_slots=" int(pair[2] / threads) }
        if (slots > 0) print $1 " slots=" slots most }' <<<"$1"
}

slots_of() { # of such lines, all together
    awk '{ split($2, pair, "="); all += pair[2] } END { print all + 0 }' <<<"$1"
}
