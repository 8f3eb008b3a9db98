"""docs/policies.md is what the rules say."""

from __future__ import annotations

import re

import yaml

from envs.config.model.policies import Policies
from policies.page import document
from policies.rules import RULES
from tests.tree import TREE

PAGE = TREE / "docs" / "policies.md"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text() == document(), "run `make render`"


def test_every_rule_has_its_law_its_levels_and_its_exemption() -> None:
    sections = dict(re.findall(r"^### (\S+)\n\n(.*?)(?=\n#|\Z)", document(), re.MULTILINE | re.DOTALL))

    assert set(sections) == {rule.id for rule in RULES}
    for rule in RULES:
        assert rule.law in sections[rule.id]
        assert str(rule.production) in sections[rule.id]
        assert ("no exemption" in sections[rule.id]) is not bool(rule.exempt_by)


def test_laws_are_one_line_and_one_sentence() -> None:
    for rule in RULES:
        assert re.fullmatch(r"[A-Z`].{10,110}\.", rule.law), rule.id


def test_the_example_of_an_exemption_is_one_that_a_layer_takes() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", document(), re.DOTALL)

    Policies.model_validate(yaml.safe_load(example)["policies"])
