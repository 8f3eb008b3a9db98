"""No false alarm about what many clusters run, and none left out by accident."""

from __future__ import annotations

import pytest

from policies.check import check
from policies.context import Tier
from tests.kube.common_images import PINNED, SHAPED, SHAPES
from tests.policies.objects import container, context, deployment, found, pod_spec


def test_the_list_is_long_and_has_no_image_twice() -> None:
    assert len({*PINNED, *SHAPED}) == len(PINNED) + len(SHAPED) >= 50


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("image", [*PINNED, *SHAPED])
def test_a_common_image_in_a_clean_pod_passes_every_rule(image: str, tier: Tier) -> None:
    clean = deployment(pod_spec(containers=[container(image=image)]))

    assert check([clean], context(tier, shapes=SHAPES), complete=False) == []


@pytest.mark.parametrize("image", SHAPED)
def test_a_short_version_moves_unless_its_shape_is_declared(image: str) -> None:
    short = deployment(pod_spec(containers=[container(image=image)]))

    assert len(found(short, "images-are-pinned")) == 1
