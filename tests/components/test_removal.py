"""What has left a production stack, by the outputs of its last run."""

from typing import Any

import pytest

from components.stack.outputs import Outputs
from components.stack.removal import advice, removed

NOW: Outputs = {
    "namespaces": {"shop": "shop-prod"},
    "services": {"shop/web": ["web.shop-prod.svc:80"]},
    "hosts": {},
    "images": {"shop/web": ["web:2"], "shop/migration-b": ["web:2"]},
}


@pytest.mark.parametrize(
    ("before", "names"),
    [
        ({}, []),
        (NOW, []),
        ({**NOW, "images": {"shop/migration-a": ["web:1"]}}, []),
        ({**NOW, "services": {"shop/old": ["old.shop-prod.svc:80"]}}, ["shop/old"]),
        ({**NOW, "namespaces": {"old": "old-prod"}, "services": {"old/web": ["…"]}}, ["old"]),
        ({"namespaces": "what is this"}, []),
    ],
    ids=["a first run", "nothing", "a Job of the last release", "a workload", "an app", "a damaged state"],
)
def test_apps_and_workloads_that_have_left_are_named(before: dict[str, Any], names: list[str]) -> None:
    assert removed(before, NOW) == names


def test_each_gets_its_command() -> None:
    assert advice("prod", ["old", "shop/web"]).splitlines()[-2:] == [
        "  envs retire old --from prod",
        "  envs retire shop/web --from prod",
    ]
