# SPDX-License-Identifier: GPL-2.0
"""Unit tests of what needs no lab: statistics, parsing, plan, table.

Would fail (not tried) with the line changed that it is about, see the comments.
"""

import shlex
import struct
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from benchdom0 import cli, hypercalls
from xenlab.say import LabError

from . import (build, catalogue, contender, counters, dev, instructions, job, made, measure, net,
               place, plan, result, settings, stats, table)

FIO = '''warning of fio
{"jobs": [{"error": 0,
 "read": {"total_ios": 300, "iops": 150.0, "bw_bytes": 1048576,
          "clat_ns": {"percentile": {"50.000000": 2000, "99.000000": 9000}}},
 "write": {"total_ios": 100, "iops": 50.0, "bw_bytes": 1048576, "clat_ns": {}}}]}
'''


class Statistics(unittest.TestCase):
    """stats.py."""

    def test_median(self):
        self.assertEqual(stats.median([9, 1, 5]), 5)
        self.assertEqual(stats.median([4, 1, 2, 9]), 3)  # fails where the upper one is taken
        self.assertEqual(stats.median([7]), 7)
        self.assertRaises(ValueError, stats.median, [])

    def test_summary(self):
        one = stats.Summary([3, 1, 2])
        self.assertEqual((one.median, one.low, one.high), (2, 1, 3))
        self.assertTrue(one.apart(stats.Summary([4, 5])))
        self.assertTrue(stats.Summary([4, 5]).apart(one))
        self.assertFalse(one.apart(stats.Summary([3, 5])))

    def test_ratio(self):
        self.assertEqual(stats.ratio(30, 20), 1.5)
        self.assertEqual(stats.ratio(20, 30, lower_is_better=True), 1.5)
        self.assertIsNone(stats.ratio(1, 0))

    def test_geometric_mean(self):
        self.assertAlmostEqual(stats.geometric_mean([2, 0.5]), 1)  # an arithmetic one: 1.25
        self.assertAlmostEqual(stats.geometric_mean([8, 1, 1]), 2)
        self.assertRaises(ValueError, stats.geometric_mean, [])

    def test_short(self):
        texts = {0: "0", 7: "7", 1.234: "1.23", 123.45: "123.5", 1234.5: "1234", 9999: "9999",
                 12345: "12.35k", 1234567: "1.23M", 2.5e9: "2.50G"}
        for value, text in texts.items():
            self.assertEqual(stats.short(value), text)


