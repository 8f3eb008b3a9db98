"""The table of references: class and verdict of every one."""

from __future__ import annotations

from datetime import date

import pytest

from kube.image import ImageError, parse_image
from policies.check import check
from policies.context import Context, Level, Tier
from policies.tags import classify
from tests.policies.objects import declared
from tests.policies.references import ACCEPT, CASES, ENVIRONMENTS, REFUSE, SHAPES, WARN, Case

IMAGE_RULES = frozenset({"images-are-valid", "images-are-pinned"})


def verdict(reference: str, tier: Tier) -> str:
    """Return what the image rules say of a Pod with this one image."""
    context = Context(
        environment="prod",
        tier=tier,
        today=date(2026, 1, 1),
        images=declared(SHAPES),
        environments=tuple(ENVIRONMENTS),
        levels={"images-are-pinned": Level.ADVISORY, "images-are-valid": Level.ADVISORY},
    )
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "c", "image": reference}]}}
    levels = {
        finding.level for finding in check([pod], context, complete=False) if finding.rule in IMAGE_RULES
    }
    return REFUSE if Level.MANDATORY in levels else WARN if levels else ACCEPT


def test_the_table_is_large_and_has_no_reference_twice() -> None:
    """150 references were promised."""
    assert len({case.reference for case in CASES}) == len(CASES) >= 150


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case.reference)[:60])
def test_every_reference_has_its_class(case: Case) -> None:
    """The class, or that there is none."""
    try:
        found = str(classify(parse_image(case.reference), SHAPES, ENVIRONMENTS))
    except ImageError:
        found = ""
    assert found == case.tag_class


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case.reference)[:60])
def test_every_reference_gets_its_verdict_in_both_tiers(case: Case) -> None:
    """Production never warns about a moving tag, and nothing lowers the verdict on what cannot be parsed."""
    assert (verdict(case.reference, Tier.PRODUCTION), verdict(case.reference, Tier.TEST)) == (
        case.production,
        case.test,
    )
