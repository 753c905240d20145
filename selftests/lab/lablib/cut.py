# SPDX-License-Identifier: GPL-2.0
"""Cuts smaller trees from a chroot: programs with their libraries, single files."""

import os
import shutil

from . import say


def stub_icu(tree):
    """fio's libraries bring 30 MiB of Unicode tables that nothing here reads."""
    for real in tree.glob("usr/lib/x86_64-linux-gnu/libicudata.so.*"):
        if real.is_symlink():
            continue
        major = real.name.split(".so.")[1].split(".")[0]
        real.unlink()
        say.run(["gcc", "-shared", "-nostdlib", f"-Wl,-soname,libicudata.so.{major}", "-x", "c",
                 "-o", str(real), "/dev/stdin"], "making an empty libicudata",
                data=f"const char icudt{major}_dat[64] = {{ 0 }};")


def libraries(root, programs):
    """The shared libraries that programs of the chroot need."""
    text = say.run(["chroot", str(root), "sh", "-c", 'for p; do ldd "$p" 2>/dev/null; done; true',
                    "sh", *programs], "ldd")
    found = set()
    for word in text.split():
        if word.startswith("/") and ".so" in word:
            found.add(word)
    return sorted(found)


def copy(root, tree, path):
    """Copies one file of the chroot, following links inside it, to the same path."""
    source = path.lstrip("/")
    for _ in range(10):
        real = root / source
        if not real.is_symlink():
            break
        link = os.readlink(real)
        source = link.lstrip("/") if link.startswith("/") else \
            os.path.normpath(os.path.join(os.path.dirname(source), link))
    target = tree / path.lstrip("/")
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if (root / source).is_dir():
        shutil.copytree(root / source, target, symlinks=True)
    else:
        shutil.copy2(root / source, target)


def programs(root, tree, names):
    """Copies programs of the chroot, named by their paths, with all their libraries."""
    for path in names:
        copy(root, tree, path)
    for path in libraries(root, names):
        folder, _, _ = path.lstrip("/").partition("/")
        copy(root, tree, path if folder == "usr" else f"/usr{path}")
    stub_icu(tree)
