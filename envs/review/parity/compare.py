"""Objects of two environments in, the fields in which they differ out, with both values and both places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from components.objects.manifest import Manifest
from envs.config.model.environment import Environment
from envs.review.masking import Mask
from envs.review.neutral import neutral, neutral_text
from kube.difference import ABSENT, FieldChange, differences
from kube.yaml.origin import Origin, origin_of
from policies.subject import steps

_Key = tuple[str, str]
"""Kind and name."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, an object or an app in which two environments differ."""

    app: str
    kind: str
    """Kind of the object; empty for a whole app."""
    name: str
    """Name of the object, without that of the environment."""
    field: FieldChange
    """Path within the object and both values; without a path, one side is absent."""
    origins: tuple[str, str]
    """Where the two values are written: a line of a layer, or a component."""

    @property
    def segments(self) -> tuple[str, ...]:
        """App, kind, name and the steps of the path."""
        head = (self.app, self.kind, self.name) if self.kind else (self.app,)
        return (*head, *steps(self.field.path))

    @property
    def path(self) -> str:
        """All of it as parity.yaml writes it: shop.Deployment.frontend.spec.replicas."""
        return dotted(self.segments)


def dotted(segments: Sequence[str]) -> str:
    """Join segments; one with a dot, such as a key of an annotation, is put in brackets."""
    text = ""
    for segment in segments:
        plain = f".{segment}" if text else segment
        text += f"[{segment}]" if set(segment) & set(".[") and segment != "**" else plain
    return text


@dataclass(frozen=True, slots=True)
class Side:
    """The objects of one environment, by app, then by kind and name without that of the environment."""

    environment: str
    apps: Mapping[str, Mapping[_Key, Manifest]]

    @classmethod
    def of(cls, environment: str, manifests: Iterable[Manifest]) -> Side:
        """Index the objects of an environment."""
        apps: dict[str, dict[_Key, Manifest]] = defaultdict(dict)
        for each in manifests:
            apps[each.owner][each.kind, neutral_text(each.name, environment)] = each
        return cls(environment, dict(apps))


def lineage(name: str, environments: Mapping[str, Environment]) -> list[str]:
    """List the environments before one, the nearest first: those it is promoted from, else the first of all."""
    found = [name]
    while (source := _source(found[-1], environments)) not in found:
        found.append(source)
    return found[1:]


def _source(name: str, environments: Mapping[str, Environment]) -> str:
    promotes = environments[name].promotes
    known = promotes.from_ if promotes else ""
    return str(known) if known in environments else next(iter(environments))


def compare(left: Side, right: Side, mask: Mask) -> Iterator[Difference]:
    """Compare two environments; the names in the values do not count."""
    for app in sorted(left.apps.keys() ^ right.apps.keys()):
        yield absence(app, is_left=app in left.apps)
    for app in left.apps:
        if app in right.apps:
            yield from compare_app(app, left, right, mask)


def absence(app: str, *, is_left: bool) -> Difference:
    """Say that only one of two environments has an app."""
    return Difference(app, "", "", _presence(is_left=is_left), ("", ""))


def compare_app(
    app: str, left: Side, right: Side, mask: Mask, *, whole: bool = False
) -> Iterator[Difference]:
    """Compare an app that both environments have; with `whole`, what one of them lacks is one difference."""
    here, there = left.apps[app], right.apps[app]
    for key in [*here, *(key for key in there if key not in here)]:
        sides = ((left.environment, here.get(key)), (right.environment, there.get(key)))
        for found in _objects((app, *key), *sides, whole=whole):
            yield replace(found, field=mask(_counted(found.field), key[0]))


def _objects(
    key: tuple[str, str, str],
    left: tuple[str, Manifest | None],
    right: tuple[str, Manifest | None],
    *,
    whole: bool,
) -> Iterator[Difference]:
    (one, here), (other, there) = left, right
    if here is None or there is None:
        makers = (here.maker if here else "", there.maker if there else "")
        yield Difference(*key, _presence(is_left=here is not None), makers)
        return
    for change in differences(neutral(here.object, one), neutral(there.object, other), whole=whole):
        places = (_place(change.old, here), _place(change.new, there))
        yield Difference(*key, change, places)


def _counted(change: FieldChange) -> FieldChange:
    """Tell mappings and lists by their size, since they may hold anything."""
    return FieldChange(change.path, *(_size(side) for side in (change.old, change.new)))


def _size(value: object) -> object:
    if isinstance(value, Mapping):
        return f"{len(value):,} {'field' if len(value) == 1 else 'fields'}"
    if isinstance(value, list):
        return f"{len(value):,} {'item' if len(value) == 1 else 'items'}"
    return value


def _presence(*, is_left: bool) -> FieldChange:
    return FieldChange("", "present", ABSENT) if is_left else FieldChange("", ABSENT, "present")


def _place(value: object, manifest: Manifest) -> str:
    if value is ABSENT:
        return ""
    origin = next(_origins(value), None)
    return f"{origin.file}:{origin.line}" if origin else manifest.maker


def _origins(value: object) -> Iterator[Origin]:
    """Yield the origins of a value, or of all that is within it."""
    if origin := origin_of(value):
        yield origin
    elif isinstance(value, Mapping):
        yield from (origin for item in value.values() for origin in _origins(item))
    elif isinstance(value, list):
        yield from (origin for item in value for origin in _origins(item))
