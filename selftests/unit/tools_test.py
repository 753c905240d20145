# SPDX-License-Identifier: GPL-2.0
"""Unit tests of tools/: tools.sh runs them. Each says with which change it fails."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

from tools_tree import BLKSTAT, Tree

SOURCES = Path(os.environ["XENPV_TREE"])
WORK = Path(tempfile.mkdtemp())
# The modules read it when they are loaded; each test puts a tree there.
os.environ["XENPV_ROOT"] = str(WORK / "root")
sys.path.insert(0, str(SOURCES / "tools"))

from xenpvtools import devices, domains, histogram, metrics, names, rates, table  # noqa: E402

TOP = SOURCES / "tools/xenpv-top"
STATUS = SOURCES / "packaging/xenpv-status"
XENSTORE = """#!/bin/sh
case $1 in
/local/domain/1/name) echo 'web "1" \\' ;;
/local/domain/2/name) echo storage ;;
*) echo "xenstore-read: couldn't read path $1" >&2; exit 1 ;;
esac
"""


def setUpModule():
    """A xenstore-read that knows two domains."""
    folder = WORK / "bin"
    folder.mkdir()
    (folder / "xenstore-read").write_text(XENSTORE, encoding="utf-8")
    (folder / "xenstore-read").chmod(0o755)
    os.environ["PATH"] = f"{folder}:{os.environ['PATH']}"


def tearDownModule():
    """Away with all of it."""
    shutil.rmtree(WORK)


def run(*command, **more):
    """(status, standard output, standard error) of a command."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=30, check=False, **more)
    return done.returncode, done.stdout, done.stderr


class Case(unittest.TestCase):
    """A fresh tree for each test."""

    def setUp(self):
        shutil.rmtree(WORK / "root", ignore_errors=True)
        self.tree = Tree(WORK / "root")

    def all_four(self):
        """A device of each driver."""
        for driver in names.DRIVERS:
            self.tree.load(driver)
        self.tree.blkback()
        self.tree.blkfront()
        self.tree.netback()
        self.tree.netfront()

    def device(self, name):
        """One device of a new snapshot."""
        return next(device for device in devices.Snapshot().devices if device.name == name)


class Names(unittest.TestCase):
    """names.py against the drivers' sources: fails when a driver renames a line."""

    def sources(self, *folders):
        """The text of all C files."""
        return "\n".join(path.read_text(encoding="utf-8") for folder in folders
                         for path in sorted((SOURCES / folder).glob("*.[ch]")))

    def test_debugfs(self):
        """Each line is a format string's begin or a counter's name, in the driver or in common."""
        missing = []
        for name, driver in names.DRIVERS.items():
            text = self.sources("common", f"drivers/{name.removeprefix('xen-')}")
            for line in names.debugfs_lines(driver):
                word, _, rest = line.partition("_")
                found = [f'"{line}"', f'"{line}: %', f'"  {line}: %', f'"  {line} %']
                # Histograms: the format, and the kind that it gets.
                if driver.latencies and line in driver.latencies.values():
                    found = [f'"  %s_{rest}:"']
                    self.assertIn(f'"{word}"', text, line)
                if not any(form in text for form in found):
                    missing.append(f"{name}: {line}")
        self.assertEqual(missing, [])

    def test_phase(self):
        """A phase has the name that stands for a connected device."""
        self.assertIn(f'"{names.PHASE_CONNECTED}"', self.sources("common"))

    def test_rings(self):
        """The ring's line has "prod N cons N"."""
        self.assertIn("prod %u cons %u", self.sources("common"))

    def test_sysfs(self):
        """blkback's statistics have these names."""
        text = self.sources("drivers/blkback")
        for sources in names.DRIVERS["xen-blkback"].counters.values():
            for source in sources:
                if isinstance(source, names.Sysfs):
                    self.assertIn(f"dev_attr_{source.path.partition('/')[2]}.attr", text)

    def test_buckets(self):
        """The histogram is that of common/stats.h, and its bounds are printed so."""
        self.assertIn(f"#define XPV_HIST_BUCKETS {names.HIST_BUCKETS}\n", self.sources("common"))
        self.assertIn("(1024ULL << i) / 1000", self.sources("drivers/blkback"))

    def test_drivers(self):
        """Each driver's folder and module are named as here."""
        for name, driver in names.DRIVERS.items():
            folder = f"drivers/{name.removeprefix('xen-')}"
            self.assertIn(f'.name = "{name}"', self.sources(folder))
            self.assertEqual(driver.module, name.replace("-", "_"))


