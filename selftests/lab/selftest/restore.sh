#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Commands in a guest: exit status, both streams, big output, several at once,
# a time-out, files into the guest, and all of it across save and restore.
# timeout: 300
# expect: ^14 passed, 0 failed$
# shellcheck source=selftests/lib/lab.sh
. "$(dirname "$0")/../../lib/lab.sh"

need guest_create g1 type=pvh front=intree
is "a command's output arrives" "$(guest_run g1 'echo out; echo err >&2' 2>/dev/null)" out
is "so do its errors" "$(guest_run g1 'echo out; echo err >&2' 2>&1 >/dev/null)" err
guest_run g1 'exit 42'
is "so does its exit status" $? 42
# shellcheck disable=SC2016 # the guest's own process
guest_run g1 'kill -9 $$'
is "a signal is 128 and its number" $? 137
is "300 KB of output are whole" \
	"$(guest_run g1 'head -c 300000 /dev/zero | tr "\0" x' | sha256sum)" \
	"$(head -c 300000 /dev/zero | tr '\0' x | sha256sum)"
GUEST_TIMEOUT=2 guest_run g1 'sleep 1000'
is "a time-out is 124" $? 124
head -c 200000 /dev/urandom >/tmp/file
check "a file is pushed" guest_push g1 /tmp/file /tmp/file
is "it is whole" "$(guest_run g1 'sha256sum </tmp/file')" "$(sha256sum </tmp/file)"

need backend_use blkback intree
need disk_create d1 kind=ram
need disk_attach g1 d1 xvdb
guest_start_bg g1 fio 'fio --name=v --filename=/dev/xvdb --rw=randrw --bs=4k --size=16m \
	--verify=crc32c --time_based --runtime=20 --output-format=terse >/tmp/fio.log'
# shellcheck disable=SC2016 # the guest's variable
guest_start_bg g1 count 'for i in {1..100}; do echo $i; sleep 0.1; done'
check "the first of two background jobs runs" guest_running_bg g1 fio
check "save" guest_save g1 /tmp/g1.save
check "restore" guest_restore g1 /tmp/g1.save
is "a job's output is whole after a restore" "$(guest_wait_bg g1 count | md5sum)" \
	"$(seq 1 100 | md5sum)"
check "fio verified its data" guest_wait_bg g1 fio
is "a job id may be used again" "$(guest_start_bg g1 count 'echo again' && guest_wait_bg g1 count)" again
rm -f /tmp/g1.save
