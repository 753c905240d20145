# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Networks in dom0, and attaching them with xl and Xen's stock vif scripts.

NETS_DIR=/run/xenpv/nets

# net_bridge NAME [ADDRESS/LEN]: a bridge in dom0. Clean-up removes it.
net_bridge() {
	mkdir -p $NETS_DIR
	ip link add "$1" type bridge forward_delay 0 && : >"$NETS_DIR/bridge-$1" &&
		ip link set "$1" up || return 1
	[ -z "${2:-}" ] || ip addr add "$2" dev "$1"
}

# net_ovs_bridge NAME [ADDRESS/LEN]: one of Open vSwitch, which it starts.
net_ovs_bridge() {
	mkdir -p $NETS_DIR
	if [ ! -e $NETS_DIR/ovs ]; then
		: >$NETS_DIR/ovs
		mkdir -p /run/openvswitch /etc/openvswitch
		/usr/share/openvswitch/scripts/ovs-ctl --system-id=lab --no-monitor start >&2 || return 1
	fi
	ovs-vsctl --no-wait --may-exist add-br "$1" && ovs-vsctl -t $((30 * TIME_FACTOR)) add-br "$1" \
		-- set bridge "$1" datapath_type=system 2>/dev/null
	wait_until 10 ip link show "$1" && ip link set "$1" up || return 1
	[ -z "${2:-}" ] || ip addr add "$2" dev "$1"
}

# net_attach GUEST|0 KEY=VALUE...: by xl network-attach, e.g. bridge=xenbr0
# script=vif-bridge mac=00:16:3e:00:00:01; script=vif-plain (the lab's own) only
# brings the vif up. Waits for both ends to connect,
# except with nowait as the last word.
net_attach() {
	local guest=$1 before after
	shift
	before=$(_net_devids "$guest")
	if [ "${!#}" = nowait ]; then
		timeout $((60 * TIME_FACTOR)) xl network-attach "$guest" "${@:1:$#-1}"
		return
	fi
	timeout $((60 * TIME_FACTOR)) xl network-attach "$guest" "$@" || {
		echo "xl network-attach $guest $* failed" >&2
		return 1
	}
	after=$(comm -13 <(echo "$before") <(_net_devids "$guest"))
	wait_until 20 _net_connected "$guest" "$after"
}

_net_domid() { if [ "$1" = 0 ]; then echo 0; else guest_domid "$1"; fi; }
_net_devids() {
	xenstore-list "/local/domain/$(_net_domid "$1")/device/vif" 2>/dev/null | sort
}
_net_connected() {
	local domid
	domid=$(_net_domid "$1") || return 1
	[ "$(xenstore-read "/local/domain/$domid/device/vif/$2/state")" = 4 ] &&
		[ "$(xenstore-read "/local/domain/0/backend/vif/$domid/$2/state")" = 4 ]
}

# net_wait GUEST|0 DEVID: until both ends are connected.
net_wait() { wait_until 20 _net_connected "$1" "$2"; }

# net_backend GUEST|0 DEVID, net_frontend: the ends' directories in xenstore.
net_backend() { echo "/local/domain/0/backend/vif/$(_net_domid "$1")/$2"; }
net_frontend() { echo "/local/domain/$(_net_domid "$1")/device/vif/$2"; }

# net_vif GUEST|0 DEVID: the backend's interface in dom0.
net_vif() { echo "vif$(_net_domid "$1").$2"; }

# net_detach GUEST|0 DEVID: and waits until the backend is gone.
net_detach() {
	local path
	path=$(net_backend "$1" "$2")
	timeout $((60 * TIME_FACTOR)) xl network-detach "$1" "$2" || return 1
	wait_until 20 _xenstore_gone "$path"
}

# All networks that a test has left.
net_remove_all() {
	local file
	for file in "$NETS_DIR"/bridge-*; do
		[ -e "$file" ] || continue
		ip link del "${file##*/bridge-}"
		rm -f "$file"
	done
	if [ -e $NETS_DIR/ovs ]; then
		ovs-vsctl -t 10 list-br | xargs -r -n 1 ovs-vsctl -t 10 del-br
		/usr/share/openvswitch/scripts/ovs-ctl stop >/dev/null
		rmmod openvswitch 2>/dev/null
		rm -rf $NETS_DIR/ovs /etc/openvswitch/conf.db
	fi
	sysctl -qw net.ipv4.ip_forward=0
	iptables -F && iptables -t nat -F
}
