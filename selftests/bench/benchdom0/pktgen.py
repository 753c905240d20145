# SPDX-License-Identifier: GPL-2.0
"""The job of small packets: the kernel's pktgen sends, the receiver's interface counts."""

STOP = """echo stop >/proc/net/pktgen/pgctrl; for ((i = 0; i < 100; i++)); do
		grep -q "Running: *$" /proc/net/pktgen/kpktgend_0 && break; sleep 0.1
	done; echo reset >/proc/net/pktgen/pgctrl"""


def start(interface, mac):
    """The sender's shell command. The address is nobody's: packets are dropped behind the
    driver, never answered. The generator spins while the ring is full: on one processor,
    whoever empties it comes first, or what is measured is the spinning."""
    return f"""modprobe pktgen
for i in $(pgrep -x 'kpktgend_.*'); do chrt --idle -p 0 $i || exit 1; done
set_to() {{ echo "$2" >/proc/net/pktgen/$1 || exit 1; }}
set_to kpktgend_0 rem_device_all
set_to kpktgend_0 "add_device {interface}"
for word in "count 0" "pkt_size 60" "delay 0" "dst 10.98.0.1" "dst_mac {mac}"; do
	set_to {interface} "$word"
done
setsid bash -c 'echo start >/proc/net/pktgen/pgctrl' >/dev/null 2>&1 </dev/null &
sleep 0.5"""


def count(interface, seconds):
    """The receiver's shell command."""
    statistic = f"/sys/class/net/{interface}/statistics/rx_packets"
    return f"""read -r a <{statistic}; s=${{EPOCHREALTIME/./}}
sleep {seconds}
read -r b <{statistic}; e=${{EPOCHREALTIME/./}}
echo "packets $((b - a)) microseconds $((e - s))\""""


def sides(way, near, end):
    """(sender, its interface), (receiver, its interface): "to" the far end, or "from" it."""
    dom0, far = ("dom0", near), (end, "far0")
    return (dom0, far) if way == "to" else (far, dom0)


def run(dom0, way, seconds):
    """Prints how many packets arrived in which time."""
    (sender, source), (receiver, target) = \
        sides(way, dom0.words("near.0")[0], dom0.words("ends")[0])
    mac = dom0.output_at(receiver, f"cat /sys/class/net/{target}/address").strip()
    try:
        dom0.at(sender, start(source, mac))
        dom0.at(receiver, count(target, seconds))
    finally:
        dom0.execute(dom0.argv_at(sender, STOP))
