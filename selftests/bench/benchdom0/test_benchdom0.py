# SPDX-License-Identifier: GPL-2.0
"""Unit tests of what runs in dom0, with a double of dom0 that only writes down what it is to
run: which commands, in which order, and what is done about those that fail.

Seen failing with 29 changes to the code, each by itself: every except and finally, comparisons,
the order of drivers, masks, units, words left out.
"""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from . import (bioload, cli, counters, cputime, devices, domains, drivers, fio, iperf3, pktgen,
               place, samples, vbd, vif)
from .dom0 import Dom0, Failed, of_environment

XL_LIST = """Name                                        ID   Mem VCPUs\tState\tTime(s)
Domain-0                                     0  1024     2     r-----      31.0
g1                                           3   512     1     -b----       1.2
(null)                                       4     0     1     --p--d       0.0
"""


class Double(Dom0):
    """Programs: {beginning of a command: what it prints, or a status}; else they succeed and
    print nothing. The longest beginning counts."""

    def __init__(self, programs=(), **words):
        folder = tempfile.TemporaryDirectory()
        unittest.addModuleCleanup(folder.cleanup)
        super().__init__(state=Path(folder.name), **words)
        self.programs = dict(programs)
        self.log = []

    def answer(self, argv):
        """What the programs say to a command."""
        text = " ".join(argv)
        found = [name for name in self.programs if text.startswith(name)]
        value = self.programs[max(found, key=len)] if found else ""
        if callable(value):
            value = value()
        return (value, "") if isinstance(value, int) else (0, value)

    def execute(self, argv, **streams):
        # without the library's beginning, which is the same in all
        if argv[:2] == ["bash", "-c"] and len(argv) > 3:
            argv = ["library", argv[2].split("; ")[-1], *argv[4:]]
        self.log.append(" ".join(argv))
        return self.answer(argv)

    def start(self, argv, **streams):
        self.log.append(" ".join(argv))
        status, text = self.answer(argv)
        return mock.Mock(returncode=status, communicate=lambda: (text, None))

    def sleep(self, seconds):
        self.log.append(f"sleep {seconds}")


def printed(call, *words, **named):
    """What a call prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        call(*words, **named)
    return out.getvalue()


class Arguments(unittest.TestCase):
    """cli.py"""

    def refused(self, text, *words):
        """The message says what was wrong."""
        with self.assertRaisesRegex(Failed, text) as caught:
            cli.bound(Double(), cli.COMMANDS, list(words))
        self.assertEqual(caught.exception.status, 2)

    def test_told_clearly(self):
        self.refused("no function ''.*place_begin", )
        self.refused("no function 'blk'.*blk_begin", "blk")
        self.refused("tcp: WAY: 'up' is not to or from; usage: tcp WAY SECONDS", *"tcp up 1 1 1"
                     .split())
        self.refused("rr: 1 arguments; usage: rr PROTOCOL SECONDS", "rr", "tcp")
        self.refused("rr: 3 arguments", "rr", "tcp", "1", "1")
        self.refused("SECONDS: '0' is not a number of 1", "packets", "to", "0")
        self.refused("PLACE: 'hvm' is not native", "blk_end", "hvm")
        self.refused("FRONT: 'ours;rm' is not ours", *"blk_begin own ours;rm ours null 1".split())
        self.refused("DISK: 'tape' is not null", *"blk_begin own ours ours tape 1".split())
        self.refused("END: 'host'", "at", "host", "true")
        self.refused("SIZE: '4q'", *"thread 1 read 4q 1 /dev/x".split())
        self.refused("PATH: 'x'", *"thread 1 read 4k 1 /dev/x x".split())
        self.refused("thread: 4 arguments", *"thread 1 read 4k 1".split())

    def test_a_job_in_a_sample_is_checked(self):
        """Fails when it is checked only after the devices' counters were read."""
        self.refused("WAY: 'up'", *"measured own 2 packets up 2".split())
        self.refused("no function ''; there are at,", "measured", "own", "2")
        self.refused("no function 'place_end'; there are at,", *"traced own place_end".split())
        call = cli.bound(Double(), cli.COMMANDS, "measured own 2 packets to 3".split())
        self.assertEqual(call.args[1:3], ("own", 2))
        self.assertEqual((call.args[3].func, call.args[3].args[1:]), (pktgen.run, ("to", 3)))

    def test_every_argument_has_a_check(self):
        for _, names in cli.COMMANDS.values():
            for name in names.split():
                self.assertIn(name.removesuffix("..."), [*cli.ARGUMENTS, "JOB"])

    def test_drivers_of_every_kind(self):
        check = cli.ARGUMENTS["FRONT"][0]
        for spec in "-", "ours", "intree", "ours@A", "ours@B+max_queues=1", "ours+a=1+b=x":
            self.assertEqual(check(spec), spec)
        for spec in "", "theirs", "ours+", "ours+a", "ours a=1":
            self.assertIsNone(check(spec))

    def test_environment(self):
        with mock.patch.dict(os.environ, {"XENPV_TIME_FACTOR": "8", "GUEST_TIMEOUT": "62"}):
            dom0 = of_environment()
        self.assertEqual((dom0.factor, dom0.guest_seconds), (8, 62))
        with mock.patch.dict(os.environ, {"GUEST_TIMEOUT": "long"}):
            self.assertRaisesRegex(Failed, "GUEST_TIMEOUT: 'long'", of_environment)

    def test_main(self):
        """A failure is one line on standard error, and a status."""
        errors = io.StringIO()
        with mock.patch.object(sys, "argv", ["x", "rr", "sctp", "1"]), \
                mock.patch.dict(os.environ), contextlib.redirect_stderr(errors):
            self.assertEqual(cli.main(), 2)
        self.assertEqual(errors.getvalue().count("\n"), 1)
        self.assertIn("PROTOCOL: 'sctp'", errors.getvalue())