class Histogram(unittest.TestCase):
    """histogram.py"""

    def test_parse(self):
        """Fails when a bucket's bound is taken for its number, or junk raises."""
        counts = histogram.parse("1:2 16:7 8589934:1 17:9 x")
        self.assertEqual([(i, count) for i, count in enumerate(counts) if count], [(0, 2), (4, 7), (23, 1)])

    def test_percentile(self):
        """Fails when the bucket before or after is taken."""
        counts = histogram.parse("16:50 1048:49 4194:1")
        self.assertAlmostEqual(histogram.percentile(counts, 50) * 1e6, 16.384, places=3)
        self.assertAlmostEqual(histogram.percentile(counts, 25) * 1e6, 12.288, places=3)
        self.assertAlmostEqual(histogram.percentile(counts, 99) * 1e6, 1048.576, places=3)
        self.assertTrue(2e-3 < histogram.percentile(counts, 99.9) < 4.2e-3)

    def test_ends(self):
        """Nothing counted has no percentile; what is beyond the last bound is at it."""
        self.assertIsNone(histogram.percentile(histogram.parse(""), 99))
        self.assertAlmostEqual(histogram.percentile(histogram.parse("8589934:5"), 99), 4.294967296)

    def test_since(self):
        """Fails when a histogram that went backwards gives numbers."""
        then, now = histogram.parse("16:5"), histogram.parse("16:7 32:1")
        self.assertEqual(sum(histogram.since(now, then)), 3)
        self.assertIsNone(histogram.since(then, now))


