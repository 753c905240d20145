# SPDX-License-Identifier: GPL-2.0
"""The modules of each side: ours, ours@REVISION or intree, and +PARAMETER=VALUE."""

# The modules of a revision are REVISION.xen-*.ko (benchmarks/build.py puts them there).
CHANGE_REVISION = """cd /xenpv/modules && rm -f xen*.ko &&
		for file in {revision}.*.ko; do cp $file ${{file#*.}} || exit 1; done"""


def commands(driver, spec):
    """The shell commands that make a driver the loaded one, in the domain itself."""
    first, *parameters = spec.split("+")
    kind, _, revision = first.partition("@")
    change = [CHANGE_REVISION.format(revision=revision)] if revision else []
    return [*change, " ".join(["xenpv-driver", driver, kind, *parameters])]


def load(dom0, domain, driver, spec):
    """Loads a driver, or none, whatever was there."""
    for command in commands(driver, spec):
        dom0.at("dom0" if domain == "0" else domain, command)


def use(dom0, kind, front, back, domains):
    """Loads both ends' drivers, of kind blk or net. The frontends go first, for each backend
    has its devices as long as they are there, and come last."""
    for domain in domains:
        load(dom0, domain, f"{kind}front", "none")
    load(dom0, "0", f"{kind}back", "none")
    load(dom0, "0", f"{kind}back", back)
    for domain in domains:
        load(dom0, domain, f"{kind}front", front)
