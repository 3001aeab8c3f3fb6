# How Launch/lloyd starts a job, hands signals on to it, and starts it again after a failure. Sourced, never run.
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between this file and the scripts
#
# A lost machine is a failure like any other: mpirun ends (the keepalive settings see to that), and the job starts again
# on the machines that answer. Its bytes do not depend on their number.

# Seconds that a machine has to answer before a restart, and that a pause may grow to.
answer_seconds=5
longest_pause=60

# Runs $program with $arguments as often as it takes, and sets $status to the last exit code. If $launcher is mpirun,
# compose makes its command line.
supervise() {
    local started=0 fruitless=0 pause=1 before="" hopeless
    status=130 # a signal may come before anything was started
    asked=0
    job=""
    workplace=$(mktemp -d) || fail "no temporary folder can be made" "set TMPDIR to a folder that can be written to"
    trap 'end_supervision' EXIT
    trap 'interrupted=yes; leave' HUP INT TERM
    trap 'interrupted=yes; pass_on' USR1
    given=("${arguments[@]}")
    note_run_folder

    if [ "$restarts" -gt 0 ]; then before=$(holdings "$run_folder"); fi
    while :; do
        if choose_machines "$started" && [ "$asked" -eq 0 ]; then
            start_job "$started"
            explain_end
        fi
        started=$((started + 1))
        close_fence
        if [ "$restarts" -eq 0 ]; then return; fi
        case "$status" in 0 | 2 | 75) return ;; esac
        if [ "$asked" -gt 0 ]; then return; fi

        hopeless=no
        weigh_start "$run_folder" || hopeless=yes
        if [ "$fruitless" -eq 0 ]; then pause=1; fi
        if ((started > restarts)); then
            give_up "all $restarts restarts are used up"
            return
        fi
        if [ "$hopeless" = yes ]; then
            give_up "$fruitless starts in a row have left nothing new to go on from"
            return
        fi
        prepare_arguments
        say "$script: restart $started of $restarts in $pause s, $(starting_point)"
        wait_seconds "$pause"
        if [ "$asked" -gt 0 ]; then
            # Nobody runs who could write a checkpoint, but a run that has begun can be resumed.
            if can_resume; then status=75; fi
            return
        fi
        pause=$((pause * 2 < longest_pause ? pause * 2 : longest_pause))
    done
}

give_up() {
    say "$script: gave up with exit code $status: $1" \
        "  Remedy: see the failures above; to go on with $run_folder later, add --resume"
}

# MARK: One start

