#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The part of the benchmarks that runs in dom0: in-dom0.sh FUNCTION ARGUMENT...
# benchlib/place.py sends it there and calls it. Where things run (PLACE):
#   native   in dom0, without a split driver: the ceiling
#   own      dom0 is its own frontend
#   pv pvh   guest g1 (and g2) is the frontend
# A driver (FRONT, BACK) is ours, ours@REVISION or intree, and +PARAMETER=VALUE.
# shellcheck source=selftests/lib/lab.sh disable=SC1091
. /xenpv/selftests/lib/lab.sh
# The library's verdict is for tests.
trap - EXIT
# shellcheck source=selftests/lib/cleanup.sh disable=SC1091
. /xenpv/selftests/lib/cleanup.sh

STATE=/run/xenpv/bench
BRIDGE=xenbr0

# -- places ------------------------------------------------------------------

# domain PLACE: whose devices they are, as xl and the library name it.
domain() { case $1 in pv | pvh) echo g1 ;; *) echo 0 ;; esac; }

# at END COMMAND: runs it in dom0, in a name space of dom0, or in a guest.
at() {
	case $1 in
	dom0) bash -c "$2" ;;
	peer*) ip netns exec "$1" bash -c "$2" ;;
	*) guest_run "$1" "$2" ;;
	esac
}

# guests: the names of those that are alive.
guests() { xl list | awk 'NR > 1 && $2 != 0 { print $1 }'; }

# place_begin PLACE GUESTS: what stays for all visits.
place_begin() {
	local i
	place_end || return 1
	mkdir -p $STATE
	case $1 in pv | pvh) ;; *) return 0 ;; esac
	for ((i = 1; i <= $2; i++)); do
		guest_create g$i type="$1" front=none || return 1
	done
}

# place_end: removes all there is, also after a failure.
place_end() {
	local bad=0
	net_ends_remove
	cleanup || bad=1
	rm -rf $STATE
	return $bad
}

# drivers_use blk|net FRONT BACK GUEST|0...: loads them, whatever was there.
drivers_use() {
	local kind=$1 front=$2 back=$3 guest
	shift 3
	for guest; do _driver "$guest" "${kind}front" none || return 1; done
	_driver 0 "${kind}back" none && _driver 0 "${kind}back" "$back" || return 1
	for guest; do _driver "$guest" "${kind}front" "$front" || return 1; done
}

# _driver GUEST|0 DRIVER none|SPEC
_driver() {
	local guest=$1 driver=$2 words revision
	IFS=+ read -ra words <<<"$3"
	revision=${words[0]#*@}
	words[0]=${words[0]%@*}
	[ "$guest" != 0 ] || guest=dom0
	[ "$revision" = "${words[0]}" ] || at "$guest" "cd /xenpv/modules && rm -f xen*.ko &&
		for file in $revision.*.ko; do cp \$file \${file#*.} || exit 1; done" || return 1
	at "$guest" "xenpv-driver $driver ${words[*]}"
}

# -- disks -------------------------------------------------------------------

# blk_begin PLACE FRONT BACK KIND NUMBER: prints "devices" and their names. KIND:
# null, timed, ram, or cached: ram that says it has a volatile cache, so flushes count.
blk_begin() {
	local place=$1 i dev guest letters=abcdefghijklmnop
	local -a devices=() words
	case $4 in
	null) words=(kind=null size=1024) ;;
	ram) words=(kind=ram size=64) ;;
	cached) words=(kind=ram size=64 cache_size=16) ;;
	# interrupts when it is done, 10 us later; the others are done at once
	timed) words=(kind=null size=1024 irqmode=2 completion_nsec=10000) ;;
	esac
	guest=$(domain "$place")
	[ "$place" = native ] || drivers_use blk "$2" "$3" "$guest" || return 1
	for ((i = 0; i < $5; i++)); do
		disk_create "bench$i" "${words[@]}" || return 1
		dev=$(disk_dev "bench$i")
		# reads of what was never written are for free
		case $4 in null | timed) ;; *) dd if=/dev/zero of="$dev" bs=1M count=64 oflag=direct status=none ;; esac
		if [ "$place" != native ]; then
			dev=xvd${letters:i:1}
			disk_attach "$guest" "bench$i" "$dev" || return 1
			dev=/dev/$dev
		fi
		devices+=("$dev")
	done
	echo "devices ${devices[*]}"
}

