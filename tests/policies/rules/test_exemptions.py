"""Exemptions: what they excuse, until when, and what is found about themselves."""

from __future__ import annotations

import copy
from datetime import date, timedelta
from typing import Any

import pytest

from policies.check import check
from policies.context import Exemption, Level, Tier
from policies.rule import EnvironmentRule, Finding, ObjectRule, PodRule
from policies.rules import RULES, RULES_BY_ID
from tests.policies.objects import NAMESPACE, Manifest, container, context, deployment, named, pod_spec
from tests.policies.rules.test_environment_rules import claim, environment, policy, selecting
from tests.policies.rules.test_object_rules import BREACHES as OBJECT_BREACHES
from tests.policies.rules.test_object_rules import PRODUCTION_ONLY as PRODUCTION_BREACHES
from tests.policies.rules.test_pod_rules import BREACHES as POD_BREACHES
from tests.policies.rules.test_pod_rules import changed, drop

TODAY = date(2026, 1, 1)
WEB = f"Deployment/{NAMESPACE}/web"
REPOSITORY = "registry.example.com/shop/web"
PROBES = {
    "servers-tell-when-ready": drop("containers.0.readinessProbe"),
    "servers-tell-when-alive": drop("containers.0.livenessProbe"),
}
ABOUT_EXEMPTIONS = {"exemptions-are-current", "exemptions-are-bounded", "exemptions-are-needed"}


def moving(image: str = f"{REPOSITORY}:latest") -> Manifest:
    """Make a Deployment whose tag moves."""
    return deployment(pod_spec(containers=[container(image=image)]))


def exempt(rule: str = "images-are-pinned", expires: date = TODAY, **what: Any) -> Exemption:
    """Make an exemption."""
    return Exemption(rule, "for the test", expires, **what)


def judge(
    manifests: list[Manifest], *exemptions: Exemption, complete: bool = False, **changes: Any
) -> list[Finding]:
    """Judge with exemptions."""
    return check(
        copy.deepcopy(manifests),
        context(Tier.PRODUCTION, exemptions=exemptions, **changes),
        complete=complete,
    )


def rules(findings: list[Finding]) -> set[str]:
    """Rules of findings."""
    return {finding.rule for finding in findings}


@pytest.mark.parametrize(
    "what",
    [{"object": WEB}, {"repository": REPOSITORY}, {"object": WEB, "repository": REPOSITORY}],
    ids=["object", "repository", "both"],
)
def test_an_exemption_excuses_what_it_names(what: dict[str, Any]) -> None:
    assert judge([moving()], exempt(**what)) == []


@pytest.mark.parametrize(
    "what",
    [
        {},
        {"object": f"{WEB}-b"},
        {"object": WEB.removesuffix("b")},
        {"object": "Deployment/web"},
        {"repository": f"{REPOSITORY}-b"},
        {"repository": "registry.example.com/shop"},
        {"repository": "registry.example.com"},
        {"object": WEB, "repository": f"{REPOSITORY}-b"},
        {"object": f"{WEB}-b", "repository": REPOSITORY},
    ],
    ids=str,
)
def test_an_exemption_excuses_nothing_whose_name_only_begins_like_it(what: dict[str, Any]) -> None:
    assert rules(judge([moving()], exempt(**what))) == {"images-are-pinned"}


def test_an_exemption_of_a_repository_does_not_excuse_one_that_begins_like_it() -> None:
    assert rules(judge([moving(f"{REPOSITORY}-evil:latest")], exempt(repository=REPOSITORY))) == {
        "images-are-pinned"
    }


def test_an_exemption_excuses_no_other_rule() -> None:
    spec = pod_spec(containers=[container(image=f"{REPOSITORY}:latest")], hostNetwork=True)

    assert rules(judge([deployment(spec)], exempt(object=WEB))) == {"pods-meet-baseline"}


@pytest.mark.parametrize(
    ("days", "holds"), [(0, True), (1, True), (-1, False)], ids=["today", "later", "yesterday"]
)
def test_an_exemption_holds_on_its_last_day_and_not_the_day_after(days: int, *, holds: bool) -> None:
    findings = judge([moving()], exempt(object=WEB, expires=TODAY + timedelta(days=days)))

    assert rules(findings) == (set() if holds else {"images-are-pinned"})


def test_an_expired_exemption_is_a_finding_at_its_own_place() -> None:
    expired = exempt(object=WEB, expires=TODAY - timedelta(days=1))
    places = {"policies.exemptions.0.until": "environments/prod.yaml:4:7"}
    (found,) = [
        finding
        for finding in judge([moving()], expired, complete=True, origins=places)
        if finding.rule in ABOUT_EXEMPTIONS
    ]

    assert (found.rule, found.level) == ("exemptions-are-current", Level.MANDATORY)
    assert (found.object, found.path) == ("Exemption/0", "policies.exemptions.0.until")
    assert found.origin == "environments/prod.yaml:4:7"
    assert "expired on 2025-12-31" in found.message


@pytest.mark.parametrize(
    ("exemption", "path"),
    [
        (exempt("no-such-rule", object=WEB), "policies.exemptions.0.rule"),
        (exempt(), "policies.exemptions.0.object"),
        (exempt("pods-meet-baseline", repository=REPOSITORY), "policies.exemptions.0.repository"),
        (exempt("tags-are-never-reused", object=WEB), "policies.exemptions.0.object"),
        (exempt("exemptions-are-current", object=WEB), "policies.exemptions.0.object"),
    ],
    ids=["no rule", "for nothing", "no image", "no object", "exemptions"],
)
def test_an_exemption_that_can_excuse_nothing_is_a_finding(exemption: Exemption, path: str) -> None:
    findings = judge([deployment(pod_spec())], exemption, complete=True)

    assert path in {found.path for found in findings if found.rule == "exemptions-are-current"}


