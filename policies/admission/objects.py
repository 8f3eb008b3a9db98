"""Makes ValidatingAdmissionPolicies from the rules over pods and images, for the same verdict in the API server.

Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kube.labels import PREFIX
from policies.admission.cel import pinned, valid
from policies.admission.pod_checks import ALL, BOUNDED, CHECKS, RUNNING, Check
from policies.context import Context, Level
from policies.rule import Rule
from policies.rules import RULES_BY_ID
from policies.rules.exemptions import is_expired
from policies.rules.images import IMAGES_ARE_PINNED, IMAGES_ARE_VALID
from policies.subject import Manifest

ENVIRONMENT_LABEL = f"{PREFIX}/environment"
_RESOURCES = {
    "": ["pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"],
    "apps": ["daemonsets", "deployments", "replicasets", "statefulsets"],
    "batch": ["cronjobs", "jobs"],
}
LIMITS = {
    "custom resources": "judge custom resources, as CEL cannot search an object for the pods that it embeds",
    "dates": "know the date: an exemption holds here until it is deleted; `envs check` reports it once it has expired",
    "objects": "exempt one object, since the pods of a controller have other names: exempt the repository of an image "
    "instead; a rule over pods from which the environment exempts an object only warns here",
    "reasons": "say what is wrong with an image and where it is; the refusal names the image",
    "cost": "judge more than several hundred images of one pod; above the cost limit of CEL it refuses the pod",
    "other rules": "see other objects, releases and Git's history, nor does it repeat the rules on registries, "
    "digests, tokens and credentials",
}
"""What this gate cannot do and the others can; each completes the sentence "this gate cannot"."""

Validation = dict[str, str]


def admission_policies(context: Context) -> list[Manifest]:
    """Make the policies and bindings for the namespaces of one environment."""
    return [*image_policies(context), *pod_policies(context)]


def image_policies(context: Context) -> list[Manifest]:
    """Make the policies and bindings of the rules over images."""
    faulty = f"variables.images.filter(image, !({valid()}))"
    moving = f"variables.images.filter(image, {valid()} && !({pinned(context)}))"
    parse = "no reference that container runtimes could parse"
    pin = "write a full version, a commit, a build stamp or a digest"
    return [
        *_image_policy(IMAGES_ARE_VALID, context, faulty, parse),
        *_image_policy(IMAGES_ARE_PINNED, context, moving, pin),
    ]


def pod_policies(context: Context) -> list[Manifest]:
    """Make the policies and bindings of the rules over pods; they are the same in all environments but for levels."""
    return [
        manifest
        for rule, checks in CHECKS.items()
        for manifest in _policy(
            RULES_BY_ID[rule],
            context,
            _POD_VARIABLES,
            [_validation(rule, check) for check in checks],
            denies=not _exempts_an_object(rule, context),
        )
    ]


def _exempts_an_object(rule: str, context: Context) -> bool:
    return any(
        exemption.rule == rule and exemption.object is not None and not is_expired(exemption, context.today)
        for exemption in context.exemptions.values()
    )


def _validation(rule: str, check: Check) -> Validation:
    message = f"{rule}: {check.fix}"
    if not check.among:
        return {"expression": check.condition, "message": message}
    containers = f"variables.{check.among}"
    named = f"{containers}.filter(one, !({check.condition})).map(one, one.name).join(', ')"
    return {
        "expression": f"{containers}.all(one, {check.condition})",
        "message": message,
        "messageExpression": f"'{rule}: ' + {named} + ': {check.fix}'",
    }


def _image_policy(rule: Rule, context: Context, offenders: str, fix: str) -> Iterable[Manifest]:
    validation = {
        "expression": "size(variables.offenders) == 0",
        "message": f"{rule.id}: {fix}",
        "messageExpression": f"'{rule.id}: ' + variables.offenders.join(', ') + ': {fix}'",
    }
    variables = {"spec": _spec("object"), "images": _images(), "offenders": offenders}
    return _policy(rule, context, variables, [validation])


def _policy(
    rule: Rule,
    context: Context,
    variables: Mapping[str, str],
    validations: Sequence[Validation],
    *,
    denies: bool = True,
) -> Iterable[Manifest]:
    name = f"{rule.id}.{context.environment}.environments"
    labels = {ENVIRONMENT_LABEL: context.environment}
    yield _object(
        "ValidatingAdmissionPolicy",
        name,
        labels,
        {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": _resource_rules()},
            "matchConditions": [{"name": "pods-change", "expression": _changed()}],
            "variables": [{"name": key, "expression": value} for key, value in variables.items()],
            "validations": [*validations],
        },
    )
    denies = denies and rule.level(context) is Level.MANDATORY
    yield _object(
        "ValidatingAdmissionPolicyBinding",
        name,
        labels,
        {
            "policyName": name,
            "validationActions": ["Deny"] if denies else ["Warn", "Audit"],
            "matchResources": {"namespaceSelector": {"matchLabels": labels}},
        },
    )


def _object(kind: str, name: str, labels: Mapping[str, str], spec: dict[str, Any]) -> Manifest:
    metadata = {"name": name, "labels": labels}
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": metadata, "spec": spec}


def _resource_rules() -> list[dict[str, Any]]:
    return [
        {
            "apiGroups": [group],
            "apiVersions": ["v1"],
            "operations": ["CREATE", "UPDATE"],
            "resources": resources,
        }
        for group, resources in _RESOURCES.items()
    ]


def _changed() -> str:
    """Admit updates that do not change the pods: finalizers, or scaling down an old ReplicaSet."""
    return f"request.operation == 'CREATE' || ({_spec('object')}) != ({_spec('oldObject')})"


def _template(name: str) -> str:
    """Find what has the metadata and the spec of the pod; `dyn` defers the type check, as the fields differ by kind."""
    return (
        f"{name}.kind == 'Pod' ? dyn({name})"
        f" : {name}.kind == 'PodTemplate' ? dyn({name}).template"
        f" : {name}.kind == 'CronJob' ? dyn({name}).spec.jobTemplate.spec.template"
        f" : dyn({name}).spec.template"
    )


def _spec(name: str) -> str:
    """Find the spec of the pod."""
    return (
        f"{name}.kind == 'Pod' ? dyn({name}).spec"
        f" : {name}.kind == 'PodTemplate' ? dyn({name}).template.spec"
        f" : {name}.kind == 'CronJob' ? dyn({name}).spec.jobTemplate.spec.template.spec"
        f" : dyn({name}).spec.template.spec"
    )


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


def _listed(*names: str) -> str:
    return " + ".join(f"variables.spec.?{name}.orValue([])" for name in names)


_POD_VARIABLES = {
    "spec": _spec("object"),
    "annotations": f"({_template('object')}).?metadata.?annotations.orValue({{}})",
    RUNNING: _listed("containers"),
    BOUNDED: _listed("initContainers", "containers"),
    ALL: _listed("initContainers", "containers", "ephemeralContainers"),
    "contexts": "(has(variables.spec.securityContext) ? [variables.spec.securityContext] : [])"
    f" + variables.{ALL}.filter(one, has(one.securityContext)).map(one, one.securityContext)",
}