class Devices(Case):
    """devices.py, on a tree as the drivers make it"""

    def test_blkback(self):
        """Fails when queues are not added up, or sectors taken for bytes."""
        self.all_four()
        device = self.device("vbd-1-51712")
        self.assertEqual((device.domain, device.number, device.label, device.side), (1, 51712, "xvda", "back"))
        want = {"reads": 10, "writes": 2, "flushes": 4, "discards": 2, "read_bytes": 40960, "write_bytes": 8192,
                "stalls": 6, "errors": 2, "refused": 4, "limited": 10, "depth": 8, "violations": 0,
                "quarantined": 1, "lost": 0}
        self.assertEqual(device.values, want)
        self.assertEqual(sum(device.latencies["read"]), 20)
        self.assertEqual(sum(device.latencies["write"]), 0)
        self.assertEqual(sum(device.latencies["other"]), 2)
        self.assertTrue(device.connected)

    def test_blkfront(self):
        """Fails when a word of "stat" is another, or the peer is not read."""
        self.all_four()
        device = self.device("vbd-51728")
        self.assertEqual((device.domain, device.label, device.side), (0, "xvdb", "front"))
        want = {"reads": 20, "writes": 4, "flushes": 6, "discards": 1, "read_bytes": 81920, "write_bytes": 16384,
                "read_ms": 50, "write_ms": 30, "stalls": 0, "errors": 0, "refused": 0, "depth": 3,
                "violations": 0, "quarantined": 1, "lost": 0}
        self.assertEqual(device.values, want)

    def test_ring(self):
        """Fails when the indices' wrap is not taken into account."""
        self.all_four()
        shutil.rmtree(WORK / "root/sys/bus/xen/devices/vbd-51728/block")
        self.assertEqual(self.device("vbd-51728").values["depth"], 4)

    def test_netback(self):
        """Fails when the directions are the interface's, or the backlog is of one queue."""
        self.all_four()
        device = self.device("vif-1-0")
        self.assertEqual(device.label, "vif1.0")
        got = {name: device.values[name] for name in ("tx_packets", "tx_bytes", "rx_packets", "rx_bytes",
                                                      "tx_errors", "rx_dropped", "depth", "limited")}
        self.assertEqual(got, {"tx_packets": 70, "tx_bytes": 7000, "rx_packets": 30, "rx_bytes": 3000,
                               "tx_errors": 1, "rx_dropped": 9, "depth": 41, "limited": 18})

    def test_netback_elsewhere(self):
        """An interface in another network namespace: debugfs has its numbers."""
        self.tree.load("xen-netback")
        self.tree.netback(visible=False)
        device = self.device("vif-1-0")
        self.assertEqual((device.label, device.values["tx_bytes"], device.values["rx_dropped"]),
                         ("vif1.0", 14000, 18))

    def test_netfront(self):
        """Fails when its directions are turned, too."""
        self.all_four()
        device = self.device("vif-0")
        self.assertEqual((device.label, device.domain), ("eth0", 2))
        self.assertEqual((device.values["tx_packets"], device.values["rx_packets"], device.values["depth"]),
                         (30, 70, 5))

    def test_without_debugfs(self):
        """Rates are there all the same, and a reason for what is not."""
        self.all_four()
        shutil.rmtree(WORK / "root/sys/kernel/debug")
        self.tree.put("proc/mounts", "sysfs /sys sysfs rw 0 0\n")
        snapshot = devices.Snapshot()
        self.assertIn("mount -t debugfs", snapshot.trouble)
        device = self.device("vbd-1-51712")
        self.assertEqual(device.values["read_bytes"], 40960)
        self.assertNotIn("errors", device.values)
        self.assertIsNone(device.connected)
        self.assertIsNone(self.device("vif-0").domain)
        self.tree.put("proc/mounts", "debugfs /sys/kernel/debug debugfs rw 0 0\n")
        self.assertIn("debugfs=off", devices.Snapshot().trouble)

    def test_not_readable(self):
        """Who is not root is told so."""
        self.all_four()
        snapshot = "from xenpvtools import devices; print(devices.Snapshot().trouble)"
        (WORK / "root/sys/kernel/debug").chmod(0o700)
        if os.getuid() == 0:
            shutil.copytree(SOURCES / "tools", WORK / "tools")
            WORK.chmod(0o755)
            got = run("setpriv", "--reuid=65534", "--clear-groups", sys.executable, "-B", "-c", snapshot,
                      cwd=WORK / "tools")[1]
        else:
            (WORK / "root/sys/kernel/debug").chmod(0)
            got = devices.Snapshot().trouble
            (WORK / "root/sys/kernel/debug").chmod(0o700)
        self.assertIn("run as root", got)

    def test_drivers(self):
        """The kernel's own drivers' devices are not shown."""
        self.assertIn("none of xenpv's drivers is loaded (", devices.no_driver(devices.Snapshot()))
        self.tree.load("xen-blkback", ours=False)
        self.tree.blkback()
        snapshot = devices.Snapshot()
        self.assertEqual(snapshot.devices, [])
        self.assertIn("xen-blkback: the kernel's own", devices.no_driver(snapshot))
        self.tree.load("xen-netback")
        self.assertIsNone(devices.no_driver(devices.Snapshot()))

    def test_torn(self):
        """A device that goes while it is read, and files with junk, are no error."""
        self.all_four()
        where = WORK / "root/sys/kernel/debug/xenpv/xen-blkback/vbd-1-51712"
        (where / "state").unlink()
        self.tree.put("sys/kernel/debug/xenpv/xen-blkback/vbd-1-51712/queues", "queue 0:\n  errors: x\n:\n\n")
        self.tree.put("sys/bus/xen-backend/devices/vbd-1-51712/statistics/rd_req", "")
        self.tree.put("sys/bus/xen-backend/devices/junk/devtype", "")
        values = self.device("vbd-1-51712").values
        self.assertEqual((values.get("errors"), values.get("reads"), values["writes"]), (None, None, 2))

    def test_names(self):
        """xen-vbd-interface(7)"""
        for number, name in ((51712, "xvda"), (51729, "xvdb1"), (268439552, "xvdq"), (268442112, "xvdaa"),
                             (768, "hda"), (5632, "hdc"), (5696, "hdd"), (2049, "sda1"), (9, "9")):
            self.assertEqual(devices.disk_name(number), name)


