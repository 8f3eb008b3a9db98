"""Which tags are newer, by each order that layers can declare."""

from __future__ import annotations

import re

import pytest

from envs.config.model.updates import Updates
from envs.releases.updates.order import newer, rank
from policies.tags import SHAPES, Shape

# order: (updates, current tag, tags of the registry, newer ones from the newest on)
CASES = {
    "a range": (
        {"semver": "^1.2"},
        "1.2.3",
        "1.2.3 1.2.2 1.2.10 1.3.0 2.0.0 1.4.0-rc.1 latest 1.4",
        "1.3.0 1.2.10",
    ),
    "prereleases that the range names": (
        {"semver": "^1.2.0-0"},
        "1.2.3",
        "1.3.0-rc.2 1.3.0-rc.10 2.0.0-rc.1",
        "1.3.0-rc.10 1.3.0-rc.2",
    ),
    "a release after its prerelease": ({"semver": "^1"}, "1.3.0-rc.1", "1.3.0 1.3.0-rc.2", "1.3.0"),
    "nothing back into a range": ({"semver": "^1"}, "2.0.0", "1.9.0 2.1.0", ""),
    "versions with a v": ({"semver": ">=1"}, "v1.2.3", "v1.2.3 v1.2.4 1.2.3", "v1.2.4"),
    "a variant": (
        {"semver": "^1.2", "variant": "alpine3.20"},
        "1.2.3-alpine3.20",
        "1.2.4 1.2.4-alpine3.20 1.2.5-alpine3.21 1.2.4-slim-alpine3.20",
        "1.2.4-alpine3.20",
    ),
    "builds": ({"newest": "build"}, "99", "98 100 1000 1.2.3 abc 100-dirty", "1000 100"),
    "builds with a letter": ({"newest": "build"}, "v4", "v5 v10", "v10 v5"),
    "builds of any length": ({"newest": "build"}, "1", "9" * 128, "9" * 128),
    "dates": ({"newest": "date"}, "2026-11-19", "2026-11-20 2026-13-20 2025-12-31", "2026-11-20"),
    "dates with a clock and a count": (
        {"newest": "date"},
        "20261120",
        "20261120-1 20261120T1030 20261120T0930 20261119",
        "20261120T1030 20261120T0930 20261120-1",
    ),
    "a current tag of another form": ({"newest": "build"}, "latest", "1 2 3", ""),
}


@pytest.mark.parametrize(("said", "current", "tags", "found"), CASES.values(), ids=CASES)
def test_newer_tags_come_first(said: dict[str, str], current: str, tags: str, found: str) -> None:
    assert newer(Updates.model_validate(said), current, tags.split()) == found.split()


SHAPED = {
    Shape.BUILD: "4711 v5 b12",
    Shape.DATE: "2026-11 2026-11-20 20261120 2026.11.20 v2026_11_20 20261120T103000Z 2026-11-20-10.30 20261120.2",
}


@pytest.mark.parametrize(("shape", "tags"), SHAPED.items())
def test_what_the_policies_take_for_a_shape_has_an_order(shape: Shape, tags: str) -> None:
    updates = Updates.model_validate({"newest": str(shape)})
    for tag in tags.split():
        assert re.fullmatch(SHAPES[shape], tag), tag
        assert rank(updates, tag) is not None, tag
