"""The objects of an environment in, what its roles and bindings permit out: who may do what, and where.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envs.review.naming import app_of, opened
from policies.subject import Subject, entries, mapping, sequence, text

EVERYWHERE = ""
_KINDS = {"Group": "group", "User": "user", "ServiceAccount": "account"}


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One verb that one subject may use on one resource."""

    who: str
    """As people write it: group web-leads, account shop/server."""
    namespace: str
    """Where; empty for the whole cluster."""
    verb: str
    group: str
    """Group of the API, empty for the core."""
    resource: str
    """With the subresource: pods/log. Of a role that is not in Git: the role."""
    name: str = ""
    """The only object that it is for; empty for all."""

    @property
    def target(self) -> str:
        """The resource as kubectl writes it: deployments.apps, secrets[git-credentials]."""
        resource, slash, below = self.resource.partition("/")
        grouped = f"{resource}.{self.group}" if self.group else resource
        return f"{grouped}{slash}{below}{f'[{self.name}]' if self.name else ''}"


def permissions(objects: Iterable[Mapping[str, Any]], environment: str) -> frozenset[Permission]:
    """Compute all permissions that the bindings of an environment give."""
    listed = opened(objects)
    roles = {
        _key(each.kind, each.namespace, each.name): each for each in listed if each.kind.endswith("Role")
    }
    return frozenset(
        permission
        for each in listed
        if each.kind in {"RoleBinding", "ClusterRoleBinding"}
        for permission in _given(each, roles, environment)
    )


def _key(kind: str, namespace: str, name: str) -> tuple[str, str, str]:
    return kind, namespace if kind == "Role" else "", name


def _given(
    binding: Subject, roles: Mapping[tuple[str, str, str], Subject], environment: str
) -> Iterator[Permission]:
    reference = mapping(binding.manifest.get("roleRef"))
    kind, name = text(reference.get("kind")), text(reference.get("name"))
    namespace = binding.namespace if binding.kind == "RoleBinding" else EVERYWHERE
    role = roles.get(_key(kind, binding.namespace, name))
    granted = list(_rules(role)) if role else [("everything that it says", "", f"{kind} {name}", "")]
    for who in entries(binding.manifest.get("subjects")):
        for verb, group, resource, one in granted:
            yield Permission(_who(who, binding, environment), namespace, verb, group, resource, one)


def _rules(role: Subject) -> Iterator[tuple[str, str, str, str]]:
    """Yield verb, group, resource and name; addresses that are no resources have themselves as the resource."""
    for rule in entries(role.manifest.get("rules")):
        resources = [
            (group, resource, name)
            for group in _texts(rule, "apiGroups")
            for resource in _texts(rule, "resources")
            for name in _texts(rule, "resourceNames") or [""]
        ]
        resources += [("", address, "") for address in _texts(rule, "nonResourceURLs")]
        yield from ((verb, *resource) for verb in _texts(rule, "verbs") for resource in resources)


def _texts(rule: Mapping[str, Any], field: str) -> list[str]:
    return [text(each) for each in sequence(rule.get(field))]


def _who(who: Mapping[str, Any], binding: Subject, environment: str) -> str:
    kind, name = text(who.get("kind")), text(who.get("name"))
    if kind == "ServiceAccount":
        name = f"{app_of(text(who.get('namespace')) or binding.namespace, environment)}/{name}"
    return f"{_KINDS.get(kind, kind)} {name}"
