"""Who has set a field of a live object, and when, as `metadata.managedFields` says.

Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gitops.engine import managed_fields
from gitops.engine.managed_fields import Place
from gitops.engine.managers import OTHER_WRITERS
from gitops.objects import Body
from gitops.report.masking import Difference

_Held = tuple[Body, set[Place]]  # an entry and the places of its fields


def signed(live: Body, found: Iterable[Difference], *, removed: bool) -> list[Difference]:
    """Add to each difference who has set the old value; nothing where the job itself has.

    Nobody holds a field that was removed. With `removed`, which says that Git has not asked for such fields anew, the
    latest writer since the job or another deployment tool applied the object is named.
    """
    theirs = [entry for entry in managed_fields.entries(live) if not managed_fields.ours(entry)]
    held = [(entry, set(_places(live, entry))) for entry in theirs]
    suspect = _latest(_since(live, theirs)) if removed else None
    return [_signed(each, _holder(each, held) if each.before else suspect) for each in found]


def _signed(difference: Difference, entry: Body | None) -> Difference:
    if entry is None:
        return difference
    return replace(difference, manager=str(entry.get("manager", "")), time=str(entry.get("time") or ""))


def _places(live: Body, entry: Body) -> Iterator[Place]:
    """Find the fields of an entry, without the mappings and items that it holds for the sake of what is in them."""
    members = managed_fields.owned_paths([entry])
    inner = {path[:length] for path in members for length in range(1, len(path))}
    found = (managed_fields.locate(live, path) for path in members - inner)
    yield from (place for place in found if place is not None)


def _holder(difference: Difference, held: Iterable[_Held]) -> Body | None:
    """Find who holds a field, or something in it; else who holds it as a part of something."""
    held, here = list(held), difference.place
    inside = [entry for entry, places in held if any(place[: len(here)] == here for place in places)]
    around = [entry for entry, places in held if managed_fields.below(here, places)]
    return _latest(inside) or _latest(around)


def _since(live: Body, entries: Iterable[Body]) -> Iterator[Body]:
    """Choose the entries of whole objects that are not older than the last apply."""
    applied = max(map(_time, filter(_deployed, managed_fields.entries(live))), default="")
    main = (
        entry for entry in entries if entry.get("subresource", "") in {"", "scale"} and not _deployed(entry)
    )
    return (entry for entry in main if _time(entry) >= applied)


def _deployed(entry: Body) -> bool:
    return managed_fields.ours(entry) or str(entry.get("manager", "")).startswith(OTHER_WRITERS)


def _latest(entries: Iterable[Body]) -> Body | None:
    return max(entries, key=_time, default=None)


def _time(entry: Body) -> str:
    return str(entry.get("time") or "")