class Programs(unittest.TestCase):
    """dom0.py, with real programs of this machine."""

    def test_missing(self):
        """Fails when it ends in a traceback."""
        with self.assertRaisesRegex(Failed, "dom0 has no program 'no-such-fio'") as caught:
            Dom0().run("no-such-fio", "--version")
        self.assertEqual(caught.exception.status, 127)
        self.assertRaisesRegex(Failed, "no-such-iperf3", Dom0().start, ["no-such-iperf3"])

    def test_status(self):
        dom0 = Dom0()
        with self.assertRaisesRegex(Failed, "sh -c exit 3: status 3") as caught:
            dom0.run("sh", "-c", "exit 3")
        self.assertEqual(caught.exception.status, 3)
        self.assertRaisesRegex(Failed, "status 137", dom0.run, "sh", "-c", "kill -9 $$")
        self.assertEqual(dom0.output("echo", "x"), "x\n")
        self.assertEqual(dom0.ask("sh", "-c", "echo x; exit 1"), "x\n")
        self.assertTrue(dom0.quietly("true"))
        self.assertFalse(dom0.quietly("false"))

    def test_ends(self):
        dom0 = Dom0(factor=3, guest_seconds=62)
        self.assertEqual(dom0.argv_at("dom0", "x"), ["bash", "-c", "x"])
        self.assertEqual(dom0.argv_at("peer1", "x"), "ip netns exec peer1 bash -c x".split())
        self.assertEqual(dom0.argv_at("g2", "x"), "guestctl -t 186 run g2 x".split())

    def test_wait(self):
        answers = iter([False, False, True])
        dom0 = Double()
        dom0.wait_until(20, "x", lambda: next(answers))
        self.assertEqual(dom0.log, ["sleep 0.1"] * 2)
        dom0.factor = 0
        with mock.patch("time.monotonic", side_effect=[0, 0.5, 1]):
            self.assertRaisesRegex(Failed, "no success within 9 s: it rains",
                                   dom0.wait_until, 9, "it rains", lambda: False)

    def test_files(self):
        dom0 = Double()
        self.assertEqual(dom0.words("ends"), [])
        dom0.note("ends", "g1", "g2")
        self.assertEqual(dom0.words("ends"), ["g1", "g2"])