# blk_end PLACE
blk_end() {
	local guest id
	guest=$(domain "$1")
	for id in $(xenstore-list "/local/domain/$(_net_domid "$guest")/device/vbd" 2>/dev/null); do
		timeout $((60 * TIME_FACTOR)) xl block-detach "$guest" "$id" || return 1
	done
	wait_until 20 _backends_gone vbd "$guest" && disk_remove_all
}
_backends_gone() {
	[ -z "$(xenstore-list "/local/domain/0/backend/$1/$(_net_domid "$2")" 2>/dev/null)" ]
}

# -- networks ----------------------------------------------------------------

# The far ends of a layout. pairs: any number of links between dom0, which has
# 10.99.N.1, and one far end with 10.99.N.2. bridge: two far ends, 10.99.100.2
# and .3, on a bridge in dom0. The far end's interfaces are called farN.
far_ends() {
	case $1,$2 in
	pv*,pairs) echo g1 ;;
	pv*,bridge) echo g1 g2 ;;
	*,pairs) echo peer0 ;;
	*,bridge) echo peer0 peer1 ;;
	esac
}

# net_begin PLACE FRONT BACK pairs|bridge NUMBER
net_begin() {
	local place=$1 layout=$4 number=$5 i fronts=0
	local -a ends
	read -ra ends <<<"$(far_ends "$place" "$layout")"
	echo "${ends[*]}" >$STATE/ends
	case $place in
	pv*) fronts=${ends[*]} ;;
	*) for i in "${ends[@]}"; do ip netns add "$i" || return 1; done ;;
	esac
	# shellcheck disable=SC2086 # one word each
	[ "$place" = native ] || drivers_use net "$2" "$3" $fronts || return 1
	[ "$layout" = pairs ] || net_bridge $BRIDGE || return 1
	for ((i = 0; i < number; i++)); do
		_link "$place" "${ends[i % ${#ends[@]}]}" $i || return 1
		_addresses "$layout" "${ends[i % ${#ends[@]}]}" $i || return 1
	done
}

# _link PLACE END I: link I between dom0 and END; its name in dom0 goes to near.I.
_link() {
	local guest devid far mac
	printf -v mac 00:16:3e:00:00:%02x $(($3 + 2))
	if [ "$1" = native ]; then
		ip link add "near$3" type veth peer name "far$3" netns "$2" || return 1
		echo "near$3" >"$STATE/near.$3"
		at "$2" "ip link set far$3 address $mac"
		return
	fi
	guest=0
	case $1 in pv*) guest=$2 ;; esac
	net_attach "$guest" mac="$mac" script=vif-plain || return 1
	devid=$(_net_devids "$guest" | sort -n | tail -n 1)
	net_vif "$guest" "$devid" >"$STATE/near.$3"
	far="dev=\$(basename /sys/bus/xen/devices/vif-$devid/net/*) && ip link set \$dev down &&
		ip link set \$dev name far$3"
	if [ "$guest" = 0 ]; then
		bash -c "$far" && ip link set "far$3" netns "$2"
	else
		guest_run "$guest" "$far"
	fi
}

# _addresses LAYOUT END I
_addresses() {
	local near far=10.99.$3.2
	near=$(cat "$STATE/near.$3")
	if [ "$1" = bridge ]; then
		far=10.99.100.$(($3 + 2))
		ip link set "$near" master $BRIDGE || return 1
	else
		ip addr add "10.99.$3.1/24" dev "$near" || return 1
	fi
	ip link set "$near" up && at "$2" "ip addr add $far/24 dev far$3 && ip link set lo up &&
		ip link set far$3 up && iperf3 -s -D -I /tmp/iperf3.$3.pid -p $((5201 + $3))" &&
		wait_until 20 _answers "$1" "$2" "$3"
}

# The first packet also teaches both ends, and the bridge, where the other is.
_answers() {
	case $1,$3 in
	pairs,*) ping -q -c 1 -W 2 "10.99.$3.2" ;;
	bridge,0) true ;;
	bridge,*) at "$2" "ping -q -c 1 -W 2 10.99.100.2" ;;
	esac
}

