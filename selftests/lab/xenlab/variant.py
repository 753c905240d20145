# SPDX-License-Identifier: GPL-2.0
"""Which Xen and which kernel the lab runs, and as what kind of domain dom0 does: XEN=,
KERNEL= and DOM0= in the environment.

Xen comes with its tools from the base chroot of one Debian suite. A kernel other
than that chroot's comes from the chroot that selftests/build/chroot.sh makes for
it, where our modules are then compiled as well, with that suite's compiler.
"""

import io
import os
import subprocess
import tarfile

from . import cache, recipe, say
from .say import LabError, step

# The suite that has each version of Xen.
XENS = {"4.17": "bookworm", "4.20": "trixie"}
XEN, KERNEL = "4.17", "6.1"  # the default lab's
CHROOT = cache.SELFTESTS / "build/chroot.sh"


def kernels():
    """The names in selftests/kernels.txt."""
    lines = (cache.SELFTESTS / "kernels.txt").read_text().splitlines()
    return [line.split()[0] for line in lines if line and not line.startswith("#")]


def _choice(name, default, known):
    value = os.environ.get(name) or default
    if value not in known:
        raise LabError(f"{name}: '{value}' is not one of {', '.join(known)}")
    return value


def xen():
    """The chosen version of Xen."""
    return _choice("XEN", XEN, list(XENS))


def kernel():
    """The chosen kernel."""
    return _choice("KERNEL", KERNEL, kernels())


def pvh_dom0():
    """Whether dom0 is to be a PVH domain rather than a PV one."""
    return _choice("DOM0", "pv", ["pv", "pvh"]) == "pvh"


def own_kernel():
    """Whether the base chroot has a kernel: the default Xen's has the default kernel."""
    return xen() == XEN


def foreign_kernel():
    """Whether the kernel is not the base chroot's."""
    return not own_kernel() or kernel() != KERNEL


def packages():
    """What the base chroot has installed."""
    names = [name.replace(XEN, xen()) for name in recipe.DOM0_PACKAGES]
    return names if own_kernel() else [name for name in names if name != "linux-image-amd64"]


def kernel_root(base_root):
    """The folder below which boot/ and lib/modules/ have the kernel."""
    if not foreign_kernel():
        return base_root
    text = say.run([str(CHROOT), "make", kernel()], f"the chroot of kernel {kernel()}")
    return cache.Path(text.splitlines()[-1])


def kernel_info(root):
    """Release and version of the kernel in a chroot of chroot.sh."""
    abi = os.listdir(root / "lib/modules")[0]
    text = say.run(["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", "${Version}",
                    f"linux-headers-{abi}"], "the kernel's version")
    return {"kernel": text, "abi": abi}


def key():
    """What images depend on beside what those of the default lab do."""
    return (kernel_root(None).name,) if foreign_kernel() else ()


def modules_dir():
    """Where our modules for a foreign kernel are; None for the base chroot's own."""
    return cache.TREE / "build/modules" / kernel() if foreign_kernel() else None


def build_modules():
    """Compiles our modules for a foreign kernel where its compiler is."""
    out = modules_dir()
    out.mkdir(parents=True, exist_ok=True)
    step(f"compiling our modules for kernel {kernel()}")
    script = ("/xenpv/packaging/dkms.sh source /tmp/x && cd /tmp/x && nice make modules >&2 && "
              "tar -cf - --transform 's|.*/||' $(find . -name '*.ko')")
    done = subprocess.run([str(CHROOT), "run", kernel(), "sh", "-ec", script], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        tail = "\n".join(done.stderr.decode(errors="replace").splitlines()[-20:])
        raise LabError(f"compiling for kernel {kernel()} failed:\n{tail}")
    for old in out.glob("*.ko"):
        old.unlink()
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        tar.extractall(out)
    return out
