# Whether a start has left anything to go on from: what Launch/lloyd --restarts and Launch/slurm.sbatch give up by. Sourced,
# never run.
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between this file and the scripts

# So many starts in a row may leave nothing new: a rank can be killed before the first checkpoint, and again.
fruitless_failures=2
# What a resume goes on from. Not the metrics: they are cut back to it, and so change with every start.
keepsakes=(checkpoints codebooks models points)

# A checksum over what a resume of the run in folder $1 would go on from. By content, because a resume may write the same
# files anew, and the same checkpoint under another number.
holdings() {
    find_keepsakes "$1" -type f -print0 | xargs -0 -r cksum | awk '{ print $1, $2 }' | LC_ALL=C sort | cksum
}
# find in a run folder, with these actions, over what is kept; what is still being written has a name that is hidden or
# says so.
find_keepsakes() {
    local name folder=$1
    shift
    for name in "${keepsakes[@]}"; do
        find "$folder/$name" ! -name '.*' ! -name '*.tmp*' ! -name '*temporary*' ! -name '*.partial*' "$@" \
            2>/dev/null || true
    done
}

# After a start: counts in $fruitless how many in a row have left nothing new in the run folder $1, by $before, the
# holdings before it, which become those of now. Fails when it is time to give up.
weigh_start() {
    local after
    after=$(holdings "$1")
    fruitless=$((fruitless + 1))
    if [ "$after" != "$before" ]; then fruitless=0; fi
    before=$after
    ((fruitless <= fruitless_failures))
}
