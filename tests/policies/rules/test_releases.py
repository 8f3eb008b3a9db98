"""Rules over releases: a tag always names the image that it named first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from policies.check import check_releases
from policies.context import Context, Exemption, Level, Tier
from policies.rule import Finding
from policies.rules.releases import UNCHANGED, FormerRelease, ReleaseChange, ReleasedImage, additions
from tests.policies.objects import context

REPOSITORY = "registry.example.com/shop/web"
OLD, NEW = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
Said = tuple[str | None, str | None]  # digest and build


def image(tag: str, digest: str | None) -> str:
    """Write a reference."""
    return f"{REPOSITORY}:{tag}" + (f"@{digest}" if digest else "")


def release(
    tag: str = "1.2.3",
    digest: str | None = OLD,
    build: str | None = "41",
    *,
    where: str = "prod",
    **fields: Any,
) -> ReleasedImage:
    """Make a release of one workload."""
    tier = Tier.PRODUCTION if where == "prod" else Tier.TEST
    said = {"image": image(tag, digest), "build": build, "origin": f"{where}.yaml:1:8", **fields}
    return ReleasedImage(where, tier, "shop", "web", **said)


def former(
    tag: str = "1.2.3",
    digest: str | None = OLD,
    build: str | None = "41",
    **fields: Any,
) -> FormerRelease:
    """Make an entry of the history."""
    said = {"image": image(tag, digest), "build": build, "merged": True, **fields}
    return FormerRelease("prod", "shop", "web", place="prod.yaml at commit 0123456789ab", **said)


def adding(*added: ReleasedImage, after: Sequence[FormerRelease]) -> list[Finding]:
    """Judge releases that a change adds to this history."""
    return check_releases(added, context(), ReleaseChange(additions(added, after), after))


def judge(
    *releases: ReleasedImage, change: ReleaseChange = UNCHANGED, **changes: Any
) -> list[tuple[str, str]]:
    """Return rule and object of each finding."""
    found = check_releases(releases, context(**changes), change)
    return [(finding.rule, finding.object) for finding in found]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((OLD, "41"), (OLD, "41")),
        ((OLD, "41"), (None, "41")),
        ((OLD, "41"), (OLD, None)),
        ((None, "41"), (OLD, "41")),
        ((None, "41"), (OLD, None)),
        ((OLD, None), (None, "41")),
    ],
    ids=[
        "the same",
        "by build",
        "by digest",
        "digest known later",
        "digest alone later",
        "build alone later",
    ],
)
def test_what_is_absent_is_unknown_and_contradicts_nothing(first: Said, second: Said) -> None:
    assert judge(release("1.2.3", *first), release("1.2.3", *second, where="qa")) == []
    assert adding(release("1.2.3", *second, where="qa"), after=[former("1.2.3", *first)]) == []


@pytest.mark.parametrize(
    ("first", "second", "noun"),
    [
        ((OLD, "41"), (NEW, "41"), "digest"),
        ((OLD, "41"), (NEW, None), "digest"),
        ((OLD, "41"), (OLD, "42"), "build"),
        ((None, "41"), (OLD, "42"), "build"),
        ((OLD, "41"), (NEW, "42"), "digest"),
    ],
)
def test_another_digest_or_build_under_the_same_tag_is_found_with_both_places(
    first: Said, second: Said, noun: str
) -> None:
    said = dict(zip(("digest", "build"), zip(second, first, strict=True), strict=True))[noun]
    expected = f"names {noun} {said[0]} here and {noun} {said[1]} in prod.yaml"

    (now,) = check_releases([release("1.2.3", *first), release("1.2.3", *second, where="qa")], context())
    (then,) = adding(release("1.2.3", *second, where="qa"), after=[former("1.2.3", *first)])

    for found in (now, then):
        assert (found.rule, found.level) == ("tags-are-never-reused", Level.MANDATORY)
        assert (found.environment, found.object, found.path) == ("qa", "Release/qa/shop/web", "image")
        assert found.origin == "qa.yaml:1:8"
        assert expected in found.message
        assert "push the new image under a new tag" in found.message
    assert "prod.yaml:1:8" in now.message
    assert "prod.yaml at commit 0123456789ab" in then.message


def test_a_contradiction_is_found_however_little_each_release_says() -> None:
    """The first knows the digest, the second the build; the third agrees with the first alone."""
    three = [release("1.2.3", OLD, None), release("1.2.3", None, "41"), release("1.2.3", OLD, "42")]

    (found,) = check_releases(three, context())

    assert "build 42 here and build 41" in found.message


def test_of_two_environments_the_one_that_the_change_adds_is_found() -> None:
    old, new = release(where="prod"), release(digest=NEW, where="qa")

    assert judge(old, new, change=ReleaseChange(frozenset({old}), ())) == [
        ("tags-are-never-reused", "Release/prod/shop/web")
    ]
    assert judge(old, new, change=ReleaseChange(frozenset({new}), ())) == [
        ("tags-are-never-reused", "Release/qa/shop/web")
    ]


def test_one_release_is_found_once() -> None:
    """Both another environment and the history say that the tag names something else."""
    old, new = release(), release(digest=NEW, where="qa")

    assert judge(old, new, change=ReleaseChange(frozenset({new}), [former(), former(build="40")])) == [
        ("tags-are-never-reused", "Release/qa/shop/web")
    ]


def test_what_was_there_is_not_judged_by_the_history_again() -> None:
    assert judge(release(), change=ReleaseChange(frozenset(), [former(digest=NEW)])) == []


def test_a_release_that_the_base_once_had_is_not_new() -> None:
    """As after `git revert`: nobody can go back otherwise once a tag was used twice."""
    history = [former(), former(digest=NEW)]

    assert adding(release(), after=history) == []
    assert len(adding(release(where="qa"), after=history)) == 1


def test_what_only_the_branch_had_makes_nothing_old() -> None:
    history = [former(), former(digest=NEW, merged=False)]

    (found,) = adding(release(digest=NEW), after=history)

    assert "or squash" not in found.message


def test_a_tag_that_was_used_twice_on_one_branch_is_found_with_the_way_out() -> None:
    (found,) = adding(release(), after=[former(digest=NEW, merged=False), former(merged=False)])

    assert found.message.endswith("or squash that commit if it was a mistake and is not merged")


def test_the_same_tag_of_another_repository_is_another_tag() -> None:
    other = release(image=f"{REPOSITORY}-b:1.2.3@{NEW}", where="qa")

    assert judge(release(), other) == []
    assert adding(other, after=[former()]) == []


def test_a_short_name_is_the_repository_that_it_stands_for() -> None:
    redis = former(image=f"docker.io/library/redis:7.4.1@{OLD}")

    assert len(adding(release(image=f"redis:7.4.1@{NEW}"), after=[redis])) == 1


def test_releases_by_digest_alone_or_that_cannot_be_parsed_have_no_tag_to_reuse() -> None:
    odd = [release(image=f"{REPOSITORY}@{NEW}"), release(image="Not An Image", where="qa")]

    assert judge(*odd) == []
    assert adding(*odd, after=[former(image=f"{REPOSITORY}@{OLD}"), former(image="Not")]) == []


@pytest.mark.parametrize(
    ("where", "digest", "build", "traceable"),
    [
        ("prod", None, None, False),
        ("prod", OLD, None, True),
        ("prod", None, "41", True),
        ("qa", None, None, True),
    ],
)
def test_production_runs_what_can_be_traced(
    where: str, digest: str | None, build: str | None, *, traceable: bool
) -> None:
    expected = [] if traceable else [("releases-are-traceable", "Release/prod/shop/web")]

    assert judge(release(digest=digest, build=build, where=where)) == expected


@pytest.mark.parametrize("rule", ["tags-are-never-reused", "releases-are-traceable"])
@pytest.mark.parametrize(
    ("repository", "expires", "holds"),
    [
        (REPOSITORY, date(2026, 1, 1), True),
        (REPOSITORY, date(2025, 12, 31), False),
        (REPOSITORY.removesuffix("b"), date(2026, 1, 1), False),
    ],
    ids=["on its last day", "the day after", "another repository"],
)
def test_an_exemption_of_a_repository_holds_until_its_day(
    rule: str, repository: str, expires: date, *, holds: bool
) -> None:
    breach = {
        "tags-are-never-reused": release(digest=NEW),
        "releases-are-traceable": release("1.2.4", None, None),
    }[rule]
    change = ReleaseChange(frozenset({breach}), [former()])
    exemption = Exemption(rule, "rebuilt once", expires, repository=repository)
    found = [(rule, "Release/prod/shop/web")]

    assert judge(breach, change=change) == found
    assert judge(breach, change=change, exemptions=(exemption,)) == ([] if holds else found)


def test_rules_over_releases_have_the_level_of_the_releases_own_tier() -> None:
    judged = check_releases(
        [release(), release(digest=NEW, where="qa")],
        Context(environment="", tier=Tier.PRODUCTION, today=date(2026, 1, 1)),
    )

    assert [finding.environment for finding in judged] == ["qa"]


@pytest.mark.parametrize("container", ["", "proxy"])
def test_an_image_of_production_that_a_layer_says_has_no_release(container: str) -> None:
    said = release(container=container, build=None)

    (found,) = check_releases([release("1.2.2")], context(), written=[said])

    assert (found.rule, found.level, found.object) == ("images-have-releases", Level.MANDATORY, said.id)
    assert f"envs set-image prod shop/web{container and '/proxy'} IMAGE" in found.message


def test_images_of_tests_and_of_environments_without_any_release_need_none() -> None:
    assert check_releases([release()], context(), written=[release(where="qa")]) == []
    assert check_releases([release(where="qa")], context(), written=[release()]) == []
