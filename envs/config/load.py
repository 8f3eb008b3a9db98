"""Loads the folder `environments/` of a root into typed and checked environments, or reports every fault."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from envs.config.checks.consistency import consistency_faults
from envs.config.checks.credentials import credentials
from envs.config.checks.delegation import delegation_faults
from envs.config.checks.sharing import shared_faults
from envs.config.content import ContentReader
from envs.config.layers.folder import FOLDER
from envs.config.layers.root import Layers, read_layers
from envs.config.layers.stacks import Stack
from envs.config.model.environment import Environment
from envs.config.own import OwnComponents, read_components
from envs.config.promotion import Step, promotion_order
from envs.config.reading.faults import ConfigurationError, suggestion
from envs.config.validation.own import with_components
from envs.config.validation.validate import place, validate_all
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin
from kube.yaml.tree import Node


@dataclass(frozen=True, slots=True)
class Configuration:
    """Environments of a root, with what origins and components need besides the typed values."""

    root: Path
    environments: Mapping[str, Environment]
    """Typed environments in the order of promotion: those that were asked for, and others on their clusters."""
    trees: Mapping[str, Node]
    contents: Mapping[str, bytes]
    """Bytes of the files that the environments name, by their path below the root."""
    layers: Mapping[str, Stack]
    """What each environment is merged from, weakest first; its releases come last."""
    names: Collection[str] = ()
    """All environments of the root, whether they were read or not."""
    unread: Mapping[str, list[Fault]] = field(default_factory=dict)
    """Environments that cannot be used and may share a cluster with the others, and what is wrong with them."""

    def environment(self, name: str) -> Environment:
        """Return the environment of that name; raises ConfigurationError with a suggestion."""
        if name not in self.environments:
            known = ", ".join(self.names) or "none"
            hint = suggestion(name, self.names)
            origin = Origin(f"{FOLDER}/{name}.yaml", 1, 1)
            raise ConfigurationError(
                [Fault(origin, "", f"there is no such environment (there are {known}){hint}")]
            )
        return self.environments[name]

    def without(self, broken: Mapping[str, list[Fault]]) -> Configuration:
        """Omit environments with further faults."""
        further = {name: faults for name, faults in broken.items() if faults}
        sound = {name: each for name, each in self.environments.items() if name not in further}
        return replace(self, environments=sound, unread={**self.unread, **further})


def load(root: Path, names: Collection[str] | None = None) -> Configuration:
    """Read, merge and check layers below `root`; raises ConfigurationError with all faults of all their files.

    With `names`, only these environments and their neighbours on the same cluster are read; faults of the neighbours,
    and of layers that none of the named ones uses, stop nothing. Names that are no environment are ignored.
    """
    own = read_components(root)
    layers = read_layers(root, names, own.fields())
    read = _Reading(layers, own)
    asked = layers.asked
    found = {name: read.faults_of(name) for name in (*asked, *layers.near)}
    if names is None:
        raised = [*layers.faults, *read.all_faults()]
    else:
        raised = [fault for name in asked for fault in found[name]]
    if not raised:  # environments are checked against each other once each of them is valid
        raised = [fault for name, fault in read.shared_faults() if name in asked]
    if raised:
        raise ConfigurationError(_without_secrets(raised, read.credentials))
    return _configuration(layers, read, found)


def load_sound(root: Path) -> tuple[Configuration, list[Fault]]:
    """Read all layers below `root`; returns the environments without a fault, and all faults of all files.

    A broken layer stops only the environments that use it; those are in `unread`.
    """
    own = read_components(root)
    layers = read_layers(root, None, own.fields())
    read = _Reading(layers, own)
    found = {name: read.faults_of(name) for name in layers.asked}
    for name, fault in read.shared_faults():
        found[name].append(fault)
    faults = [*layers.faults, *read.all_faults(), *(fault for several in found.values() for fault in several)]
    return _configuration(layers, read, found), list(_without_secrets(faults, read.credentials))


def _configuration(layers: Layers, read: _Reading, found: Mapping[str, list[Fault]]) -> Configuration:
    """Take the environments without a fault; `found` holds the faults of all that were read."""
    sound = {name: environment for name, environment in read.environments.items() if not found[name]}
    names = promotion_order({name: _step(layers, name) for name in layers.names})
    ordered = [name for name in names if name in sound]
    return Configuration(
        root=layers.root,
        environments={name: sound[name] for name in ordered},
        trees={name: layers.trees[name] for name in ordered},
        contents=read.contents,
        layers={name: layers.stacks[name] for name in ordered},
        names=names,
        unread={
            name: list(_without_secrets(faults, read.credentials)) for name, faults in found.items() if faults
        },
    )


def _step(layers: Layers, name: str) -> Step:
    """Tell the place of an environment in the order; one that cannot be read comes with the tests."""
    outline = layers.outlines.get(name)
    if outline is None:
        return Step("", None)
    return Step(outline.text("tier") or "", outline.text("promotes", "from"))


def _without_secrets(faults: Iterable[Fault], secret: Iterable[Fault]) -> Iterator[Fault]:
    """Omit what other faults say of places that hold a credential: no message may quote one."""
    told = {*secret}
    hidden = {fault.origin for fault in told}
    for fault in faults:
        if fault in told or fault.origin not in hidden:
            yield fault


class _Reading:
    """Typed environments and their faults, each environment by itself first and then together."""

    def __init__(self, layers: Layers, own: OwnComponents) -> None:
        self._layers = layers
        self._own: dict[str, list[Fault]] = {name: [] for name in layers.trees}
        self._broken = [fault for faults in own.broken.values() for fault in faults]
        self.environments = {
            name: with_components(environment, layers.trees[name], own, self._own[name])
            for name, environment in validate_all(layers.trees, self._own).items()
        }
        self.credentials = credentials(layers.documents())
        reader = ContentReader(layers.root)
        for name, environment in self.environments.items():
            at = partial(place, layers.trees[name])
            self._own[name] += consistency_faults(environment, at)
            self._own[name] += delegation_faults(environment)
            self._own[name] += reader.read(environment, at)
        self.contents = reader.contents

    def all_faults(self) -> Iterator[Fault]:
        """Yield the faults of all environments that were read, credentials in any layer and own components included."""
        yield from self.credentials
        yield from self._broken
        for name in self._own:
            yield from self._named(name)

    def faults_of(self, name: str) -> list[Fault]:
        """List what stops one environment: its own faults, and those of the files that it is merged from."""
        return [*self._named(name), *self._layers.faults_of(name, self.credentials)]

    def shared_faults(self) -> list[tuple[str, Fault]]:
        """Check environments against each other; returns each fault with the environment that it stops."""
        sound = {name: each for name, each in self.environments.items() if not self.faults_of(name)}
        trees = self._layers.trees
        return list(shared_faults(sound, lambda name: partial(place, trees[name]), self._layers.names))

    def _named(self, name: str) -> Iterator[Fault]:
        """Yield the faults of one environment, those of a default with its path in `defaults`."""
        yield from self._layers.in_defaults(name, self._own.get(name, []))
