#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# xenpv-top -b and xenpv-status --metrics in dom0, with a guest's disk and card and a disk
# of dom0's own, against /sys/block, /proc/net/dev and the guest's counters; a device that
# goes meanwhile; without debugfs, without root, without a folder to write to.
# timeout: 300
# tier: deep
# Would fail (not tried) with a vif's directions swapped in tools/xenpvtools/names.py, with
# SECTOR another number, with the backend's histogram in other units.
# shellcheck source=selftests/net/pair.sh
. "$(dirname "$0")/../net/pair.sh"

TOOLS=$(cd "$(dirname "$0")/../.." && pwd -P)
TOP=$TOOLS/tools/xenpv-top
STATUS=$TOOLS/packaging/xenpv-status
DEBUGFS=/sys/kernel/debug
SHOWN=/tmp/shown.out

# metric NAME LABELS: a value; LABELS is a piece of the label list, as printed.
metric() {
	"$STATUS" --metrics | awk -v name="$1{" -v labels="$2" \
		'index($0, name) == 1 && index($0, labels) { print $NF; exit }'
}
# cell TYPE DEVICE SIDE TITLE: of the last interval in $SHOWN.
cell() {
	awk -v type="$1" -v device="$2" -v side="$3" -v title="$4" '
		$1 == "TYPE" { delete at; for (i = 1; i <= NF; i++) at[$i] = i }
		$1 == type && $4 == side && $5 == device && (title in at) { value = $at[title] }
		END { print value }' $SHOWN
}
# top OPTION...: $SHOWN is what it prints.
top() { "$TOP" -b "$@" >$SHOWN 2>&1; }

# Bytes read and written, of a whole disk in dom0; packets and bytes of an interface.
disk_bytes() { awk '{ print $3 * 512, $7 * 512 }' "/sys/block/$1/stat"; }
card() { sed -n "s/^ *$1: *//p" /proc/net/dev; }
# rx_bytes rx_packets tx_bytes tx_packets of the vif
vif_counts() { card "$vif" | awk '{ print $1, $2, $9, $10 }'; }
now() { date +%s.%N; }
pairs() { paste -d ' ' <(tr ' ' '\n' <<<"$1") <(tr ' ' '\n' <<<"$2"); }
# differences "A B.." "C D..": C - A, D - B...
differences() { pairs "$1" "$2" | awk '{ printf "%s%.0f", s, $2 - $1; s = " " }'; }
# rates "SECONDS A B.." "SECONDS C D..": per second.
rates() {
	pairs "$1" "$2" | awk 'NR == 1 { t = $2 - $1; next }
		{ printf "%s%.0f", s, ($2 - $1) / t; s = " " }'
}

guest_disk() { guest_run g1 "awk '{ print \$3 * 512, \$7 * 512 }' /sys/block/xvdb/stat"; }
disk_metrics() {
	echo "$(metric xenpv_vbd_read_bytes_total "$disk_labels") $(metric xenpv_vbd_write_bytes_total "$disk_labels")"
}
card_metrics() {
	echo "$(metric xenpv_vif_transmit_bytes_total "$card_labels") $(metric xenpv_vif_receive_bytes_total "$card_labels")"
}
steady() {
	guest_start_bg g1 io "fio --name=s --filename=/dev/xvdb --ioengine=libaio --direct=1 --thread --rw=randrw \
		--bs=4k --iodepth=4 --rate_iops=60,30 --time_based --runtime=$((60 * TIME_FACTOR))"
}
moves() { [ "$(disk_bytes "$backing")" != "$1" ]; }

need_built blkback blkfront netback netfront
need backend_use blkback ours
need backend_use netback ours
mountpoint -q $DEBUGFS || need mount -t debugfs debugfs $DEBUGFS
need bridge_create
need guest_create g1 type=pv front=ours vif="$GUEST_VIF"
need net_wait g1 0
need guest_net g1
need disk_create d1 kind=ram size=64
need disk_attach g1 d1 xvdb
domid=$(guest_domid g1)
vif=$(net_vif g1 0)
backing=$(basename "$(disk_dev d1)")
disk_labels="domain=\"$domid\",domain_name=\"g1\",device=\"xvdb\",id=\"$(disk_devid xvdb)\""
card_labels="domain=\"$domid\",domain_name=\"g1\",device=\"$vif\",id=\"0\""
udevadm settle