# net_end PLACE
net_end() {
	local guest id
	for guest in $(net_domains "$1"); do
		for id in $(xenstore-list "/local/domain/$(_net_domid "$guest")/device/vif" 2>/dev/null); do
			timeout $((60 * TIME_FACTOR)) xl network-detach "$guest" "$id" || return 1
		done
		wait_until 20 _backends_gone vif "$guest" || return 1
	done
	net_ends_remove
	net_remove_all 2>/dev/null
	return 0
}
net_domains() { case $1 in pv*) guests ;; *) echo 0 ;; esac; }

# The servers at the far ends, and the ends that are name spaces.
net_ends_remove() {
	local end
	# shellcheck disable=SC2013,SC2016 # words; for the far end's shell
	for end in $(cat $STATE/ends 2>/dev/null); do
		at "$end" 'for file in /tmp/iperf3.*.pid; do
			[ ! -e $file ] || kill $(tr -d "\0" <$file); rm -f $file
		done' 2>/dev/null
		case $end in peer*) ip netns del "$end" ;; esac
	done
	rm -f $STATE/ends $STATE/near.*
	for end in /sys/class/net/near*; do
		[ ! -e "$end" ] || ip link del "${end##*/}"
	done
}

# -- devices by themselves ---------------------------------------------------

# dev_begin PLACE FRONT BACK vbd|vif NUMBER: attaches them to a frontend that is
# not loaded yet: the job does that.
dev_begin() {
	local guest i kind=blk
	local -a disks=({b..z} {a..d}{a..z})
	guest=$(domain "$1")
	[ "$4" = vbd ] || kind=net
	drivers_use $kind none "$3" "$guest" || return 1
	echo "$guest ${kind}front $2" >$STATE/front
	for ((i = 0; i < $5; i++)); do
		if [ "$4" = vif ]; then
			xl network-attach "$guest" script=vif-plain || return 1
			continue
		fi
		disk_create "bench$i" kind=null size=4 || return 1
		xl block-attach "$guest" "vdev=xvd${disks[i]},access=w,script=block-plain,target=$(
			disk_dev "bench$i")" || return 1
	done
}

# dev_end PLACE
dev_end() { blk_end "$1" && net_end "$1"; }

# The kernel's own memory in KiB: not what processes and the page cache have.
# shellcheck disable=SC2016 # awk's
KERNEL_MEMORY='echo 3 >/proc/sys/vm/drop_caches; sleep 0.5; awk "/^MemTotal/ { n += \$2 }
	/^(MemFree|Buffers|Cached|AnonPages):/ { n -= \$2 } END { print n }" /proc/meminfo'
# both ends together
memory() {
	local sum
	sum=$(bash -c "$KERNEL_MEMORY")
	[ "$1" = 0 ] || sum=$((sum + $(guest_run "$1" "$KERNEL_MEMORY")))
	echo "$sum"
}

# How often the backends' threads have run and an end had an event.
wakeups() {
	local -a threads
	mapfile -t threads < <(ps -e -o pid=,comm= |
		awk '$2 ~ /^[0-9]+\.xvd|^vif[0-9]+\.[0-9]+-/ { print "/proc/" $1 "/status" }')
	{
		cat "${threads[@]}" 2>/dev/null | awk '/ctxt_switches/ { n += $2 } END { print "n events", n + 0 }'
		counters
	} | awk '$2 == "events" { n += $3 } END { print n }'
}

# _all_connected GUEST vbd|vif NUMBER
_all_connected() {
	local domid
	domid=$(_net_domid "$1")
	[ "$(xenstore-ls -f "/local/domain/0/backend/$2/$domid" | grep -c '/state = "4"')" = "$3" ] &&
		[ "$(xenstore-ls -f "/local/domain/$domid/device/$2" | grep -c '/state = "4"')" = "$3" ]
}

# devices vbd|vif NUMBER: loads the frontend, waits for all of them, then for nothing.
devices() {
	local guest driver spec memory begun ended woken
	read -r guest driver spec <$STATE/front
	memory=$(memory "$guest")
	begun=${EPOCHREALTIME/./}
	_driver "$guest" "$driver" "$spec" && wait_until 100 _all_connected "$guest" "$1" "$2" ||
		return 1
	ended=${EPOCHREALTIME/./}
	# udev has a look at each
	sleep 5
	woken=$(wakeups)
	sleep 5
	woken=$(($(wakeups) - woken))
	echo "microseconds $((ended - begun)) wakeups $woken in 5 s KiB $(($(memory "$guest") - memory))"
}