start_job() {
    local command=("$program" "${arguments[@]}")
    if [ "$launcher" = mpirun ]; then
        if [ -n "$fence" ]; then
            open_fence "$job_name.$1"
            command=("$root/Launch/rank" "${command[@]}")
        fi
        compose "$host_file"
        command=("${launch[@]}" "${command[@]}")
    fi
    if [ ${#marks[@]} -gt 0 ]; then command=(env "${marks[@]}" "${command[@]}"); fi
    # In a process group of its own it does not see the terminal's Ctrl-C itself.
    local watcher="" filter=""
    set -m
    if [ "$launcher" = mpirun ] && [ "$mpi_major" -ge 5 ]; then
        rm -f "$workplace/errors" "$workplace/lost"
        mkfifo "$workplace/errors"
        watch_messages "$workplace/lost" <"$workplace/errors" &
        filter=$!
        "${command[@]}" </dev/null 2>"$workplace/errors" &
    else
        "${command[@]}" </dev/null &
    fi
    job=$!
    set +m
    if [ "$launcher" = mpirun ]; then
        watch_launcher "$job" &
        watcher=$!
    fi
    await_job
    if [ -n "$watcher" ]; then
        kill "$watcher" 2>/dev/null || true
        wait "$watcher" 2>/dev/null || true
    fi
    job=""
    if [ -n "$filter" ]; then
        finish_filter "$filter"
        if [ -e "$workplace/lost" ]; then status=205; fi
    fi
}

# The filter ends with the last writer; a process that outlives mpirun is not waited for.
finish_filter() {
    local tries
    for ((tries = 0; tries < 20; tries++)); do
        if ! kill -0 "$1" 2>/dev/null; then break; fi
        sleep 0.1
    done
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# mpirun may hang for ever when all is over: Open MPI 4.1 with PMIx 4 deadlocks in PMIx_server_finalize when a rank has died
# while it was connecting. Then its dead children stay, and nobody talks to it any more.
watch_launcher() {
    local met=no alone=0 children
    while sleep 2 && kill -0 "$1" 2>/dev/null; do
        children=$(states_of_children "$1")
        if [[ "$children" == *Z* ]]; then
            alone=$((alone + 1))
        elif [ -n "$children" ] || has_connections "$1"; then
            met=yes
            alone=0
        elif [ "$met" = yes ]; then
            alone=$((alone + 1))
        fi
        if ((alone > 5)); then
            say "$script: mpirun hangs after the end of its ranks, and is killed"
            kill -KILL "$1" 2>/dev/null || true
            return
        fi
    done
}

states_of_children() { # of process $1: a letter each, of which Z is a dead one
    local stat words
    for stat in /proc/[0-9]*/stat; do
        words=$(cat "$stat" 2>/dev/null) || continue
        words=${words##*) }
        if [[ "$words" == ?" $1 "* ]]; then printf '%s' "${words%% *}"; fi
    done
}

has_connections() { # established ones of process $1, over TCP
    awk 'FNR == NR { mine[$1]; next } $4 == "01" && ($10 in mine) { found = 1 } END { exit !found }' \
        <(find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' 2>/dev/null | tr -dc '0-9\n') \
        <(cat "/proc/$1/net/tcp" "/proc/$1/net/tcp6" 2>/dev/null)
}

# mpirun answers SIGTERM and Ctrl-C by killing the ranks within a second, but hands SIGUSR1 on to them: they write a
# checkpoint and leave.
# shellcheck disable=SC2317  # called by the traps
leave() {
    asked=$((asked + 1))
    # Without a number, `return` in a trap passes on the status of what the signal has ended, and `set -e` ends the script.
    if [ -z "$job" ]; then return 0; fi
    if [ "$asked" -eq 1 ]; then
        kill -USR1 "$job" 2>/dev/null || true
        say "$script: asking the ranks for a checkpoint; once more ends them at once"
    else
        kill -TERM "$job" 2>/dev/null || true
    fi
}
# shellcheck disable=SC2317
pass_on() {
    if [ "$asked" -eq 0 ]; then asked=1; fi
    if [ -n "$job" ]; then kill -USR1 "$job" 2>/dev/null || true; fi
}

# What no rank could report itself, because it was gone.
explain_end() {
    case "$status" in
    137)
        say "$script: a rank was killed (exit code 137), most often for want of memory" \
            "  Remedy: fewer ranks on each machine need less of it"
        ;;
    132 | 134 | 135 | 136 | 139) say "$script: a rank crashed (exit code $status)" ;;
    205 | 213 | 255)
        say "$script: a machine could not be reached or was lost (exit code $status)"
        if [ "$restarts" -eq 0 ]; then
            say "  Remedy: --verbose shows what mpirun says; continue a run that had begun with --resume"
        fi
        ;;
    esac
}

wait_seconds() {
    local until=$((SECONDS + $1))
    # A signal for the whole group, such as Ctrl-C, ends the sleep, too.
    while ((SECONDS < until)) && [ "$asked" -eq 0 ]; do sleep 0.2 || true; done
}

# MARK: What the run folder holds

# As lloyd has it: --run, or runs/ and the config's name.
note_run_folder() {
    local index argument config=""
    run_folder=""
    for ((index = 1; index < ${#given[@]}; index++)); do
        argument=${given[index]}
        case "$argument" in
        --run)
            index=$((index + 1))
            run_folder=${given[index]:-}
            ;;
        --run=*) run_folder=${argument#*=} ;;
        --set | --threads | --max-hours | --max-steps | --stall-limit) index=$((index + 1)) ;;
        --*) ;;
        *) config=${config:-$argument} ;;
        esac
    done
    if [ -z "$run_folder" ]; then
        run_folder=$(basename -- "$config")
        run_folder=runs/${run_folder%.*}
    fi
    first_config=$(stamp_of_config)
    # Marks this job's processes, so that what is left of them can be found on any machine.
    job_name="$HOSTNAME-$$-$(date +%s)"
    marks=()
    fence=""
    if [ "$restarts" -gt 0 ]; then marks+=("LLOYD_JOB=$job_name"); fi
    if [ "$restarts" -gt 0 ] && [ -n "$hosts" ]; then
        # Beside the run folder, in which there is nothing but lloyd's own.
        fence=$(realpath -m -- "$run_folder")
        fence=${fence%/*}/.${fence##*/}.launch
        marks+=("LLOYD_FENCE=$fence")
    fi
}

stamp_of_config() {
    stat -c '%i %Y %s' "$run_folder/config.yaml" 2>/dev/null || true
}

# An earlier run in the folder, which this job has not touched yet, is none to go on with.
can_resume() {
    local argument now
    now=$(stamp_of_config)
    if [ -z "$now" ]; then return 1; fi
    for argument in "${given[@]}"; do
        if [ "$argument" = --resume ]; then return 0; fi
    done
    [ "$now" != "$first_config" ]
}

prepare_arguments() {
    local argument
    arguments=("${given[@]}")
    if can_resume; then
        arguments=()
        for argument in "${given[@]}"; do
            case "$argument" in --resume | --overwrite) ;; *) arguments+=("$argument") ;; esac
        done
        arguments+=(--resume)
    fi
}