class Rates(Case):
    """rates.py: two snapshots"""

    def between(self, change, seconds=2):
        """The devices by name, after a change that took so long."""
        before = devices.Snapshot()
        change()
        now = devices.Snapshot()
        now.time = before.time + seconds
        return {row.device.name: row for row in rates.between(now, before)}

    def test_rates(self):
        """Fails when the interval or the factor is wrong."""
        self.all_four()
        rows = self.between(lambda: self.tree.blkback(
            statistics={"rd_req": 110, "rd_sect": 80 + 2048}, hists=("16:107 1048:2 32:1", "16:10"), errors=2))
        row = rows["vbd-1-51712"]
        self.assertEqual((row.per_second["reads"], row.per_second["writes"]), (50, 0))
        self.assertEqual(row.per_second["read_bytes"], 524288)
        self.assertTrue(8e-6 <= row.percentile(99) <= 16.384e-6)
        self.assertTrue(8e-6 <= row.mean <= 16.384e-6)
        self.assertEqual((row.errors, row.new_errors), (4 + 4, True))
        self.assertFalse(rows["vif-1-0"].new_errors)
        self.assertEqual(rows["vif-1-0"].dropped, 11)

    def test_mean_of_frontends(self):
        """Fails when milliseconds are taken for seconds."""
        self.all_four()
        stat = list(BLKSTAT)
        stat[0] += 10
        stat[3] += 25
        row = self.between(lambda: self.tree.blkfront(stat=stat))["vbd-51728"]
        self.assertAlmostEqual(row.mean, 2.5e-3)
        self.assertIsNone(row.percentile(50))

    def test_come_and_go(self):
        """Fails when a new device has a rate since its begin, or one that is gone stays."""
        self.all_four()

        def change():
            shutil.rmtree(WORK / "root/sys/bus/xen-backend/devices/vif-1-0")
            self.tree.blkback(domain=7, statistics={"rd_req": 1000})
        rows = self.between(change)
        self.assertNotIn("vif-1-0", rows)
        self.assertEqual(rows["vbd-7-51712"].per_second, {})

    def test_backwards(self):
        """Fails when a counter that was set back has a negative rate."""
        self.all_four()
        row = self.between(lambda: self.tree.blkback(statistics={"rd_req": 1}))["vbd-1-51712"]
        self.assertNotIn("reads", row.per_second)
        self.assertIn("writes", row.per_second)

    def test_another(self):
        """Fails when a device that was attached anew under the same name goes on from the old one."""
        self.all_four()

        def change():
            old = WORK / "root/sys/bus/xen-backend/devices/vbd-1-51712"
            # Still there, so that the new one cannot get its inode.
            old.rename(WORK / "root/old")
            self.tree.blkback(statistics={"rd_req": 5000})
        self.assertEqual(self.between(change)["vbd-1-51712"].per_second, {})


class Tables(Case):
    """table.py"""

    def test_numbers(self):
        """Fails when a number is wider than its column or loses its unit."""
        for number, text in ((None, "-"), (0, "0"), (9999, "9999"), (12345, "12.3K"), (123456, "123K"),
                             (999499, "999K"), (1.5e9, "1.5G"), (99.96e6, "100M")):
            self.assertEqual(table.scaled(number), text)
            self.assertLessEqual(len(text), 6)
        for seconds, text in ((None, "-"), (4.2e-6, "4.2us"), (85e-6, "85us"), (9.96e-6, "10us"),
                              (999.6e-6, "1.0ms"), (0.0123, "12ms"), (0.9999, "1.0s"), (4.29, "4.3s")):
            self.assertEqual(table.duration(seconds), text)
            self.assertLessEqual(len(text), 5)

    def rows(self):
        """Three disks of which the second reads most and the third has most errors."""
        self.tree.load("xen-blkback")
        for domain in (1, 2, 10):
            self.tree.blkback(domain=domain, errors=0)
        before = devices.Snapshot()
        self.tree.blkback(domain=2, statistics={"rd_sect": 8080})
        self.tree.blkback(domain=10, errors=99)
        now = devices.Snapshot()
        now.time = before.time + 1
        return rates.between(now, before)

    def test_order(self):
        """Fails when a key sorts by something else, or domains as text."""
        rows = self.rows()
        for key, reverse, want in (("bytes", False, [2, 1, 10]), ("in", False, [2, 1, 10]), ("domain", False, [1, 2, 10]),
                                   ("domain", True, [10, 2, 1]), ("errors", False, [10, 2, 1])):
            got = [row.device.domain for row in table.ordered(rows, key, reverse)]
            if key == "errors":
                got, want = got[:1], want[:1]
            self.assertEqual(got, want, key)
        for key in table.SORTS:
            self.assertEqual(len(table.ordered(rows, key)), 3)

    def test_width(self):
        """Fails when a line is wider than the screen."""
        rows, known = self.rows(), domains.Domains()
        for width in (10, 40, 80, 200):
            for text, _ in table.screen_lines("vbd", rows, known, width):
                self.assertLessEqual(len(text), width)
        self.assertIn("ERR", next(table.screen_lines("vbd", rows, known, 80))[0])
        self.assertIn("DROP", next(table.screen_lines("vif", [], known, 80))[0])


