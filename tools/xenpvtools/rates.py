# SPDX-License-Identifier: GPL-2.0
"""What happened between two snapshots, for each device."""

from . import histogram

# Counters that are shown as they stand: one error matters however long ago it was.
_ERRORS = {
    "vbd": ("errors", "refused"),
    "vif": ("tx_errors", "rx_errors", "refused"),
}
_DROPPED = ("tx_dropped", "rx_dropped")


def _sum(values, wanted):
    """The sum of those that are known; None where none is."""
    known = [values[name] for name in wanted if values.get(name) is not None]
    return sum(known) if known else None


class Rates:
    """A device between two readings. What is not known is None.

    per_second: of each counter.
    latency: of all requests of the interval, a histogram; None without one.
    """

    def __init__(self, device, before, seconds):
        self.device = device
        self.per_second = {}
        self.latency = None
        self.mean = None
        self.depth = device.values.get("depth")
        self.errors = _sum(device.values, _ERRORS[device.kind])
        self.dropped = _sum(device.values, _DROPPED)
        self.new_errors = False
        if before is not None and seconds > 0:
            self._compare(before, seconds)

    def _compare(self, before, seconds):
        grown = {}
        for name in self.device.counter_names():
            now, then = self.device.values.get(name), before.values.get(name)
            # Backwards: it is read from somewhere else now, or was set back.
            if now is not None and then is not None and now >= then:
                grown[name] = now - then
        self.per_second = {name: count / seconds for name, count in grown.items()}
        self.new_errors = bool(_sum(grown, _ERRORS[self.device.kind] + ("violations",)))
        self._latency(before, grown)

    def _latency(self, before, grown):
        kinds = [histogram.since(counts, before.latencies[kind])
                 for kind, counts in self.device.latencies.items() if kind in before.latencies]
        kinds = [counts for counts in kinds if counts is not None]
        if kinds:
            self.latency = histogram.add(*kinds)
            count, seconds = sum(self.latency), histogram.total_seconds(self.latency)
        else:
            count, waited = _sum(grown, ("reads", "writes")), _sum(grown, ("read_ms", "write_ms"))
            seconds = None if waited is None else waited / 1000
        if count and seconds is not None:
            self.mean = seconds / count

    def percentile(self, percent):
        """Of the interval's requests, in seconds; None where there were none."""
        return histogram.percentile(self.latency, percent) if self.latency else None

    def total(self, *wanted):
        """The rates of several counters together."""
        return _sum(self.per_second, wanted)


def between(now, before):
    """The devices of a snapshot, with what they did since another, which may be None."""
    then = {device.key: device for device in before.devices} if before else {}
    seconds = now.time - before.time if before else 0
    return [Rates(device, then.get(device.key), seconds) for device in now.devices]
