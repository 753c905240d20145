# SPDX-License-Identifier: GPL-2.0
"""One QEMU with Xen in it: starting, watching, stopping."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

from . import cache, hostload, images, variant
from .monitor import Monitor, connect
from .say import LabError, step

READY = b"lab-ready"
BOOT_SECONDS = 600
RESUME_SECONDS = 120
XEN_ARGS = ("console=com1 com1=115200,8n1 dom0_mem=2G,max:2G dom0_max_vcpus=2 bootscrub=0 "
            "spec-ctrl=no xpti=no loglvl=all guest_loglvl=all conring_size=4m")
# Slack where a busy host would be taken for a hung kernel; nothing that a
# processor under TCG needs no protection from; room for the log of a test.
DOM0_ARGS = ("console=hvc0 rdinit=/init net.ifnames=0 clocksource=xen mitigations=off "
             "cryptomgr.notests=1 audit=0 apparmor=0 log_buf_len=4M "
             "rcupdate.rcu_cpu_stall_timeout=90 watchdog_thresh=40 panic_on_oops=0")
# A PVH dom0's memory is not where it believes, so its devices reach it through an IOMMU.
# Its tables are not shared with the processor's: those are AMD's, the IOMMU is Intel's.
PVH_XEN_ARGS = "dom0=pvh iommu=no-sharept"
PVH_DEVICES = ["-device", "intel-iommu,intremap=on", "-global", "virtio-device.iommu_platform=on",
               "-global", "virtio-pci.disable-legacy=on"]


def can_kvm():
    """/dev/kvm alone proves nothing: without svm or vmx it cannot run Xen."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as cpuinfo:
        flags = next((line.split() for line in cpuinfo if line.startswith("flags")), [])
    return os.access("/dev/kvm", os.R_OK | os.W_OK) and ("svm" in flags or "vmx" in flags)