class DomainNames(Case):
    """domains.py"""

    def test_names(self):
        """Names where xenstore has them; control characters do nothing."""
        known = domains.Domains()
        self.assertEqual((known.name(2), known.name(77), known.name(None)), ("storage", None, None))
        self.assertEqual(domains.printable("a\x1b[2Jb\n"), "a?[2Jb?")

    def test_no_xenstore(self):
        """Without the program there are numbers."""
        path, os.environ["PATH"] = os.environ["PATH"], "/nonexistent"
        try:
            self.assertIsNone(domains.Domains().name(1))
        finally:
            os.environ["PATH"] = path


class Batch(Case):
    """xenpv-top as a program"""

    def test_moving(self):
        """A counter that grows by 1000 sectors each 50 ms: rates of three intervals."""
        self.all_four()
        stop, start = threading.Event(), time.monotonic()

        def grow():
            while not stop.wait(0.05):
                sectors = 80 + int((time.monotonic() - start) * 20000)
                path = WORK / "root/sys/bus/xen-backend/devices/vbd-1-51712/statistics"
                (path / "new").write_text(f"{sectors}\n", encoding="utf-8")
                (path / "new").rename(path / "rd_sect")
        thread = threading.Thread(target=grow)
        thread.start()
        status, out, err = run(TOP, "-b", "-n", 3, "-d", 0.3)
        stop.set()
        thread.join()
        self.assertEqual((status, err), (0, ""))
        titles = next(line for line in out.splitlines() if "RDB/s" in line).split()
        lines = [line.split() for line in out.splitlines() if line.startswith("vbd 1 ")]
        self.assertEqual(len(lines), 3)
        for line in lines:
            row = dict(zip(titles, line))
            self.assertEqual((row["DOMAIN"], row["SIDE"], row["DEVICE"]), ('web_"1"_\\', "back", "xvda"))
            self.assertTrue(0.6 * 10.24e6 < int(row["RDB/s"]) < 1.4 * 10.24e6, row)
            self.assertEqual((row["WRB/s"], row["QD"], row["ERR"], row["P99"]), ("0", "8", "6", "-"))
        self.assertEqual(len([line for line in out.splitlines() if line.startswith("vif 1 ")]), 3)
        self.assertIn("vif 2 storage front eth0 0 0 0 0 5 1 11", out)

    def test_chosen(self):
        """Fails when -D or --disks lets others through."""
        self.all_four()
        for words, want in ((["-D", "storage"], ["vif 2"]), (["-D", "1"], ["vbd 1", "vif 1"]),
                            (["--disks"], ["vbd 0", "vbd 1"]), (["-D", "storage", "--disks"], [])):
            out = run(TOP, "-b", "-n", 1, "-d", 0.1, *words)[1]
            self.assertEqual(sorted(re.findall(r"^v\w\w \d", out, re.M)), want, words)

    def test_messages(self):
        """One line for each thing that is wrong."""
        status, out, err = run(TOP, "-b", "-n", 1)
        self.assertEqual((status, out, err.count("\n")), (1, "", 1))
        self.assertIn("xenpv-top: none of xenpv's drivers is loaded", err)
        self.all_four()
        self.assertEqual(run(TOP)[0::2], (1, "xenpv-top: standard output is no terminal: use -b\n"))
        for words, text in ((["-d", "0"], "'0' is not a number of seconds"), (["-n", "0"], "'0' is not a number of"),
                            (["-d", "nan"], "'nan' is not"), (["-s", "x"], "invalid choice: 'x'")):
            status, _, err = run(TOP, "-b", *words)
            self.assertEqual(status, 2)
            self.assertIn(text, err)
        shutil.rmtree(WORK / "root/sys/kernel/debug")
        self.tree.put("proc/mounts", "")
        self.assertIn("\n# debugfs is not mounted", run(TOP, "-b", "-n", 1, "-d", 0.1)[1])

    def test_pipe(self):
        """A reader that has had enough is no error."""
        self.all_four()
        status, out, err = run("bash", "-c", f"set -o pipefail; {TOP} -b -d 0.1 | head -n 1")
        self.assertEqual((status, out[:9], err), (0, "xenpv-top", ""))


