"""Effects as lines for people: what kind, on what, in which environments, and where the cause is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rich.text import Text

from envs.review.meaning.statement import Effect, Told
from envs.review.naming import listed
from kube.yaml.faults import printable

_MOST = 10  # lines of one effect
_LONGEST = 400
_PLACES = 3  # of one effect that are named
_STYLES = {Effect.FINDS: "bold red", Effect.SOLVES: "green"}


def append_meaning(text: Text, effects: Sequence[Told]) -> None:
    """Append a line for each effect, under its kind."""
    for effect, several in by_effect(effects):
        style = "bold red" if several[0].is_risky else _STYLES.get(effect, "bold")
        text.append(f"{effect}\n", style=style)
        for each in several[:_MOST]:
            text.append(f"  {sentence(each)}")
            text.append(f"  {place(each)}\n" if each.origins else "\n", style="dim")
            text.append("".join(f"    {printable(line, _LONGEST)}\n" for line in each.details), style="dim")
        if len(several) > _MOST:
            text.append(f"  and {len(several) - _MOST:,} more\n", style="dim")


def by_effect(effects: Sequence[Told]) -> Iterator[tuple[Effect, list[Told]]]:
    """Yield the effects by their kind, in the order in which they come."""
    found: dict[Effect, list[Told]] = defaultdict(list)
    for each in effects:
        found[each.effect].append(each)
    yield from found.items()


def sentence(told: Told) -> str:
    """Say what happens to what, and where."""
    pods = f" ({told.pods:,} {'pod' if told.pods == 1 else 'pods'})" if told.pods else ""
    words = f"{listed(told.subjects)}: {told.text}{pods}, in {listed(told.environments)}"
    return printable(words, _LONGEST)


def place(told: Told) -> str:
    """Name the first places of the causes, and count the others."""
    others = len(told.origins) - _PLACES
    more = f" and {others:,} other {'place' if others == 1 else 'places'}" if others > 0 else ""
    return f"{', '.join(told.origins[:_PLACES])}{more}"
