# Small training runs that are disturbed and must end with the bytes of an undisturbed one: what Launch/cluster-test and
# Launch/experiments/power-cuts share. Sourced, never run; $workplace takes the logs, $runs the run folders.
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between this file and the scripts

# What must not differ.
compared=(codebooks models points transform.safetensors metrics.jsonl metrics.csv record.json)
# Every process that comes of a run has this in its environment, and only these are ever ended.
trial="$HOSTNAME-$$-$(date +%s%N)"
launcher=""

# Steps enough to be disturbed in the middle on any machine: what disturbs comes when a checkpoint or a layer appears. The
# rest of the config stays as it is.
settings_of() {
    case "$1" in
    rrq) echo data.count=1000 rrq.layers=60 comparison.kmeans-layers=2 'report.snapshots=[1]' report.pictures=0 ;;
    nvtc)
        echo 'nvtc.lambdas=[32]' data.count=30 'initialization.starts=[20,10,0]' initialization.steps=40 \
            initialization.interval=10 training.steps=80 training.batch=3 checkpoint.steps=5 \
            checkpoint.minutes=null validation.images=1 report.pictures=0
        ;;
    esac
}

now() { date +%s%3N; }
seconds_since() { awk -v start="$1" -v end="$(now)" 'BEGIN { printf "%.1f", (end - start) / 1000 }'; }

# launch NAME METHOD [options of Launch/lloyd and train ...]: in the background, as $launcher.
launch() {
    local name=$1 method=$2 option options=() words=()
    shift 2
    for option in "$@"; do
        case "$option" in --resume | --overwrite) words+=("$option") ;; *) options+=("$option") ;; esac
    done
    for option in $(settings_of "$method"); do words+=(--set "$option"); done
    started=$(now)
    LLOYD_TRIAL=$trial "$root/Launch/lloyd" "${options[@]}" train "$root/Configs/$method-demo.yaml" --run "$runs/$name" \
        "${words[@]}" >>"$workplace/$name.log" 2>&1 &
    launcher=$!
}

# Waits for the end of the run; sets $status.
finish() {
    status=0
    wait "$launcher" 2>/dev/null || status=$?
    launcher=""
}

# How far the run NAME has come: finished layers, or the number of the newest checkpoint. Sets $progress.
note_progress() {
    local files
    shopt -s nullglob
    files=("$runs/$1/checkpoints"/checkpoint-*.safetensors)
    if [ ${#files[@]} -gt 0 ]; then
        progress=${files[-1]##*checkpoint-}
        progress=$((10#${progress%.safetensors}))
    else
        files=("$runs/$1/codebooks"/layer-*.safetensors)
        progress=${#files[@]}
    fi
    shopt -u nullglob
}

# Waits until the run NAME has come to a layer or checkpoint; fails if it ends first.
until_progress() { # NAME NUMBER
    local progress=0
    while :; do
        note_progress "$1"
        if ((progress >= $2)); then break; fi
        kill -0 "$launcher" 2>/dev/null || return 1
        sleep 0.01
    done
    kill -0 "$launcher" 2>/dev/null
}

# Waits until the log of NAME says something; at most so many seconds.
until_logged() {
    local limit=$(($(now) + $3 * 1000))
    until grep -q "$2" "$workplace/$1.log"; do
        if ! kill -0 "$launcher" 2>/dev/null || (($(now) > limit)); then return 1; fi
        sleep 0.05
    done
}

# Prints the first difference of the run NAME from the undisturbed one, and nothing if there is none.
difference() {
    local name=$1 method=$2 item
    for item in "${compared[@]}"; do
        if [ ! -e "$runs/$method/$item" ] && [ ! -e "$runs/$name/$item" ]; then continue; fi
        if ! diff -rq --exclude="*.partial*" "$runs/$method/$item" "$runs/$name/$item" >"$workplace/difference" 2>&1; then
            sed "s,$runs/,,g; 1q" "$workplace/difference"
            return
        fi
    done
}

# The numbers of all processes that runs have started here and on simulated machines.
trial_processes() {
    local folder
    for folder in /proc/[0-9]*; do
        if grep -qzFx "LLOYD_TRIAL=$trial" "$folder/environ" 2>/dev/null; then echo "${folder#/proc/}"; fi
    done
}

# Kills them, those that start meanwhile as well.
end_run() {
    local left tries
    for ((tries = 0; tries < 100; tries++)); do
        left=$(trial_processes)
        if [ -z "$left" ]; then return 0; fi # in a trap, a bare return gives the status of before
        # shellcheck disable=SC2086  # numbers
        kill -KILL $left 2>/dev/null || true
        sleep 0.02
    done
}
