"""Previews of many environments and many apps, on one screen."""

from __future__ import annotations

from collections.abc import Iterable

from envs.review.changes import Field, ObjectAction, ObjectChange, Preview
from envs.review.text import as_text
from kube.difference import FieldChange

SCALED = Field(FieldChange("spec.replicas", 2, 3), "environments/base.yaml:7")


def preview(name: str, changes: Iterable[ObjectChange], apps: dict[str, int]) -> Preview:
    """Make a preview of a test environment with these objects."""
    return Preview(name, "test", apps, {"Deployment": sum(apps.values())}, tuple(changes))


def lines(*previews: Preview) -> list[str]:
    """Write previews as people read them, without the last line."""
    return as_text(previews, [], "0123456789abcdef", 0.5).plain.splitlines()[:-1]


def test_fifty_environments_that_change_alike_take_a_few_lines() -> None:
    def changes(name: str) -> list[ObjectChange]:
        return [ObjectChange(ObjectAction.UPDATE, f"Deployment/shop-{name}/web", "shop", "f", (SCALED,))]

    previews = [preview(f"e{n}", changes(f"e{n}") if n < 48 else [], {"shop": 9}) for n in range(50)]
    assert lines(*previews) == [
        "48 environments  test  432 objects   1 to change in shop each: e0, e1, e2 and 45 more",
        "2 environments  test  18 objects   no change: e48, e49",
        "in e0, e1, e2 and 45 more:",
        "  ~ 48 Deployments: shop-e0/web, shop-e1/web, shop-e2/web and 45 more",
        "      spec.replicas: 2 -> 3  environments/base.yaml:7",
    ]


def test_a_thousand_new_apps_are_one_line() -> None:
    apps = {f"a{n}": 8 for n in range(1000)}
    created = [
        ObjectChange(ObjectAction.CREATE, f"ConfigMap/{app}-qa/c{n}", app, "f")
        for app in apps
        for n in range(8)
    ]
    assert lines(preview("qa", created, apps)) == [
        "qa  test        8,000 objects   8,000 to create in a0, a1, a2 and 997 more",
        "  + 1,000 apps with all of their 8,000 objects: a0, a1, a2 and 997 more",
    ]
