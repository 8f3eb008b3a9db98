"""Kinds of other projects that environments may use, in the smallest form that an API server accepts.

In: nothing. Out: CustomResourceDefinitions whose objects may hold anything; they show that an object is
routed and owned, not that its own controller would like it.
"""

from functools import partial

from lightkube import Client
from lightkube.models.apiextensions_v1 import (
    CustomResourceDefinitionNames,
    CustomResourceDefinitionSpec,
    CustomResourceDefinitionVersion,
    CustomResourceValidation,
    JSONSchemaProps,
)
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition

from tests.waiting import wait_until

KINDS = (
    ("external-secrets.io", "v1", "ExternalSecret", "externalsecrets"),
    ("bitnami.com", "v1alpha1", "SealedSecret", "sealedsecrets"),
    ("keda.sh", "v1alpha1", "ScaledObject", "scaledobjects"),
    ("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes"),
)


def definition(group: str, version: str, kind: str, plural: str) -> CustomResourceDefinition:
    """Return the definition of a namespaced kind whose fields are not checked."""
    anything = JSONSchemaProps(type="object", x_kubernetes_preserve_unknown_fields=True)
    served = CustomResourceDefinitionVersion(
        name=version, served=True, storage=True, schema=CustomResourceValidation(openAPIV3Schema=anything)
    )
    names = CustomResourceDefinitionNames(kind=kind, plural=plural, singular=kind.lower())
    spec = CustomResourceDefinitionSpec(group=group, names=names, scope="Namespaced", versions=[served])
    protected = {"api-approved.kubernetes.io": "unapproved, for tests"} if group.endswith(".k8s.io") else None
    return CustomResourceDefinition(
        metadata=ObjectMeta(name=f"{plural}.{group}", annotations=protected), spec=spec
    )


def install(client: Client) -> None:
    """Define all kinds and wait until their objects can be created; workers of one run may do it at once."""
    for kind in KINDS:
        client.apply(definition(*kind), field_manager="tests", force=True)
    for group, _, _, plural in KINDS:
        name = f"{plural}.{group}"
        wait_until(partial(_is_established, client, name), f"{name} is established")


def _is_established(client: Client, name: str) -> bool:
    status = client.get(CustomResourceDefinition, name).status
    conditions = (status.conditions or []) if status else []
    return any(found.type == "Established" and found.status == "True" for found in conditions)
