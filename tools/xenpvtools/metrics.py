# SPDX-License-Identifier: GPL-2.0
"""xenpv-status --metrics: OpenMetrics text for node_exporter's textfile collector.

That collector reads the older Prometheus text format, of which this is a subset: no
timestamps, and no types but counter, gauge and histogram.
"""

import os
import sys
from collections import namedtuple

from . import devices, histogram
from .domains import Domains

# kind: whose devices have it, or None for all. name: of names.py's values, or None where
# it is made below. scale: from that value's unit to the metric's.
Family = namedtuple("Family", "name type unit kind value help scale")


def _family(name, kind, value, text, type_="counter", unit="", scale=1):
    return Family(name, type_, unit, kind, value, text, scale)


FAMILIES = [
    _family("xenpv_vbd_read_requests", "vbd", "reads", "Read requests."),
    _family("xenpv_vbd_write_requests", "vbd", "writes", "Write requests."),
    _family("xenpv_vbd_flush_requests", "vbd", "flushes", "Flushes and barriers."),
    _family("xenpv_vbd_discard_requests", "vbd", "discards", "Discard requests."),
    _family("xenpv_vbd_read_bytes", "vbd", "read_bytes", "Bytes read.", unit="bytes"),
    _family("xenpv_vbd_write_bytes", "vbd", "write_bytes", "Bytes written.", unit="bytes"),
    _family("xenpv_vbd_read_time_seconds", "vbd", "read_ms",
            "Time that read requests took, added up; frontends only.", unit="seconds", scale=1000),
    _family("xenpv_vbd_write_time_seconds", "vbd", "write_ms",
            "Time that write requests took, added up; frontends only.", unit="seconds", scale=1000),
    _family("xenpv_vbd_errors", "vbd", "errors", "Requests that failed."),
    _family("xenpv_vbd_stalls", "vbd", "stalls", "Waits for grants, pages or slots."),
    _family("xenpv_vbd_limited", "vbd", "limited", "Requests held back by the disk's limits; backends only."),
    _family("xenpv_vbd_inflight_requests", "vbd", "depth", "Requests taken and not answered.", "gauge"),
    _family("xenpv_vif_transmit_packets", "vif", "tx_packets", "Packets that the guest transmitted."),
    _family("xenpv_vif_receive_packets", "vif", "rx_packets", "Packets that the guest received."),
    _family("xenpv_vif_transmit_bytes", "vif", "tx_bytes", "Bytes that the guest transmitted.", unit="bytes"),
    _family("xenpv_vif_receive_bytes", "vif", "rx_bytes", "Bytes that the guest received.", unit="bytes"),
    _family("xenpv_vif_transmit_errors", "vif", "tx_errors", "Errors in what the guest transmitted."),
    _family("xenpv_vif_receive_errors", "vif", "rx_errors", "Errors in what the guest received."),
    _family("xenpv_vif_transmit_dropped", "vif", "tx_dropped", "Packets of the guest that were dropped."),
    _family("xenpv_vif_receive_dropped", "vif", "rx_dropped", "Packets for the guest that were dropped."),
    _family("xenpv_vif_limited", "vif", "limited", "Waits for the interface's rate; backends only."),
    _family("xenpv_vif_queued_packets", "vif", "depth",
            "Packets that wait for the guest (backend), or sent and not answered (frontend).", "gauge"),
    _family("xenpv_refused_entries", None, "refused", "Ring entries of the other end that were refused."),
    _family("xenpv_violations", None, "violations", "Violations of the protocol by the other end."),
    _family("xenpv_quarantined_pages", None, "quarantined",
            "Granted pages that the other end has not let go of.", "gauge"),
    _family("xenpv_lost_pages", None, "lost", "Pages that Xen refused to unmap.", "gauge"),
]
CONNECTED = _family("xenpv_connected", None, None, "1 while the device is connected to the other end.", "gauge")
LATENCY = _family("xenpv_vbd_latency_seconds", "vbd", None,
                  "Time from taking a request to answering it; backends only. The sum is an "
                  "estimate: each request counts as the middle of its bucket.",
                  "histogram", "seconds")
LOADED = _family("xenpv_driver_loaded", None, None,
                 "1: the loaded driver is xenpv's, 0: it is the kernel's own.", "gauge")
