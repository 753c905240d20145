# SPDX-License-Identifier: GPL-2.0
"""The commands of "lab"."""

import argparse
import signal
import sys

from . import base, cache, images, packages, template, terminal, variant
from . import profile as profiler
from .dom0 import Dom0
from .machine import Machine
from .say import LabError, step


def setup(_args):
    """Install missing Debian packages and build the images."""
    packages.install()
    images.build()
    step("setup is complete")


def build(_args):
    """Build the images, unless the cache has them."""
    packages.require()
    step(f"images: {images.build()}")


def kdir(_args):
    """Print the kernel build folder for modules that the lab can load."""
    print(base.kdir())


def modules(_args):
    """Compile our modules for KERNEL, where that is not the base image's own."""
    packages.require()
    if not variant.foreign_kernel():
        raise LabError("the default kernel's are compiled by 'make lab-modules'")
    print(variant.build_modules())


def boot(args):
    """Boot Xen and dom0 and leave them running."""
    packages.require()
    machine = Machine()
    with cache.processors(machine.name, "boot", machine.width()):
        machine.boot(args.xen_args, args.dom0_args, args.icount)
        Dom0(machine).push()


def alive():
    """The lab that is alive; boots one where there is none."""
    machine = Machine()
    if not machine.state():
        packages.install()
        with cache.processors(machine.name, "boot", machine.width()):
            template.start(machine)
    return machine


def shell(args):
    """Open a shell in dom0 (or run a command there), booting a lab if there is none."""
    dom0 = Dom0(alive())
    dom0.push()
    return dom0.interactive(" ".join(args.command) or "bash -i")


def push(_args):
    """Copy built modules and the selftests into the alive dom0."""
    Dom0(Machine()).push()


def stop(_args):
    """End the lab."""
    step("stopped" if Machine().stop() else "no lab was alive")


def status(_args):
    """Say whether a lab is alive, and what it runs."""
    machine = Machine()
    state = machine.state()
    if not state:
        print(f"no lab is alive ({machine.dir})")
        return 1
    print(f"alive: pid {state['pid']}, ssh port {state['port']}, image {state['image']}")
    print(f"console log: {machine.console_log}")
    sys.stdout.flush()
    return Dom0(machine).interactive("uptime; xl list; lsmod | grep -E '^xen(pv|_blk|_net)'; true")


def console(args):
    """Connect to the console of dom0 (with Xen's messages) or of a guest."""
    if args.which == "dom0":
        return terminal.attach(Machine().console())
    return Dom0(Machine()).interactive(
        f"xl domid '{args.which}' >/dev/null 2>&1 || {{ echo \"lab: no guest '{args.which}'; "
        "alive: $(xl list | awk 'NR>2 {print $1}' | xargs)\" >&2; exit 1; }; "
        f"echo 'leave with Ctrl-]'; xl console '{args.which}'")


def profile(args):
    """Print where the alive lab's processors spend their time: Xen, kernels and users."""
    machine = Machine()
    machine.image()
    profiler.profile(machine, args.seconds)


COMMANDS = [setup, build, kdir, modules, boot, shell, push, stop, status, console, profile]


def parser():
    """All arguments."""
    top = argparse.ArgumentParser(prog="lab", description="Real Xen under QEMU for the xenpv "
                                  "drivers; see selftests/lab/README.md")
    subs = top.add_subparsers(metavar="COMMAND", required=True, help="or run, test, tests: "
                              "as selftests/check run, alive, list")
    made = {}
    for func in COMMANDS:
        made[func] = sub = subs.add_parser(func.__name__, help=func.__doc__.rstrip("."),
                                           description=func.__doc__)
        sub.set_defaults(func=func)
    made[boot].add_argument("--xen-args", default="", help="more arguments for Xen")
    made[boot].add_argument("--dom0-args", default="", help="more arguments for dom0's kernel")
    made[shell].add_argument("command", nargs=argparse.REMAINDER, help="run this and leave")
    made[boot].add_argument("--icount", action="store_true", help="virtual time = instructions: "
                            "repeatable figures, six times slower")
    made[console].add_argument("which", metavar="dom0|GUEST")
    made[profile].add_argument("seconds", type=int, help="for how long; start the work before")
    return top


def main():
    """Runs one command; every failure is one message and a status of 1 or 2."""
    args = parser().parse_args()
    # a run that is cut off ends its labs
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return args.func(args) or 0
    except LabError as err:
        print(f"lab: {err}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
        return 130
