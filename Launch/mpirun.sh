# What differs between the versions of Open MPI, in one place. Sourced, never run.
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between this file and the scripts
#
# Tried with 4.1.4 (Debian 12) and 5.0.7 (Debian 13). Version 5 has another runtime, PRRTE, with parameters of its own.

# Sets $mpirun to Open MPI's mpirun, $mpi_version to its version and $mpi_major to 4 or 5, the generation of its options.
find_mpirun() {
    local candidate report="" found="" other=""
    if [ -n "${mpi_major:-}" ]; then return; fi
    # Debian keeps each MPI's own mpirun under its name, whichever of them is the default.
    for candidate in mpirun mpirun.openmpi; do
        if ! command -v "$candidate" >/dev/null; then continue; fi
        report=$("$candidate" --version 2>&1 </dev/null) || true
        found=$(sed -n 's/^mpirun.*(Open MPI) v\{0,1\}\([0-9][0-9.]*\).*/\1/p' <<<"$report" | head -n 1)
        if [ -n "$found" ]; then break; fi
        if [ -z "$other" ]; then other="$(command -v "$candidate") is of another MPI (${report%%$'\n'*})"; fi
    done
    if [ -z "$found" ]; then
        if [ -z "$other" ]; then fail "mpirun is not installed (or not in PATH)" "run Launch/setup"; fi
        fail "lloyd needs Open MPI's mpirun, but $other" \
            "install Open MPI (Launch/setup does) and put its mpirun first in PATH, or choose it in your module system"
    fi
    mpirun=$candidate
    mpi_version=$found
    mpi_major=${found%%.*}
    if ((mpi_major < 4)); then
        fail "Open MPI $mpi_version is too old" "use Open MPI 4.1 or later; Debian 12 and Ubuntu 22.04 have it"
    fi
    if ((mpi_major > 5)); then mpi_major=5; fi
}

# Adds to $launch what every job needs; takes $verbose. The runtime's parameters kept their names in version 5, but are
# given by an option of their own.
add_common_options() {
    local runtime=--mca setting temporary=${TMPDIR:-}
    if [ "$mpi_major" -ge 5 ]; then runtime=--prtemca; fi
    # Lloyd reports errors itself; mpirun's banners would bury them. Version 5 has no such option: see watch_messages.
    if [ "$mpi_major" -lt 5 ] && [ "$verbose" = no ]; then launch+=(--quiet); fi
    # A machine that vanishes without a word would otherwise hang the job for ever. The ranks' own connections have no
    # such limit, but the daemons' do: they notice within eight seconds, and then mpirun ends the whole job.
    for setting in time:5 intvl:1 probes:3; do
        launch+=("$runtime" "oob_tcp_keepalive_${setting%:*}" "${setting#*:}")
    done
    # Sockets lie there, whose paths may have 108 characters; what Open MPI appends takes some sixty.
    if [ ${#temporary} -gt 40 ]; then
        if [ "$mpi_major" -ge 5 ]; then
            launch+=("$runtime" prte_tmpdir_base /tmp)
        else
            launch+=("$runtime" orte_tmpdir_base /tmp)
        fi
    fi
    # Ranks of one machine meet in memory, or else over its loopback: version 5 complains of networks that it finds unfit.
    if [ "$mpi_major" -ge 5 ] && [ "$elsewhere" = no ] &&
        [ -z "${OMPI_MCA_btl_tcp_if_include:-}${OMPI_MCA_btl_tcp_if_exclude:-}" ]; then
        launch+=(--mca btl_tcp_if_include lo)
    fi
    if ! may_read_other_processes; then
        if [ "$mpi_major" -ge 5 ]; then
            launch+=(--mca smsc ^cma)
        else
            launch+=(--mca btl_vader_single_copy_mechanism none)
        fi
    fi
}

# Containers with a system-call filter and without CAP_SYS_PTRACE (bit 19) may forbid one rank to read another's memory;
# Open MPI would complain at every message.
may_read_other_processes() {
    local filter capabilities
    filter=$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status)
    capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
    [ "${filter:-0}" != 2 ] || (((16#${capabilities:-0} >> 19 & 1) == 1))
}

# Prints the programs that mpirun may use to reach other machines, separated by colons, as the user's environment has them.
agents_of_mpirun() {
    if [ "$mpi_major" -ge 5 ]; then
        echo "${PRTE_MCA_plm_ssh_agent:-${PRTE_MCA_prte_ssh_agent:-ssh}}"
    else
        echo "${OMPI_MCA_plm_rsh_agent:-${OMPI_MCA_orte_rsh_agent:-ssh}}"
    fi
}

# The name of mpirun's process on other machines.
daemon_of_mpirun() { if [ "$mpi_major" -ge 5 ]; then echo prted; else echo orted; fi; }

# reach_nodes_by AGENT NETWORK: for the simulated cluster, what Open MPI needs to know of it. The runtime of version 5 finds the
# network itself, and does not know this one by its address.
reach_nodes_by() {
    if [ "$mpi_major" -ge 5 ]; then
        export PRTE_MCA_plm_ssh_agent="$1" PRTE_MCA_plm_ssh_no_tree_spawn=1
    else
        export OMPI_MCA_plm_rsh_agent="$1" OMPI_MCA_plm_rsh_no_tree_spawn=1 OMPI_MCA_oob_tcp_if_include="$2"
    fi
    export OMPI_MCA_btl=tcp,self OMPI_MCA_btl_tcp_if_include="$2"
}
forget_nodes() {
    unset PRTE_MCA_plm_ssh_agent PRTE_MCA_plm_ssh_no_tree_spawn
    unset OMPI_MCA_plm_rsh_agent OMPI_MCA_plm_rsh_no_tree_spawn OMPI_MCA_oob_tcp_if_include
    unset OMPI_MCA_btl OMPI_MCA_btl_tcp_if_include
}

# Copies standard input, what version 5 and its ranks say, to standard error; with $verbose = no without what mpirun prints at
# the end of a job that has failed: blocks between two rules, which begin with one of its own names, and its complaints
# about messages to who is gone. When a machine was lost, mpirun may end with any exit code, 0 included: that is noted as
# the file $1.
watch_messages() {
    local line rule held=no inside=no
    rule=$(printf '%074d' 0 | tr 0 -)
    while IFS= read -r line || [ -n "$line" ]; do
        if [[ "$line" == "PRTE has lost communication"* ]]; then : >"$1"; fi
        if [ "$verbose" = yes ]; then
            say "$line"
            continue
        fi
        if [ "$inside" = yes ]; then
            if [[ "$line" == *"$rule" ]]; then inside=no; fi
            continue
        fi
        if [ "$held" = yes ]; then
            held=no
            case "$line" in
            "prterun detected "* | "prterun noticed "* | "prterun has exited "* | "MPI_ABORT was invoked on "* | \
                "PRTE has lost communication"*)
                inside=yes
                continue
                ;;
            esac
            say "$rule"
        fi
        case "$line" in
        "$rule" | " $rule") held=yes ;;
        "["*"] PRTE ERROR: "* | "["*"] PMIX ERROR: "* | "["*"] plm:ssh: Warning: setpgid"*) ;;
        *) say "$line" ;;
        esac
    done
    if [ "$held" = yes ]; then say "$rule"; fi
}
