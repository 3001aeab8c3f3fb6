# Shared by the scripts of this folder. Sourced, never run.
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between this file and the scripts

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
script="Launch/$(basename "$0")"

# fail MESSAGE [REMEDY]: to standard error, then exit 1.
fail() {
    echo "$script: $1" >&2
    if [ $# -gt 1 ]; then echo "  Remedy: $2" >&2; fi
    exit 1
}

# The same for bad usage, which exits 2 as lloyd does.
refuse() {
    (fail "$@") || exit 2
}

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
