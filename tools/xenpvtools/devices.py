# SPDX-License-Identifier: GPL-2.0
"""The split devices that our drivers serve in this domain, with their statistics."""

import re
import time

from . import files, histogram, names

# A frontend is named vbd-DEVID or vif-HANDLE, a backend vbd-DOMID-DEVID or vif-DOMID-HANDLE.
_NAME = re.compile(r"(vbd|vif)-(?:(\d+)-)?(\d+)")
_RING = re.compile(r"\bprod (\d+) cons (\d+)\b")
_EXTENDED = 1 << 28


def disk_name(number):
    """xvda for 51712, as xen-vbd-interface(7) has it; the number itself if it is none."""
    if number & _EXTENDED:
        letters, part, prefix = (number & (_EXTENDED - 1)) >> 8, number & 0xff, "xvd"
    else:
        major, minor = number >> 8, number & 0xff
        if major in (3, 22):
            letters, part = (minor >> 6) + (2 if major == 22 else 0), minor & 63
            prefix = "hd"
        elif major in (8, 202):
            letters, part = minor >> 4, minor & 15
            prefix = "sd" if major == 8 else "xvd"
        else:
            return str(number)
    text = ""
    letters += 1
    while letters:
        letters, digit = divmod(letters - 1, 26)
        text = chr(ord("a") + digit) + text
    return prefix + text + (str(part) if part else "")


class Device:
    """One end of a split device, as it was when it was read.

    values: what could be read of the driver's counters and gauges in names.py.
    latencies: a histogram for each kind of request.
    domain: the other end's; None for a frontend without debugfs, which cannot tell.
    connected: None where debugfs does not say.
    """

    def __init__(self, driver, name, folder):
        match = _NAME.fullmatch(name)
        self.driver = driver
        self.kind = driver.kind
        self.side = driver.side
        self.name = name
        self.folder = folder
        self.inode = files.inode(folder)
        self.number = int(match[3])
        self.domain = int(match[2]) if match[2] else None
        self.label = self._label()
        self.values = {}
        self.latencies = {}
        self.connected = None

    @property
    def key(self):
        """The same for every reading of this device, and for no other device."""
        return self.driver.module, self.name, self.inode

    def _label(self):
        found = files.entries(self.folder / ("block" if self.kind == "vbd" else "net"))
        if found:
            return found[0]
        if self.kind == "vbd":
            return disk_name(self.number)
        return f"vif{self.domain}.{self.number}" if self.side == "back" else self.name

    def counter_names(self):
        """Those of its values that only grow."""
        return [*self.driver.counters, *names.COMMON_COUNTERS]


class _Reader:
    """Reads one device's values, each file once."""

    def __init__(self, device, debug):
        self.device = device
        self.debug = debug
        self.sysfs = {}
        self.lines = {}

    def value(self, sources):
        """The first source's that is there, or None."""
        for source in sources:
            read = {names.Sysfs: self._sysfs, names.Debugfs: self._debugfs,
                    names.Ring: self._ring, names.Backlog: self._backlog}[type(source)]
            value = read(source)
            if value is not None:
                return value
        return None

    def file(self, name):
        """The lines of a file in debugfs: what follows each name, in all queues."""
        if name not in self.lines:
            found = {}
            for line in (files.read(self.debug / name) or "").splitlines():
                before, colon, after = line.strip().rpartition(": ")
                if not colon:
                    before, after = line.strip().rstrip(":"), ""
                found.setdefault(before, []).append(after)
            self.lines[name] = found
        return self.lines[name]

    def _sysfs(self, source):
        if source.path not in self.sysfs:
            path = self.device.folder
            for part in source.path.split("/"):
                if part == "*":
                    part = next(iter(files.entries(path)), "none")
                path = path / part
            self.sysfs[source.path] = (files.read(path) or "").split()
        words = self.sysfs[source.path]
        if len(words) <= source.word or not words[source.word].isdigit():
            return None
        return int(words[source.word]) * source.scale

    def _debugfs(self, source):
        found = [text for line in source.lines for text in self.file(source.file).get(line, [])]
        numbers = [int(text) for text in found if re.fullmatch(r"-?\d+", text)]
        return sum(numbers) * source.scale if numbers else None

    def _ring(self, source):
        found = [_RING.search(text) for text in self.file("queues").get(source.key, [])]
        ends = [(int(match[1]), int(match[2])) for match in found if match]
        # The indices wrap at 32 bits.
        return sum((prod - cons) & 0xffffffff for prod, cons in ends) if ends else None

    def _backlog(self, source):
        folder = files.DEBUGFS / "xen-netback" / f"vif{self.device.domain}.{self.device.number}"
        texts = [files.read(folder / name) or "" for name in files.entries(folder)
                 if name.startswith("io_ring_q")]
        found = [re.search(rf"\b{source.text} (\d+) packets", text) for text in texts]
        return sum(int(match[1]) for match in found if match) if any(found) else None


def _read(device, debug):
    reader = _Reader(device, debug)
    wanted = {**device.driver.counters, **device.driver.gauges,
              **names.COMMON_COUNTERS, **names.COMMON_GAUGES}
    for name, sources in wanted.items():
        value = reader.value(sources)
        if value is not None:
            device.values[name] = value
    for name, line in device.driver.latencies.items():
        queues = [histogram.parse(text) for text in reader.file("queues").get(line, [])]
        if queues:
            device.latencies[name] = histogram.add(*queues)
    phase = reader.file("state").get(names.PHASE)
    if phase:
        device.connected = phase[0] == names.PHASE_CONNECTED
    if device.side == "front":
        # Its name does not say whose the backend is.
        peer = reader.file("state").get(names.PEER, [""])[0]
        device.domain = int(peer) if peer.isdigit() else None


class Snapshot:
    """All devices at one time.

    drivers: for each driver that is loaded, whether it is ours.
    trouble: why debugfs tells nothing, or None.
    """

    def __init__(self):
        self.time = time.monotonic()
        self.drivers = {name: (files.SYS / "module/xenpv_common/holders" / driver.module).exists()
                        for name, driver in names.DRIVERS.items()
                        if (files.SYS / "module" / driver.module).exists()}
        self.trouble = files.debugfs_trouble() if self.any_ours() else None
        self.devices = []
        for name, ours in self.drivers.items():
            if ours:
                self._add(name, names.DRIVERS[name])

    def any_ours(self):
        """Whether a driver of ours is loaded."""
        return any(self.drivers.values())

    def _add(self, driver_name, driver):
        bus = files.SYS / "bus" / driver.bus / "devices"
        for name in files.entries(bus):
            match = _NAME.fullmatch(name)
            if not match or match[1] != driver.kind or bool(match[2]) != (driver.side == "back"):
                continue
            device = Device(driver, name, bus / name)
            if device.inode is None:
                continue
            _read(device, files.DEBUGFS / "xenpv" / driver_name / name)
            self.devices.append(device)


def no_driver(snapshot):
    """Why there is nothing to show, or None."""
    if snapshot.any_ours():
        return None
    if snapshot.drivers:
        return (f"none of xenpv's drivers is loaded; {', '.join(snapshot.drivers)}: the kernel's own "
                "(xenpv-status says why)")
    return f"none of xenpv's drivers is loaded ({', '.join(names.DRIVERS)}); xenpv-status says why"