@pytest.mark.parametrize(
    ("days", "settings", "bounded"),
    [
        (180, {}, True),
        (181, {}, False),
        (365, {"longest_exemption": timedelta(days=365)}, True),
        (366, {"longest_exemption": timedelta(days=365)}, False),
        (31, {"longest_exemption": timedelta(days=30)}, False),
    ],
)
def test_an_exemption_ends_within_half_a_year_or_what_the_environment_says(
    days: int, settings: dict[str, Any], *, bounded: bool
) -> None:
    exemption = exempt(object=WEB, expires=TODAY + timedelta(days=days))

    found = [
        (finding.rule, finding.level, finding.path)
        for finding in judge([moving()], exemption, complete=True, **settings)
        if finding.rule in ABOUT_EXEMPTIONS
    ]

    finding = ("exemptions-are-bounded", Level.MANDATORY, "policies.exemptions.0.until")
    assert found == ([] if bounded else [finding])


@pytest.mark.parametrize(("days", "announced"), [(0, True), (14, True), (15, False), (-1, False)], ids=str)
def test_the_end_of_an_exemption_is_announced_two_weeks_before(days: int, *, announced: bool) -> None:
    exemption = exempt(object=WEB, expires=TODAY + timedelta(days=days))

    found = [
        (finding.level, finding.path)
        for finding in judge([moving()], exemption, complete=True)
        if finding.rule == "exemptions-are-renewed-in-time"
    ]

    assert found == ([(Level.ADVISORY, "policies.exemptions.0.until")] if announced else [])


def test_an_exemption_that_excuses_something_is_needed() -> None:
    assert ABOUT_EXEMPTIONS.isdisjoint(rules(judge([moving()], exempt(object=WEB), complete=True)))


def test_an_exemption_that_excuses_nothing_any_more_is_advised_against() -> None:
    (found,) = [
        finding
        for finding in judge([deployment(pod_spec())], exempt(object=WEB), complete=True)
        if finding.rule in ABOUT_EXEMPTIONS
    ]

    assert (found.rule, found.level) == ("exemptions-are-needed", Level.ADVISORY)


def test_part_of_an_environment_does_not_tell_whether_an_exemption_is_needed() -> None:
    assert judge([deployment(pod_spec())], exempt(object=WEB)) == []


def _with_a_breach(rule: str) -> list[Manifest]:
    """Make an environment that breaks the rule at one object."""
    match RULES_BY_ID[rule]:
        case PodRule():
            change = PROBES.get(rule) or next(change for name, change, _ in POD_BREACHES if name == rule)
            return [deployment(changed(change))]
        case ObjectRule():
            breaches = (*OBJECT_BREACHES, *PRODUCTION_BREACHES)
            return [next(manifest for name, manifest, _ in breaches if name == rule)]
    return {
        "pods-are-isolated": [deployment(pod_spec())],
        "environments-do-not-reach-each-other": environment(policy("gate", ingress=[{}])),
        "namespaces-are-complete": environment()[:1],
        "hosts-have-one-owner": [
            claim("Ingress", "a.example.com", space) for space in ("shop-prod", "blog-prod")
        ],
        "pods-have-their-own-labels": [
            selecting(name, {"app.kubernetes.io/name": "web"}) for name in ("web", "taker")
        ],
    }[rule]


OVER_OBJECTS = [
    rule.id
    for rule in RULES
    if isinstance(rule, PodRule | ObjectRule | EnvironmentRule)
    and rule.id not in {"images-are-known", "images-carry-digests", "images-come-from-allowed-registries"}
]


@pytest.mark.parametrize("rule", OVER_OBJECTS)
def test_the_exemption_that_the_documentation_offers_excuses_a_breach_of_the_rule(rule: str) -> None:
    assert RULES_BY_ID[rule].exempt_by[0] == "object"
    breach = _with_a_breach(rule)
    complete = isinstance(RULES_BY_ID[rule], EnvironmentRule)
    objects = {found.object for found in judge(breach, complete=complete) if found.rule == rule}
    assert objects

    excused = judge(breach, *(exempt(rule, object=name) for name in objects), complete=complete)

    assert rules(excused).isdisjoint({rule, *ABOUT_EXEMPTIONS})


@pytest.mark.parametrize(
    ("rule", "settings"),
    [
        ("images-are-pinned", {}),
        ("image-tags-tell-the-truth", {}),
        ("images-carry-digests", {"require_digests": True}),
        ("images-come-from-allowed-registries", {"registries": ("ghcr.io",)}),
    ],
)
@pytest.mark.parametrize("what", [{"object": WEB}, {"repository": REPOSITORY}], ids=["object", "repository"])
def test_rules_over_images_can_be_exempted_by_repository_too(
    rule: str, settings: dict[str, Any], what: dict[str, Any]
) -> None:
    digest = f"@sha256:{'0' * 64}" if rule == "image-tags-tell-the-truth" else ""
    breach = [moving(f"{REPOSITORY}:latest{digest}")]
    spec = breach[0]["spec"]["template"]["spec"]
    for place in ("initContainers", "ephemeralContainers"):
        del spec[place]
    assert rule in rules(judge(breach, **settings))

    assert rule not in rules(judge(breach, exempt(rule, **what), **settings))
    assert set(what) <= set(RULES_BY_ID[rule].exempt_by)


def test_exemptions_of_cluster_wide_objects_name_no_namespace() -> None:
    binding = named("ClusterRoleBinding", "rbac.authorization.k8s.io/v1", roleRef={"name": "cluster-admin"})
    del binding["metadata"]["namespace"]
    rule = "bindings-avoid-cluster-admin"

    assert judge([binding], exempt(rule, object="ClusterRoleBinding/web")) == []