class Machine:
    """The lab of this tree and this XENPV_LAB, alive or not."""

    def __init__(self, name=None, cpus=None):
        self.name = name or cache.instance()
        self.dir = cache.rundir(self.name)
        self.console_log = self.dir / "console.log"
        self.state_file = self.dir / "state.json"
        self.cpus = cpus    # of the next boot, where processors() is not to say

    def state(self):
        """What boot() wrote down, or None where no lab is alive."""
        try:
            state = json.loads(self.state_file.read_text())
            with open(f"/proc/{state['pid']}/cmdline", "rb") as cmdline:
                alive = str(self.dir).encode() in cmdline.read()
        except (OSError, ValueError):
            return None
        return state if alive else None

    def image(self):
        """The image folder that the lab was booted from."""
        state = self.state()
        if not state:
            raise LabError("no lab is alive: 'lab boot' (or 'make lab-shell') starts one")
        return cache.root() / "images" / state["image"]

    def console_tail(self, lines=40):
        """The last lines of the serial console, for diagnostics."""
        try:
            data = self.console_log.read_bytes()[-20000:]
        except OSError:
            return []
        text = data.decode(errors="replace").replace("\r", "")
        return text.splitlines()[-lines:]

    def console_size(self):
        """How much the console has said, for lost_guest()."""
        return self.console_log.stat().st_size if self.console_log.exists() else 0

    def lost_guest(self, since):
        """Where a guest's processor was when it has triple-faulted since console_size(), or
        None. Linux panics, it does not triple-fault; QEMU's SVM makes it (README.md, Traps)."""
        if not self.console_log.exists():
            return None
        text = self.console_log.read_bytes()[since:].decode(errors="replace")
        found = re.search(r"Triple fault.*?RIP: +(\S+)", text, re.S)
        return found and found.group(1)

    def panicked(self):
        """Whether Xen or dom0 has said that it is at its end."""
        return any("Kernel panic - not syncing" in line or "Panic on CPU" in line
                   or "Hardware Dom0 crashed" in line for line in self.console_tail(200))

    def waited(self):
        """Seconds for which this host had no processor for it, so far."""
        state = self.state()
        return hostload.waited(state["pid"]) + hostload.stolen() if state else 0.0

    def xen_keys(self, keys):
        """Presses keys on Xen's console, which answers even where dom0 hangs."""
        try:
            conn = self.console()
            conn.sendall(b"\x01\x01\x01" + keys)
            time.sleep(2)
            conn.sendall(b"\x01\x01\x01")
            conn.close()
        except (OSError, LabError):
            pass

    def argv(self, image, port, xen_args="", dom0_args="", icount=False, ram=()):
        """The QEMU command line; RAM: more arguments, for where the memory is to be."""
        smp, drives, root = self.cpus or processors(), disks(image), "dom0.cpio"
        if icount:
            # virtual time is instructions; it hangs with a virtio disk. A second processor
            # of dom0's would only take turns with the first on the machine's one.
            xen_args = f"dom0_max_vcpus=1 {xen_args}"
            smp, drives, root = "1", [], images.all_in_one(image).name
            cpu = ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off",
                   "-cpu", "qemu64,+svm,+npt"]
        elif can_kvm():
            cpu = ["-accel", "kvm", "-cpu", "host"]
        else:
            # qemu64: with "max", dom0 dies at its first page fault under TCG.
            # +npt: Debian's Xen has no shadow paging for PVH guests.
            cpu = ["-accel", "tcg,thread=multi", "-cpu", "qemu64,+svm,+npt"]
        board = ["-machine", "q35"]
        if variant.pvh_dom0():
            board = ["-machine", "q35,kernel-irqchip=split", *PVH_DEVICES]
            xen_args = f"{PVH_XEN_ARGS} {xen_args}"
        return ["qemu-system-x86_64", "-name", "xenpv-lab,process=xenpv-lab", *board, *ram,
                *cpu, "-smp", smp, "-m", memory(), "-nodefaults", "-nographic", "-no-reboot",
                "-monitor", "none", "-qmp", "unix:qmp.sock,server=on,wait=off",
                "-chardev", "socket,id=con,path=console.sock,server=on,wait=off,"
                f"logappend=on,logfile={self.console_log}", "-serial", "chardev:con",
                "-kernel", f"{image}/xen", "-append", f"{XEN_ARGS} {xen_args}",
                "-initrd", f"{image}/vmlinux {DOM0_ARGS} {dom0_args},{image}/{root}",
                *drives,
                "-netdev", f"user,id=net0,hostfwd=tcp:127.0.0.1:{port}-:22",
                "-device", "virtio-net-pci,netdev=net0,romfile="]

    def width(self):
        """How many of the host's processors it keeps busy."""
        return int(self.cpus or given_processors() or 2)

    def boot(self, xen_args="", dom0_args="", icount=False, more=()):
        """Starts QEMU, with more arguments of its own, and waits until dom0 is ready. Answers
        the seconds it took."""
        accel = "TCG icount" if icount else "KVM" if can_kvm() else "TCG"
        image, port = images.build(), free_port()
        step(f"booting Xen and dom0 under QEMU {accel} (console: {self.console_log})")
        start = time.monotonic()
        qemu = self.launch(image, port, [*self.argv(image, port, xen_args, dom0_args, icount), *more])
        self._wait(qemu, BOOT_SECONDS, "dom0 was not up", self._said_ready)
        seconds = time.monotonic() - start
        step(f"dom0 is up after {seconds:.1f} s")
        return seconds

    def resume(self, image, console, more, load):
        """Starts QEMU with a state that load(monitor) gives it, and its console so far."""
        port = free_port()
        start = time.monotonic()
        qemu = self.launch(image, port, [*self.argv(image, port, ram=more)], console)
        self._wait(qemu, RESUME_SECONDS, "QEMU had no monitor", lambda: self._status() is not None)
        load(Monitor(self))
        # It was stopped when it was saved, so it is now.
        self._wait(qemu, RESUME_SECONDS, "QEMU did not restore dom0",
                   lambda: self._status() == "paused")
        Monitor(self).ask("cont")
        step(f"dom0 is restored after {time.monotonic() - start:.1f} s "
             f"(console: {self.console_log})")

    def launch(self, image, port, argv, console=b""):
        """Starts QEMU and writes down that it is alive."""
        if self.state():
            raise LabError("a lab is already alive here: 'lab stop' ends it")
        for old in self.dir.glob("*"):
            if old.is_dir():
                shutil.rmtree(old)
            else:
                old.unlink()
        self.console_log.write_bytes(console)
        with open(self.dir / "qemu.log", "wb") as log:
            try:
                qemu = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                        cwd=self.dir, start_new_session=True)
            except FileNotFoundError:
                raise LabError("qemu-system-x86_64 is missing; 'lab setup' installs it") from None
        self.state_file.write_text(json.dumps({"pid": qemu.pid, "port": port, "image": image.name,
                                               "started": time.time()}))
        return qemu

    def _said_ready(self):
        return READY in self.console_log.read_bytes()

    def _status(self):
        try:
            return Monitor(self).ask("query-status")["status"]
        except LabError:
            return None

    def _wait(self, qemu, seconds, what, ready):
        end = time.monotonic() + seconds
        while not ready():
            why = None
            if qemu.poll() is not None:
                why = f"QEMU ended with status {qemu.returncode}"
            elif time.monotonic() > end:
                why = f"{what} within {seconds} s"
            if why:
                self.stop()
                tail = (self.dir / "qemu.log").read_text(errors="replace").splitlines()[-10:]
                raise LabError("\n".join([f"the lab did not boot: {why}",
                                          *["    " + line for line in tail + self.console_tail()]]))
            time.sleep(0.1)

    def stop(self):
        """Ends QEMU. Answers False where none was alive."""
        state = self.state()
        if not state:
            return False
        for sig in signal.SIGTERM, signal.SIGKILL:
            try:
                os.kill(state["pid"], sig)
            except ProcessLookupError:
                break
            for _ in range(50):
                if not self.state():
                    break
                # our own child, where this process booted it
                try:
                    os.waitpid(state["pid"], os.WNOHANG)
                except ChildProcessError:
                    pass
                time.sleep(0.1)
            else:
                continue
            break
        self.state_file.unlink(missing_ok=True)
        return True

    def console(self):
        """A connection to the serial console of Xen and dom0."""
        self.image()
        return connect(self.dir, "console.sock")


