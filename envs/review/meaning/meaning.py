"""Changes of environments in, what they mean in words out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from envs.review.causes.causes import UNKNOWN, Causes
from envs.review.changes import Preview
from envs.review.meaning.access import permission_changes
from envs.review.meaning.admission import admission_changes
from envs.review.meaning.exposure import exposure_changes
from envs.review.meaning.network import connection_changes
from envs.review.meaning.objects import object_changes
from envs.review.meaning.releases import release_changes
from envs.review.meaning.statement import Statement, Told, told


def meaning(
    previews: Sequence[Preview], causes: Mapping[str, Causes], others: Iterable[Statement] = ()
) -> list[Told]:
    """Tell the effects of all changes, equal ones once; `others` are what needs more than the objects."""
    effects = [each for preview in previews for each in _effects(preview, causes.get(preview.name, UNKNOWN))]
    return told([*effects, *release_changes(previews, causes), *others])


def _effects(preview: Preview, causes: Causes) -> Iterator[Statement]:
    yield from object_changes(preview, causes)
    yield from exposure_changes(preview, causes)
    yield from permission_changes(preview, causes)
    yield from connection_changes(preview, causes)
    yield from admission_changes(preview, causes)
