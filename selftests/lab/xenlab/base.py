# SPDX-License-Identifier: GPL-2.0
"""The Debian chroot that all images are cut from, and the matching kernel headers."""

import json
import os
import shutil
import subprocess

from . import cache, cut, recipe, say, variant
from .say import LabError, step

VERSION = 3  # raise when this file changes what it makes


def key():
    """What the chroot depends on."""
    return cache.digest(VERSION, variant.XENS[variant.xen()], variant.packages(),
                        recipe.HEADER_PACKAGES, recipe.EXCLUDE, recipe.FIO_STUBS)


def path():
    """The finished chroot's folder (it may not exist yet)."""
    return cache.root() / "base" / key()


def manifest():
    """Versions that the chroot has, or None where it is not built."""
    file = path() / "manifest.json"
    if not file.exists():
        return None
    info = json.loads(file.read_text())
    if variant.foreign_kernel():
        info.update(variant.kernel_info(variant.kernel_root(None)))
    return info


def build():
    """Makes the chroot unless the cache has it."""
    done = manifest()
    if done:
        return done
    if os.geteuid():
        raise LabError("building the base image needs root: run 'sudo selftests/lab/lab build'")
    out = path()
    tmp = out.with_suffix(".tmp")
    shutil.rmtree(tmp, ignore_errors=True)
    tmp.mkdir(parents=True)
    suite, packages = variant.XENS[variant.xen()], variant.packages()
    step(f"mmdebstrap of {suite} with {len(packages)} packages "
         "(about 90 s; later runs take it from the cache)")
    headers = ('chroot "$1" sh -ec \'abi=$(ls /lib/modules); mkdir /headers; cd /headers; '
               f"apt-get -qq download {recipe.HEADER_PACKAGES}'")
    argv = ["mmdebstrap", "--variant=apt", "--include=" + ",".join(packages),
            '--aptopt=Apt::Install-Recommends "false"',
            *[f"--dpkgopt=path-exclude={glob}" for glob in recipe.EXCLUDE],
            *([f"--customize-hook={headers}"] if variant.own_kernel() else []),
            suite, str(tmp / "root")]
    say.run(argv, "mmdebstrap", log=cache.root() / "mmdebstrap.log",
            env=dict(os.environ, INITRD="No", LC_ALL="C"))
    if variant.own_kernel():
        unpack_headers(tmp, out)
    cut.stub_engines(tmp / "root")
    info = versions(tmp)
    (tmp / "manifest.json").write_text(json.dumps(info, indent=1) + "\n")
    tmp.rename(out)
    info = manifest()
    step(f"base chroot ready: Xen {info['xen']}, Linux {info['kernel']}")
    return info


def unpack_headers(tmp, final):
    """The headers' absolute include path has to follow them into the cache."""
    for deb in sorted((tmp / "root/headers").iterdir()):
        say.run(["dpkg-deb", "-x", str(deb), str(tmp / "kernel")], f"unpacking {deb.name}")
    shutil.rmtree(tmp / "root/headers")
    for makefile in (tmp / "kernel/usr/src").glob("linux-headers-*-amd64/Makefile"):
        makefile.write_text(makefile.read_text().replace("/usr/src/", f"{final}/kernel/usr/src/"))


def versions(tmp):
    """Reads the versions and makes sure that headers and kernel are the same."""
    fmt = "${Package} ${Version}\n"
    text = subprocess.run(["dpkg-query", f"--admindir={tmp}/root/var/lib/dpkg", "-W", "-f", fmt],
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    have = dict(line.split() for line in text.splitlines())
    xen = {"xen": have[f"xen-hypervisor-{variant.xen()}-amd64"]}
    if not variant.own_kernel():
        return xen
    abi = os.listdir(tmp / "root/lib/modules")[0]
    kernel = have[f"linux-image-{abi}"]
    control = say.run(["grep", "-rhs", "UTS_RELEASE\\|LINUX_PACKAGE_ID",
                       f"{tmp}/kernel/usr/src/linux-headers-{abi}/include/generated"],
                      "reading the headers' version")
    if f'"{abi}"' not in control or kernel not in control:
        raise LabError(f"kernel headers differ from the kernel {abi} {kernel}:\n{control}")
    return {**xen, "kernel": kernel, "abi": abi}


def kdir():
    """The kernel build directory for modules that the lab's kernels load."""
    if variant.foreign_kernel():
        raise LabError(f"KERNEL={variant.kernel()} XEN={variant.xen()}: modules for it are compiled "
                       "in a chroot of their own: 'lab modules' (or 'make lab-modules')")
    info = manifest()
    if not info:
        raise LabError("the images are not built: run 'sudo selftests/lab/lab setup' first")
    return path() / "kernel/usr/src" / f"linux-headers-{info['abi']}"