def disks(image):
    """dom0's disks: what guests boot from, what HVM guests need, and one more."""
    found = [f"file={image}/guest.tar,readonly=on", f"file={image}/hvm.tar,readonly=on"]
    more = os.environ.get("XENPV_LAB_DISK")
    if more:
        if not os.path.isfile(more):
            raise LabError(f"XENPV_LAB_DISK: there is no file '{more}'")
        # What is written to it is forgotten with the machine.
        found.append(f"file={os.path.abspath(more)},snapshot=on")
    return [word for disk in found for word in ("-drive", f"{disk},format=raw,if=virtio")]


def memory():
    """The machine's, as QEMU takes it."""
    return os.environ.get("XENPV_LAB_MEM") or "6G"


def given_processors():
    """How many the user wants, as a string, or None."""
    given = os.environ.get("XENPV_LAB_CPUS")
    if given and given not in ("1", "2", "3", "4"):
        raise LabError(f"XENPV_LAB_CPUS: '{given}' is not a number from 1 to 4")
    return given


def processors():
    """How many processors the machine gets, as a string.

    Two, so that races show. On a busy host only one: a processor that Xen
    interrupts for a TLB flush may not be running just then, the other spins for
    a whole time slice of the host, and the lab does next to nothing.
    """
    given = given_processors()
    if given:
        return given
    busy = os.getloadavg()[0] > (os.cpu_count() or 2)
    if busy:
        step("the host is busy: the machine gets one processor (XENPV_LAB_CPUS=2: two)")
    return "1" if busy else "2"


def free_port():
    """A TCP port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