READABLE = _family("xenpv_debugfs_readable", None, None,
                   "1: statistics that are in debugfs only could be read.", "gauge")
# Below 4 us nothing happens; what took longer than the last is in +Inf.
BUCKETS = range(2, len(histogram.BOUNDS) - 1)


def escaped(text):
    """A label's value."""
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def labelled(name, labels, value):
    """A line of text."""
    text = ",".join(f'{key}="{escaped(str(word))}"' for key, word in labels.items())
    return f"{name}{{{text}}} {value}" if labels else f"{name} {value}"


def _number(value, scale):
    return str(value) if scale == 1 else repr(value / scale)


def head(family):
    """A family's TYPE, UNIT and HELP."""
    yield f"# TYPE {family.name} {family.type}"
    if family.unit:
        yield f"# UNIT {family.name} {family.unit}"
    yield f"# HELP {family.name} {escaped(family.help)}"


def _latencies(device, labels):
    for kind, counts in device.latencies.items():
        mine = {**labels, "op": kind}
        below = [sum(counts[:i + 1]) for i in range(len(counts))]
        for i in BUCKETS:
            yield labelled(f"{LATENCY.name}_bucket", {**mine, "le": repr(histogram.BOUNDS[i])}, below[i])
        yield labelled(f"{LATENCY.name}_bucket", {**mine, "le": "+Inf"}, below[-1])
        yield labelled(f"{LATENCY.name}_count", mine, below[-1])
        yield labelled(f"{LATENCY.name}_sum", mine, repr(histogram.total_seconds(counts)))


def _device_labels(device, domains):
    """side, domain and id alone tell devices apart; the names are for people."""
    return {"side": device.side, "domain": "" if device.domain is None else device.domain,
            "domain_name": domains.name(device.domain) or "", "device": device.label, "id": device.number}


def lines(snapshot, domains):
    """The whole text, a line each."""
    found = [(device, _device_labels(device, domains)) for device in snapshot.devices]

    yield from head(LOADED)
    for driver, ours in snapshot.drivers.items():
        yield labelled(LOADED.name, {"driver": driver}, int(ours))
    yield from head(READABLE)
    yield labelled(READABLE.name, {}, int(snapshot.any_ours() and snapshot.trouble is None))
    yield from head(CONNECTED)
    for device, labels in found:
        if device.connected is not None:
            yield labelled(CONNECTED.name, {"kind": device.kind, **labels}, int(device.connected))
    for family in FAMILIES:
        yield from head(family)
        name = family.name + ("_total" if family.type == "counter" else "")
        for device, labels in found:
            value = device.values.get(family.value)
            if value is None or family.kind not in (None, device.kind):
                continue
            mine = labels if family.kind else {"kind": device.kind, **labels}
            yield labelled(name, mine, _number(value, family.scale))
    yield from head(LATENCY)
    for device, labels in found:
        yield from _latencies(device, labels)
    yield "# EOF"


def _write(path, text):
    """In one step: a reader finds the old file or the new one, and never a part."""
    new = path + ".tmp"
    try:
        with open(new, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(new, 0o644)
        os.rename(new, path)
    except OSError:
        try:
            os.unlink(new)
        except OSError:
            pass
        raise


def main(arguments):
    """[FILE]; ends with 1 where it cannot be written."""
    if len(arguments) > 1 or arguments and (not arguments[0] or arguments[0].startswith("-")):
        print("xenpv-status: usage: xenpv-status --metrics [FILE]", file=sys.stderr)
        return 2
    snapshot = devices.Snapshot()
    text = "\n".join(lines(snapshot, Domains())) + "\n"
    trouble = devices.no_driver(snapshot) or snapshot.trouble
    if trouble and sys.stderr.isatty():
        # For a person; a timer has xenpv_debugfs_readable and xenpv_driver_loaded.
        print(f"xenpv-status: {trouble}", file=sys.stderr)
    try:
        if arguments:
            _write(arguments[0], text)
        else:
            sys.stdout.write(text)
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError as err:
        where = arguments[0] if arguments else "standard output"
        print(f"xenpv-status: cannot write {where}: {err.strerror}", file=sys.stderr)
        return 1
    return 0