class Screen(Case):
    """xenpv-top in a terminal: a pseudo terminal that is resized, with keys pressed"""

    def test_screen(self):
        """Fails when a small terminal, a resize, any key or a device that goes ends it."""
        self.all_four()
        main, end = pty.openpty()
        with subprocess.Popen([str(TOP), "-d", "0.2"], stdin=end, stdout=end, stderr=subprocess.PIPE,
                              env={**os.environ, "TERM": "xterm"}, start_new_session=True) as process:
            os.close(end)
            said = []
            reader = threading.Thread(target=self.drain, args=(main, said), daemon=True)
            reader.start()
            for rows, columns, keys in ((24, 80, "ssSr"), (3, 10, "t"), (1, 1, "tt"), (50, 200, "h"), (24, 80, "h+-")):
                subprocess.run(["stty", "rows", str(rows), "cols", str(columns)], stdin=main, check=True)
                process.send_signal(signal.SIGWINCH)
                os.write(main, keys.encode())
                time.sleep(0.25)
                shutil.rmtree(WORK / "root/sys/bus/xen/devices", ignore_errors=True)
                self.assertIsNone(process.poll())
            os.write(main, b"q")
            self.assertEqual((process.wait(10), process.stderr.read()), (0, b""))
        os.close(main)
        text = b"".join(said)
        for part in (b"DISKS of", b"CARDS of", b"2 stor", b"xvda"):
            self.assertIn(part, text)

    @staticmethod
    def drain(main, said):
        """What it draws."""
        while True:
            try:
                said.append(os.read(main, 65536))
            except OSError:
                return

    def test_terminal(self):
        """A terminal that nobody knows: one message."""
        self.all_four()
        main, end = pty.openpty()
        done = subprocess.run([str(TOP)], stdin=end, stdout=end, stderr=subprocess.PIPE, timeout=20,
                              env={**os.environ, "TERM": "nobody-knows"}, check=False)
        os.close(end)
        os.close(main)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"the terminal 'nobody-knows' cannot be used", done.stderr)


