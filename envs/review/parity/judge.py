"""Differences between environments and declarations in, what nobody declared and what nothing needs out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from components.objects.manifest import Manifest
from envs.config.layers.folder import RELEASES
from envs.config.load import Configuration
from envs.review.masking import Mask
from envs.review.parity.compare import Difference, Side, absence, compare_app, dotted, lineage
from envs.review.parity.declarations import FILE, Declaration, declared, joined
from kube.difference import ABSENT
from policies.context import Level
from policies.rule import Finding

RULE = "environments-are-alike"

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A difference that nobody declared, and the environments between which it is."""

    difference: Difference
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Parity:
    """In what environments differ, by what parity.yaml says to it."""

    undeclared: tuple[Undeclared, ...]
    declared: Mapping[Declaration, int] = field(default_factory=dict)
    """Number of differences that each declaration covers."""

    @property
    def unused(self) -> list[Declaration]:
        """Declarations that no difference needs."""
        return [each for each, count in self.declared.items() if not count]


def parity(
    configuration: Configuration,
    manifests: Mapping[str, Sequence[Manifest]],
    declarations: Sequence[Declaration],
    mask: Mask,
) -> Parity:
    """Compare each app of an environment with the nearest environment before it that has this app."""
    patterns = [(each, each.pattern) for each in declarations]
    counts = dict.fromkeys(declarations, 0)
    left: dict[tuple[str, str, str], tuple[Difference, list[Pair]]] = {}
    for pair, found in _differences(configuration, manifests, mask):
        if any(origin.startswith(f"{RELEASES}/") for origin in found.origins):
            continue  # each environment has its own; promotion carries them on
        text = joined(found.segments)
        covering = [each for each, pattern in patterns if pattern.fullmatch(text)]
        for each in covering:
            counts[each] += 1
        if not covering:
            key = (found.path, repr(found.field.old), repr(found.field.new))
            left.setdefault(key, (found, []))[1].append(pair)
    return Parity(tuple(Undeclared(found, tuple(between)) for found, between in left.values()), counts)


def _differences(
    configuration: Configuration, manifests: Mapping[str, Sequence[Manifest]], mask: Mask
) -> Iterator[tuple[Pair, Difference]]:
    sides = {name: Side.of(name, manifests[name]) for name in configuration.environments}
    for name, here in sides.items():
        before = [sides[each] for each in lineage(name, configuration.environments)]
        for app in here.apps if before else ():
            other = next((each for each in before if app in each.apps), None)
            if other is None:
                yield (before[0].environment, name), absence(app, is_left=False)
            else:
                pair = (other.environment, name)
                yield from ((pair, found) for found in compare_app(app, other, here, mask, whole=True))
        for app in before[0].apps if before else ():
            if app not in here.apps:
                yield (before[0].environment, name), absence(app, is_left=True)


def undeclared(
    configuration: Configuration,
    manifests: Mapping[str, Sequence[Manifest]],
    names: Collection[str],
    mask: Mask,
) -> list[Finding]:
    """Judge parity where the root has the file for it; raises ConfigurationError for faults of the file."""
    declarations = declared(configuration.root)
    if declarations is None:
        return []
    found = findings(parity(configuration, manifests, declarations, mask))
    return [each for each in found if not each.environment or each.environment in names]


def findings(found: Parity) -> Iterator[Finding]:
    """Tell undeclared differences and unused declarations as the policies tell what they find."""
    for each in found.undeclared:
        one, other = each.pairs[0]
        difference = each.difference
        message = (
            f"{one} has {_told(difference.field.old, difference.origins[0])}, "
            f"{other} has {_told(difference.field.new, difference.origins[1])}; "
            f"make them alike, or declare {difference.path} in {FILE} with the reason"
        )
        place = next((origin for origin in reversed(difference.origins) if ":" in origin), "")
        subject = "/".join(
            part for part in (difference.kind or "App", difference.name or difference.app) if part
        )
        path = difference.field.path
        yield Finding(RULE, Level.MANDATORY, other, subject, path, message, f"{place}:1" if place else None)
    for declaration in found.unused:
        message = "nothing differs there any more; remove the declaration"
        origin = str(declaration.origin)
        yield Finding(RULE, Level.ADVISORY, "", "Parity/declaration", declaration.glob, message, origin)


def _told(value: object, origin: str) -> str:
    if value is ABSENT:
        return "nothing"
    return f"{value}{f' ({origin})' if origin else ''}"


def globs(undeclared: Iterable[Difference]) -> list[str]:
    """Write as few declarations as cover these differences: fields that differ in several objects are told once."""
    by_field: dict[tuple[str, ...], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for each in undeclared:
        rest = (each.kind, *(_general(step, each.name) for step in each.segments[3:])) if each.kind else ()
        by_field[rest][each.app].add(each.name)
    return sorted(glob for rest, apps in by_field.items() for glob in _globs(rest, apps))


def _globs(rest: tuple[str, ...], apps: Mapping[str, set[str]]) -> Iterator[str]:
    if not rest:
        yield from (dotted((app,)) for app in apps)
        return
    kind, *below = rest
    named = {app: "*" if len(names) > 1 or "*" in below else next(iter(names)) for app, names in apps.items()}
    if len(apps) > 1:
        yield dotted(("*", kind, "*" if len(set(named.values())) > 1 else next(iter(named.values())), *below))
        return
    yield from (dotted((app, kind, name, *below)) for app, name in named.items())


def _general(step: str, name: str) -> str:
    return "*" if step == name else step