class Parsing(unittest.TestCase):
    """What fio, iperf3, pktgen and the counters print."""

    def test_fio(self):
        got = job.fio_result(FIO)
        self.assertEqual(got, {"IOPS": 200, "MiB/s": 2, "requests": 400, "p50": 2, "p99": 9})

    def test_fio_error(self):
        self.assertRaisesRegex(LabError, "error 5", job.fio_result,
                               FIO.replace('"error": 0', '"error": 5'))
        self.assertRaisesRegex(LabError, "no result: fio: no such device", job.fio_result,
                               "fio: no such device")
        # cut off in the middle
        self.assertRaises(LabError, job.fio_result, FIO[:120])
        idle = FIO.replace('"total_ios": 300', '"total_ios": 0') \
            .replace('"total_ios": 100', '"total_ios": 0')
        self.assertRaisesRegex(LabError, "not finish a single request", job.fio_result, idle)

    def test_round_trips(self):
        parse = next(one for one in net.jobs() if one.name == "net.rr.udp").parse
        self.assertEqual(parse(FIO, 1), {"trips/s": 200, "p50": 2, "p99": 9, "requests": 400})

    def test_iperf3_sums_all_links(self):
        run = '{"end": {"sum_received": {"bits_per_second": 3000000, "bytes": 1024}}}'
        parse = next(one for one in net.jobs() if one.name == "net.tcp.to.s1.n4").parse
        self.assertEqual(parse(run + "\n" + run, 1), {"Mbit/s": 6, "requests": 2})
        # as iperf3 3.12 prints it where nobody listens: what there is of the run, and the error
        refused = '{"start": {"connected": []}, "end": {}, "error": "unable to connect"}'
        with self.assertRaisesRegex(LabError, "iperf3: unable to connect"):
            parse(run + refused, 1)
        self.assertRaisesRegex(LabError, "no result: no output", parse, "", 1)
        self.assertRaisesRegex(LabError, "no result: bash: iperf3: command not found", parse,
                               "bash: iperf3: command not found\n", 1)

    def test_devices(self):
        text = "microseconds 2500000 wakeups 50 in 5 s KiB 300\n"
        parse = next(one for one in dev.jobs() if one.name == "dev.vif.n16").parse
        self.assertEqual(parse(text, 1), {"connect": 2.5, "wakeups/s": 10, "KiB each": 18.75})
        self.assertRaises(LabError, parse, "failed", 1)

    def test_thread(self):
        text = "requests 3000 microseconds 500000 errors 0 size 4096\n"
        self.assertEqual(job.thread_result(text, 1)["IOPS"], 6000)
        self.assertRaises(LabError, job.thread_result, text.replace("errors 0", "errors 1"), 1)
        self.assertRaises(LabError, job.thread_result, "insmod: failed", 1)

    def test_packets(self):
        parse = next(one for one in net.jobs() if one.name == "net.packets.to").parse
        self.assertEqual(parse("x\npackets 5000 microseconds 1000000\n", 1),
                         {"kpps": 5, "requests": 5000})
        self.assertRaises(LabError, parse, "packets 0 microseconds 1000000", 1)

    def test_counters(self):
        text = ("== before\ndom0 events 10\ndom0 xen-blkback.maps 5\n== output\nfio\n== after\n"
                "dom0 events 30\ndom0 xen-blkback.maps 5\ng1 xen-blkfront.grants 40\n"
                "== cpu\ncpu dom0 0.5\ncpu g1 0.25\n")
        parts = counters.sections(text)
        self.assertEqual(parts["output"], "fio\n")
        self.assertEqual(counters.per_request(parts["before"], parts["after"], 20),
                         {"dom0 events": 1, "g1 xen-blkfront.grants": 2})
        self.assertEqual(counters.per_request(parts["before"], parts["after"], 0), {})
        cpu = counters.shares(parts["cpu"])
        self.assertEqual(counters.microseconds(cpu, 1000),
                         {"dom0 processor us": 500, "g1 processor us": 250})

    def test_instructions(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            text = "cpu dom0 1.0\nmarks 3 2 in 0.500000 s\n"
            self.assertEqual(instructions.per_request(folder, text, 1000), {})
            # of another job, then four samples of this one
            (folder / instructions.SUMS).write_text(
                "1 1 1\n5 5 5\n1000 20000 300\n3000 70000 800\n3001 70001 801\n")
            self.assertEqual(instructions.per_request(folder, text, 1000), {
                "instructions of Xen": 4, "instructions of kernels": 100,
                "instructions of users": 1})
            self.assertEqual(instructions.per_request(folder, "cpu dom0 1.0\n", 1000), {})
            self.assertEqual(instructions.per_request(folder, text, 0), {})


class Hypercalls(unittest.TestCase):
    """hypercalls.py, on records made up after trace.h."""

    def test_count(self):
        def record(event, *words, timed=True):
            head = event | len(words) << 28 | (1 << 31 if timed else 0)
            return struct.pack(f"<I{'Q' if timed else ''}{len(words)}I", head,
                               *([7] if timed else []), *words)
        data = (record(0x1f003, 0, 4096, timed=False) + record(0x20100d, 20 | 1 << 20, 5)
                + record(0x20200e, 20) + record(0x82012, 32) + record(0x81102, 1, 2, 3)
                + record(0x1f001, 9, timed=False) + record(0x20100d, 99) + b"\0\0\0")
        self.assertEqual(hypercalls.count(data), {
            "grant_table": 2, "event_channel": 1, "(exits of PVH guests)": 1,
            "(records lost)": 9, "number_99": 1})
        self.assertEqual(hypercalls.text(record(0x20100d, 20) + record(0x81102, 1)),
                         "hypercalls (exits-of-PVH-guests) 1\nhypercalls grant_table 1\n")


class InDom0(unittest.TestCase):
    """place.py: how benchdom0 is pushed and called, and what is told when it fails."""

    def test_files(self):
        with mock.patch.object(build, "bioload", return_value=Path("/x/bioload.ko")), \
                mock.patch.object(place.variant, "foreign_kernel", return_value=False):
            names = [name for name, _ in place.files()]
        self.assertLessEqual({"bioload.ko", "benchdom0/__main__.py", "benchdom0/cputime.py"},
                             set(names))
        self.assertEqual([name for name in names if "test" in name], [])

    def test_every_job_can_be_called(self):
        """Fails when the host's words and the functions in dom0 no longer fit."""
        disks = ["/dev/xvda", "/dev/xvdb"]
        dom0 = mock.Mock()
        for one in catalogue.every():
            words = one.command("pv", disks, 2)
            cli.bound(dom0, cli.COMMANDS, ["measured", "pv", "2", *words])
            cli.bound(dom0, cli.COMMANDS, ["traced", "pv", *words])
            if one.thread:
                cli.bound(dom0, cli.COMMANDS, one.thread(disks, 2))
            area, kind, number = one.setup
            cli.bound(dom0, cli.COMMANDS, [f"{area}_begin", "own", "ours@A", "ours+poll_us=0",
                                           kind, str(number)])
            cli.bound(dom0, cli.COMMANDS, [f"{area}_end", "native"])

    def test_words_are_quoted(self):
        text = place.shell_command(["at", "g1", "fio --name='a b'"])
        self.assertEqual(shlex.split(text)[-3:], ["at", "g1", "fio --name='a b'"])

    def test_reason(self):
        last = "bench in dom0: at g1: fio --name=x: status 1"
        text = ("== before\ndom0 events 10\n== output\nfio: pid=3, err=5/file:io_u.c\n"
                '{\n  "jobs" : [\n    {\n      "error" : 5,\n    }\n  ]\n}\n'
                f"== after\ndom0 events 30\n== cpu\ncpu dom0 0.5\n{last}\n")
        self.assertEqual(place.reason(text), f"fio: pid=3, err=5/file:io_u.c | {last}")
        # iperf3's error is in its JSON
        text = '== output\n{\n\t"start":\t{\n\t},\n\t"error":\t"refused"\n}\n== cpu\nx\n'
        self.assertEqual(place.reason(text), '"error":\t"refused" | x')
        self.assertEqual(place.reason(f"xl: no\n{last}\n"), f"xl: no | {last}")
        self.assertEqual(place.reason("bash: line 1: python3: command not found\n"),
                         "bash: line 1: python3: command not found")
        self.assertEqual(place.reason(""), "")


class Plan(unittest.TestCase):
    """What is measured, and in which order."""

    def test_every_job_has_a_name_of_its_own(self):
        names = [one.name for one in catalogue.every()]
        self.assertEqual(len(names), len(set(names)))

    def test_contenders_alternate(self):
        wanted = settings.parse(["JOBS=net.rr.*", "PLACES=own", "ROUNDS=2",
                                 "PAIRS=ours/ours,intree/intree"])
        order = [visit.contender.name for visit in plan.visits(wanted)]
        one_round = ["native", "ours/ours", "intree/intree"]
        self.assertEqual(order, one_round + one_round[::-1])

    def test_where_a_job_runs(self):
        wanted = settings.parse(["JOBS=dev.vbd.n*", "PLACES=own,pv", "ROUNDS=1",
                                 "PAIRS=ours/ours"])
        seen = {(visit.place, job.name) for visit in plan.visits(wanted) for job in visit.jobs}
        self.assertIn(("own", "dev.vbd.n100"), seen)
        self.assertNotIn(("pv", "dev.vbd.n64"), seen)
        self.assertEqual({visit.contender.name for visit in plan.visits(wanted)}, {"ours/ours"})

    def test_whole_run(self):
        seen = [(visit.place, visit.contender.name, job.core, job.setup[0])
                for visit in plan.visits(settings.parse(["ROUNDS=1"])) for job in visit.jobs]
        self.assertIn(("own", "ours/ours", False, "blk"), seen)
        self.assertIn(("own", "ours/intree", True, "blk"), seen)
        self.assertIn(("pv", "ours/intree", True, "net"), seen)
        self.assertIn(("own", "ours+trusted=0/ours", True, "blk"), seen)
        # neither mixed pairs nor guests for what is not core, nor features in guests
        self.assertNotIn(("own", "ours/intree", False, "blk"), seen)
        self.assertNotIn(("pvh", "ours/ours", False, "blk"), seen)
        self.assertNotIn(("pv", "ours+trusted=0/ours", True, "blk"), seen)
        # a parameter of the other area's driver
        self.assertNotIn("net", {area for _, name, _, area in seen if "feature_persistent" in name})
        # what is asked for by name is had everywhere
        asked = plan.visits(settings.parse(["JOBS=blk.ram.randread.4k.d8.j1.n1"]))
        self.assertEqual({(visit.place, visit.contender.name) for visit in asked
                          if visit.contender.name == "ours/intree"},
                         {(place, "ours/intree") for place in settings.PLACES})

    def test_estimate_grows(self):
        small, large = [plan.expected(one, plan.visits(one)) for one in
                        (settings.parse(["ROUNDS=1"]), settings.parse(["ROUNDS=2"]))]
        self.assertGreater(large, 1.9 * small)
        self.assertEqual(plan.clock_text(3787), "1:03:07")

    def test_settings_say_what_is_wrong(self):
        for word in ("SECONDS=0", "ROUNDS=x", "QUICK=2", "CLOCK=sun", "JOBS=nothing", "PLACES=hvm",
                     "PAIRS=ours", "PAIRS=ours/ours;rm", "WHAT=1", "JOBS"):
            with self.assertRaises(LabError, msg=word) as caught:
                settings.parse([word])
            self.assertIn(word.split("=")[0], str(caught.exception))

    def test_features_switched_off(self):
        one = contender.parse("ours+feature_persistent=0/intree")[0]
        self.assertEqual((one.front, one.back), ("ours+feature_persistent=0", "intree"))


class Resumed(unittest.TestCase):
    """RESUME=: what an earlier run lacks, and nothing else."""

    WORDS = ("JOBS=net.rr.*", "PLACES=own", "PAIRS=ours/ours,intree/intree", "ROUNDS=1")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        patch = mock.patch.object(made, "same_drivers", side_effect=lambda rev: rev == "here")
        patch.start()
        self.addCleanup(patch.stop)

    def earlier(self, **changes):
        """A run that has the first job of the first visit, and failed at the second."""
        wanted = settings.parse(self.WORDS)
        visits = plan.visits(wanted)
        old = measure.Measurement(wanted).blank({**made.asked(wanted), "ours": "here", **changes})
        old.add(visits[0], visits[0].jobs[0], {"trips/s": 1}, {})
        old.fail(visits[0], visits[0].jobs[1], "broken")
        old.save(self.folder / "result.json")
        return visits

    def resume(self, *words):
        """The measurement that goes on with it."""
        return measure.Measurement(settings.parse([*self.WORDS[:len(self.WORDS) - len(words)],
                                                   *words, f"RESUME={self.folder}"]))

    def test_what_is_left(self):
        visits = self.earlier()
        found = self.resume()
        names = [[job.name for job in visit.jobs] for visit in visits]
        self.assertEqual([[job.name for job in visit.jobs] for visit in found.visits],
                         [names[0][1:], *names[1:]])
        self.assertEqual((len(found.result.samples), found.result.errors()), (1, []))
        self.assertLess(found.progress.total, measure.Measurement(settings.parse(self.WORDS))
                        .progress.total)

    def test_nothing_of_another_kind(self):
        for changes, words in (({}, ["ROUNDS=2"]), ({"ours": "elsewhere"}, []),
                               ({"clock": "sun"}, []),
                               ({}, ["PAIRS=ours/ours", "ROUNDS=1"])):
            self.earlier(**changes)
            with self.assertRaisesRegex(LabError, "RESUME", msg=(changes, words)):
                self.resume(*words)
        (self.folder / "result.json").unlink()
        self.assertRaisesRegex(LabError, "no file", self.resume)

    def test_a_lost_guest_is_tried_anew(self):
        visits = self.earlier()
        one = self.resume()
        one.result.forget_failures(visits[0])
        place, tried = mock.Mock(), []

        def attempt(_place, visit):
            tried.append(visit.jobs)
            if len(tried) == 1:
                one.result.fail(visit, visit.jobs[1], "gone")
                one.result.add(visit, visit.jobs[0], {"trips/s": 1}, {})
                return "FAILED", "ffff"
            return "good", None
        with mock.patch.object(one, "attempt", attempt), mock.patch.object(measure, "tell"):
            self.assertEqual(one.tries(place, visits[1]), "good")
        self.assertEqual(tried, [visits[1].jobs, visits[1].jobs[1:]])
        self.assertEqual(one.result.errors(), [])
        place.end.assert_called_once()


class Table(unittest.TestCase):
    """From samples to the table."""

    def test_ratios_are_of_medians(self):
        shown = result.Result({}, ["own"], ["native", "ours/ours", "intree/intree"],
                              "intree/intree")
        for column, values in ("native", (8, 8, 8)), ("ours/ours", (6, 1, 3)), \
                ("intree/intree", (2, 2, 100)):
            shown.samples += [{"place": "own", "round": 1, "job": "net.rr.tcp", "column": column,
                               "figures": {"trips/s": value, "p50": value}, "per_request": {}}
                              for value in values]
        shown.samples.append({"place": "own", "round": 1, "job": "net.rr.tcp",
                              "column": "ours/ours", "error": "broken"})
        found = list(table.rows(shown, "own"))
        self.assertEqual(found[0][2][1:], ["3 (1..6)", "2 (2..100)", "-"])
        self.assertEqual(found[0][3], [1.5])
        self.assertEqual(found[0][4], [3 / 8, None])
        self.assertEqual(found[1][3], [2 / 3])  # p50: less is better
        self.assertEqual(len(shown.errors()), 1)
        self.assertIn("1.50", table.text(shown))

    def test_what_a_feature_buys(self):
        shown = result.Result({}, ["own"], ["ours/ours"], "ours/ours",
                              ["without", "unmeasured", "without"])
        for column, value in ("ours/ours", 30), ("without", 20):
            shown.samples.append({"place": "own", "round": 1, "job": "net.packets.to",
                                  "column": column, "figures": {"kpps": value}, "per_request": {}})
        self.assertEqual(list(table.features(shown)), [("net.packets.to", [1.5, None])])
        self.assertIn("what each feature buys", table.text(shown))
        shown.samples.pop()
        self.assertEqual(list(table.features(shown)), [])
        self.assertNotIn("feature", table.text(shown))

    def test_ceiling_is_one_of_each(self):
        shown = result.Result({"clock": "icount: instructions"}, ["own"],
                              ["native", "thread", "ours/ours"], "ours/ours")
        name = "blk.null.randread.4k.d32.j1.n1"
        for column, value in ("native", 4000), ("thread", 12000), ("ours/ours", 1500):
            shown.samples.append({"place": "own", "round": 1, "job": name, "column": column,
                                  "figures": {"IOPS": value}, "per_request": {}})
        row = list(table.rows(shown, "own"))[0]
        self.assertEqual(row[2][3], "3000")  # 1 / (1 / 4000 + 1 / 12000)
        self.assertEqual(row[4][1], 0.5)
        shown.made["clock"] = "wall"  # several processors at once
        self.assertEqual(list(table.rows(shown, "own"))[0][2][3], "-")


if __name__ == "__main__":
    unittest.main()
