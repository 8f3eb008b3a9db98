"""Layers with mistakes in them give environments or faults with a place, whatever the mistake."""

from __future__ import annotations

import pytest

from tests.envs.config.mutations import Source, outcome, source_of, sources

pytestmark = pytest.mark.slow
COUNT = 120  # `python -m tests.envs.config.mutations 0 5000` tries more


@pytest.fixture(scope="module")
def roots(tmp_path_factory: pytest.TempPathFactory) -> list[Source]:
    return sources(tmp_path_factory.mktemp("roots"))


def test_a_mistake_is_told_with_its_place_and_never_by_a_traceback(roots: list[Source]) -> None:
    found = {seed: outcome(source_of(roots, seed), seed) for seed in range(COUNT)}
    assert {seed: each.problems for seed, each in found.items() if each.problems} == {}
    assert sum(each.faults > 0 for each in found.values()) > COUNT / 3, "they are mistakes that are told"