class SetUp(unittest.TestCase):
    """Devices and modules of each side."""

    def test_drivers(self):
        self.assertEqual(drivers.commands("blkfront", "ours+a=1+b=x"),
                         ["xenpv-driver blkfront ours a=1 b=x"])
        change, load = drivers.commands("netback", "ours@B+a=1")
        self.assertEqual(load, "xenpv-driver netback ours a=1")
        self.assertIn("for file in B.*.ko; do cp $file ${file#*.} ||", change)

    def test_frontends_go_first_and_come_last(self):
        dom0 = Double()
        drivers.use(dom0, "net", "intree", "ours", ["g1", "g2"])
        self.assertEqual(dom0.log, [
            "guestctl -t 120 run g1 xenpv-driver netfront none",
            "guestctl -t 120 run g2 xenpv-driver netfront none",
            "bash -c xenpv-driver netback none", "bash -c xenpv-driver netback ours",
            "guestctl -t 120 run g1 xenpv-driver netfront intree",
            "guestctl -t 120 run g2 xenpv-driver netfront intree"])

    def test_a_driver_that_does_not_load(self):
        dom0 = Double({"bash -c xenpv-driver blkback ours": 1})
        self.assertRaisesRegex(Failed, "at dom0: xenpv-driver blkback ours: status 1",
                               drivers.use, dom0, "blk", "ours", "ours", ["0"])

    def test_vbds(self):
        dom0 = Double({"library disk_create": "/dev/nullb-x\n"})
        text = printed(vbd.begin, dom0, "pvh", "ours", "intree", "ram", 2)
        self.assertEqual(text, "devices /dev/xvda /dev/xvdb\n")
        self.assertEqual(dom0.log[4:], [
            'library disk_create "$@" && disk_dev "$1" bench0 kind=ram size=64',
            "dd if=/dev/zero of=/dev/nullb-x bs=1M count=64 oflag=direct status=none",
            'library disk_attach "$@" g1 bench0 xvda',
            'library disk_create "$@" && disk_dev "$1" bench1 kind=ram size=64',
            "dd if=/dev/zero of=/dev/nullb-x bs=1M count=64 oflag=direct status=none",
            'library disk_attach "$@" g1 bench1 xvdb'])

    def test_native_disks(self):
        dom0 = Double({"library disk_create": "/dev/nullb-x\n"})
        self.assertEqual(printed(vbd.begin, dom0, "native", "-", "-", "null", 1),
                         "devices /dev/nullb-x\n")
        self.assertEqual(len(dom0.log), 1)  # neither drivers nor zeroes

    def test_vbds_end(self):
        dom0 = Double({"xl domid g1": "3\n", "xenstore-list /local/domain/3/device/vbd":
                       "51712\n51728\n"}, factor=2)
        vbd.end(dom0, "pv")
        self.assertEqual(dom0.log, [
            "xl domid g1", "xenstore-list /local/domain/3/device/vbd",
            "timeout 120 xl block-detach g1 51712", "timeout 120 xl block-detach g1 51728",
            "xl domid g1", "xenstore-list /local/domain/0/backend/vbd/3",
            "library disk_remove_all"])

    def test_a_vbd_that_does_not_detach(self):
        dom0 = Double({"xenstore-list /local/domain/0/device/vbd": "51712", "timeout": 124})
        with self.assertRaisesRegex(Failed, "xl block-detach 0 51712: status 124"):
            vbd.end(dom0, "own")
        self.assertNotIn("library disk_remove_all", dom0.log)

    def test_layouts(self):
        self.assertEqual(vif.far_ends("pv", "pairs"), ["g1"])
        self.assertEqual(vif.far_ends("pvh", "bridge"), ["g1", "g2"])
        self.assertEqual(vif.far_ends("own", "pairs"), ["peer0"])
        self.assertEqual(vif.far_ends("native", "bridge"), ["peer0", "peer1"])
        self.assertEqual((vif.far_address("pairs", 4), vif.far_address("bridge", 1)),
                         ("10.99.4.2", "10.99.100.3"))
        self.assertEqual(vif.mac(15), "00:16:3e:00:00:11")

    def test_vifs(self):
        # by number: 10 comes after 9
        dom0 = Double({"xl domid g1": "3\n", "xenstore-list": "0\n10\n9\n"})
        vif.begin(dom0, "pv", "ours", "ours", "pairs", 1)
        self.assertEqual(dom0.words("near.0"), ["vif3.10"])
        self.assertEqual(dom0.words("ends"), ["g1"])
        log = dom0.log[4:]
        self.assertEqual(log[0],
                         'library net_attach "$@" g1 mac=00:16:3e:00:00:02 script=vif-plain')
        self.assertIn("vif-10/net/*", log[4])
        self.assertEqual(log[5:7], ["ip addr add 10.99.0.1/24 dev vif3.10",
                                    "ip link set vif3.10 up"])
        self.assertIn("iperf3 -s -D -I /tmp/iperf3.0.pid -p 5201", log[7])
        self.assertEqual(log[8:], ["ping -q -c 1 -W 2 10.99.0.2"])

    def test_bridge_without_vifs(self):
        dom0 = Double()
        vif.begin(dom0, "native", "-", "-", "bridge", 2)
        self.assertEqual(dom0.log[:3], ["ip netns add peer0", "ip netns add peer1",
                                        'library net_bridge "$@" xenbr0'])
        self.assertIn("ip link set near1 master xenbr0", dom0.log)
        pings = [line for line in dom0.log if "ping -q" in line]
        self.assertEqual(pings, ["ip netns exec peer1 bash -c ping -q -c 1 -W 2 10.99.100.2"])

    def test_the_far_ends_are_tidied_up_whatever_fails(self):
        dom0 = Double({"": 1})
        dom0.note("ends", "peer0", "g1")
        dom0.note("near.0", "x")
        with mock.patch.object(vif, "INTERFACES", dom0.state):
            vif.remove_ends(dom0)
        self.assertEqual([line.split()[-1] for line in dom0.log if "netns del" in line], ["peer0"])
        self.assertEqual(list(dom0.state.iterdir()), [])

    def test_devices_by_themselves(self):
        self.assertEqual((devices.NAMES[0], devices.NAMES[24], devices.NAMES[25],
                          devices.NAMES[99]), ("xvdb", "xvdz", "xvdaa", "xvdcw"))
        dom0 = Double({"library disk_create": "/dev/nullb-x\n"})
        devices.begin(dom0, "own", "ours@A+a=1", "ours", "vbd", 1)
        self.assertEqual(dom0.words("front"), ["0", "blkfront", "ours@A+a=1"])
        self.assertEqual(dom0.log[-3:], [
            "bash -c xenpv-driver blkfront none",
            'library disk_create "$@" && disk_dev "$1" bench0 kind=null size=4',
            "xl block-attach 0 vdev=xvdb,access=w,script=block-plain,target=/dev/nullb-x"])

    def test_place(self):
        dom0 = Double()
        place.begin(dom0, "pvh", 2)
        self.assertEqual(dom0.log, ["library cleanup",
                                    'library guest_create "$@" g1 type=pvh front=none',
                                    'library guest_create "$@" g2 type=pvh front=none'])
        dom0.programs["library cleanup"] = 1
        self.assertRaisesRegex(Failed, "dom0 is not as it was before", place.begin, dom0, "own", 0)
        self.assertFalse(dom0.state.exists())
        dom0.state.mkdir()  # for the folder's own end


