"""What a change says of permissions is what the API server answers otherwise after it, in generated worlds."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest
from lightkube import Client
from lightkube.models.authorization_v1 import ResourceAttributes
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace
from lightkube.resources.rbac_authorization_v1 import ClusterRole, ClusterRoleBinding, Role, RoleBinding

from envs.review.causes.causes import UNKNOWN
from envs.review.changes import ObjectAction, ObjectChange, Preview
from envs.review.meaning.access import permission_changes
from envs.review.meaning.statement import Effect
from tests.api.access import may, service_account
from tests.api.verbatim import verbatim
from tests.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.xdist_group("rendered")]

Manifests = list[dict[str, Any]]
Answers = set[tuple[str, str, str, str]]
"""Who may do what with which resource in which app."""
GROUP, VERSION = "rbac.authorization.k8s.io", "rbac.authorization.k8s.io/v1"
APPS, ENVIRONMENT = ("red", "blue"), "sar"
WHO = ("group lookers", "group menders", "account red/robot")
VERBS, RESOURCES = ("get", "patch", "delete"), (("", "pods"), ("", "secrets"), ("apps", "deployments"))
FIXED = {"namespace": "red-sar", "name": "robot", "kind": "ServiceAccount"}


def world(seed: int) -> Manifests:
    """Generate roles and bindings: a few rules, of one namespace or the whole cluster, for some of the subjects."""
    chance = random.Random(seed)  # noqa: S311 - cases, not secrets
    made: Manifests = []
    for number in range(4):
        kind = chance.choice(["Role", "Role", "ClusterRole"])
        app = chance.choice(APPS)
        place = {"namespace": f"{app}-{ENVIRONMENT}"} if kind == "Role" else {}
        name = f"generated-{seed}-{number}"
        rules = [_rule(chance) for _ in range(chance.randint(1, 2))]
        subjects = [_subject(who) for who in chance.sample(WHO, chance.randint(1, 2))]
        reference = {"apiGroup": GROUP, "kind": kind, "name": name}
        common = {"apiVersion": VERSION, "metadata": {"name": name, **place}}
        made.append({**common, "kind": kind, "rules": rules})
        made.append({**common, "kind": f"{kind}Binding", "roleRef": reference, "subjects": subjects})
    return made


def _rule(chance: random.Random) -> dict[str, Any]:
    group, resource = chance.choice(RESOURCES)
    verbs = chance.sample(VERBS, chance.randint(1, 2))
    return {"apiGroups": [group], "resources": [resource], "verbs": verbs}


def _subject(who: str) -> dict[str, Any]:
    kind, _, name = who.partition(" ")
    return FIXED if kind == "account" else {"apiGroup": GROUP, "kind": "Group", "name": name}


def answers(server: Client) -> Answers:
    """Ask the API server about everybody, every action and every app."""
    return {
        (who, verb, resource, app)
        for who in WHO
        for verb in VERBS
        for group, resource in RESOURCES
        for app in APPS
        if _may(server, who, (verb, group, resource, f"{app}-{ENVIRONMENT}"))
    }


def _may(server: Client, who: str, action: tuple[str, str, str, str]) -> bool:
    verb, group, resource, namespace = action
    attributes = ResourceAttributes(namespace=namespace, verb=verb, group=group, resource=resource)
    kind, _, name = who.partition(" ")
    if kind == "group":
        return may(server, "somebody", attributes, groups=("system:authenticated", name))
    return may(server, service_account(FIXED["namespace"], FIXED["name"]), attributes)


def told(before: Manifests, now: Manifests) -> dict[str, Answers]:
    """Read who gains and who loses what from the words of the statements."""
    sides = [{_file(each): each for each in state} for state in (before, now)]
    changes = tuple(ObjectChange(ObjectAction.UPDATE, name, "", name) for name in {**sides[0], **sides[1]})
    preview = Preview(ENVIRONMENT, "test", {}, {}, changes, before=sides[0], now=sides[1])
    found: dict[str, Answers] = {Effect.GRANTS: set(), Effect.REVOKES: set()}
    for each in permission_changes(preview, UNKNOWN):
        where, _, actions = each.text.partition(": ")
        apps = APPS if where.endswith("in the whole cluster") else where.rpartition(" in ")[2].split(", ")
        for action in actions.split("; "):
            words = action.split(" ")
            verbs = [word.removesuffix(",") for word in words if word.removesuffix(",") in VERBS]
            resources = [word.removesuffix(",").partition(".")[0] for word in words[len(verbs) :]]
            found[each.effect] |= {
                (each.subject, verb, resource, app)
                for verb in verbs
                for resource in resources
                for app in apps
            }
    return found


def _file(manifest: dict[str, Any]) -> str:
    metadata = manifest["metadata"]
    return "/".join([manifest["kind"], *filter(None, [metadata.get("namespace")]), metadata["name"]])


def wait_for_everything(server: Client, name: str) -> None:
    """Wait until a last role and binding of each kind count: the API server reads each kind in the order of writing."""
    for kind, app in (("Role", APPS[0]), ("ClusterRole", "")):
        place = {"namespace": f"{app}-{ENVIRONMENT}"} if app else {}
        common = {"apiVersion": VERSION, "metadata": {"name": f"last-{name}", **place}}
        rule = {"apiGroups": [""], "resources": ["services"], "verbs": ["get"]}
        reference = {"apiGroup": GROUP, "kind": kind, "name": f"last-{name}"}
        who = f"group {kind.lower()}-{name}"
        server.apply(verbatim({**common, "kind": kind, "rules": [rule]}))
        binding = {**common, "kind": f"{kind}Binding", "roleRef": reference, "subjects": [_subject(who)]}
        server.apply(verbatim(binding))
        action = ("get", "", "services", f"{APPS[0]}-{ENVIRONMENT}")
        wait_until(partial(_may, server, who, action), f"{who} may look")


def remove(server: Client, manifest: dict[str, Any]) -> None:
    """Delete a role or binding."""
    name, namespace = manifest["metadata"]["name"], manifest["metadata"].get("namespace")
    match manifest["kind"]:
        case "Role":
            server.delete(Role, name, namespace=namespace)
        case "RoleBinding":
            server.delete(RoleBinding, name, namespace=namespace)
        case "ClusterRole":
            server.delete(ClusterRole, name)
        case "ClusterRoleBinding":
            server.delete(ClusterRoleBinding, name)


@pytest.fixture(scope="module")
def spaces(server: Client) -> None:
    """Make the namespaces of the two apps."""
    for app in APPS:
        server.apply(Namespace(metadata=ObjectMeta(name=f"{app}-{ENVIRONMENT}")))


@pytest.mark.usefixtures("spaces")
@pytest.mark.parametrize("seed", range(3))
def test_a_change_gives_and_takes_what_the_api_server_says(server: Client, seed: int) -> None:
    before, now = world(2 * seed), world(2 * seed + 1)
    asked: list[Answers] = []
    for state in (before, now):
        for each in state:
            server.apply(verbatim(each))
        wait_for_everything(server, f"{seed}-{len(asked)}")
        asked.append(answers(server))
        for each in state:
            remove(server, each)
    was, is_ = asked
    said = told(before, now)
    assert was != is_
    assert said[Effect.GRANTS] - was == is_ - was, "all that is gained, and nothing that nobody gains"
    assert said[Effect.REVOKES] - is_ == was - is_, "all that is lost, and nothing that nobody loses"
