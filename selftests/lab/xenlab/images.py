# SPDX-License-Identifier: GPL-2.0
"""The boot files: Xen, the kernel, dom0's root and the guests' initramfs."""

import fnmatch
import gzip
import json
import lzma
import os
import shutil
import subprocess

from . import base, bzimage, cache, cut, hvm, recipe, say, variant
from .say import LabError, step

IMAGE = cache.LAB / "image"


def key():
    """What the images depend on beside the base chroot."""
    lib = cache.LAB / "xenlab"
    return cache.digest(base.key(), IMAGE, lib / "recipe.py", lib / "images.py", lib / "bzimage.py",
                        lib / "hvm.py", lib / "cut.py", hvm.key(), *variant.key())


def find():
    """The finished image folder, or None."""
    for found in (cache.root() / "images").glob(f"*-{key()}"):
        if (found / "manifest.json").exists():
            return found
    return None


def build():
    """Makes all images unless the cache has them; answers their folder."""
    with cache.locked("build"):
        return find() or _build()


def _build():
    info = base.build()
    root = base.path() / "root"
    kernel = variant.kernel_root(root)
    xen = info["xen"].split("-")[0].split("+")[0]
    out = cache.root() / "images" / f"xen{xen}-linux{info['abi']}-{key()}"
    tmp = out.with_suffix(".tmp")
    shutil.rmtree(tmp, ignore_errors=True)
    tmp.mkdir(parents=True)

    step("images: hypervisor and kernel")
    hypervisor = next(iter((root / "boot").glob("xen-4.*.gz")))
    (tmp / "xen").write_bytes(gzip.decompress(hypervisor.read_bytes()))
    (tmp / "vmlinux").write_bytes(bzimage.unpack(kernel / "boot" / f"vmlinuz-{info['abi']}"))

    step("images: the guest's initramfs")
    compile_agent(tmp)
    guest_tree(root, kernel, tmp, info["abi"])
    pack(tmp / "guest", tmp / "guest.cpio")
    # A disk of dom0 that is read once, in big pieces: faster than more initramfs.
    say.run(["tar", "-C", str(tmp), "-b", "8192", "-cf", str(tmp / "guest.tar"), "vmlinux",
             "guest.cpio"], "packing guest.tar")

    step("images: what HVM guests need")
    hvm.archive(root, kernel, tmp, info["abi"])

    step("images: dom0's root")
    ssh_keys(tmp)
    dom0_tree(root, kernel, tmp, info["abi"])
    pack(tmp / "dom0", tmp / "dom0.cpio")

    for tree in "guest", "dom0":
        shutil.rmtree(tmp / tree)
    (tmp / "manifest.json").write_text(json.dumps(info, indent=1) + "\n")
    tmp.rename(out)
    forget_old()
    sizes = {f.name: f.stat().st_size >> 20 for f in out.iterdir()}
    step(f"images ready in {out} (dom0 {sizes['dom0.cpio']} MiB, guest {sizes['guest.cpio']} MiB)")
    return out


def forget_old(keep=8):
    """Old images go, except those that a lab runs from."""
    used = set()
    for state in (cache.root() / "run").glob("*/state.json"):
        used.add(json.loads(state.read_text())["image"])
    folders = sorted((cache.root() / "images").iterdir(), key=lambda path: path.stat().st_mtime)
    for path in folders[:-keep]:
        if path.name not in used:
            shutil.rmtree(path)


def all_in_one(image):
    """dom0's root with what guests boot from in it, for a machine without a disk."""
    out = image / "dom0-all.cpio"
    with cache.locked("build"):
        if not out.exists():
            pack_all(image, out)
    return out


def pack_all(image, out):
    """Makes what all_in_one() answers."""
    tree = image / "all"
    (tree / "boot").mkdir(parents=True, exist_ok=True)
    for name in "vmlinux", "guest.cpio":
        (tree / "boot" / name).unlink(missing_ok=True)
        os.link(image / name, tree / "boot" / name)
    pack(tree, image / "all.cpio")
    say.run(["sh", "-ec", f"cat '{image}/dom0.cpio' '{image}/all.cpio' >'{out}.tmp' && "
             f"mv '{out}.tmp' '{out}' && rm -r '{tree}' '{image}/all.cpio'"], "packing dom0-all")


def compile_agent(tmp):
    """The guest's init and the pair that carries commands into it through xenstore."""
    agent = IMAGE / "agent"
    for name in "guest-init", "guest-agent", "guestctl":
        say.run(["gcc", "-static", "-s", "-O2", "-Wall", "-Wextra", "-o", str(tmp / name),
                 str(agent / f"{name}.c"), str(agent / "xswire.c")], f"compiling {name}")


