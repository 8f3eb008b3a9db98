"""Judges resources of Pulumi's engine: the decisions of the policy pack, without Pulumi itself."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from policies.check import environment_breaches, findings_of, object_breaches
from policies.context import Context, ContextError, from_wire
from policies.report import one_line
from policies.rule import Finding
from policies.rules import RULES_BY_ID
from policies.subject import PULLED_GROUP, UNKNOWN, Manifest, Subject, mapping, sequence, step, subjects, text

ENVIRONMENT = "environments:index:Environment"
PULLED = "environments:index:PulledWorkload"
PREFIX = "kubernetes:"
# The objects that these make are resources of their own; those of a Release are Helm's secret.
COMPONENTS = tuple(
    f"{PREFIX}{name}" for name in ("helm.sh/v3:Chart", "helm.sh/v4:Chart", "kustomize", "yaml")
)


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
        self._stack = stack
        self._today = today
        self._declared: Mapping[str, Any] = {}
        self._contexts: dict[str, Context] = {}
        self._unknown_error = unknown_error
        self._judged = _Judged()

    def judge(self, resource: StackResource, policy: str, config: Mapping[str, Any]) -> list[Finding]:
        """Judge one resource once, and hand the findings to each policy that asks.

        `config` is what Pulumi was told for the policy, in the wire form too. Raises ContextError for what cannot
        be read of it, or of the environment's component.
        """
        key = (resource.urn, repr(sorted(config.items())))
        judged = self._judged
        if judged.key != key or policy in judged.served:
            judged.key, judged.findings, judged.served = key, self._judge(resource, config), set()
        judged.served.add(policy)
        return judged.findings

    def _judge(self, resource: StackResource, config: Mapping[str, Any]) -> list[Finding]:
        if resource.token == ENVIRONMENT:
            self._declare(plain(resource.props, self._unknown_error)[0])
            return []
        context = self._context(config)
        judged = list(self._subjects(resource))
        return findings_of(
            (breach for subject in judged for breach in object_breaches(subject, context)), context
        )

    def judge_stack(self, resources: Iterable[StackResource], config: Mapping[str, Any]) -> list[Finding]:
        """Judge a whole stack by the rules over all objects together; raises ContextError as `judge` does."""
        context = self._context(config)
        judged = [subject for resource in resources for subject in self._subjects(resource)]
        return findings_of(environment_breaches(judged, context), context)

    def _declare(self, declared: Manifest) -> None:
        """Take over what the environment says of itself; until that can be read it is judged as production."""
        self._contexts.clear()
        self._declared = {}
        from_wire(declared, self._stack, self._today)
        self._declared = declared

    def _context(self, config: Mapping[str, Any]) -> Context:
        """Read what the environment declares with the configuration of a policy on top, each once."""
        key = repr(sorted(config.items()))
        if key not in self._contexts:
            said = overlaid(self._declared, plain(config, self._unknown_error)[0])
            context = from_wire(said, self._stack, self._today)
            if unknown := sorted(context.levels.keys() - RULES_BY_ID.keys()):
                raise ContextError(f"levels: there is no rule {', '.join(unknown)}")
            self._contexts[key] = context
        return self._contexts[key]

    def _subjects(self, resource: StackResource) -> Iterable[Subject]:
        if resource.token == PULLED:
            props, _ = plain(resource.props, self._unknown_error)
            return list(pulled(props))
        if not resource.token.startswith(PREFIX) or resource.token.startswith(COMPONENTS):
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


def pulled(props: Manifest) -> Iterator[Subject]:
    """See the objects of a workload that the GitOps job applies by their images, all that the stack knows of them.

    Each goes by its own id, so that an exemption of the object holds here too; the group keeps rules over complete
    objects away from it.
    """
    for name, images in mapping(props.get("images")).items():
        kind, *namespace, own_name = name.split("/")
        yield Subject(
            {
                "apiVersion": f"{PULLED_GROUP}/v1",
                "kind": kind,
                "metadata": {"namespace": "".join(namespace), "name": own_name},
                "containers": [{"image": image} for image in sequence(images)],
            },
            partial=True,
        )


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


def overlaid(weak: Mapping[str, Any], strong: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one wire form on top of another: mappings merge by key, all else is replaced."""
    merged = dict(weak)
    for key, value in strong.items():
        both = isinstance(value, Mapping) and isinstance(weak.get(key), Mapping)
        merged[key] = {**weak[key], **value} if both else value
    return merged


def message(finding: Finding) -> str:
    """Format a finding for the list that Pulumi prints."""
    return one_line(f"{finding.object} {finding.path}: {finding.message} [{finding.rule}]")


def unreadable(error: ContextError) -> str:
    """Say in the same list that the policies do not know by what to judge."""
    return one_line(
        f"what the environment declares to the policies, or their configuration, is wrong: {error}"
    )
