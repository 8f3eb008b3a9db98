"""What an app's team may do in its namespace, by the API server's own answer: allowed and denied cases."""

import pytest
from lightkube import Client
from lightkube.models.authorization_v1 import ResourceAttributes

from tests.api.access import may
from tests.api.verbatim import read_tree, verbatim
from tests.command import envs
from tests.tree import SAMPLE

NAMESPACE = "shop-qa"
PRODUCTION = "shop-prod"
READERS, DEVELOPERS, LEADS = "web-readers", "web-developers", "web-leads"
NOBODY: set[str] = set()

# action -> the groups that may; a slash separates a subresource
ACTIONS = {
    ("list", "", "pods"): {READERS, DEVELOPERS, LEADS},
    ("get", "", "pods/log"): {READERS, DEVELOPERS, LEADS},
    ("watch", "apps", "deployments"): {READERS, DEVELOPERS, LEADS},
    ("get", "networking.k8s.io", "networkpolicies"): {READERS, DEVELOPERS, LEADS},
    ("delete", "", "pods"): {DEVELOPERS, LEADS},
    ("patch", "apps", "deployments"): {DEVELOPERS, LEADS},
    ("update", "apps", "deployments/scale"): {DEVELOPERS, LEADS},
    ("create", "batch", "jobs"): {DEVELOPERS, LEADS},
    ("create", "apps", "deployments"): {LEADS},
    ("delete", "", "services"): {LEADS},
    ("update", "", "configmaps"): {LEADS},
    ("get", "", "secrets"): NOBODY,
    ("create", "", "pods/exec"): NOBODY,
    ("create", "", "serviceaccounts/token"): NOBODY,
    ("update", "", "resourcequotas"): NOBODY,
    ("delete", "", "limitranges"): NOBODY,
    ("delete", "networking.k8s.io", "networkpolicies"): NOBODY,
    ("update", "rbac.authorization.k8s.io", "rolebindings"): NOBODY,
    ("create", "rbac.authorization.k8s.io", "roles"): NOBODY,
}

pytestmark = [pytest.mark.api, pytest.mark.xdist_group("rendered")]


@pytest.fixture(scope="module", autouse=True)
def fences(server: Client, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Apply what bounds the apps of qa, and the shop of prod."""
    folder = tmp_path_factory.mktemp("rendered")
    assert envs("render", "qa", "prod", "--out", str(folder), root=SAMPLE).code == 0
    for part in ("qa/fence", f"prod/fence/{PRODUCTION}"):
        for manifest in read_tree(folder / "rendered" / part):
            server.apply(verbatim(manifest))


@pytest.mark.parametrize("group", [READERS, DEVELOPERS, LEADS])
@pytest.mark.parametrize("action", ACTIONS, ids="-".join)
def test_a_team_may_do_what_its_role_says_and_nothing_else(
    server: Client, action: tuple[str, str, str], group: str
) -> None:
    assert _may(server, action, group, NAMESPACE) == (group in ACTIONS[action])


@pytest.mark.parametrize("action", ACTIONS, ids="-".join)
def test_developers_look_and_restart_in_production_and_change_nothing(
    server: Client, action: tuple[str, str, str]
) -> None:
    verb, _, resource = action
    expected = READERS in ACTIONS[action] or (verb, resource) == ("delete", "pods")
    assert _may(server, action, DEVELOPERS, PRODUCTION) == expected


@pytest.mark.parametrize("action", ACTIONS, ids="-".join)
def test_a_team_may_do_nothing_in_another_teams_namespace(
    server: Client, action: tuple[str, str, str]
) -> None:
    assert not _may(server, action, LEADS, "gitops-qa")


def _may(server: Client, action: tuple[str, str, str], group: str, namespace: str) -> bool:
    verb, api_group, path = action
    resource, _, subresource = path.partition("/")
    attributes = ResourceAttributes(
        namespace=namespace, verb=verb, group=api_group, resource=resource, subresource=subresource
    )
    return may(server, "somebody", attributes, groups=("system:authenticated", group))
