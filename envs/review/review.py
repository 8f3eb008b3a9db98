"""Layers and a commit in, everything that a reviewer is told out: changes, findings, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from envs.checkout.repository import Repository
from envs.config.load import Configuration
from envs.gates.former import former_layers, judge_former
from envs.gates.judgement import judge, judge_releases
from envs.gates.rendering import Surroundings
from envs.review.causes.causes import Causes
from envs.review.causes.code import changed_components
from envs.review.causes.find import find_causes
from envs.review.changes import Preview, preview, removed
from envs.review.masking import Mask
from envs.review.meaning.judgement import finding_changes
from envs.review.meaning.meaning import meaning
from envs.review.meaning.statement import Statement, Told
from envs.review.sources import source_changes, source_statements
from policies.rule import Finding


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared with which commit."""

    configuration: Configuration
    around: Surroundings
    repository: Repository
    commit: str | None
    names: Sequence[str]
    """Environments to compare."""
    with_removed: bool
    """Whether environments count that only the commit has."""
    sources: Sequence[Path] = ()
    """Local clones of repositories that images are built from, beside the one of the root."""


def previews(question: Question, mask: Mask, *, whole: bool = True) -> list[Preview]:
    """Compare each environment with the commit; `whole` also keeps what did not change, for what changes mean."""
    found = [
        preview(
            question.configuration,
            name,
            question.around.objects[name],
            question.repository,
            question.commit,
            mask,
            whole=whole,
        )
        for name in question.names
    ]
    if question.with_removed:
        found += removed(question.repository, question.commit, question.configuration.names)
    return found


def findings_now(question: Question, today: date) -> list[Finding]:
    """Judge the environments as they are now, and all releases."""
    return [
        *judge(question.configuration, question.around, question.names, today).findings,
        *judge_releases(question.configuration, today),
    ]


def effects(
    question: Question, compared: Sequence[Preview], findings: list[Finding], today: date
) -> list[Told]:
    """Tell what the changes mean, findings that appear or go included."""
    layers = _former(question, compared)
    code = changed_components(question.repository, question.commit) if question.commit and layers else []
    causes = find_causes(question.configuration, layers, [each.name for each in compared], code)
    sources = source_statements(
        source_changes(question.configuration, question.repository, question.commit, question.names),
        (question.repository.folder, *question.sources),
    )
    judged = [] if layers is None else _judged(question, compared, layers, findings, causes, today)
    return meaning(compared, causes, [*sources, *judged])


def _former(question: Question, compared: Sequence[Preview]) -> Configuration | None:
    """Load the layers of the commit, where it has any of the environments and this version can read them."""
    if question.commit is None or not any(preview.before for preview in compared):
        return None
    return former_layers(question.repository, question.commit)


def _judged(  # noqa: PLR0913, PLR0917 - two states and what is known of them
    question: Question,
    compared: Sequence[Preview],
    layers: Configuration,
    findings: list[Finding],
    causes: Mapping[str, Causes],
    today: date,
) -> list[Statement]:
    """Compare the findings with those of the commit, for environments that it has and that change."""
    changed = [preview.name for preview in compared if preview.name in question.names and preview.before]
    names = [name for name in changed if _may_differ(name, compared, question.configuration, layers)]
    objects = {preview.name: list(preview.before.values()) for preview in compared}
    typed = {id(made.object) for each in compared for made in each.made.values() if made.typed}
    before = judge_former(layers, objects, names, today, typed)
    return list(finding_changes(before, findings, names, causes))


def _may_differ(name: str, compared: Sequence[Preview], now: Configuration, before: Configuration) -> bool:
    """Whether objects of an environment or what it declares to the policies change."""
    if name not in before.environments:
        return False
    changes = next(preview.changes for preview in compared if preview.name == name)
    here, there = now.environments[name], before.environments[name]
    return bool(changes) or (here.policies, here.images, here.tier) != (
        there.policies,
        there.images,
        there.tier,
    )
