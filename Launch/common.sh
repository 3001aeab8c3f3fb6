# Shared by the scripts of this folder. Sourced, never run.
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between this file and the scripts

# What a user's shell may have set for itself (by BASH_ENV, SHELLOPTS or POSIXLY_CORRECT, too) and these scripts rely on.
unset CDPATH
IFS=$' \t\n'
set +o posix +o noclobber +o noglob +o verbose
shopt -u failglob nullglob nocasematch nocaseglob
# ip, tc and their like are in no ordinary user's PATH.
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}:/usr/sbin:/sbin"

# mpirun of Open MPI 5 refuses to work without a home.
if [ -z "${HOME:-}" ]; then
    HOME=$(getent passwd "$(id -u)" | cut -d : -f 6) || true
    export HOME="${HOME:-/}"
fi

# The clone: by the path that the caller used, which other machines may know, unless the script was called by a link.
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
for called in .. ../..; do
    called=$(builtin cd -- "$(dirname -- "$0")/$called" 2>/dev/null && pwd) || continue
    if [ "$called" -ef "$root" ]; then root=$called; fi
done
script="Launch/$(basename -- "$0")"

# say MESSAGE ...: lines on standard error. A reader or a terminal that is gone, or a full disk, ends nothing: SIGPIPE meets
# a process of its own.
say() {
    (printf '%s\n' "$@" >&2) || true
}

# fail MESSAGE [REMEDY]: to standard error, then exit 1.
fail() {
    say "$script: $1"
    if [ $# -gt 1 ]; then say "  Remedy: $2"; fi
    exit 1
}

# The same for bad usage, which exits 2 as lloyd does.
refuse() {
    (fail "$@") || exit 2
}

# Temporary files go where TMPDIR says if it can be written to, and to /tmp otherwise, the programs' own as well.
if [ -n "${TMPDIR:-}" ] && ! { [ -d "$TMPDIR" ] && [ -w "$TMPDIR" ] && [ -x "$TMPDIR" ]; }; then
    say "$script: warning: TMPDIR=$TMPDIR is not a folder that can be written to; using /tmp"
    unset TMPDIR
fi

# Prints the comment at the top of the calling script, which is its help.
show_help() {
    sed -n '2,/^$/{s/^# \{0,1\}//;p;}' "$0"
}

# Physical cores that this process may use: its CPU affinity without hyper-threads, held to the container's quota.
available_cores() {
    local range first last cpu place count quota period
    local -A seen=()
    for range in $(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status | tr ',' ' '); do
        first=${range%-*}
        last=${range#*-}
        for ((cpu = first; cpu <= last; cpu++)); do
            place="/sys/devices/system/cpu/cpu$cpu/topology"
            if [ -r "$place/core_id" ]; then
                seen["$(cat "$place/physical_package_id" "$place/core_id" | tr '\n' ' ')"]=1
            else
                seen["cpu$cpu"]=1
            fi
        done
    done
    count=${#seen[@]}
    if [ "$count" -eq 0 ]; then count=$(nproc); fi
    quota=max
    period=100000
    if [ -r /sys/fs/cgroup/cpu.max ]; then
        read -r quota period </sys/fs/cgroup/cpu.max || true
    elif [ -r /sys/fs/cgroup/cpu/cpu.cfs_quota_us ]; then
        quota=$(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us)
        period=$(cat /sys/fs/cgroup/cpu/cpu.cfs_period_us)
    fi
    if [[ "$quota" =~ ^[0-9]+$ && "$period" =~ ^[1-9][0-9]*$ ]] && ((quota / period < count)); then
        count=$((quota / period))
    fi
    echo $((count > 0 ? count : 1))
}

# Waits for the background process $job to end and sets $status to its exit code. A trapped signal ends bash's `wait`
# early; the caller's traps set interrupted=yes to tell.
await_job() {
    local code
    status=127
    while :; do
        interrupted=no
        code=0
        wait "$job" 2>/dev/null || code=$? # without bash's own message about a signal
        # 127: the job was already accounted for when a signal arrived together with its end.
        if [ "$code" -ne 127 ]; then status=$code; fi
        if [ "$interrupted" = no ] || [ "$code" -eq 127 ]; then return; fi
    done
}
