# SPDX-License-Identifier: GPL-2.0
"""Every name of sysfs and debugfs that these tools read: this is the only place that has
them. selftests/unit/tools.sh looks for each debugfs name in the drivers' sources.

Directions are those of the guest, at either end: "tx" is what the guest transmits. The
interface of a backend, vifD.H, counts the other way round.
"""

from collections import namedtuple

SECTOR = 512
# Of struct xpv_hist in common/stats.h: bucket i counts what took less than
# 1024 << i nanoseconds; the last has what took longer than half of that as well.
HIST_BUCKETS = 24

# A file below the device's folder in sysfs, one word of it, times scale. "*" stands for
# the name of the disk or the interface.
Sysfs = namedtuple("Sysfs", "path word scale")
# Lines of a file in debugfs, NAME: NUMBER, added up over lines and queues, times scale.
Debugfs = namedtuple("Debugfs", "file lines scale")
# A ring in "queues": requests sent and not answered, of all queues together.
Ring = namedtuple("Ring", "key")
# Packets in the files io_ring_qN of xen-netback's own folder in debugfs.
Backlog = namedtuple("Backlog", "text")
# Of the sources of a value the first that is there is taken. latencies: the histograms'
# lines in "queues".
Driver = namedtuple("Driver", "module bus kind side counters gauges latencies")


def sysfs(path, word=0, scale=1):
    """A word of a file of sysfs."""
    return Sysfs(path, word, scale)


def queues(*lines, scale=1):
    """Counters of the file "queues"."""
    return Debugfs("queues", lines, scale)


def state(line):
    """A number of the file "state"."""
    return Debugfs("state", (line,), 1)


def interface(name):
    """A statistic of the network interface."""
    return sysfs(f"net/*/statistics/{name}")


# The same for all drivers.
COMMON_COUNTERS = {
    "violations": [state("violations")],
}
COMMON_GAUGES = {
    "quarantined": [state("pages quarantined")],
    "lost": [state("pages lost")],
}
PEER = "peer domain"
PHASE = "phase"
PHASE_CONNECTED = "live"

DRIVERS = {
    "xen-blkback": Driver(
        module="xen_blkback", bus="xen-backend", kind="vbd", side="back",
        counters={
            "reads": [sysfs("statistics/rd_req"), queues("reads")],
            "writes": [sysfs("statistics/wr_req"), queues("writes")],
            "flushes": [sysfs("statistics/f_req"), queues("flushes", "barriers")],
            "discards": [sysfs("statistics/ds_req"), queues("discards")],
            "read_bytes": [sysfs("statistics/rd_sect", scale=SECTOR),
                           queues("read_sectors", scale=SECTOR)],
            "write_bytes": [sysfs("statistics/wr_sect", scale=SECTOR),
                            queues("write_sectors", scale=SECTOR)],
            "stalls": [sysfs("statistics/oo_req"), queues("stalls")],
            "errors": [queues("errors")],
            "refused": [queues("bad_entries")],
            "limited": [queues("rate_limited")],
        },
        gauges={"depth": [queues("outstanding")]},
        latencies={
            "read": "read_latency_below_us",
            "write": "write_latency_below_us",
            "other": "other_latency_below_us",
        },
    ),
    "xen-blkfront": Driver(
        module="xen_blkfront", bus="xen", kind="vbd", side="front",
        # The words of "stat" are those of Documentation/block/stat.rst.
        counters={
            "reads": [sysfs("block/*/stat", 0), queues("reads")],
            "writes": [sysfs("block/*/stat", 4), queues("writes")],
            "flushes": [sysfs("block/*/stat", 15), queues("flushes")],
            "discards": [sysfs("block/*/stat", 11), queues("discards")],
            "read_bytes": [sysfs("block/*/stat", 2, SECTOR), queues("read_bytes")],
            "write_bytes": [sysfs("block/*/stat", 6, SECTOR), queues("write_bytes")],
            "read_ms": [sysfs("block/*/stat", 3)],
            "write_ms": [sysfs("block/*/stat", 7)],
            "stalls": [queues("stalls")],
            "errors": [queues("errors")],
            "refused": [queues("bad_entries")],
        },
        gauges={"depth": [sysfs("block/*/stat", 8), Ring("ring-ref")]},
        latencies={},
    ),
    "xen-netback": Driver(
        module="xen_netback", bus="xen-backend", kind="vif", side="back",
        counters={
            "tx_packets": [interface("rx_packets"), queues("rx_packets")],
            "rx_packets": [interface("tx_packets"), queues("tx_packets")],
            "tx_bytes": [interface("rx_bytes"), queues("rx_bytes")],
            "rx_bytes": [interface("tx_bytes"), queues("tx_bytes")],
            "tx_errors": [interface("rx_errors"), queues("rx_errors")],
            "rx_errors": [interface("tx_errors"), queues("tx_errors")],
            "tx_dropped": [interface("rx_dropped"), queues("rx_dropped")],
            "rx_dropped": [interface("tx_dropped"), queues("tx_dropped", "tx_expired")],
            "limited": [queues("rx_limited")],
            "refused": [queues("bad_entries")],
        },
        gauges={"depth": [Backlog("queued")]},
        latencies={},
    ),
    "xen-netfront": Driver(
        module="xen_netfront", bus="xen", kind="vif", side="front",
        counters={
            "tx_packets": [interface("tx_packets")],
            "rx_packets": [interface("rx_packets")],
            "tx_bytes": [interface("tx_bytes")],
            "rx_bytes": [interface("rx_bytes")],
            "tx_errors": [interface("tx_errors")],
            "rx_errors": [interface("rx_errors")],
            "tx_dropped": [interface("tx_dropped")],
            "rx_dropped": [interface("rx_dropped")],
            "refused": [queues("bad_entries")],
        },
        gauges={"depth": [Ring("tx-ring-ref")]},
        latencies={},
    ),
}


def debugfs_lines(driver):
    """Each name that is looked for in debugfs, for the test that compares them with the
    drivers' sources."""
    found = {PEER, PHASE, *driver.latencies.values()}
    for values in (driver.counters, driver.gauges, COMMON_COUNTERS, COMMON_GAUGES):
        for source in (source for sources in values.values() for source in sources):
            found.update(source.lines if isinstance(source, Debugfs) else
                         [source.key] if isinstance(source, Ring) else
                         [source.text] if isinstance(source, Backlog) else [])
    return found
