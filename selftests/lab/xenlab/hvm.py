# SPDX-License-Identifier: GPL-2.0
"""What dom0 needs for HVM guests: QEMU as their device model, and its firmware.

It is no part of dom0's root, whose every megabyte costs at each boot, but an
archive on a disk that dom0 unpacks for the first HVM guest. It comes from a chroot
of its own, so that the big one stays the same.
"""

import os
import shutil

from . import cache, cut, recipe, say, variant
from .say import LabError, step

VERSION = 1  # raise when this file changes what it makes


def key():
    """What the files depend on."""
    return cache.digest(VERSION, variant.XENS[variant.xen()], recipe.HVM_PACKAGES,
                        recipe.HVM_PROGRAMS, recipe.HVM_FILES)


def files():
    """The folder with QEMU, its libraries and its firmware, made unless it is there."""
    out = cache.root() / "hvm" / key()
    if out.exists():
        return out
    if os.geteuid():
        raise LabError("building the images needs root: run 'sudo selftests/lab/lab build'")
    tmp = out.with_suffix(".tmp")
    shutil.rmtree(tmp, ignore_errors=True)
    tmp.mkdir(parents=True)
    suite = variant.XENS[variant.xen()]
    step(f"mmdebstrap of {suite} with QEMU for HVM guests (about 30 s; later runs take it from "
         "the cache)")
    say.run(["mmdebstrap", "--variant=apt", "--include=" + ",".join(recipe.HVM_PACKAGES),
             '--aptopt=Apt::Install-Recommends "false"',
             *[f"--dpkgopt=path-exclude={glob}" for glob in recipe.EXCLUDE],
             suite, str(tmp / "root")], "mmdebstrap", log=cache.root() / "mmdebstrap.log",
            env=dict(os.environ, LC_ALL="C"))
    take(tmp / "root", tmp / "tree")
    (tmp / "tree").rename(out)
    shutil.rmtree(tmp)
    return out


def take(root, tree):
    """Copies what is wanted of the chroot."""
    cut.programs(root, tree, [f"/{name}" for name in recipe.HVM_PROGRAMS])
    for pattern in recipe.HVM_FILES:
        found = list(root.glob(pattern))
        if not found:
            raise LabError(f"recipe.py: no package has '{pattern}'")
        for path in found:
            cut.copy(root, tree, f"/{path.relative_to(root)}")


def archive(root, kernel, tmp, abi):
    """Makes hvm.tar, which dom0 unpacks into its root: all of it, and a kernel.

    The kernel is a bzImage: that is what QEMU's own loader takes.
    """
    tree = tmp / "hvm"
    shutil.copytree(files(), tree, symlinks=True)
    hvmloader = f"usr/lib/xen-{variant.xen()}/boot/hvmloader"
    cut.copy(root, tree, f"/{hvmloader}")
    (tree / "boot").mkdir()
    shutil.copyfile(kernel / "boot" / f"vmlinuz-{abi}", tree / "boot/vmlinuz")
    say.run(["tar", "-C", str(tree), "--owner=0", "--group=0", "-b", "8192", "-cf",
             str(tmp / "hvm.tar"), *sorted(os.listdir(tree))], "packing hvm.tar")
    shutil.rmtree(tree)
