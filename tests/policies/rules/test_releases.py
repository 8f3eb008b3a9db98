"""Rules over releases and the ledger: what a tag once meant it means for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from kube.image import parse_image
from policies.check import check_releases
from policies.context import Context, Exemption, Level, Tier
from policies.rule import Finding
from policies.rules.releases import Entry, Ledger, Release, ReuseError, remember
from tests.policies.objects import context

REPOSITORY = "registry.example.com/shop/web"
OLD, NEW = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
KNOWN: Ledger = {
    REPOSITORY: {"1.2.3": Entry(OLD, "41"), "1.2.4": Entry(None, None), "1.2.5": Entry(None, "42")}
}


def release(
    tag: str = "1.2.3",
    digest: str | None = OLD,
    build: str | None = "41",
    *,
    where: str = "prod",
    **fields: Any,
) -> Release:
    """Make a release of one workload."""
    tier = Tier.PRODUCTION if where == "prod" else Tier.TEST
    image = f"{REPOSITORY}:{tag}" + (f"@{digest}" if digest else "")
    return Release(
        where, tier, "shop", "web", **{"image": image, "build": build, "origin": "f:1:8", **fields}
    )


def judge(
    *releases: Release, ledger: Ledger = KNOWN, base: Ledger | None = None, **changes: Any
) -> list[tuple[str, str]]:
    """Return rule and object of each finding."""
    return [(finding.rule, finding.object) for finding in findings(releases, ledger, base, **changes)]


def findings(
    releases: Sequence[Release], ledger: Ledger = KNOWN, base: Ledger | None = None, **changes: Any
) -> list[Finding]:
    """Judge releases and the ledger."""
    return check_releases(releases, ledger, base, context(**changes))


@pytest.mark.parametrize(
    "again",
    [
        release(),
        release(digest=None),
        release(build=None),
        release("1.2.4", NEW, "77"),
        release("1.2.4", None, "77"),
        release("1.2.5", NEW, "42"),
        release(where="qa"),
    ],
    ids=[
        "redeploy",
        "by build",
        "by digest",
        "completes digest and build",
        "completes build",
        "completes digest",
        "qa",
    ],
)
def test_the_same_image_under_the_same_tag_passes(again: Release) -> None:
    assert judge(again) == []


@pytest.mark.parametrize("where", ["prod", "qa"])
@pytest.mark.parametrize(
    ("digest", "build"), [(NEW, "41"), (NEW, None), (OLD, "42"), (None, "42"), (NEW, "42")]
)
def test_another_image_under_the_same_tag_is_refused(
    digest: str | None, build: str | None, where: str
) -> None:
    (found,) = findings([release(digest=digest, build=build, where=where)])

    assert (found.rule, found.level) == ("tags-are-never-reused", Level.MANDATORY)
    assert (found.environment, found.object, found.path) == (where, f"Release/{where}/shop/web", "image")
    assert found.origin == "f:1:8"
    assert 'the tag "1.2.3"' in found.message
    assert (NEW if digest == NEW else "42") in found.message


def test_two_environments_that_mean_different_images_by_one_tag_are_refused() -> None:
    empty: Ledger = {REPOSITORY: {"1.2.4": Entry()}}
    mine, other = release("1.2.4", OLD, None), release("1.2.4", NEW, None, where="qa")

    assert judge(mine, other, ledger=empty) == [("tags-are-never-reused", "Release/qa/shop/web")]


def test_the_same_tag_of_another_repository_is_another_tag() -> None:
    other = release(image=f"{REPOSITORY}-b:1.2.3@{NEW}")

    assert judge(other, ledger={**KNOWN, f"{REPOSITORY}-b": {"1.2.3": Entry(NEW)}}) == []


def test_a_short_name_is_the_repository_that_it_stands_for() -> None:
    ledger: Ledger = {"docker.io/library/redis": {"7.4.1": Entry(OLD)}}

    assert judge(release(image=f"redis:7.4.1@{NEW}"), ledger=ledger) == [
        ("tags-are-never-reused", "Release/prod/shop/web")
    ]


def test_a_release_that_the_ledger_does_not_know_is_found() -> None:
    assert judge(release("9.9.9")) == [("tags-are-never-reused", "Release/prod/shop/web")]


def test_releases_by_digest_alone_or_that_cannot_be_parsed_have_no_tag_to_reuse() -> None:
    assert judge(release(image=f"{REPOSITORY}@{NEW}"), release(image="Not An Image")) == []


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


@pytest.mark.parametrize(
    ("now", "lost"),
    [
        (KNOWN, False),
        ({**KNOWN, "docker.io/library/redis": {"7.4.1": Entry(NEW)}}, False),
        ({REPOSITORY: {**KNOWN[REPOSITORY], "1.2.4": Entry(NEW, "43")}}, False),
        ({REPOSITORY: {**KNOWN[REPOSITORY], "1.3.0": Entry(NEW)}}, False),
        ({}, True),
        ({REPOSITORY: {tag: entry for tag, entry in KNOWN[REPOSITORY].items() if tag != "1.2.4"}}, True),
        ({REPOSITORY: {**KNOWN[REPOSITORY], "1.2.3": Entry(NEW, "41")}}, True),
        ({REPOSITORY: {**KNOWN[REPOSITORY], "1.2.3": Entry(None, "41")}}, True),
        ({REPOSITORY: {**KNOWN[REPOSITORY], "1.2.5": Entry(None, "43")}}, True),
    ],
    ids=[
        "the same", "a repository more", "an entry completed", "a tag more",
        "all gone", "a tag gone", "another digest", "a digest gone", "another build",
    ],
)  # fmt: skip
def test_the_ledger_only_grows(now: Ledger, *, lost: bool) -> None:
    found = judge(ledger=now, base=KNOWN)

    assert set(found) == ({("ledger-only-grows", f"Ledger/{REPOSITORY}")} if lost else set())


def test_a_first_ledger_has_no_base_to_lose() -> None:
    assert judge(ledger=KNOWN, base=None) == []


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
    exemption = Exemption(rule, "rebuilt once", expires, repository=repository)

    assert judge(breach) == [(rule, "Release/prod/shop/web")]
    assert judge(breach, exemptions=(exemption,)) == ([] if holds else [(rule, "Release/prod/shop/web")])


def test_nothing_excuses_a_ledger_that_lost_an_entry() -> None:
    exemption = Exemption("ledger-only-grows", "tidied", date(2027, 1, 1), repository=REPOSITORY)

    assert judge(ledger={}, base=KNOWN, exemptions=(exemption,)) != []


@pytest.mark.parametrize(
    ("before", "image", "build", "after"),
    [
        (None, f"app:1.2.3@{OLD}", "41", Entry(OLD, "41")),
        (None, "app:1.2.3", None, Entry()),
        (Entry(OLD), "app:1.2.3", "41", Entry(OLD, "41")),
        (Entry(None, "41"), f"app:1.2.3@{OLD}", None, Entry(OLD, "41")),
        (Entry(OLD, "41"), "app:1.2.3", None, Entry(OLD, "41")),
    ],
)
def test_an_entry_learns_and_forgets_nothing(
    before: Entry | None, image: str, build: str | None, after: Entry
) -> None:
    assert remember(before, parse_image(image), build) == after


def test_an_entry_that_names_another_image_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(ReuseError, match="push the new image under a new tag"):
        remember(Entry(OLD), parse_image(f"app:1.2.3@{NEW}"), None)


def test_rules_over_releases_have_the_level_of_the_releases_own_tier() -> None:
    judged = check_releases(
        [release(digest=NEW, where="qa")],
        KNOWN,
        None,
        Context(environment="", tier=Tier.PRODUCTION, today=date(2026, 1, 1)),
    )

    assert [finding.environment for finding in judged] == ["qa"]
