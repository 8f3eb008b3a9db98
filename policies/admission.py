"""An environment's image rules in, ValidatingAdmissionPolicies out: the same verdict in the API server, in CEL.

Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/

What CEL cannot do, and Python does: judge custom resources (their kinds are not known here), count the 255
characters of a repository name, and know the date, so that exemptions end when they are next rendered.
Exemptions of one object are not carried over: the pods of a controller have other names than it has.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policies.image import DEFAULT_DOMAIN, LEGACY_DOMAIN, LONGEST_TEXT, OFFICIAL, REFERENCE
from policies.rule import Level
from policies.rules.exemptions import is_expired
from policies.rules.images import IMAGES_ARE_PINNED, IMAGES_ARE_VALID
from policies.tags import (
    HEX,
    LONG_VERSION,
    MOVING_WORDS,
    REBUILT_WITHIN,
    SEMVER,
    SHAPE_PARTS,
    SHAPES,
    STAMP,
    STAMP_OR_COMMIT_WITHIN,
    VARIANTS,
    Shape,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policies.manifest import Manifest
    from policies.rule import Context, Rule

ENVIRONMENT_LABEL = "environments/environment"
IDENTIFIER = "[a-f0-9]{64}"
_RESOURCES = {
    "": ["pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"],
    "apps": ["daemonsets", "deployments", "replicasets", "statefulsets"],
    "batch": ["cronjobs", "jobs"],
}
_SPEC = (
    "object.kind == 'Pod' ? object.spec"
    " : object.kind == 'PodTemplate' ? object.template.spec"
    " : object.kind == 'CronJob' ? object.spec.jobTemplate.spec.template.spec"
    " : object.spec.template.spec"
)
# An update that leaves the pods as they are must pass, or nobody could remove a finalizer.
_CHANGED = "request.operation == 'CREATE' || !has(object.spec) || object.spec != oldObject.spec"


def admission_policies(context: Context) -> list[Manifest]:
    """Make the policies and bindings of the image rules for the namespaces of one environment."""
    faulty = f"variables.images.filter(image, !({_valid()}))"
    moving = f"variables.images.filter(image, {_valid()} && !({_pinned(context)}))"
    return [
        *_policy(IMAGES_ARE_VALID, context, faulty, "no reference that container runtimes could parse"),
        *_policy(
            IMAGES_ARE_PINNED, context, moving, "write a full version, a commit, a build stamp or a digest"
        ),
    ]


def _policy(rule: Rule, context: Context, offenders: str, fix: str) -> Iterable[Manifest]:
    name = f"{rule.id}.{context.environment}.environments"
    labels = {ENVIRONMENT_LABEL: context.environment}
    rules = [
        {
            "apiGroups": [group],
            "apiVersions": ["*"],
            "operations": ["CREATE", "UPDATE"],
            "resources": resources,
        }
        for group, resources in _RESOURCES.items()
    ]
    validation = {
        "expression": "size(variables.offenders) == 0",
        "messageExpression": f"'{rule.id}: ' + variables.offenders.join(', ') + ': {fix}'",
    }
    yield {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": rules},
            "matchConditions": [{"name": "pods-change", "expression": _CHANGED}],
            "variables": [
                {"name": "spec", "expression": _SPEC},
                {"name": "images", "expression": _images()},
                {"name": "offenders", "expression": offenders},
            ],
            "validations": [validation],
        },
    }
    yield {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "policyName": name,
            "validationActions": ["Deny"] if rule.level(context) is Level.MANDATORY else ["Warn", "Audit"],
            "matchResources": {"namespaceSelector": {"matchLabels": labels}},
        },
    }


def _images() -> str:
    lists = [
        f"(has(variables.spec.{name}) ? variables.spec.{name}.map(one, has(one.image) ? one.image : '') : [])"
        for name in ("initContainers", "containers", "ephemeralContainers")
    ]
    volumes = (
        "(has(variables.spec.volumes) ? variables.spec.volumes.filter(one, has(one.image))"
        ".map(one, has(one.image.reference) ? one.image.reference : '') : [])"
    )
    return " + ".join([*lists, volumes])


def _valid() -> str:
    return (
        f"size(image) <= {LONGEST_TEXT} && {_matches('image', _whole(REFERENCE))}"
        f" && !{_matches('image', _whole(IDENTIFIER))}"
    )


def _pinned(context: Context) -> str:
    """Ask for a digest, an exempt repository, or a tag that is unique by the patterns of Python."""
    last = "image.substring(image.lastIndexOf('/') + 1)"
    exempt = [spelling for repository in _exempt(context) for spelling in spellings(repository)]
    tag = f"[last.substring(last.indexOf(':') + 1)].all(tag, {_unique(context)})"
    named = f"[{last}].all(last, last.contains(':') && {tag})"
    name = f"({_NAME} in {_list(exempt)})"
    return f"image.contains('@') || {name} || {named}" if exempt else f"image.contains('@') || {named}"


# The reference without tag and digest; a colon before the last slash belongs to the registry.
_NAME = (
    "[image.split('@')[0]].map(text, text.lastIndexOf(':') > text.lastIndexOf('/')"
    " ? text.substring(0, text.lastIndexOf(':')) : text)[0]"
)


def _unique(context: Context) -> str:
    moving = sorted(MOVING_WORDS | {name.lower() for name in context.environments})
    rebuilt = _matches("tag", REBUILT_WITHIN)
    stamped = _matches("tag", STAMP_OR_COMMIT_WITHIN)
    semver = _matches("tag", _whole(SEMVER))
    parts = " || ".join([_matches("tag", _part(LONG_VERSION)), *_shape_parts(context)])
    whole = f"{_matches('tag', _whole(HEX))} || {_matches('tag', _whole(STAMP))}"
    usual = (
        f"!(tag.lowerAscii() in {_list(moving)}) && ({semver} ? (!{rebuilt} || {stamped})"
        f" : ({whole} || {stamped} || (!{rebuilt} && ({parts}))))"
    )
    declared = [
        f"(!{rebuilt} && {_of(context, shape)} && {_matches('tag', _whole(SHAPES[shape] + VARIANTS))})"
        for shape in _declared(context)
    ]
    return " || ".join([*declared, f"({usual})"])


def _shape_parts(context: Context) -> list[str]:
    return [
        f"({_of(context, shape)} && {_matches('tag', _part(SHAPE_PARTS[shape]))})"
        for shape in _declared(context)
    ]


def _declared(context: Context) -> list[Shape]:
    return sorted(set(context.shapes.values()))


def _of(context: Context, wanted: Shape) -> str:
    names = [
        name
        for repository, shape in sorted(context.shapes.items())
        if shape is wanted
        for name in spellings(repository)
    ]
    return f"{_NAME} in {_list(names)}"


def _exempt(context: Context) -> list[str]:
    return [
        exemption.repository
        for exemption in context.exemptions
        if exemption.rule == IMAGES_ARE_PINNED.id
        and exemption.repository is not None
        and exemption.object is None
        and not is_expired(exemption, context.today)
    ]


def spellings(repository: str) -> list[str]:
    """Every way to write a repository: Docker's short names, too."""
    domain, _, path = repository.partition("/")
    if domain != DEFAULT_DOMAIN:
        return [repository]
    paths = (
        [path, path.removeprefix(OFFICIAL)] if path.count("/") == 1 and path.startswith(OFFICIAL) else [path]
    )
    return [prefix + one for one in paths for prefix in ("", f"{DEFAULT_DOMAIN}/", f"{LEGACY_DOMAIN}/")]


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


def _part(pattern: str) -> str:
    return f"(?:^|[-_])(?:{pattern})(?:$|[-_])"


def _matches(name: str, pattern: str) -> str:
    return f"{name}.matches({_text(pattern)})"


def _text(value: str) -> str:
    """Write a text of CEL, which escapes as JSON does."""
    return json.dumps(value)


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