class Xenstore(unittest.TestCase):
    """domains.py"""

    def test_guests(self):
        self.assertEqual(domains.guest_names(XL_LIST), ["g1", "(null)"])
        self.assertEqual(domains.guest_names(XL_LIST.splitlines()[0]), [])

    def test_a_guest_that_is_gone(self):
        dom0 = Double({"xl domid": 1, "xenstore-list": 1})
        self.assertEqual(domains.devices(dom0, "g1", "vif"), [])
        self.assertTrue(domains.backends_gone(dom0, "g1", "vif"))

    def test_connected(self):
        text = ('/local/domain/0/backend/vif/3/0/state = "4"\n/x/1/state = "4"\n'
                '/x/2/state = "2"\n/x/2/mac = "4"\n')
        self.assertEqual(domains.connected(text), 2)
        dom0 = Double({"xl domid g1": "3", "xenstore-ls": text})
        self.assertTrue(domains.all_connected(dom0, "g1", "vif", 2))
        self.assertFalse(domains.all_connected(dom0, "g1", "vif", 3))


class Jobs(unittest.TestCase):
    """The commands of each, and what is done when they fail."""

    def test_bioload(self):
        self.assertEqual(bioload.insmod(2, "randwrite", "4k", 32, ["/dev/a", "/dev/b"]), [
            "insmod", "/run/xenpv/bioload.ko", "disks=/dev/a,/dev/b", "size=4096", "depth=32",
            "milliseconds=2000", "write=1", "sequential=0"])
        self.assertEqual(bioload.insmod(1, "read", "1M", 8, ["/dev/a"])[3:],
                         ["size=1048576", "depth=8", "milliseconds=1000", "write=0",
                          "sequential=1"])

    def test_bioload_prints_what_the_host_reads(self):
        dom0 = Double()
        for name in "requests", "microseconds", "errors":
            (dom0.state / name).write_text("7\n")
        with mock.patch.object(bioload, "PARAMETERS", dom0.state):
            text = printed(bioload.run, dom0, 1, "read", "4k", 1, "/dev/a")
        self.assertEqual(text, "requests 7 microseconds 7 errors 7 size 4096\n")
        self.assertEqual(dom0.log[-1], "rmmod bioload")

    def test_iperf3(self):
        self.assertEqual(" ".join(iperf3.client("to", 2, 4, 0)),
                         "iperf3 -J -i 0 -c 10.99.0.2 -p 5201 -t 2 -P 4")
        self.assertEqual(" ".join(iperf3.client("from", 2, 1, 15)),
                         "iperf3 -J -i 0 -c 10.99.15.2 -p 5216 -t 2 -P 1 -R")
        dom0 = Double({"iperf3": '{"end": 1}\n'})
        self.assertEqual(printed(iperf3.run, dom0, "to", 1, 1, 2), '{"end": 1}\n' * 2)

    def test_iperf3_fails_on_one_link(self):
        """Fails when the status of the last link is that of all."""
        dom0 = Double({"iperf3 -J -i 0 -c 10.99.0.2": 1, "iperf3": "{}"})
        with self.assertRaisesRegex(Failed, "10.99.0.2 -p 5201 .*: status 1"):
            printed(iperf3.run, dom0, "to", 1, 1, 2)
        self.assertEqual(len(dom0.log), 2)

    def test_round_trips(self):
        common = "timeout -k 2 92 fio --ioengine=net --protocol={} --port=7001 --bs=64 " \
            "--size=1t --pingpong=1 --time_based "
        self.assertEqual(" ".join(fio.server("tcp", 2, 3)), common.format("tcp") +
                         "--nodelay=1 --name=server --listen --rw=read --runtime=22")
        self.assertEqual(" ".join(fio.client("udp", 2, 3)), common.format("udp") +
                         "--name=client --hostname=10.99.0.2 --rw=write --runtime=2 "
                         "--percentile_list=50:99 --output-format=json")
        self.assertIn("i < 600;", fio.start_server("udp", 2, 3))
        self.assertIn("ss -Hln --udp 'sport = :7001'", fio.start_server("udp", 2, 3))

    def test_the_server_ends_with_a_failed_client(self):
        dom0 = Double({"timeout": 5})
        dom0.note("ends", "peer0")
        with self.assertRaisesRegex(Failed, "fio .*: status 5") as caught:
            fio.run_round_trips(dom0, "tcp", 1)
        self.assertEqual(caught.exception.status, 5)
        self.assertEqual(dom0.log[-1], f"ip netns exec peer0 bash -c {fio.STOP_SERVER}")

    def test_packets(self):
        self.assertEqual(pktgen.sides("to", "vif3.0", "g1"), (("dom0", "vif3.0"), ("g1", "far0")))
        self.assertEqual(pktgen.sides("from", "vif3.0", "g1"),
                         (("g1", "far0"), ("dom0", "vif3.0")))
        dom0 = Double({"guestctl -t 120 run g1 cat": "00:16:3e:00:00:02\n"})
        dom0.note("ends", "g1")
        dom0.note("near.0", "vif3.0")
        pktgen.run(dom0, "to", 2)
        self.assertEqual(dom0.log[0],
                         "guestctl -t 120 run g1 cat /sys/class/net/far0/address")
        self.assertIn('"add_device vif3.0"', dom0.log[1])
        self.assertIn('"dst_mac 00:16:3e:00:00:02"', dom0.log[1])
        self.assertIn("sleep 2\n", dom0.log[2])
        self.assertEqual(dom0.log[3], f"bash -c {pktgen.STOP}")

    def test_pktgen_stops_after_a_failure(self):
        dom0 = Double({"bash -c modprobe pktgen": 1, "guestctl": "x"})
        dom0.note("ends", "g1")
        dom0.note("near.0", "vif3.0")
        self.assertRaises(Failed, pktgen.run, dom0, "to", 2)
        self.assertEqual(dom0.log[-1], f"bash -c {pktgen.STOP}")

    def test_shell_code_can_be_parsed(self):
        for code in (fio.start_server("tcp", 1, 1), fio.STOP_SERVER, pktgen.start("far0", "mac"),
                     pktgen.count("far0", 1), pktgen.STOP, vif.STOP_SERVERS,
                     vif.rename("0", 0), vif.bring_up("pairs", 0), counters.COUNTERS,
                     counters.MEMORY, drivers.commands("blkfront", "ours@A")[0]):
            done = subprocess.run(["bash", "-n", "-c", code], check=False,
                                  capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_devices_connect(self):
        memory, states = iter(["1000", "1300"]), iter(["", "", *['/0/state = "4"\n'] * 2])
        events = iter(["events 10\n", "events 60\n"])
        dom0 = Double({f"bash -c {counters.MEMORY}": lambda: next(memory),
                       f"bash -c {counters.COUNTERS}": lambda: next(events),
                       "xenstore-ls": lambda: next(states, "")})
        dom0.note("front", "0", "blkfront", "ours")
        with mock.patch.object(counters, "thread_switches", return_value=3):
            text = printed(devices.connect, dom0, "vbd", 1)
        self.assertRegex(text, r"^microseconds \d+ wakeups 50 in 5 s KiB 300\n$")


class Counters(unittest.TestCase):
    """counters.py: the shell code on files made up after the kernel's, too."""

    INTERRUPTS = ("           CPU0       CPU1\n"
                  "  24:        100          5   xen-percpu    -virq      timer0\n"
                  "  40:         30         12   xen-dyn    -event     blkif-backend\n"
                  "  41:          9          9   xen-dyn    -event     xenbus\n"
                  "  42:          1          2   xen-dyn    -event     vif1.0-q0-rx\n")
    QUEUES = ("queue 0\n    events 7 spurious 0 notifies 3\n  reads: 12\n"
              "  maps, of them batched: 4\n  outstanding: 5\n  persistent_grants: 99\n")

    def test_shell_code(self):
        with tempfile.TemporaryDirectory(dir="/tmp") as name:
            debug, interrupts = Path(name, "debug"), Path(name, "interrupts")
            interrupts.write_text(self.INTERRUPTS)
            for device in "vbd-1-51712", "vbd-1-51728":
                folder = debug / "xenpv/xen-blkback" / device
                folder.mkdir(parents=True)
                (folder / "queues").write_text(self.QUEUES)
            code = counters.COUNTERS.replace("/proc/interrupts", str(interrupts)) \
                .replace("/sys/kernel/debug", str(debug))
            done = subprocess.run(["bash", "-c", "mountpoint() { true; }; " + code], check=True,
                                  capture_output=True, text=True)
        self.assertEqual(sorted(done.stdout.splitlines()), [
            "events 45", "xen-blkback.events 14", "xen-blkback.maps_of_them_batched 8",
            "xen-blkback.notifies 6", "xen-blkback.reads 24"])

    def test_memory(self):
        """The last line of the shell code is a number."""
        code = counters.MEMORY.replace(">/proc/sys/vm/drop_caches", ">/dev/null")
        text = subprocess.run(["bash", "-c", code], check=True, capture_output=True).stdout
        self.assertGreater(int(text), 0)
        dom0 = Double({"bash -c": "1000\n", "guestctl": "50\n"})
        self.assertEqual((counters.memory(dom0, "0"), counters.memory(dom0, "g1")), (1000, 1050))

    def test_read(self):
        dom0 = Double({"bash -c": "events 3\nxen-blkback.maps 4\n", "guestctl": "events 5\n"})
        dom0.counted = ["g1"]
        text = counters.read(dom0)
        self.assertEqual(text, "dom0 events 3\ndom0 xen-blkback.maps 4\ng1 events 5\n")
        self.assertEqual(counters.events(text), 8)

    def test_threads(self):
        with tempfile.TemporaryDirectory() as name:
            for pid, comm in enumerate(("1.xvda-0", "12.xvdb", "vif1.0-q0-guest", "vif1",
                                        "xenwatch", "my-1.xvda")):
                folder = Path(name, str(pid))
                folder.mkdir()
                (folder / "comm").write_text(f"{comm}\n")
                (folder / "status").write_text("Name:\tx\nvoluntary_ctxt_switches:\t10\n"
                                               "nonvoluntary_ctxt_switches:\t1\n")
            Path(name, "77").mkdir()  # it has ended
            self.assertEqual(counters.thread_switches(Path(name)), 33)


class Samples(unittest.TestCase):
    """samples.py and cputime.py."""

    def sample(self, job, **programs):
        """What a sample prints, and its failure."""
        dom0 = Double({"xl list": XL_LIST, "xl domid g1": "3\n", "bash -c": "events 1\n",
                       **programs})
        seen = []

        def sampler(seconds, names, _path):
            seen.append((seconds, names))
            return mock.Mock(end=lambda: "cpu dom0 0.5\n")
        out, failure = io.StringIO(), None
        with contextlib.redirect_stdout(out), \
                mock.patch.object(samples, "errors_in_output", contextlib.nullcontext):
            try:
                samples.measured(dom0, "pv", 2, job, sampler)
            except Failed as err:
                failure = err
        self.assertEqual(seen[0][0], 2)
        self.assertEqual(seen[0][1]["3"], "g1")
        return out.getvalue(), failure

    def test_sections(self):
        text, failure = self.sample(lambda: print("result"))
        self.assertEqual(text, "== before\ndom0 events 1\n== output\nresult\n"
                               "== after\ndom0 events 1\n== cpu\ncpu dom0 0.5\n")
        self.assertIsNone(failure)

    def test_a_failed_job_is_a_sample_that_failed(self):
        """Fails when the sections after the job are lost, or the status is."""
        def job():
            raise Failed("fio: status 4", 4)
        text, failure = self.sample(job)
        self.assertTrue(text.endswith("== cpu\ncpu dom0 0.5\n"))
        self.assertEqual(failure.status, 4)

    def test_sampler(self):
        """A real one, without Xen: it ends when it is told, and its error can be read."""
        with tempfile.TemporaryDirectory() as name:
            path = Path(name, "cpu")
            with mock.patch.object(cputime, "xen_control", side_effect=ImportError("no Xen")):
                sampler = samples.Sampler(1, {}, path)
                os.waitid(os.P_PID, sampler.pid, os.WEXITED | os.WNOWAIT)
                self.assertIn("no Xen", sampler.end())
            control = mock.Mock(domain_getinfo=lambda: [{"domid": 0, "cpu_time": 0}])
            path = Path(name, "second")
            with mock.patch.object(cputime, "xen_control", return_value=control), \
                    mock.patch.object(cputime, "marker", return_value=path.touch), \
                    mock.patch.object(cputime, "LATE", 0):
                sampler = samples.Sampler(1, {"0": "dom0"}, path)
                while not path.exists():  # before, it would be ended by the signal itself
                    pass
                cputime.time.sleep(0.3)
                self.assertRegex(sampler.end(), r"^marks \d+ 1 in 0\.\d+ s\ncpu dom0 0\.0000\n$")

    def test_shares(self):
        steps = [(i * 0.1, {0: i * 50_000_000, 3: i * 10_000_000, 9: 0}) for i in range(31)]
        text = cputime.shares(steps, 2, {"0": "dom0", "3": "g1"})
        # the last is at 3.0 s: from 1.1 to 2.5, without domain 9, which was not asked for
        self.assertEqual(text, "marks 20 6 in 1.400000 s\ncpu dom0 0.5000\ncpu g1 0.1000\n")
        self.assertEqual(cputime.shares(steps[:3], 2, {}), "")
        self.assertEqual(cputime.shares([], 2, {}), "")

    def test_xentrace(self):
        self.assertEqual(" ".join(samples.xentrace("pv", "/t")),
                         "xentrace -D -S 1024 -s 50 -e 0x203000 /t")
        self.assertIn("0x283000", samples.xentrace("pvh", "/t"))

    def test_traced(self):
        dom0 = Double({"xl list": XL_LIST})
        (dom0.state / "trace").write_bytes(b"")
        with mock.patch.object(samples, "errors_in_output", contextlib.nullcontext):
            text = printed(samples.traced, dom0, "pv", lambda: print("result"))
            self.assertEqual(text, "== output\nresult\n== hypercalls\n")
            self.assertRaisesRegex(Failed, "xentrace has written nothing", printed,
                                   samples.traced, dom0, "pv", lambda: None)


if __name__ == "__main__":
    unittest.main()
