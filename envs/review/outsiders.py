"""A peer of a NetworkPolicy in, words for whom it allows outside of the environment out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import ip_network
from typing import Any

from policies.network.label_selector import Requirement, requirements
from policies.subject import mapping, sequence

NAMESPACE_LABEL = "kubernetes.io/metadata.name"  # set by the API server


def outsider(peer: Mapping[str, Any], own: Collection[str], anybody: str) -> str:
    """Name those outside of our own namespaces; empty where a peer allows none of them."""
    if not peer:
        return anybody
    if peer.get("ipBlock") is not None:
        return _addresses(mapping(peer["ipBlock"]))
    spaces = peer.get("namespaceSelector")
    if spaces is None:
        return ""
    wanted = list(requirements(mapping(spaces)))
    names = _names(wanted)
    if names and names <= set(own):
        return ""
    pods = list(requirements(mapping(peer.get("podSelector"))))
    where = " or ".join(sorted(names)) if names else _told(wanted)
    return f"{_told(pods) or 'pods'} in {f'namespace {where}' if where else 'any namespace'}"


def is_address(words: str) -> bool:
    """Whether an outsider is a block of addresses, which are outside of the cluster or may be."""
    try:
        ip_network(words.partition(" ")[0], strict=False)
    except ValueError:
        return False
    return True


def _names(wanted: list[Requirement]) -> set[str]:
    return {
        value
        for each in wanted
        if each.key == NAMESPACE_LABEL and each.operator == "In"
        for value in each.values
    }


def _addresses(block: Mapping[str, Any]) -> str:
    holes = ", ".join(map(str, sequence(block.get("except"))))
    return f"{block.get('cidr')}{f' except {holes}' if holes else ''}"


def _told(wanted: list[Requirement]) -> str:
    """Write a selector as kubectl does: app=web,tier in (a,b),!old."""
    return ",".join(map(_requirement, wanted))


def _requirement(each: Requirement) -> str:
    values = ",".join(sorted(each.values))
    match each.operator:
        case "In" if len(each.values) == 1:
            return f"{each.key}={values}"
        case "Exists":
            return each.key
        case "DoesNotExist":
            return f"!{each.key}"
    return f"{each.key} {each.operator.lower()} ({values})"
