# SPDX-License-Identifier: GPL-2.0
"""Our modules of any revision, for the lab's kernel."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from xenlab import base, cache, say, variant
from xenlab.dom0 import MODULES, Dom0, pack
from xenlab.say import LabError


def commit(name, revision):
    """The full name of a revision that A= or B= gives."""
    if not revision:
        raise LabError(f"{name}=: which revision? make bench-compare A=REVISION B=REVISION")
    done = subprocess.run(["git", "-C", str(cache.TREE), "rev-parse", "--verify", "--quiet",
                           f"{revision}^{{commit}}"], stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise LabError(f"{name}: git knows no revision '{revision}'")
    return done.stdout.decode().strip()


def modules(revision):
    """The folder with the modules of a commit; built once, kept in build/bench."""
    out = cache.TREE / "build/bench/modules" / f"{revision}-{base.manifest()['abi']}"
    if (out / "done").exists():
        return out
    if variant.foreign_kernel():
        raise LabError(f"KERNEL={variant.kernel()}: revisions are compared on kernel "
                       f"{variant.KERNEL} only")
    say.step(f"building the modules of {revision[:12]}")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="xenpv-bench.") as tree:
        say.run(["sh", "-ec", f"git -C '{cache.TREE}' archive {revision} | tar -C '{tree}' -xf -"],
                f"unpacking {revision[:12]}")
        say.run(["nice", "make", "-C", tree, "modules", f"KDIR={base.kdir()}"],
                f"building {revision[:12]}", log=out / "build.log")
        for name in MODULES:
            if (Path(tree) / name).exists():
                shutil.copy2(Path(tree) / name, out)
    (out / "done").touch()
    return out


def bioload():
    """The module that makes the same requests without fio; needs this tree's config.h."""
    folder = cache.SELFTESTS / "bench/bioload"
    say.run(["flock", str(folder), "make", "-s", "-C", str(base.kdir()), f"M={folder}",
             "KBUILD_VERBOSE=0", "modules"], "building bioload.ko")
    return folder / "bioload.ko"


def push(machine, folders):
    """Copies the tests and, as A.*.ko and B.*.ko, the modules into dom0."""
    dom0 = Dom0(machine)
    dom0.push()
    files = [(f"modules/{name}.{path.name}", path) for name, folder in folders.items()
             for path in sorted(folder.glob("*.ko"))]
    code, out = dom0.run("rm -f /xenpv/modules/*; tar -C /xenpv -xf -", pack(files))
    if code:
        raise LabError(f"cannot copy modules into dom0: {out.strip()}")
