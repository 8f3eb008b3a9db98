"""Connections in, lines or a Mermaid diagram of them out."""

from __future__ import annotations

from collections import defaultdict

from envs.review.connections import Connections
from envs.review.naming import listed

_FEW = 3  # sources of the same connection that are named one by one
_WIDEST = 40  # letters; a longer name moves its own line alone


def as_text(found: Connections) -> str:
    """Write a line for each connection; those of many sources to the same target are one."""
    lines = [(source, f"{target}  {ports}") for source, target, ports in _joined(found)]
    width = max((len(source) for source, _ in lines if len(source) <= _WIDEST), default=0)
    return "\n".join(f"{source:{width}}  -> {rest}" for source, rest in lines) or "no connection is possible"


def _joined(found: Connections) -> list[tuple[str, str, str]]:
    sources: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, ports in sorted(found.items(), key=lambda entry: (entry[0].source, entry[0].target)):
        sources[key.target, str(ports)].append(key.source)
    joined = []
    for (target, words), several in sources.items():
        if len(several) > _FEW:
            joined.append((f"{len(several):,} workloads ({listed(several)})", target, words))
        else:
            joined += [(source, target, words) for source in several]
    return sorted(joined)


def as_mermaid(found: Connections) -> str:
    """Draw the connections as a flowchart: https://mermaid.js.org/syntax/flowchart.html."""
    ends = sorted({end for key in found for end in (key.source, key.target)})
    numbers = {end: f"n{number}" for number, end in enumerate(ends)}
    lines = ["flowchart LR", *(f'  {numbers[end]}["{_label(end)}"]' for end in ends)]
    for key, ports in sorted(found.items(), key=lambda entry: (entry[0].source, entry[0].target)):
        lines.append(f'  {numbers[key.source]} -->|"{_label(str(ports))}"| {numbers[key.target]}')
    return "\n".join(lines)


def _label(text: str) -> str:
    """Write a text as a quoted label, in which Mermaid reads entity codes such as #quot;."""
    safe = text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    return " ".join(safe.replace("`", "#96;").split())
