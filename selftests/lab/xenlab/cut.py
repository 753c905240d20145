# SPDX-License-Identifier: GPL-2.0
"""Cuts smaller trees from a chroot: programs with their libraries, single files."""

import os
import re
import shutil

from . import recipe, say


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


def stub_engines(root):
    """fio's engines for Ceph, Gluster, RDMA and the like, which nobody here uses, bring 30 MiB
    of libraries, which each start of it binds, and each guest's initramfs has. So the chroot
    gets libraries that have just the symbols, with their versions, and end who calls one."""
    fio = root / "usr/bin/fio"
    needs = say.run(["objdump", "-p", str(fio)], "reading what fio needs")
    symbols = say.run(["objdump", "-T", str(fio)], "reading fio's symbols")
    wanted = re.findall(r"\*UND\*\t\w+ +(?:\((\S+)\)|Base) +(\w+)$", symbols, re.M)
    for name in recipe.FIO_STUBS:
        library = root / "usr/lib/x86_64-linux-gnu" / name
        if not library.exists():  # another suite's fio does without it
            continue
        # "  required from NAME:" and below it "    0x... 0x00 03 VERSION"
        part = re.search(rf"required from {re.escape(name)}:\n((?:    .*\n)+)", needs)
        versions = [line.split()[-1] for line in part.group(1).splitlines()] if part else [""]
        prefix = recipe.FIO_STUBS[name]
        mine = {version: [symbol for of, symbol in wanted if of == version and
                          symbol.startswith(prefix)] for version in versions}
        code = "void abort(void);\n" + "".join(
            f"void {symbol}(void) {{ abort(); }}\n" for group in mine.values() for symbol in group)
        script = "".join(f"{version} {{ {' '.join(f'{one};' for one in group)} }};\n"
                         for version, group in mine.items() if version)
        real = library.resolve()
        library.unlink()
        if real != library and real.exists():
            real.unlink()
        map_file = root / "stub.map"
        map_file.write_text(script or "{ global: *; };\n")
        say.run(["gcc", "-shared", "-nostdlib", "-w", "-fno-builtin", f"-Wl,-soname,{name}",
                 f"-Wl,--version-script={map_file}", "-x", "c", "-o", str(library), "/dev/stdin"],
                f"making a {name} without code", data=code)
        map_file.unlink()
    say.run(["chroot", str(root), "/usr/bin/fio", "--version"], "fio with such libraries")


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
