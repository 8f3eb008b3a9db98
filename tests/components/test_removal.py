"""What has left a production stack, by the outputs of its last run."""

from typing import Any

import pytest

from components.stack.outputs import Outputs
from components.stack.removal import Removal, advice, removed

START = "urn:pulumi:prod::web::environments:index:Environment$environments:index:App$kubernetes:"
SPACE = f"{START}core/v1:Namespace::Namespace/shop-prod"
WEB = f"{START}apps/v1:Deployment::shop-prod/apps/Deployment/web"
OLD_SPACE = f"{START}core/v1:Namespace::Namespace/old-prod"
OLD_WEB = f"{START}apps/v1:Deployment::old-prod/apps/Deployment/web"
WRITTEN = f"{START}core/v1:PersistentVolumeClaim::shop-prod/PersistentVolumeClaim/by-hand"
WORKER = f"{START}apps/v1:Deployment::shop-prod/apps/Deployment/worker"
NOW: Outputs = {
    "namespaces": {"shop": "shop-prod"},
    "services": {"shop/web": ["web.shop-prod.svc:80"]},
    "hosts": {},
    "images": {"shop/web": ["web:2"], "shop/migration-b": ["web:2"]},
    "protected": {SPACE: "shop", WEB: "shop/web"},
}


EARLIER = {name: value for name, value in NOW.items() if name != "protected"}


@pytest.mark.parametrize(
    ("before", "names"),
    [
        ({}, []),
        (EARLIER, []),
        ({**EARLIER, "images": {"shop/migration-a": ["web:1"]}}, []),
        ({**EARLIER, "services": {"shop/old": ["old.shop-prod.svc:80"]}}, ["shop/old"]),
        ({**EARLIER, "namespaces": {"old": "old-prod"}, "services": {"old/web": ["…"]}}, ["old"]),
        ({"namespaces": "what is this"}, []),
        ({"protected": "what is this"}, []),
    ],
    ids=["a first run", "nothing", "a Job", "a workload", "an app", "a damaged state", "a damaged output"],
)
def test_what_has_left_is_named_by_a_stack_that_does_not_list_its_protected_resources(
    before: dict[str, Any], names: list[str]
) -> None:
    assert removed(before, NOW) == Removal(names, () if "protected" not in before else [])


@pytest.mark.parametrize(
    ("gone", "names"),
    [
        ({}, []),
        ({WORKER: "shop/worker"}, ["shop/worker"]),
        ({WORKER: "shop"}, []),
        ({WORKER: "shop/worker", WRITTEN: "shop"}, ["shop/worker"]),
        ({OLD_SPACE: "old", OLD_WEB: "old/web"}, ["old"]),
    ],
    ids=["nothing", "a workload without ports", "an object of an app that stays", "both", "an app"],
)
def test_a_stack_names_the_protected_resources_that_have_left(gone: dict[str, str], names: list[str]) -> None:
    before = {**NOW, "protected": {**NOW["protected"], **gone}}
    assert removed(before, NOW) == Removal(names, sorted(gone))


def test_an_object_in_another_version_of_its_api_has_not_left() -> None:
    earlier = WEB.replace("apps/v1:", "apps/v1beta1:")
    assert removed({**NOW, "protected": {earlier: "shop/web"}}, NOW) == Removal([], [])


def test_what_has_no_name_of_its_own_is_removed_by_its_resource() -> None:
    lines = advice("prod", Removal([], [WORKER])).splitlines()
    assert lines[1:] == [f"  pulumi state unprotect '{WORKER}' --stack prod --yes"]


def test_each_gets_its_command_and_all_resources_one() -> None:
    lines = advice("prod", Removal(["old", "shop/web"], [OLD_SPACE, WEB])).splitlines()
    assert lines[1:3] == ["  envs retire old --from prod", "  envs retire shop/web --from prod"]
    assert lines[-1] == f"  pulumi state unprotect '{OLD_SPACE}' '{WEB}' --stack prod --yes"
