#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A disk detached while it is used: refused as long as it is open, with I/O
# going on, and complete afterwards; by force, at once, with errors.
# timeout: 180
# allow: Buffer I/O error|lost (async|sync) page write
# Would fail (not tried) when, for example, in drivers/blkfront
# - blkfront_disk_retire() does not look at disk_openers(): the disk goes, fio
#   gets errors
# - release() does not kick: the detach never completes
# - disconnect() does not fail requests at XPV_REMOVING: force hangs
. "$(dirname "$0")/lib.sh"

refused() { dmesg | grep -c 'Device in use; refusing to close'; }
was_refused() { [ "$(refused)" -gt "$1" ]; }
gone() { ! [ -e /dev/xvdz ]; }
# the toolstack's last step, where the test has taken the first by hand
forget() { timeout "$(seconds 60)" xl block-detach 0 xvdz >/dev/null 2>&1; wait_until 20 no_devices "$(disk_devid xvdz)"; }

need pair_use
need disk_create d1 size=32

# Idle, no opener.
check "attach" disk_attach 0 d1 xvdz
check "an idle disk is detached" disk_detach 0 xvdz

# Open, under I/O.
check "the same again" disk_attach 0 d1 xvdz
before=$(refused)
io_start /dev/xvdz
check "I/O goes" io_moves /dev/xvdz
ask_to_detach 0 xvdz
check "while open, it is refused with the known line" wait_until 15 was_refused "$before"
is "the frontend says Closing" "$(front_state 0 xvdz)" 5
check "I/O goes on meanwhile" io_moves /dev/xvdz
check "all of it right" io_end
check "after the last close the detach is complete" wait_until 20 states_are 0 xvdz 6 6
check "the disk is gone" wait_until 15 gone
check "and forgotten" forget

# A mounted file system.
check "a file system" bash -c "mkfs.ext4 -qF -b 1024 -O ^has_journal $(disk_dev d1)"
check "on the same name" disk_attach 0 d1 xvdz
mkdir -p /tmp/mnt
check "mounted" mount /dev/xvdz /tmp/mnt
before=$(refused)
ask_to_detach 0 xvdz
check "a mounted disk is refused" wait_until 15 was_refused "$before"
check "files can be written" bash -c 'seq 20000 >/tmp/mnt/numbers && sync /tmp/mnt/numbers'
check "unmounted" umount /tmp/mnt
check "then it goes" wait_until 20 states_are 0 xvdz 6 6
check "and is forgotten" forget
is "the file is on the disk" "$(debugfs -R 'cat /numbers' "$(disk_dev d1)" 2>/dev/null | md5sum)" "$(seq 20000 | md5sum)"

# By force, under I/O.
check "attach once more" disk_attach 0 d1 xvdz
io_start /dev/xvdz
check "I/O goes as before" io_moves /dev/xvdz
check "detach by force" timeout "$(seconds 30)" xl block-detach --force 0 xvdz
check "I/O ends, nothing hangs" wait_until 20 io_ended
check "with errors" io_failed
check "both ends are gone" wait_until 20 no_devices "$(disk_devid xvdz)"

check "the same name can be used again" disk_attach 0 d1 xvdz
check "with I/O" bash -c "$(fio_job /dev/xvdz 2)"
check "and detached" disk_detach 0 xvdz