class Metrics(Case):
    """xenpv-status --metrics"""

    LINE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (\d+(?:\.\d+)?(?:e-?\d+)?)')

    def text(self):
        """What it prints."""
        status, out, err = run(STATUS, "--metrics")
        self.assertEqual((status, err), (0, ""))
        return out

    def check_form(self, text):
        """The rules of OpenMetrics as far as they concern us."""
        lines, types, seen, family = text.splitlines(), {}, set(), None
        self.assertEqual((lines[-1], text[-1]), ("# EOF", "\n"))
        for line in lines[:-1]:
            if line.startswith("# "):
                _, what, name, rest = line.split(" ", 3)
                if what == "TYPE":
                    self.assertNotIn(name, types)
                    # What the textfile collector's parser knows as well.
                    self.assertIn(rest, ("counter", "gauge", "histogram"))
                    types[name], family = rest, name
                if what == "UNIT":
                    self.assertTrue(name.endswith(f"_{rest}"), line)
                self.assertEqual(name, family, line)
                self.assertFalse(name.endswith(("_total", "_count", "_sum", "_bucket", "_info")))
                continue
            match = self.LINE.fullmatch(line)
            self.assertTrue(match, line)
            ends = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}
            self.assertIn(match[1], [family + end for end in ends[types[family]]], line)
            self.assertNotIn((match[1], match[2]), seen)
            seen.add((match[1], match[2]))
        return types

    def test_form(self):
        """Fails when a family is split, a name or a label malformed, a series there twice."""
        self.check_form(self.text())
        self.all_four()
        self.tree.blkback(domain=3, number=768)
        self.check_form(self.text())

    def test_values(self):
        """Fails when a metric is another's, or a label is not escaped."""
        self.all_four()
        text = self.text()
        web = r'side="back",domain="1",domain_name="web \"1\" \\"'
        for line in (f'xenpv_vbd_read_bytes_total{{{web},device="xvda",id="51712"}} 40960',
                     f'xenpv_vbd_inflight_requests{{{web},device="xvda",id="51712"}} 8',
                     f'xenpv_vif_transmit_bytes_total{{{web},device="vif1.0",id="0"}} 7000',
                     'xenpv_vbd_read_time_seconds_total{side="front",domain="0",domain_name="",device="xvdb",id="51728"} 0.05',
                     f'xenpv_quarantined_pages{{kind="vbd",{web},device="xvda",id="51712"}} 1',
                     f'xenpv_connected{{kind="vif",{web},device="vif1.0",id="0"}} 1',
                     'xenpv_driver_loaded{driver="xen-netfront"} 1', "xenpv_debugfs_readable 1"):
            self.assertIn(f"\n{line}\n", f"\n{text}")

    def test_histogram(self):
        """Fails when buckets are not cumulative or the last is not the count."""
        self.all_four()
        pattern = r'_bucket\{[^}]*op="read",le="([^"]*)"\} (\d+)'
        buckets = [(float(le), int(count)) for le, count in re.findall(pattern, self.text())]
        self.assertEqual(buckets, sorted(buckets))
        self.assertEqual(dict(buckets)[1.6384e-05], 17)
        self.assertEqual(buckets[-1], (float("inf"), 20))
        self.assertIn('op="read"} 20\n', self.text())

    def test_nothing(self):
        """No driver of ours: the driver says so, and it is no error."""
        self.tree.load("xen-blkback", ours=False)
        text = self.text()
        self.assertIn('xenpv_driver_loaded{driver="xen-blkback"} 0\n', text)
        self.assertIn("xenpv_debugfs_readable 0\n", text)

    def test_file(self):
        """Fails when the file is written in place, unreadable for others, or .tmp stays."""
        self.all_four()
        out = WORK / "metrics.prom"
        out.write_text("old", encoding="utf-8")
        old = out.stat().st_ino
        self.assertEqual(run("sh", "-c", f"umask 077; {STATUS} --metrics {out}"), (0, "", ""))
        self.assertEqual(out.read_text(encoding="utf-8")[-6:], "# EOF\n")
        self.assertEqual((out.stat().st_mode & 0o777, out.stat().st_ino == old), (0o644, False))
        self.assertFalse(Path(f"{out}.tmp").exists())

    def test_not_written(self):
        """One message, status 1, nothing left behind."""
        self.all_four()
        (WORK / "folder.prom").mkdir(exist_ok=True)
        for path in ("/nonexistent/x.prom", "/proc/x.prom", str(WORK / "folder.prom")):
            status, out, err = run(STATUS, "--metrics", path)
            self.assertEqual((status, out, err.count("\n")), (1, "", 1))
            self.assertIn(f"xenpv-status: cannot write {path}: ", err)
        self.assertFalse((WORK / "folder.prom.tmp").exists())
        status, _, err = run("sh", "-c", f"{STATUS} --metrics >/dev/full")
        self.assertEqual(status, 1)
        self.assertIn("cannot write standard output: No space", err)

    def test_usage(self):
        """Fails when an option is taken for a kernel or a file."""
        for words in (["--metric"], ["--metrics", "-x"], ["--metrics", "a", "b"], ["--metrics", ""]):
            status, _, err = run(STATUS, *words)
            self.assertEqual(status, 2, words)
            self.assertIn("xenpv-status: usage: ", err)

    def test_dashboard(self):
        """contrib/grafana: each metric that it names exists, each one is shown."""
        text = (SOURCES / "contrib/grafana/xenpv.json").read_text(encoding="utf-8")
        board = json.loads(text)
        used = {name for panel in board["panels"] for target in panel["targets"]
                for name in re.findall(r"xenpv_\w+", target["expr"])}
        self.all_four()
        types = self.check_form(self.text())
        have = {name + {"counter": "_total", "gauge": "", "histogram": "_bucket"}[kind] for name, kind in types.items()}
        self.assertEqual(used, have)
        self.assertEqual(len({panel["id"] for panel in board["panels"]}), len(board["panels"]))

    def test_names(self):
        """Each family's value is one of names.py's."""
        have = {name for driver in names.DRIVERS.values() for name in [*driver.counters, *driver.gauges]}
        have |= {*names.COMMON_COUNTERS, *names.COMMON_GAUGES}
        self.assertEqual({family.value for family in metrics.FAMILIES}, have)


if __name__ == "__main__":
    unittest.main()
