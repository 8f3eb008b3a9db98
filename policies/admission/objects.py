"""Makes ValidatingAdmissionPolicies from the image rules of an environment, for the same verdict in the API server.

Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

from __future__ import annotations

from collections.abc import Iterable

from policies.admission.cel import pinned, valid
from policies.context import Context, Level
from policies.rule import Rule
from policies.rules.images import IMAGES_ARE_PINNED, IMAGES_ARE_VALID
from policies.subject import Manifest

ENVIRONMENT_LABEL = "environments/environment"
_RESOURCES = {
    "": ["pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers"],
    "apps": ["daemonsets", "deployments", "replicasets", "statefulsets"],
    "batch": ["cronjobs", "jobs"],
}
LIMITS = {
    "custom resources": "judge custom resources, as CEL cannot search an object for the pods that it embeds",
    "dates": "know the date: an exemption holds here until it is deleted; `envs check` reports it once it has expired",
    "objects": "exempt one object, since the pods of a controller have other names; exempt the repository instead",
    "reasons": "say what is wrong with an image and where it is; the refusal names the image",
    "cost": "judge more than several hundred images of one pod; above the cost limit of CEL it refuses the pod",
    "other rules": "see other releases and Git's history, nor does it repeat the rules on registries and digests",
}
"""What this gate cannot do and the others can; each completes the sentence "this gate cannot"."""


def admission_policies(context: Context) -> list[Manifest]:
    """Make the policies and bindings of the image rules for the namespaces of one environment."""
    faulty = f"variables.images.filter(image, !({valid()}))"
    moving = f"variables.images.filter(image, {valid()} && !({pinned(context)}))"
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
            "apiVersions": ["v1"],
            "operations": ["CREATE", "UPDATE"],
            "resources": resources,
        }
        for group, resources in _RESOURCES.items()
    ]
    validation = {
        "expression": "size(variables.offenders) == 0",
        "message": f"{rule.id}: {fix}",
        "messageExpression": f"'{rule.id}: ' + variables.offenders.join(', ') + ': {fix}'",
    }
    yield {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": rules},
            "matchConditions": [{"name": "pods-change", "expression": _changed()}],
            "variables": [
                {"name": "spec", "expression": _spec("object")},
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


def _changed() -> str:
    """Admit updates that do not change the pods: finalizers, or scaling down an old ReplicaSet."""
    return f"request.operation == 'CREATE' || ({_spec('object')}) != ({_spec('oldObject')})"


def _spec(name: str) -> str:
    """Find the spec of the pod; `dyn` defers the type check, since the fields differ by kind."""
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
