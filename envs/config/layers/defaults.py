"""The `defaults:` of layers: merged from all layers first, then put beneath everything that an app says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from envs.config.layers.merge import merge, unwritten
from envs.config.layers.stacks import Stack
from envs.config.model import lookup
from envs.config.model.app import App
from envs.config.model.workload import KINDS
from envs.config.reading.faults import suggestion
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin
from kube.yaml.paths import Path, dotted
from kube.yaml.tree import Node

APP, WORKLOAD = "app", "workload"
NOT_OF_APPS = frozenset({"components", "manifests", "workloads"})
"""Fields of an app that hold named things, of which none belongs to every app."""
OwnFields = Mapping[str, Collection[str] | None]
"""Fields of a root's own components, by kind; None for a component that cannot be used."""
NOT_OF_WORKLOADS = frozenset({"kind", "release"})
_USUAL_KIND = "deployment"


def with_defaults(stack: Stack, own: OwnFields, faults: list[Fault]) -> Stack:
    """Put what the layers say in `defaults` beneath them, once for each app, workload and component that they have.

    A kind of ours hides one of the root's own of the same name.
    """
    said = [node for layer in stack if (node := layer.child("defaults")) is not None]
    if not said:
        return stack
    known = {**own, **default_fields()}
    faults += [fault for node in said for fault in _faults(node, known)]
    defaults = _merged(said)
    apps = merge(stack).child("apps")
    entries = apps.value if apps is not None and isinstance(apps.value, dict) else {}
    by_kind = {kind: _of_kind(defaults, kind) for kind in KINDS}
    of_own = {kind: node for kind, node in defaults.items() if kind not in default_fields()}
    beneath = {name: _beneath(app, defaults, by_kind, of_own) for name, app in entries.items()}
    return (unwritten({"apps": unwritten(beneath)}), *stack)


def default_places(stack: Stack) -> dict[Origin, Path]:
    """Find the paths of all that the layers say in `defaults`, by where it is written."""
    found: dict[Origin, Path] = {}
    for layer in stack:
        node = layer.child("defaults")
        if node is not None:
            found.update(_places(node, ("defaults",)))
    return found


@cache
def default_fields() -> dict[str, dict[str, Any]]:
    """Fields that `defaults` may set, by whose they are: app, workload, and each kind of workload."""
    app = {name: field for name, field in lookup.fields(App).items() if name not in NOT_OF_APPS}
    kinds = {
        kind: {name: field for name, field in lookup.fields(model).items() if name not in NOT_OF_WORKLOADS}
        for kind, model in KINDS.items()
    }
    every = {name: field for fields in kinds.values() for name, field in fields.items()}
    return {APP: app, WORKLOAD: every, **kinds}


def _merged(said: list[Node]) -> Mapping[str, Node]:
    """Merge `defaults` of all layers at the paths that they are meant for, since null is a value in a patch."""
    layers = []
    for node in said:
        entries = node.value if isinstance(node.value, dict) else {}
        app = entries.get(APP)
        kinds = {name: child for name, child in entries.items() if name != APP}
        whole = app.value if app is not None and isinstance(app.value, dict) else {}
        layers.append(_at_app({**whole, "workloads": unwritten(kinds)}))
    merged = merge(layers).child("apps")
    found = merged.child(APP) if merged is not None else None
    workloads = found.child("workloads") if found is not None else None
    if found is None or workloads is None:
        return {}
    entries = found.value if isinstance(found.value, dict) else {}
    own = unwritten({key: child for key, child in entries.items() if key not in NOT_OF_APPS})
    return {APP: own, **(workloads.value if isinstance(workloads.value, dict) else {})}


def _at_app(entries: dict[str, Node]) -> Node:
    return unwritten({"apps": unwritten({APP: unwritten(entries)})})


def _of_kind(defaults: Mapping[str, Node], kind: str) -> Node:
    """Merge the defaults of all workloads with those of one kind, and skip what this kind does not have."""
    known = default_fields()[kind]
    layers = [
        unwritten({"apps": unwritten({APP: unwritten({"workloads": unwritten({WORKLOAD: node})})})})
        for name in (WORKLOAD, kind)
        if (node := defaults.get(name)) is not None and isinstance(node.value, dict)
    ]
    node = merge(layers) if layers else unwritten({})
    for step in ("apps", APP, "workloads", WORKLOAD):
        node = node.child(step) or unwritten({})
    entries = node.value if isinstance(node.value, dict) else {}
    return replace(node, value={name: child for name, child in entries.items() if name in known})


def _beneath(
    app: Node, defaults: Mapping[str, Node], by_kind: Mapping[str, Node], of_own: Mapping[str, Node]
) -> Node:
    own = defaults[APP].value if APP in defaults else {}
    inherited = dict(own) if isinstance(own, dict) else {}
    for group, of_kinds in (("workloads", by_kind), ("components", of_own)):
        found = dict(_by_name(app.child(group), of_kinds))
        if found:
            inherited[group] = unwritten(found)
    return unwritten(inherited)


def _by_name(group: Node | None, by_kind: Mapping[str, Node]) -> Iterator[tuple[str, Node]]:
    """Yield the defaults of each workload or component of an app."""
    entries = group.value if group is not None and isinstance(group.value, dict) else {}
    for name, node in entries.items():
        kind = node.child("kind")
        word = _USUAL_KIND if kind is None else str(kind.value)
        if word in by_kind:
            yield name, by_kind[word]


def _faults(node: Node, known: OwnFields) -> Iterator[Fault]:
    """Find defaults that nothing can have."""
    if node.value is None:
        return
    if not isinstance(node.value, dict):
        yield Fault(node.place, "defaults", "is not a mapping; write key: value")
        return
    for name, child in node.value.items():
        if name in known:
            yield from _faults_of_one(name, child, known)
        else:
            hint = suggestion(name, known) or f"; known here are {', '.join(known)}"
            yield Fault(child.key, dotted(("defaults", name)), f"unknown field{hint}")


def _faults_of_one(name: str, node: Node, known: OwnFields) -> Iterator[Fault]:
    here, fields = ("defaults", name), known[name]
    if isinstance(node.value, dict):
        for key, value in node.value.items():
            if fields is not None and key not in fields:
                yield Fault(value.key, dotted((*here, key)), _unknown(name, key, known))
    elif node.value is not None:
        yield Fault(node.place, dotted(here), "is not a mapping; write key: value")


def _unknown(name: str, key: str, known: OwnFields) -> str:
    if name not in default_fields() and key == "kind":
        return "belongs to one component; write it in `apps.<app>.components.<component>.kind`"
    if name == APP and key in NOT_OF_APPS:
        return f"belongs to one app; write it in `apps.<app>.{key}`"
    if name in default_fields() and name != APP and key in NOT_OF_WORKLOADS:
        return f"belongs to one workload; write it in `apps.<app>.workloads.<workload>.{key}`"
    owners = [kind for kind in KINDS if key in default_fields()[kind]]
    if name in KINDS and owners:
        return f"`kind: {name}` has no such field; it belongs to " + " or ".join(
            f"`kind: {kind}`" for kind in owners
        )
    return f"unknown field{suggestion(key, known[name] or ())}"


def _places(node: Node, path: Path) -> Iterator[tuple[Origin, Path]]:
    yield node.key, path
    yield node.origin, path
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from _places(child, (*path, key))
    elif isinstance(node.value, list):
        for number, child in enumerate(node.value):
            yield from _places(child, (*path, str(number)))
