"""Judges resources of Pulumi's engine: the decisions of the policy pack, without Pulumi itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from kube.image import parse_repository
from policies.check import environment_breaches, findings_of, object_breaches
from policies.context import Context, Exemption, Level, Tier
from policies.report import one_line
from policies.rule import Area, Finding
from policies.subject import UNKNOWN, Manifest, Subject, mapping, sequence, step, subjects, text
from policies.tags import Shape

ENVIRONMENT = "environments:index:Environment"
PULLED = "environments:index:PulledWorkload"
PREFIX = "kubernetes:"

# Each policy costs the engine about 0.35 ms per resource, whatever it does, so areas share policies.
GROUPS: dict[str, frozenset[Area]] = {
    "images": frozenset({Area.IMAGES}),
    "objects": frozenset(Area) - {Area.IMAGES},
}


@dataclass(frozen=True, slots=True)
class StackResource:
    """A resource: its type, name and inputs as the SDK provides them."""

    token: str
    urn: str
    props: Any


@dataclass
class _Judged(threading.local):
    """The last resource of this thread, since the engine asks each policy in turn about the same one."""

    key: tuple[str, str] = ("", "")
    findings: list[Finding] = field(default_factory=list)
    served: set[str] = field(default_factory=set)


class Pack:
    """Judges the resources of a stack; learns about the environment from its component, which comes first."""

    def __init__(self, stack: str, today: date, unknown_error: type[Exception]) -> None:
        self._context = Context(environment=stack, tier=Tier.PRODUCTION, today=today)
        self._unknown_error = unknown_error
        self._judged = _Judged()

    def judge(self, resource: StackResource, policy: str, config: Mapping[str, Any]) -> list[Finding]:
        """Judge a resource once, and return its findings to each policy that asks."""
        key = (resource.urn, repr(sorted(config.items())))
        judged = self._judged
        if judged.key != key or policy in judged.served:
            judged.key, judged.findings, judged.served = key, self._judge(resource, config), set()
        judged.served.add(policy)
        return judged.findings

    def _judge(self, resource: StackResource, config: Mapping[str, Any]) -> list[Finding]:
        if resource.token == ENVIRONMENT:
            declared, _ = plain(resource.props, self._unknown_error)
            self._context = declare(self._context, declared)
            return []
        context = declare(self._context, config)
        judged = list(self._subjects(resource))
        return findings_of(
            (breach for subject in judged for breach in object_breaches(subject, context)), context
        )

    def judge_stack(self, resources: Iterable[StackResource], config: Mapping[str, Any]) -> list[Finding]:
        """Judge a whole stack by the rules over all objects together."""
        context = declare(self._context, config)
        judged = [subject for resource in resources for subject in self._subjects(resource)]
        return findings_of(environment_breaches(judged, context), context)

    def _subjects(self, resource: StackResource) -> Iterable[Subject]:
        if resource.token == PULLED:
            props, _ = plain(resource.props, self._unknown_error)
            return [Subject(pulled(resource.urn, props), partial=True)]
        if not resource.token.startswith(PREFIX) or resource.token.startswith("kubernetes:helm"):
            return []
        props, unknown = plain(resource.props, self._unknown_error)
        return subjects(typed(resource.token, props), unknown=unknown)


def typed(token: str, props: Manifest) -> Manifest:
    """Set the kind of an object by its token, since the inputs of a `DeploymentPatch` have the kind Deployment."""
    _, api_version, kind = token.split(":", 2)
    return {
        "apiVersion": text(props.get("apiVersion")) or api_version.removeprefix("core/"),
        **props,
        "kind": kind,
    }


def pulled(urn: str, props: Manifest) -> Manifest:
    """Judge a workload that the GitOps job applies by its images, which is all that the stack knows of it."""
    namespace, _, name = urn.rpartition("::")[2].partition("/")
    containers = [{"image": image} for image in sequence(props.get("images"))]
    metadata = {"namespace": namespace, "name": name}
    return {
        "apiVersion": "environments.index/v1",
        "kind": "PulledWorkload",
        "metadata": metadata,
        "containers": containers,
    }


def plain(value: Any, unknown_error: type[Exception]) -> tuple[Manifest, frozenset[str]]:
    """Copy proxies to plain data field by field, so that one unknown value does not hide the others."""
    unknown: set[str] = set()
    copied = _plain(value, "", unknown_error, unknown)
    return mapping(copied), frozenset(unknown)


def _plain(value: Any, path: str, unknown_error: type[Exception], unknown: set[str]) -> Any:
    if isinstance(value, Mapping):
        result: dict[str, Any] = {}
        for key in value:
            where = f"{path}.{key}" if path else str(key)
            result[str(key)] = _known(value, key, where, unknown_error, unknown)
        return result
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return _plain_list(value, path, unknown_error, unknown)
    # Protocol buffers have only floating-point numbers; Kubernetes uses integers.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain_list(
    value: Sequence[Any], path: str, unknown_error: type[Exception], unknown: set[str]
) -> list[Any]:
    parent, _, name = path.rpartition(".")
    prefix = f"{parent}." if parent else ""
    result = []
    for index in range(len(value)):
        inner: set[str] = set()
        entry = _known(value, index, "", unknown_error, inner)
        result.append(entry)
        where = f"{prefix}{step(name, result, index)}"
        unknown.update(f"{where}.{below}" if below else where for below in inner)
    return result


def _known(container: Any, key: Any, path: str, unknown_error: type[Exception], unknown: set[str]) -> Any:
    try:
        value = container[key]
    except unknown_error:
        unknown.add(path)
        return UNKNOWN
    return _plain(value, path, unknown_error, unknown)


def declare(context: Context, declared: Mapping[str, Any]) -> Context:
    """Add the settings of the environment's component, or of a policy's configuration."""
    changes = {
        field: read(declared[key], context) for key, (field, read) in _DECLARED.items() if declared.get(key)
    }
    return replace(context, **changes)


def shapes(images: Mapping[str, Any]) -> dict[str, Shape]:
    """Read shapes of versions by repository; each is a word, or a mapping with `tags`."""
    return {
        parse_repository(repository): Shape(shape if isinstance(shape, str) else shape["tags"])
        for repository, shape in images.items()
    }


def exemption(entry: Mapping[str, Any]) -> Exemption:
    """Read one exemption."""
    return Exemption(
        rule=str(entry["rule"]),
        reason=str(entry.get("reason") or entry.get("because") or ""),
        expires=date.fromisoformat(str(entry["expires"])),
        object=entry.get("object"),
        repository=parse_repository(str(entry["repository"])) if entry.get("repository") else None,
    )


_DECLARED: dict[str, tuple[str, Callable[[Any, Context], Any]]] = {
    "environment": ("environment", lambda value, _: str(value)),
    "tier": ("tier", lambda value, _: Tier(value)),
    "images": ("shapes", lambda value, context: {**context.shapes, **shapes(value)}),
    "environments": ("environments", lambda value, _: frozenset(map(str, value))),
    "registries": ("registries", lambda value, _: tuple(map(str, value))),
    "requireDigests": ("require_digests", lambda value, _: value is True),
    "levels": (
        "levels",
        lambda value, context: {**context.levels, **{key: Level(to) for key, to in value.items()}},
    ),
    "podNetworks": ("pod_networks", lambda value, _: tuple(map(str, value))),
    "exemptions": ("exemptions", lambda value, _: tuple(map(exemption, value))),
}


def message(finding: Finding) -> str:
    """Format a finding for the list that Pulumi prints."""
    return one_line(f"{finding.object} {finding.path}: {finding.message} [{finding.rule}]")
