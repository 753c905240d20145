# SPDX-License-Identifier: GPL-2.0
"""Domains, by name, and their devices in xenstore. 0 is dom0, which may be its own frontend."""

GUEST_PLACES = ("pv", "pvh")


def of_place(place):
    """Whose devices they are in a place, as xl and the tests' library name it."""
    return "g1" if place in GUEST_PLACES else "0"


def guest_names(listing):
    """The names in what "xl list" prints, without dom0's."""
    lines = [line.split() for line in listing.splitlines()[1:]]
    return [words[0] for words in lines if len(words) > 1 and words[1] != "0"]


def guests(dom0):
    """The guests that are alive."""
    return guest_names(dom0.output("xl", "list"))


def domid(dom0, domain):
    """A domain's number; nothing where the guest is gone."""
    return "0" if domain == "0" else dom0.ask("xl", "domid", domain).strip()


def devices(dom0, domain, kind):
    """The numbers of a domain's frontends, of kind vbd or vif."""
    return dom0.ask("xenstore-list", f"/local/domain/{domid(dom0, domain)}/device/{kind}").split()


def backends_gone(dom0, domain, kind):
    """Whether dom0 has no backend for a domain any more."""
    path = f"/local/domain/0/backend/{kind}/{domid(dom0, domain)}"
    return not dom0.ask("xenstore-list", path).strip()


def wait_backends_gone(dom0, domain, kind):
    """Until that is so."""
    dom0.wait_until(20, f"the {kind} backends of {domain} are gone",
                    lambda: backends_gone(dom0, domain, kind))


def connected(listing):
    """How many devices are Connected in what "xenstore-ls -f" prints: XenbusStateConnected
    of Xen's public header io/xenbus.h."""
    return sum('/state = "4"' in line for line in listing.splitlines())


def all_connected(dom0, domain, kind, number):
    """Whether so many devices are, at both ends."""
    number_of = domid(dom0, domain)
    paths = (f"/local/domain/0/backend/{kind}/{number_of}",
             f"/local/domain/{number_of}/device/{kind}")
    return all(connected(dom0.ask("xenstore-ls", "-f", path)) == number for path in paths)
