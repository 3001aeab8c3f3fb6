# Three machines on this one, for Launch/cluster-test: network namespaces on a bridge, each with process numbers and a host
# name of its own. Sourced after mpirun.sh, never run. Takes root.
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between this file and the scripts

# Names of this process's own, so that several tests can run side by side. Interfaces have at most 15 letters.
bridge="lld$$"
node_count=3
subnet=""

node_space() { echo "lloyd-$$-node$1"; }
node_link() { echo "ll$$n$1"; }
node_address() { echo "$subnet.$1"; }

# Prints why no cluster can be simulated here, and nothing if one can.
cluster_obstacle() {
    local name
    if [ "$(id -u)" -ne 0 ]; then
        echo "it takes root"
        return
    fi
    if ! { command -v ip && command -v tc; } >/dev/null && command -v apt-get >/dev/null; then
        { DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends iproute2 ||
            { apt-get -q update && apt-get -q install -y --no-install-recommends iproute2; }; } >/dev/null 2>&1 || true
    fi
    for name in ip tc nsenter unshare pgrep mpirun; do
        if ! command -v "$name" >/dev/null; then
            echo "there is no $name (Debian: iproute2, util-linux, procps, openmpi-bin)"
            return
        fi
    done
    if ! ip netns add "$bridge" 2>/dev/null; then
        echo "this machine allows no network namespaces (CAP_SYS_ADMIN)"
        return
    fi
    ip netns delete "$bridge"
    if ! ip link add "$bridge" type bridge 2>/dev/null; then
        echo "this machine allows no network bridges (CAP_NET_ADMIN)"
        return
    fi
    ip link delete "$bridge"
    if ! unshare --uts --pid --fork --mount-proc true 2>/dev/null; then
        echo "this machine allows no process namespaces"
    fi
}

# Starts all nodes, and sets what Open MPI needs to reach them. $workplace takes the nodes' files.
start_cluster() {
    local number
    for ((number = $$ % 250; ; number = (number + 1) % 250)); do
        subnet=10.77.$number
        if ! ip -4 -o address | grep -q " $subnet\."; then break; fi
    done
    ip link add "$bridge" type bridge
    ip address add "$subnet.254/24" dev "$bridge"
    ip link set "$bridge" up
    for ((number = 1; number <= node_count; number++)); do start_node "$number"; done

    # What ssh does: nothing, for a long time, when the network does not carry it there. Temporary files are each node's own:
    # daemons that start at once get in each other's way otherwise.
    cat >"$workplace/agent" <<AGENT
#!/bin/bash
node=\${1##*.}
shift
if [ "\$(cat /sys/class/net/ll$$n\$node/carrier 2>/dev/null)" != 1 ]; then exec sleep 130; fi
export TMPDIR="$workplace/tmp\$node"
exec nsenter --target "\$(cat "$workplace/node\$node.pid")" --uts --pid --net --mount /bin/bash -c "\$*"
AGENT
    chmod +x "$workplace/agent"
    reach_nodes_by "$workplace/agent" "$subnet.0/24"
}

start_node() {
    local number=$1 space link
    space=$(node_space "$number")
    link=$(node_link "$number")
    # A machine that was put up again has the process numbers of before, and Open MPI 5 stumbles over files of theirs.
    rm -rf "$workplace/tmp$number"
    mkdir "$workplace/tmp$number"
    ip netns add "$space"
    ip link add "$link" type veth peer name eth0 netns "$space"
    ip link set "$link" master "$bridge" up
    ip -n "$space" address add "$(node_address "$number")/24" dev eth0
    ip -n "$space" link set eth0 up
    ip -n "$space" link set lo up
    # The first process of the node; all others end with it. A shell, because somebody has to collect the dead. What is
    # mounted here later (see simulated-storage.sh) is mounted there, too.
    nsenter --net="/run/netns/$space" unshare --uts --pid --fork --kill-child --propagation slave --mount-proc /bin/bash -c "
        hostname node$number; trap 'exit' TERM; while :; do sleep 1000 & wait; done" </dev/null >/dev/null 2>&1 &
    echo $! >"$workplace/node$number.keeper"
    disown $! # bash would report its end
    until pgrep -P "$(cat "$workplace/node$number.keeper")" >"$workplace/node$number.pid" &&
        [ "$(nsenter --target "$(cat "$workplace/node$number.pid")" --uts hostname)" = "node$number" ]; do
        sleep 0.02
    done
}

# As when the cable is pulled: nobody on either side is told.
cut_link() { ip link set "$(node_link "$1")" down; }

# As when the power fails.
kill_node() {
    cut_link "$1"
    kill -KILL "$(cat "$workplace/node$1.pid")"
}

# Process numbers, as seen from outside, of what runs on a node under a name.
node_processes() { ip netns pids "$(node_space "$1")" | while read -r id; do
    if [ "$(cat "/proc/$id/comm" 2>/dev/null)" = "$2" ]; then echo "$id"; fi
done; }

slow_link() { # NODE RATE, both ways
    ip netns exec "$(node_space "$1")" tc qdisc replace dev eth0 root tbf rate "$2" burst 64kb latency 50ms
    tc qdisc replace dev "$(node_link "$1")" root tbf rate "$2" burst 64kb latency 50ms
}

# Ends everything on the nodes, then the nodes; works on what there is of them.
stop_cluster() {
    local number
    for ((number = 1; number <= node_count; number++)); do
        if [ -e "$workplace/node$number.pid" ]; then
            kill -KILL "$(cat "$workplace/node$number.pid")" 2>/dev/null || true
        fi
        ip netns pids "$(node_space "$number")" 2>/dev/null | xargs -r kill -KILL 2>/dev/null || true
        ip link delete "$(node_link "$number")" 2>/dev/null || true
        ip netns delete "$(node_space "$number")" 2>/dev/null || true
        rm -f "$workplace/node$number.pid" "$workplace/node$number.keeper"
    done
    ip link delete "$bridge" 2>/dev/null || true
}
