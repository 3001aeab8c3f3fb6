# A disk that can lose what was not synced, as when the machine that writes to it dies: for Launch/cluster-test and
# Launch/experiments/power-cuts. Sourced, never run. Takes root.
# shellcheck shell=bash disable=SC2034,SC2154  # variables pass between this file and the scripts
#
# It is an ext4 file system in a file. ext4 can be told to stop at once, without its journal's last entries (the ioctl
# EXT4_IOC_SHUTDOWN with NOLOGFLUSH); mounted again, it shows what had reached the disk by fsync, or by the kernel's own
# leave, which the mount option commit puts off.

storage=""

# Prints why there can be no such disk here, and nothing if there can.
storage_obstacle() {
    local name trial
    if [ "$(id -u)" -ne 0 ]; then
        echo "it takes root"
        return
    fi
    for name in mkfs.ext4 mount umount perl; do
        if ! command -v "$name" >/dev/null; then
            echo "there is no $name (Debian: e2fsprogs, mount, perl-base)"
            return
        fi
    done
    trial=$(mktemp -d)
    if ! (
        make_storage "$trial/disk" "$trial/image" 8 && echo kept >"$trial/disk/kept" && sync -f "$trial/disk/kept" &&
            echo lost >"$trial/disk/lost" && lose_unsynced "$trial/disk" "$trial/image" &&
            [ -s "$trial/disk/kept" ] && [ ! -s "$trial/disk/lost" ]
    ) >/dev/null 2>&1; then
        echo "this machine mounts no ext4 from a file, or not so that it can be stopped (CAP_SYS_ADMIN, loop devices)"
    fi
    umount "$trial/disk" 2>/dev/null || true
    rm -rf "$trial"
}

# make_storage FOLDER IMAGE MEGABYTES: mounts a new disk at FOLDER.
make_storage() {
    truncate -s "$3M" "$2"
    mkfs.ext4 -q -F -m 0 "$2"
    mkdir -p "$1"
    attach_storage "$1" "$2"
}
attach_storage() { mount -o loop,commit=300 "$2" "$1"; }

# stop_writes FOLDER: from now on nothing reaches the disk.
stop_writes() {
    perl -e 'sysopen(my $disk, $ARGV[0], 0) or die "$ARGV[0]: $!\n"; my $how = pack("I", 2);
        ioctl($disk, 0x8004587D, $how) or die "$ARGV[0]: $!\n"' "$1"
}

# bring_back FOLDER IMAGE: mounts the stopped disk again, once nobody uses it any more.
bring_back() {
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        if umount "$1" 2>/dev/null; then
            attach_storage "$1" "$2"
            return
        fi
        sleep 0.05
    done
    say "$script: $1 is still in use"
    return 1
}

lose_unsynced() { # FOLDER IMAGE
    stop_writes "$1" && bring_back "$1" "$2"
}