# -- jobs --------------------------------------------------------------------

# thread SECONDS read|write|randread|randwrite SIZE DEPTH DEVICE...: a kernel thread's
# requests, one for each DEVICE.
thread() {
	local seconds=$1 kind=$2 size depth=$4 list write=0 sequential=1 params
	size=$(numfmt --from=iec "${3^^}")
	shift 4
	list=$*
	case $kind in *write) write=1 ;; esac
	case $kind in rand*) sequential=0 ;; esac
	insmod /run/xenpv/bioload.ko disks="${list// /,}" size="$size" depth="$depth" \
		milliseconds=$((seconds * 1000)) write=$write sequential=$sequential || return 1
	params=/sys/module/bioload/parameters
	echo "requests $(<$params/requests) microseconds $(<$params/microseconds)" \
		"errors $(<$params/errors) size $size"
	rmmod bioload
}

# tcp to|from SECONDS STREAMS LINKS: iperf3's JSON, one for each link.
tcp() {
	local i reverse='' bad=0
	local -a pids=()
	[ "$1" = to ] || reverse=-R
	for ((i = 0; i < $4; i++)); do
		iperf3 -J -i 0 -c "10.99.$i.2" -p $((5201 + i)) -t "$2" -P "$3" $reverse >"$STATE/tcp.$i" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || bad=1; done
	cat $STATE/tcp.*
	rm -f $STATE/tcp.*
	return $bad
}

# tcp_guests SECONDS STREAMS: from the first far end to the second.
tcp_guests() {
	local -a ends
	read -ra ends <$STATE/ends
	at "${ends[0]}" "iperf3 -J -i 0 -c 10.99.100.3 -p 5202 -t $1 -P $2"
}

# rr tcp|udp SECONDS: 64 bytes there and back, again and again; fio's JSON.
rr() {
	local end fio listen=''
	read -r end <$STATE/ends
	[ "$1" = udp ] || listen=--listen
	fio="timeout -k 2 $(($2 + 30 * TIME_FACTOR)) fio --ioengine=net --protocol=$1 --port=7001 --bs=64"
	fio+=" --size=1t --pingpong=1 --time_based"
	[ "$1" = udp ] || fio+=" --nodelay=1"
	# The server ends with the connection, or, where there is none, by this.
	fio_server "$end" "$fio --name=server $listen --rw=read --runtime=$(($2 + 20))" "$1" || return 1
	$fio --name=client --hostname=10.99.0.2 --rw=write --runtime="$2" \
		--percentile_list=50:99 --output-format=json
	local status=$?
	# shellcheck disable=SC2016 # for the far end's shell
	at "$end" 'kill $(cat /tmp/rr.pid) 2>/dev/null; while pgrep -x fio >/dev/null; do sleep 0.1; done'
	return $status
}

