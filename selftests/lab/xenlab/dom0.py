# SPDX-License-Identifier: GPL-2.0
"""Commands in dom0, over one shared ssh connection."""

import io
import os
import subprocess
import tarfile

from . import cache, say, variant
from .say import LabError, step

MODULES = ["common/xenpv-common.ko", "drivers/blkfront/xen-blkfront.ko",
           "drivers/blkback/xen-blkback.ko", "drivers/netfront/xen-netfront.ko",
           "drivers/netback/xen-netback.ko"]


class Dom0:
    """dom0 of an alive machine."""

    def __init__(self, machine):
        self.machine = machine
        self.image = machine.image()
        self.port = machine.state()["port"]

    def _ssh(self, *options):
        return ["ssh", "-q", "-F", "none", "-i", str(self.image / "login_key"),
                "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no",
                "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=20",
                "-o", "ControlPath=ssh.sock", "-p", str(self.port), *options, "root@127.0.0.1"]

    def connect(self):
        """Makes sure the shared connection stands: a new one costs half a second."""
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL,
                 "stderr": subprocess.DEVNULL, "cwd": self.machine.dir}
        if subprocess.run(self._ssh("-O", "check"), check=False, **quiet).returncode == 0:
            return
        (self.machine.dir / "ssh.sock").unlink(missing_ok=True)
        done = subprocess.run(self._ssh("-f", "-N", "-M"), check=False, **quiet)
        if done.returncode:
            raise LabError(f"no ssh connection to dom0 on 127.0.0.1:{self.port}: "
                           "is it alive? ('lab console dom0', 'lab status')")

    def popen(self, command, tty=False, **kwargs):
        """Starts a shell command in dom0."""
        self.connect()
        options = ["-tt"] if tty else ["-T"]
        return subprocess.Popen([*self._ssh(*options), command], cwd=self.machine.dir, **kwargs)

    def read(self, command, timeout=60):
        """Runs a shell command in dom0 to its end; answers status and the bytes it printed."""
        proc = self.popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
        try:
            out, _ = proc.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            proc.kill()
            proc.wait()
            return 124, b""
        return proc.returncode, out

    def run(self, command, data=b"", timeout=60):
        """Runs a shell command in dom0 to its end; answers status and output."""
        proc = self.popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
        try:
            out, _ = proc.communicate(data, timeout=timeout)
        except subprocess.TimeoutExpired:
            proc.kill()
            proc.wait()
            return 124, f"no answer from dom0 within {timeout} s: {command}"
        return proc.returncode, out.decode(errors="replace")

    def interactive(self, command):
        """A command on this terminal, or on these pipes; answers its status."""
        tty = os.isatty(0)
        return self.popen(command, tty=tty).wait()

    def push(self):
        """Copies built modules and the selftests into dom0 where they changed."""
        modules = built_modules(self.machine.image().name)
        files = [(f"modules/{path.name}", path) for path in self.stripped(modules)]
        for name in ["packaging/xenpv.rules", "packaging/xenpv-status"]:
            if (cache.TREE / name).exists():
                files.append((name, cache.TREE / name))
        for path in sorted((cache.TREE / "tools").rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                files.append((str(path.relative_to(cache.TREE)), path))
        for folder in cache.PUSHED:
            for path in sorted((cache.SELFTESTS / folder).rglob("*")):
                if path.is_file():
                    files.append((f"selftests/{path.relative_to(cache.SELFTESTS)}", path))
        key = cache.digest(*[part for name, path in files for part in (name, path)])
        stamp = self.machine.dir / "pushed"
        if stamp.exists() and stamp.read_text() == key:
            return modules
        code, out = self.run("rm -rf /xenpv/modules /xenpv/packaging /xenpv/tools /xenpv/selftests; mkdir -p /xenpv && "
                             "tar -C /xenpv -xf -", pack(files))
        if code:
            raise LabError(f"cannot copy files into dom0: {out.strip()}")
        stamp.write_text(key)
        step(f"pushed {len(files)} files; our modules: "
             f"{' '.join(path.name for path in modules) or 'none built'}")
        return modules


    def stripped(self, modules):
        """Copies without debugging information, nine tenths of a module: each guest's
        initramfs has them."""
        folder = self.machine.dir / "modules"
        folder.mkdir(exist_ok=True)
        copies = []
        for path in modules:
            copies.append(folder / path.name)
            say.run(["strip", "--strip-debug", "-p", "-o", str(copies[-1]), str(path)],
                    f"strip {path}")
        return copies


def pack(files):
    """A tar archive of (name, path) pairs."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, path in files:
            tar.add(path, name, filter=owned_by_root)
    return buffer.getvalue()


def owned_by_root(info):
    """Who built a file is of no interest in dom0."""
    info.uid = info.gid = 0
    info.uname = info.gname = "root"
    return info


def built_modules(image_name):
    """Our modules as far as they are built, for the lab's very kernel."""
    top = os.environ.get("XENPV_MODULES") or variant.modules_dir()
    found = []
    for name in MODULES:
        path = cache.TREE / name
        if top:
            path = cache.Path(top) / path.name
        if not path.exists():
            continue
        magic = say.run(["modinfo", "-F", "vermagic", str(path)], f"modinfo {path}").split()
        if not magic or f"-linux{magic[0]}-" not in image_name:
            raise LabError(f"{path} is built for kernel '{magic[0] if magic else ''}', the lab has "
                           f"{image_name}: make modules KDIR=$(selftests/lab/lab kdir)")
        found.append(path)
    return found