# What a disk has read and written, by four who count.
metrics=$(disk_metrics) kernel=$(disk_bytes "$backing") guest=$(guest_disk)
check "fio in the guest" guest_run g1 'fio --name=a --filename=/dev/xvdb --ioengine=libaio --direct=1 --thread \
	--rw=randrw --rwmixread=70 --bs=16k --iodepth=8 --size=8m'
metrics=$(differences "$metrics" "$(disk_metrics)")
kernel=$(differences "$kernel" "$(disk_bytes "$backing")")
guest=$(differences "$guest" "$(guest_disk)")
diag "bytes read and written: metrics $metrics, disk $kernel, guest $guest"
# A udev of the guest's may read a little after fio has closed the disk.
check "the metrics have all that fio read and wrote" \
	test $((${metrics/ / + })) -ge $((8 << 20)) -a $((${metrics/ / + })) -le $((9 << 20))
is "and what the disk in dom0 counts" "$metrics" "$kernel"
is "and what the guest counts" "$metrics" "$guest"
requests=$(metric xenpv_vbd_latency_seconds_count "$disk_labels,op=\"read\"")
check "the histogram has requests ($requests)" test "$requests" -gt 0
is "its last bucket has all of them" \
	"$(metric xenpv_vbd_latency_seconds_bucket "$disk_labels,op=\"read\",le=\"+Inf\"")" "$requests"
is "no errors" "$(metric xenpv_vbd_errors_total "$disk_labels")" 0
is "connected" "$(metric xenpv_connected "$disk_labels") $(metric xenpv_connected "$card_labels")" "1 1"

# Rates of a steady load, which the disk in dom0 sees as well.
need steady
need wait_until 20 moves "$(disk_bytes "$backing")"
sleep 1
before="$(now) $(disk_bytes "$backing")"
check "xenpv-top -b" top -n 1 -d 8 --disks
want=$(rates "$before" "$(now) $(disk_bytes "$backing")")
diag "the disk: $want bytes/s"$'\n'"$(cat $SHOWN)"
check "bytes read per second" within "$(cell vbd xvdb back RDB/s)" "${want% *}" 25
check "bytes written per second" within "$(cell vbd xvdb back WRB/s)" "${want#* }" 25
check "reads per second" within "$(cell vbd xvdb back READ/s)" $((${want% *} / 4096)) 25
is "the domain's name" "$(awk '$1 == "vbd" { print $2, $3 }' $SHOWN)" "$domid g1"
check "median ($(cell vbd xvdb back P50) us) and 99 % ($(cell vbd xvdb back P99) us)" \
	test "$(cell vbd xvdb back P50)" -gt 0 -a "$(cell vbd xvdb back P99)" -ge "$(cell vbd xvdb back P50)"
check "the depth is a number" test "$(cell vbd xvdb back QD)" -ge 0
guest_kill_bg g1 io