def ssh_keys(tmp):
    """dom0's host key and the key that the lab logs in with."""
    for name in "host_key", "login_key":
        say.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"xenpv-lab {name}",
                 "-f", str(tmp / name)], "ssh-keygen")


def copy_modules(root, tree, abi, patterns):
    """The modules that match the patterns and whatever they depend on."""
    source = root / "lib/modules" / abi
    depends = {}
    for line in (source / "modules.dep").read_text().splitlines():
        name, _, rest = plain(line).partition(":")
        depends[name] = rest.split()
    wanted = set()
    for pattern in patterns:
        found = fnmatch.filter(depends, f"kernel/{pattern}")
        # The list is of the default kernel's; others have some built in.
        if not found and not variant.foreign_kernel():
            raise LabError(f"recipe.py: no kernel module matches '{pattern}'")
        for name in found:
            wanted.update([name, *depends[name]])
    target = tree / "usr/lib/modules" / abi
    for name in sorted(wanted):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)
        else:
            (target / name).write_bytes(lzma.decompress((source / f"{name}.xz").read_bytes()))
    for name in "modules.order", "modules.builtin", "modules.builtin.modinfo":
        shutil.copyfile(source / name, target / name)
    say.run(["depmod", "-b", str(tree), abi], "depmod")


def plain(names):
    """Names of modules as they are when not compressed, as they are in the images."""
    return names.replace(".ko.xz", ".ko")


def skeleton(tree):
    """The merged-/usr layout of Debian and the empty mount points."""
    for name in "proc sys dev run tmp etc root mnt var/log var/lib usr/bin usr/sbin usr/lib " \
                "usr/lib64 xenpv".split():
        (tree / name).mkdir(parents=True, exist_ok=True)
    for name in "bin", "sbin", "lib", "lib64":
        if not (tree / name).is_symlink():
            (tree / name).symlink_to(f"usr/{name}")


def guest_tree(root, kernel, tmp, abi):
    """A small root cut from the chroot: programs, their libraries, modules, init."""
    tree = tmp / "guest"
    skeleton(tree)
    programs = []
    for name in recipe.GUEST_PROGRAMS:
        for folder in "usr/bin", "usr/sbin":
            if os.path.lexists(root / folder / name):
                programs.append(f"/{folder}/{name}")
                break
        else:
            raise LabError(f"recipe.py: no package has the guest program '{name}'")
    cut.programs(root, tree, programs)
    for path in recipe.GUEST_FILES:
        cut.copy(root, tree, path)
    copy_modules(kernel, tree, abi, recipe.GUEST_MODULES)
    shutil.copy2(tmp / "guest-agent", tree / "usr/bin/guest-agent")
    shutil.copytree(IMAGE / "both", tree, dirs_exist_ok=True)
    shutil.copy2(tmp / "guest-init", tree / "init")


def dom0_tree(root, kernel, tmp, abi):
    """The whole chroot without what dom0 never uses."""
    tree = tmp / "dom0"
    tree.mkdir()
    leave_out = [f"--exclude=./{glob}" for glob in
                 [*recipe.DOM0_LEAVE_OUT, "usr/lib/modules", "proc/*", "sys/*", "dev/*"]]
    pipe = subprocess.Popen(["tar", "-C", str(root), "-cf", "-", *leave_out, "."],
                            stdout=subprocess.PIPE)
    say.run(["tar", "-C", str(tree), "-xf", f"/dev/fd/{pipe.stdout.fileno()}"],
            "copying the chroot", pass_fds=[pipe.stdout.fileno()])
    if pipe.wait():
        raise LabError("tar cannot read the base chroot")
    skeleton(tree)
    cut.stub_icu(tree)
    copy_modules(kernel, tree, abi, recipe.DOM0_MODULES)
    for overlay in "both", "dom0/root":
        shutil.copytree(IMAGE / overlay, tree, dirs_exist_ok=True)
    shutil.copy2(tmp / "guestctl", tree / "usr/bin/guestctl")
    keys = tree / "etc/ssh"
    for old in keys.glob("ssh_host_*"):
        old.unlink()
    for name in "host_key", "host_key.pub":
        shutil.copy2(tmp / name, keys / name)
    (tree / "root/.ssh").mkdir(mode=0o700, exist_ok=True)
    shutil.copy2(tmp / "login_key.pub", tree / "root/.ssh/authorized_keys")


def pack(tree, out):
    """A cpio for the kernel's initramfs loader, uncompressed: loading it is faster."""
    say.run(["sh", "-ec", f"cd '{tree}' && find . -print0 | sort -z | "
             f"cpio --null -o -H newc --quiet -R 0:0 >'{out}'"], f"packing {out.name}")
