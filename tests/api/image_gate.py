"""An environment with its image policies on the API server. In: tier and day. Out: who says what of an image."""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial

from httpx2 import Client as Http
from httpx2 import Response
from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, ServiceAccount

from policies.admission.objects import ENVIRONMENT_LABEL, image_policies
from policies.check import check
from policies.context import Context, Exemption, Level, Tier
from tests.api.pods import PINNED, Manifest, address, carry, spec_with
from tests.api.verbatim import verbatim
from tests.kube import common_images
from tests.policies.objects import declared
from tests.policies.references import ACCEPT, ENVIRONMENTS, REFUSE, SHAPES, WARN
from tests.waiting import wait_until

TODAY = date(2026, 1, 1)
EXEMPT = "registry.example.com/exempt"
RULES = ("images-are-valid", "images-are-pinned")
_DRY = {"dryRun": "All"}
_PATCH = {"content-type": "application/strategic-merge-patch+json"}


@dataclass(frozen=True)
class Gate:
    """One environment with one namespace, which is called as it is; nothing that is sent is stored."""

    http: Http
    context: Context

    @property
    def namespace(self) -> str:
        """Name of namespace and environment."""
        return self.context.environment

    def create(self, manifest: Manifest) -> Response:
        """Ask to create an object."""
        return self.http.post(address(manifest["kind"], self.namespace), json=manifest, params=_DRY)

    def debug(self, image: str) -> Response:
        """Ask to add an ephemeral container to a pod."""
        path = f"{address('Pod', self.namespace)}/host/ephemeralcontainers"
        added = {"spec": {"ephemeralContainers": [{"name": "debug", "image": image}]}}
        return self.http.patch(path, json=added, params=_DRY, headers=_PATCH)

    def change(self, patch: Manifest) -> Response:
        """Ask to change a ReplicaSet that was there before the policies, with a moving tag."""
        path = f"{address('ReplicaSet', self.namespace)}/old"
        return self.http.patch(path, json=patch, params=_DRY, headers=_PATCH)


def said_by_python(manifest: Manifest, context: Context) -> str:
    """Verdict of the rules."""
    found = check([manifest], context, complete=False)
    levels = {finding.level for finding in found if finding.rule in RULES}
    return REFUSE if Level.MANDATORY in levels else WARN if levels else ACCEPT


def said_by_server(answer: Response) -> str:
    """Verdict of the API server, which must have refused for our rules or for want of any reference."""
    if answer.status_code in {http.client.OK, http.client.CREATED}:
        warned = any(rule in text for text in answer.headers.get_list("warning") for rule in RULES)
        return WARN if warned else ACCEPT
    reason = answer.json()["message"]
    assert answer.status_code == http.client.UNPROCESSABLE_ENTITY, reason
    assert any(known in reason for known in (*RULES, "Required value", "whitespace")), reason
    return REFUSE


@contextmanager
def environment(api: Client, connection: Http, tier: Tier) -> Iterator[Gate]:
    """Give an environment whose policies are in force; it asks for warnings, and exempts until TODAY."""
    name = f"test-{secrets.token_hex(4)}"
    exempt = partial(Exemption, "images-are-pinned", "has no versions", TODAY)
    context = Context(
        environment=name,
        tier=tier,
        today=TODAY,
        images=declared({**SHAPES, **common_images.SHAPES}),
        environments=tuple(ENVIRONMENTS),
        levels={"images-are-pinned": Level.ADVISORY},
        exemptions={
            "repository": exempt(repository=EXEMPT),
            "object": exempt(object=f"Pod/{name}/exempt"),
        },
    )
    gate = Gate(connection, context)
    _prepare(api, gate)
    policies = [verbatim(manifest) for manifest in image_policies(context)]
    for policy in policies:
        api.create(policy)
    for image in ("app:latest", "App:1.2.3"):
        pod = carry("Pod", spec_with("containers", image))
        wait_until(partial(_is_noticed, gate, pod), f"{image} is noticed")
    yield gate
    for policy in policies:
        api.delete(type(policy), policy["metadata"]["name"])
    api.delete(Namespace, name)


def _prepare(api: Client, gate: Gate) -> None:
    """Make the namespace with what was there before the policies."""
    name = gate.namespace
    api.create(Namespace(metadata=ObjectMeta(name=name, labels={ENVIRONMENT_LABEL: name})))
    wait_until(lambda: any(True for _ in api.list(ServiceAccount, namespace=name)), "it has a ServiceAccount")
    old = carry("ReplicaSet", spec_with("containers", "app:latest"), "old")
    for manifest in (carry("Pod", spec_with("containers", PINNED), "host"), old):
        gate.http.post(address(manifest["kind"], name), json=manifest).raise_for_status()


def _is_noticed(gate: Gate, pod: Manifest) -> bool:
    return said_by_server(gate.create(pod)) != ACCEPT
