# SPDX-License-Identifier: GPL-2.0
"""Networks between dom0 and far ends, over vifs or, natively, over veth.

pairs: any number of links between dom0, which has 10.99.N.1, and one far end with 10.99.N.2.
bridge: two far ends, 10.99.100.2 and .3, on a bridge in dom0. A far end is a guest, or a name
space of dom0 where that is its own frontend; its interfaces are called farN. Each has an
iperf3 server on each link, at port 5201 + N.
"""

import subprocess
from pathlib import Path

from . import domains, drivers
from .dom0 import Failed

BRIDGE = "xenbr0"
INTERFACES = Path("/sys/class/net")
STOP_SERVERS = r"""for file in /tmp/iperf3.*.pid; do
			[ ! -e $file ] || kill $(tr -d "\0" <$file); rm -f $file
		done"""


def far_ends(place, layout):
    """The names of the far ends."""
    ends = ["g1", "g2"] if place in domains.GUEST_PLACES else ["peer0", "peer1"]
    return ends if layout == "bridge" else ends[:1]


def far_address(layout, link):
    """Of the far end of a link."""
    return f"10.99.100.{link + 2}" if layout == "bridge" else f"10.99.{link}.2"


def mac(link):
    """Of the far end of a link."""
    return f"00:16:3e:00:00:{link + 2:02x}"


def begin(dom0, place, front, back, layout, number):
    """Makes far ends and as many links."""
    ends = far_ends(place, layout)
    dom0.note("ends", *ends)
    inside = place in domains.GUEST_PLACES
    if not inside:
        for end_name in ends:
            dom0.run("ip", "netns", "add", end_name)
    if place != "native":
        drivers.use(dom0, "net", front, back, ends if inside else ["0"])
    if layout == "bridge":
        dom0.library('net_bridge "$@"', BRIDGE)
    for link in range(number):
        end_name = ends[link % len(ends)]
        near = _native_link(dom0, end_name, link) if place == "native" else \
            _vif(dom0, end_name, end_name if inside else "0", link)
        dom0.note(f"near.{link}", near)
        _addresses(dom0, layout, end_name, link, near)


def _native_link(dom0, end_name, link):
    dom0.run("ip", "link", "add", f"near{link}", "type", "veth", "peer", "name", f"far{link}",
             "netns", end_name)
    dom0.at(end_name, f"ip link set far{link} address {mac(link)}")
    return f"near{link}"


def rename(device, link):
    """The shell command that gives a frontend's interface its name."""
    return (f"dev=$(basename /sys/bus/xen/devices/vif-{device}/net/*) && "
            f"ip link set $dev down &&\n\t\tip link set $dev name far{link}")


def _vif(dom0, end_name, domain, link):
    dom0.library('net_attach "$@"', domain, f"mac={mac(link)}", "script=vif-plain")
    found = domains.devices(dom0, domain, "vif")
    if not found:
        raise Failed(f"vif {link} of {domain} is gone again")
    device = max(found, key=int)
    near = f"vif{domains.domid(dom0, domain)}.{device}"
    if domain == "0":
        dom0.at("dom0", rename(device, link))
        dom0.run("ip", "link", "set", f"far{link}", "netns", end_name)
    else:
        dom0.at(domain, rename(device, link))
    return near


def bring_up(layout, link):
    """The shell command for the far end of a link."""
    return (f"ip addr add {far_address(layout, link)}/24 dev far{link} && ip link set lo up &&\n"
            f"\t\tip link set far{link} up && "
            f"iperf3 -s -D -I /tmp/iperf3.{link}.pid -p {5201 + link}")


def _addresses(dom0, layout, end_name, link, near):
    if layout == "bridge":
        dom0.run("ip", "link", "set", near, "master", BRIDGE)
    else:
        dom0.run("ip", "addr", "add", f"10.99.{link}.1/24", "dev", near)
    dom0.run("ip", "link", "set", near, "up")
    dom0.at(end_name, bring_up(layout, link))
    argv = first_packet(dom0, layout, end_name, link)
    if argv:
        dom0.wait_until(20, f"link {link} answers", lambda: dom0.quietly(*argv))


def first_packet(dom0, layout, end_name, link):
    """A ping: it also teaches both ends, and the bridge, where the other is."""
    if layout == "pairs":
        return ["ping", "-q", "-c", "1", "-W", "2", far_address(layout, link)]
    return dom0.argv_at(end_name, "ping -q -c 1 -W 2 10.99.100.2") if link else None


def end(dom0, place):
    """Detaches and removes them."""
    for domain in domains.guests(dom0) if place in domains.GUEST_PLACES else ["0"]:
        for number in domains.devices(dom0, domain, "vif"):
            dom0.run("timeout", str(60 * dom0.factor), "xl", "network-detach", domain, number)
        domains.wait_backends_gone(dom0, domain, "vif")
    remove_ends(dom0)
    _whatever(dom0.library, "net_remove_all", stderr=subprocess.DEVNULL)


def remove_ends(dom0):
    """The servers at the far ends, the ends that are name spaces, and links without vifs."""
    for end_name in dom0.words("ends"):
        _whatever(dom0.at, end_name, STOP_SERVERS, stderr=subprocess.DEVNULL)
        if end_name.startswith("peer"):
            _whatever(dom0.run, "ip", "netns", "del", end_name)
    for path in [dom0.state / "ends", *dom0.state.glob("near.*")]:
        path.unlink(missing_ok=True)
    for path in sorted(INTERFACES.glob("near*")):
        _whatever(dom0.run, "ip", "link", "del", path.name)


def _whatever(call, *words, **streams):
    """Tidies up; what is not there any more cannot be removed."""
    try:
        call(*words, **streams)
    except Failed:
        pass