# fio_server END COMMAND tcp|udp: until it listens.
fio_server() {
	at "$1" "setsid $2 >/tmp/rr.log 2>&1 </dev/null &
		echo \$! >/tmp/rr.pid
		for ((i = 0; i < $((200 * TIME_FACTOR)); i++)); do
			[ -z \"\$(ss -Hln --${3} 'sport = :7001')\" ] || exit 0
			sleep 0.1
		done
		cat /tmp/rr.log
		exit 1"
}

# packets to|from SECONDS: small packets by the kernel's pktgen; counted where
# they arrive: "packets N seconds N".
packets() {
	local end near sender=dom0 receiver from to mac
	read -r end <$STATE/ends
	near=$(cat $STATE/near.0)
	receiver=$end from=$near to=far0
	[ "$1" = to ] || { sender=$end receiver=dom0 from=far0 to=$near; }
	mac=$(at "$receiver" "cat /sys/class/net/$to/address")
	at "$sender" "$(pktgen_start "$from" "$mac")" &&
		at "$receiver" "$(count_received "$to" "$2")"
	local status=$?
	at "$sender" 'echo stop >/proc/net/pktgen/pgctrl; for ((i = 0; i < 100; i++)); do
		grep -q "Running: *$" /proc/net/pktgen/kpktgend_0 && break; sleep 0.1
	done; echo reset >/proc/net/pktgen/pgctrl'
	return $status
}

# To an address that nobody has: dropped behind the driver, never answered. The
# generator spins while the ring is full: on one processor, whoever empties it
# comes first, or what is measured is the spinning.
pktgen_start() {
	cat <<-END
		modprobe pktgen
		for i in \$(pgrep -x 'kpktgend_.*'); do chrt --idle -p 0 \$i || exit 1; done
		set_to() { echo "\$2" >/proc/net/pktgen/\$1 || exit 1; }
		set_to kpktgend_0 rem_device_all
		set_to kpktgend_0 "add_device $1"
		for word in "count 0" "pkt_size 60" "delay 0" "dst 10.98.0.1" "dst_mac $2"; do
			set_to $1 "\$word"
		done
		setsid bash -c 'echo start >/proc/net/pktgen/pgctrl' >/dev/null 2>&1 </dev/null &
		sleep 0.5
	END
}

count_received() {
	cat <<-END
		read -r a </sys/class/net/$1/statistics/rx_packets; s=\${EPOCHREALTIME/./}
		sleep $2
		read -r b </sys/class/net/$1/statistics/rx_packets; e=\${EPOCHREALTIME/./}
		echo "packets \$((b - a)) microseconds \$((e - s))"
	END
}

# -- counters ----------------------------------------------------------------

# Events received by the drivers of a domain, whoever's they are, and all that
# ours count, summed over devices and queues.
# shellcheck disable=SC2016 # awk's dollars
COUNTERS='awk "/xen-dyn/ && \$NF !~ /^(xenbus|evtchn|hvc)/ {
		for (i = 2; \$i ~ /^[0-9]+\$/; i++) n += \$i
	} END { print \"events\", n + 0 }" /proc/interrupts
	mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
	[ ! -d /sys/kernel/debug/xenpv ] || awk "
		{ split(FILENAME, part, \"/\"); driver = part[6] }
		/^    events / { n[driver \".events\"] += \$2; n[driver \".notifies\"] += \$6 }
		# what grows; the two others say how many there are just now
		/^  [a-z_:, -]+: [0-9]+\$/ && !/^  (outstanding|persistent_grants):/ {
			value = \$NF; sub(/: [0-9]+\$/, \"\"); sub(/^  /, \"\"); gsub(/[^a-z]+/, \"_\")
			n[driver \".\" \$0] += value
		}
		END { for (i in n) print i, n[i] }" /dev/null /sys/kernel/debug/xenpv/*/*/queues 2>/dev/null
	true'
counters() {
	local guest
	bash -c "$COUNTERS" | sed 's/^/dom0 /'
	# shellcheck disable=SC2013 # words
	for guest in $(cat $STATE/counted 2>/dev/null); do
		guest_run "$guest" "$COUNTERS" | sed "s/^/$guest /"
	done
}

# traced PLACE FUNCTION ARGUMENT...: what Xen says was called meanwhile. This
# takes time of its own, so the figures of such a run are worth nothing.
traced() {
	local place=$1 mask=0x203000 status tracer
	shift
	# classes PV and HVM, subclasses 1 and 2 of trace.h
	[ "$place" != pvh ] || mask=0x283000
	xentrace -D -S 1024 -s 50 -e $mask $STATE/trace >/dev/null 2>&1 &
	tracer=$!
	sleep 0.5
	echo "== output"
	"$@" 2>&1
	status=$?
	kill $tracer
	wait $tracer
	echo "== hypercalls"
	python3 /run/xenpv/hypercalls.py $STATE/trace || status=1
	rm -f $STATE/trace
	return $status
}

# measured PLACE SECONDS FUNCTION ARGUMENT...: with the counters before and after,
# and each domain's share of a processor meanwhile.
measured() {
	local place=$1 seconds=$2 status sampler guest
	local -a names=("0=dom0")
	shift 2
	rm -f $STATE/counted
	case $place in pv*) guests >$STATE/counted ;; esac
	# shellcheck disable=SC2013 # words
	for guest in $(cat $STATE/counted 2>/dev/null); do names+=("$(guest_domid "$guest")=$guest"); done
	echo "== before"
	counters
	python3 /run/xenpv/cputime.py "$seconds" "${names[@]}" >$STATE/cpu 2>&1 &
	sampler=$!
	echo "== output"
	"$@" 2>&1
	status=$?
	kill $sampler
	wait $sampler
	echo "== after"
	counters
	echo "== cpu"
	cat $STATE/cpu
	return $status
}

"$@"