# A card. The guest transmits much more than it receives.
before=$(vif_counts)
metrics=$(card_metrics)
dom0_job rx "$(receive 4 5002)"
check "the guest transmits" guest_run g1 "$(send $DOM0_4 5002 0)"
need dom0_wait rx
sleep 0.5
counts=$(differences "$before" "$(vif_counts)")
metrics=$(differences "$metrics" "$(card_metrics)")
read -r vif_rx _ vif_tx _ <<<"$counts"
diag "metrics: transmitted and received $metrics; $vif: received $vif_rx, transmitted $vif_tx"
check "transmitted, as the vif has received" within "${metrics% *}" "$vif_rx" 2
check "received, as the vif has transmitted" within "${metrics#* }" "$vif_tx" 10
check "more one way than the other" test "${metrics% *}" -gt $((3 * ${metrics#* }))
is "no errors" \
	"$(metric xenpv_vif_transmit_errors_total "$card_labels") $(metric xenpv_vif_receive_errors_total "$card_labels")" "0 0"

need guest_start_bg g1 ping "ping -q -i 0.05 -s 1200 -w $((20 * TIME_FACTOR)) $DOM0_4"
sleep 1
before="$(now) $(vif_counts)"
check "xenpv-top -b" top -n 1 -d 8 --cards
want=$(rates "$before" "$(now) $(vif_counts)")
diag "$vif: $want"$'\n'"$(cat $SHOWN)"
read -r _ want_tx _ want_rx <<<"$want"
check "packets transmitted per second" within "$(cell vif "$vif" back TXPK/s)" "$want_tx" 25
check "packets received per second" within "$(cell vif "$vif" back RXPK/s)" "$want_rx" 25
guest_kill_bg g1 ping

# Both ends in one domain.
need frontend_use 0 blkfront ours
need disk_create d2 kind=ram size=16
need disk_attach 0 d2 xvdc
udevadm settle
dom0_io() { dd if=/dev/xvdc of=/dev/null bs=64k iflag=direct status=none; }
end() { metric xenpv_vbd_read_bytes_total "side=\"$1\",domain=\"0\",domain_name=\"Domain-0\",device=\"xvdc\""; }
before="$(end front) $(end back)"
check "reading in dom0" dom0_io
is "its frontend and its backend count the same" "$(differences "$before" "$(end front) $(end back)")" \
	"$((16 << 20)) $((16 << 20))"
check "xenpv-top -b" top -n 1 -d 1 --disks -s device
is "both are shown" "$(awk '$1 == "vbd" && $5 == "xvdc" { print $2, $4 }' $SHOWN | sort | paste -sd ' ')" "0 back 0 front"

# A device that goes while they run.
"$TOP" -b -d 0.3 >/tmp/top.out 2>/tmp/top.err &
running=$!
sleep 2
check "a disk goes" disk_detach g1 xvdb
sleep 2
check "xenpv-top goes on" kill -0 $running
kill $running
wait $running 2>/dev/null
# the last interval that is complete
last=$(awk -v RS= '{ before = last; last = $0 } END { print before }' /tmp/top.out)
check "it was there" grep -q "^vbd $domid g1 back xvdb " /tmp/top.out
is "and is not any more" "$(awk '/^vbd/ { print $5 }' <<<"$last" | sort -u)" xvdc
is_empty "without a complaint" "$(cat /tmp/top.err)"
is_empty "its metrics are gone" "$(metric xenpv_vbd_read_bytes_total "$disk_labels")"

# What can be wrong.
says "without debugfs" 0 "debugfs is not mounted: mount -t debugfs" \
	unshare -m sh -c "umount -l $DEBUGFS && $TOP -b -n 1 -d 0.2"
unshare -m sh -c "umount -l $DEBUGFS && $TOP -b -n 1 -d 0.2 --cards" >$SHOWN
check "without debugfs there are rates" test "$(cell vif "$vif" back TXB/s)" -ge 0
says "without root" 0 "debugfs is not readable: run as root" \
	setpriv --reuid=65534 --clear-groups "$TOP" -b -n 1 -d 0.2
says "a folder that is not there" 1 "xenpv-status: cannot write /nonexistent/x.prom: No such file" \
	"$STATUS" --metrics /nonexistent/x.prom
check "a file" "$STATUS" --metrics /tmp/x.prom
is "is whole, and alone" "$(tail -n 1 /tmp/x.prom) $(echo /tmp/x.prom*)" "# EOF /tmp/x.prom"
check "the disk of dom0 goes" disk_detach 0 xvdc
check "the guest goes" guest_destroy g1
for driver in blkfront blkback netback; do
	xenpv-driver $driver none || true
done
says "without a driver" 1 "xenpv-top: none of xenpv's drivers is loaded" "$TOP" -b -n 1