starting_point() {
    local newest
    if ! can_resume; then
        echo "from the beginning"
        return
    fi
    newest=$(find_keepsakes "$run_folder" -type f -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
    echo "resuming $run_folder${newest:+ after ${newest#"$run_folder"/}}"
}

# MARK: Machines

slots_of() { # of the lines of a host file
    awk '{ if (match($0, /slots=[0-9]+/)) all += substr($0, RSTART + 6, RLENGTH - 6) } END { print all + 0 }' <<<"$1"
}

# Sets $host_file and $ranks for the next start: at first all machines, then those that answer. What an earlier start
# may have left on these is ended. Fails with a status like mpirun's when no machine is left.
choose_machines() {
    local name answers=() present line all
    host_file=""
    if [ "$1" -gt 0 ]; then "$root/Launch/rank" --sweep "$job_name" >/dev/null; fi
    if [ -z "$hosts" ]; then return 0; fi
    host_file=$workplace/hosts
    present=$machines
    if [ "$1" -eq 0 ]; then
        asked_ranks=$ranks
    else
        rm -f "$workplace"/answer-*
        while read -r name _; do
            if is_here "$name"; then
                touch "$workplace/answer-$name"
            else
                answer_of "$name" &
                answers+=($!)
            fi
        done <<<"$machines"
        if [ ${#answers[@]} -gt 0 ]; then wait "${answers[@]}" || true; fi
        present=""
        while read -r line; do
            name=${line%%[[:space:]]*}
            if [ -e "$workplace/answer-$name" ]; then
                present+=$line$'\n'
            elif [ "$asked" -eq 0 ]; then
                say "$script: warning: $name does not answer and is left out of this start"
            fi
        done <<<"$machines"
        present=${present%$'\n'}
        if [ -z "$present" ]; then
            say "$script: none of the machines in $hosts answers"
            status=205
            return 1
        fi
        # More ranks than slots were asked for on purpose, with --oversubscribe.
        all=$(slots_of "$machines")
        ranks=$asked_ranks
        if ((asked_ranks <= all && ranks > $(slots_of "$present"))); then ranks=$(slots_of "$present"); fi
    fi
    printf '%s\n' "$present" >"$host_file"
}

# Asks through what mpirun uses itself to reach machines.
answer_of() {
    local agent=() rank
    choose_agent
    rank=$(printf '%q' "$root/Launch/rank") # a shell there reads it
    # shellcheck disable=SC2029  # meant to expand here
    if timeout -k 1 "$answer_seconds" "${agent[@]}" "$1" "$rank" --sweep "$job_name" \
        </dev/null 2>/dev/null | grep -q 'lloyd: swept'; then
        touch "$workplace/answer-$1"
    fi
}

# Sets $agent to the first program of Open MPI's list that there is.
choose_agent() {
    local candidate list
    IFS=: read -r -a list <<<"$(agents_of_mpirun)"
    for candidate in "${list[@]}"; do
        read -r -a agent <<<"$candidate"
        if command -v "${agent[0]:-}" >/dev/null; then break; fi
    done
    case "$(basename -- "${agent[0]}")" in ssh) agent+=(-x -o BatchMode=yes -o "ConnectTimeout=$answer_seconds") ;; esac
}

is_here() {
    local name
    set -- "${1##*@}"
    for name in localhost "$HOSTNAME" "${HOSTNAME%%.*}" $(hostname -f 2>/dev/null) $(hostname -I 2>/dev/null); do
        if [ "$1" = "$name" ]; then return 0; fi
    done
    [[ "$1" == 127.* ]]
}

# MARK: The fence

# A machine that is cut off may live on with the run folder in reach, and its coordinator with it: Launch/rank ends the
# coordinator once the fence names another start.
open_fence() {
    local folder
    folder=$(dirname -- "$fence")
    if [ ! -d "$folder" ]; then mkdir -p -- "$folder" && made_folder=yes; fi
    if ! write_fence "$1"; then
        say "$script: warning: $fence cannot be written; a machine that is cut off may go on writing to $run_folder"
        marks=("LLOYD_JOB=$job_name")
        fence=""
    fi
}
close_fence() {
    if [ -n "$fence" ] && [ -e "$fence" ]; then write_fence ended || true; fi
}
write_fence() {
    { echo "$1" >"$fence.next" && mv -f -- "$fence.next" "$fence"; } 2>/dev/null
}

# shellcheck disable=SC2317  # called by a trap
end_supervision() {
    # Should this script fail, nothing goes on alone.
    if [ -n "$job" ]; then kill -TERM "$job" 2>/dev/null || true; fi
    rm -rf "$workplace"
    # After a success or an agreed stop nobody is left whom the fence would have to end.
    if [ -n "${fence:-}" ]; then
        case "${status:-1}" in 0 | 2 | 75) rm -f -- "$fence" ;; esac
        if [ "${made_folder:-no}" = yes ]; then rmdir -- "$(dirname -- "$fence")" 2>/dev/null || true; fi
    fi
}
