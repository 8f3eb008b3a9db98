"""Represents ports of NetworkPolicies as sets of numbers by protocol, so that both sides can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

PROTOCOLS = ("TCP", "UDP", "SCTP")
LAST = 65535

NamedPort = tuple[str, str, int]
"""Name, protocol and number of a port that a container declares."""


@dataclass(frozen=True, slots=True)
class PortSet:
    """Ranges of ports, each with its protocol, both ends included."""

    ranges: frozenset[tuple[str, int, int]]

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __or__(self, other: PortSet) -> PortSet:
        return PortSet(self.ranges | other.ranges)

    def __and__(self, other: PortSet) -> PortSet:
        common = set()
        for protocol, low, high in self.ranges:
            for other_protocol, other_low, other_high in other.ranges:
                start, end = max(low, other_low), min(high, other_high)
                if protocol == other_protocol and start <= end:
                    common.add((protocol, start, end))
        return PortSet(frozenset(common))

    def __sub__(self, other: PortSet) -> PortSet:
        left = set(self.ranges)
        for protocol, low, high in other.ranges:
            left = {part for one in left for part in _without(one, protocol, low, high)}
        return PortSet(frozenset(left))

    def numbers(self, protocol: str) -> set[int]:
        """Return all ports of one protocol, one by one."""
        return {port for name, low, high in self.ranges if name == protocol for port in range(low, high + 1)}

    def __str__(self) -> str:
        if self == EVERY_PORT:
            return "every port"
        return ", ".join(_span(*one) for one in sorted(self.ranges))


def _without(one: tuple[str, int, int], protocol: str, low: int, high: int) -> Iterator[tuple[str, int, int]]:
    """Yield what a range keeps when another is taken out of it."""
    name, start, end = one
    if name != protocol or high < start or end < low:
        yield one
        return
    if start < low:
        yield name, start, low - 1
    if high < end:
        yield name, high + 1, end


def _span(protocol: str, low: int, high: int) -> str:
    return f"{protocol} {low}" if low == high else f"{protocol} {low}-{high}"


NO_PORT = PortSet(frozenset())
EVERY_PORT = PortSet(frozenset((protocol, 1, LAST) for protocol in PROTOCOLS))


def port_set(ports: Any, named: Iterable[NamedPort]) -> PortSet:
    """Ports that the `ports` of a rule allow towards a pod with these `named` ones; no `ports` means all."""
    if not isinstance(ports, list) or not ports:
        return EVERY_PORT
    allowed = NO_PORT
    for entry in ports:
        if isinstance(entry, dict):
            allowed |= _ports_of_entry(entry, named)
    return allowed


def _ports_of_entry(entry: dict[str, Any], named: Iterable[NamedPort]) -> PortSet:
    protocol, port, end = entry.get("protocol") or "TCP", entry.get("port"), entry.get("endPort")
    if port is None:
        return PortSet(frozenset({(protocol, 1, LAST)}))
    if isinstance(port, str):
        numbers = (number for name, of, number in named if name == port and of == protocol)
        return PortSet(frozenset((protocol, number, number) for number in numbers))
    if not isinstance(port, int | float):
        return NO_PORT
    return PortSet(
        frozenset({(protocol, int(port), int(end) if isinstance(end, int | float) else int(port))})
    )
