"""The permissions that `envs access` tells are those that the API server grants, and no others."""

from __future__ import annotations

import pytest
from lightkube import Client
from lightkube.models.authorization_v1 import ResourceAttributes

from envs.review.permissions import Permission, permissions
from tests.api.access import may, service_account
from tests.api.verbatim import read_tree, verbatim
from tests.command import envs
from tests.tree import SAMPLE

pytestmark = [pytest.mark.api, pytest.mark.xdist_group("rendered")]
SPACES = ("shop-qa", "site-qa", "gitops-qa")


@pytest.fixture(scope="module")
def granted(server: Client, tmp_path_factory: pytest.TempPathFactory) -> frozenset[Permission]:
    """Apply the fence of qa, and compute what it permits."""
    folder = tmp_path_factory.mktemp("rendered")
    assert envs("render", "qa", "--out", str(folder), root=SAMPLE).code == 0
    objects = read_tree(folder / "rendered/qa/fence")
    for manifest in objects:
        server.apply(verbatim(manifest))
    return permissions(objects, "qa")


def test_the_api_server_agrees_on_every_permission_and_every_lack_of_one(
    server: Client, granted: frozenset[Permission]
) -> None:
    """Each subject with each action that anybody has, in each namespace."""
    subjects = {each.who for each in granted}
    actions = {(each.verb, each.group, each.resource, each.name) for each in granted}
    secret = ("get", "", "secrets", "")
    assert len(subjects) > 3
    assert len(actions) > 20
    chosen = [*sorted(actions)[::4], secret]  # a quarter of them, since each question takes a request
    for who in sorted(subjects):
        for namespace in SPACES:
            for action in chosen:
                expected = Permission(who, namespace, *action) in granted
                assert _may(server, who, namespace, action) == expected, (who, namespace, action)


def _may(server: Client, who: str, namespace: str, action: tuple[str, str, str, str]) -> bool:
    verb, group, path, name = action
    resource, _, subresource = path.partition("/")
    attributes = ResourceAttributes(
        namespace=namespace, verb=verb, group=group, resource=resource, subresource=subresource, name=name
    )
    kind, _, named = who.partition(" ")
    if kind == "group":
        return may(server, "somebody", attributes, groups=("system:authenticated", named))
    app, _, account = named.partition("/")
    return may(server, service_account(f"{app}-qa", account), attributes)
