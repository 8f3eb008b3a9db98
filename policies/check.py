"""Judges manifests in a context; every gate uses these functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from kube.yaml.faults import Fault
from policies.carriers import pods
from policies.context import Context, Level, Served
from policies.rule import Finding, Rule, Violation
from policies.rules import ENVIRONMENT_RULES, OBJECT_RULES, OBJECT_RULES_BY_KIND, POD_RULES, RULES_BY_ID
from policies.rules.exemptions import (
    EXEMPTIONS_ARE_BOUNDED,
    EXEMPTIONS_ARE_CURRENT,
    EXEMPTIONS_ARE_NEEDED,
    EXEMPTIONS_ARE_RENEWED_IN_TIME,
    check_announced,
    check_bounded,
    check_current,
    covers,
    is_expired,
    place,
)
from policies.rules.images import IMAGES_ARE_KNOWN
from policies.rules.kinds import KINDS_ARE_LISTED, check_listed
from policies.rules.manifests import MANIFESTS_ARE_READABLE
from policies.rules.releases import (
    IMAGES_HAVE_RELEASES,
    RELEASES_ARE_PROMOTED,
    RELEASES_ARE_TRACEABLE,
    TAGS_ARE_NEVER_REUSED,
    UNCHANGED,
    ReleaseChange,
    ReleasedImage,
    check_promoted,
    check_released,
    check_reuse,
    check_traceable,
)
from policies.rules.schema import OBJECTS_FIT_KUBERNETES, check_schema
from policies.subject import Manifest, Subject, dig, entries, mapping, subjects

Origin = Callable[[Subject, str], str | None]
"""Return where the value at a path of an object was written, as file:line:column."""

Breach = tuple[Rule, Subject, Violation]


def check(
    manifests: Iterable[Manifest],
    context: Context,
    *,
    complete: bool,
    origin: Origin | None = None,
    written: Container[int] = (),
) -> list[Finding]:
    """Judge manifests by all rules; by those over whole environments only in part unless they are `complete`.

    `written` are the ids (as of `id`) of manifests that people wrote, in part at least: only these may not fit the API.
    """
    judged = [
        subject for manifest in manifests for subject in subjects(manifest, written=id(manifest) in written)
    ]
    return check_subjects(judged, context, complete=complete, origin=origin)


def check_subjects(
    judged: Sequence[Subject], context: Context, *, complete: bool, origin: Origin | None = None
) -> list[Finding]:
    """Judge opened objects; apply exemptions, which are judged themselves in a complete check."""
    context = replace(
        context,
        tokens={**_tokens(judged), **context.tokens},
        services={**_services(judged), **context.services},
    )
    breaches = [breach for subject in judged for breach in object_breaches(subject, context)]
    breaches += environment_breaches(judged, context) if complete else _partial_breaches(judged, context)
    used: set[str] = set()
    findings = findings_of(breaches, context, origin, used)
    if complete:
        findings += _exemption_findings(context, used)
    return sorted(findings, key=_order)


def findings_of(
    breaches: Iterable[Breach], context: Context, origin: Origin | None = None, used: set[str] | None = None
) -> list[Finding]:
    """Turn breaches into findings, except those that an exemption covers; `used` collects the exemptions."""
    used = set() if used is None else used
    return [
        _finding(rule, context, subject.id, fault, origin(subject, fault.path) if origin else None)
        for rule, subject, fault in breaches
        if not _is_exempt(rule, subject.id, fault, context, used)
    ]


def object_breaches(subject: Subject, context: Context) -> Iterator[Breach]:
    """Yield the breaches of one object; a value that is not known yet breaks one rule only."""
    for rule, fault in _object_faults(subject, context):
        if rule is IMAGES_ARE_KNOWN or not _is_unknown(subject, fault.path):
            yield rule, subject, fault


def _object_faults(subject: Subject, context: Context) -> Iterator[tuple[Rule, Violation]]:
    for pod in pods(subject):
        for pod_rule in POD_RULES:
            for fault in pod_rule.check(subject, pod, context):
                yield pod_rule, fault
    yield from _faults_of_any_kind(subject, context)
    for rule in OBJECT_RULES_BY_KIND.get(subject.kind, ()) if subject.builtin else ():
        for fault in rule.check(subject, context):
            yield rule, fault


def _faults_of_any_kind(subject: Subject, context: Context) -> Iterator[tuple[Rule, Violation]]:
    for fault in check_schema(subject, context):
        yield OBJECTS_FIT_KUBERNETES, fault
    for fault in check_listed(subject, context):
        yield KINDS_ARE_LISTED, fault


def environment_breaches(judged: Sequence[Subject], context: Context) -> Iterator[Breach]:
    """Yield the breaches of the rules over all objects together."""
    for rule in ENVIRONMENT_RULES:
        for subject, fault in rule.check(judged, context):
            yield rule, subject, fault


def _partial_breaches(judged: Sequence[Subject], context: Context) -> Iterator[Breach]:
    """Yield what single objects show of the rules over all objects together."""
    for rule, part in [(rule, rule.part) for rule in ENVIRONMENT_RULES if rule.part]:
        for subject in judged:
            for fault in part(subject, context):
                yield rule, subject, fault


def check_releases(
    releases: Sequence[ReleasedImage],
    context: Context,
    change: ReleaseChange = UNCHANGED,
    written: Sequence[ReleasedImage] = (),
) -> list[Finding]:
    """Judge releases of all environments together, and those that a change adds by Git's history.

    `written` are images that layers say instead of releases.
    """
    findings = []
    for rule, breaches in (
        (IMAGES_HAVE_RELEASES, check_released(written, releases)),
        (TAGS_ARE_NEVER_REUSED, check_reuse(releases, change)),
        (RELEASES_ARE_TRACEABLE, check_traceable(releases)),
        (RELEASES_ARE_PROMOTED, check_promoted(releases, change)),
    ):
        for release, fault in breaches:
            here = replace(context, environment=release.environment, tier=release.tier)
            if not _is_exempt(rule, release.id, fault, here, set()):
                findings.append(_finding(rule, here, release.id, fault, release.origin))
    return sorted(findings, key=_order)


def check_readable(faults: Iterable[Fault], context: Context) -> list[Finding]:
    """Turn faults of files into findings, so that a file that cannot be read hides no other finding."""
    return [
        _finding(
            MANIFESTS_ARE_READABLE,
            context,
            f"File/{PurePath(fault.origin.file).name}",
            Violation(fault.path, fault.message),
            str(fault.origin),
        )
        for fault in faults
    ]


def mandatory(findings: Iterable[Finding]) -> list[Finding]:
    """Return the mandatory findings."""
    return [finding for finding in findings if finding.level is Level.MANDATORY]


def _is_unknown(subject: Subject, path: str) -> bool:
    return any(path == known or path.startswith((f"{known}.", f"{known}[")) for known in subject.unknown)


def _is_exempt(rule: Rule, subject: str, fault: Violation, context: Context, used: set[str]) -> bool:
    for name, exemption in context.exemptions.items():
        if covers(exemption, rule.id, subject, fault.repository):
            used.add(name)
            if not is_expired(exemption, context.today):
                return True
    return False


def _exemption_findings(context: Context, used: set[str]) -> Iterator[Finding]:
    for rule, found in (
        (EXEMPTIONS_ARE_CURRENT, check_current(context, RULES_BY_ID)),
        (EXEMPTIONS_ARE_BOUNDED, check_bounded(context)),
        (EXEMPTIONS_ARE_RENEWED_IN_TIME, check_announced(context)),
        (EXEMPTIONS_ARE_NEEDED, _needless(context, used)),
    ):
        for name, fault in found:
            yield _finding(rule, context, f"Exemption/{name}", fault, context.origins.get(fault.path))


def _needless(context: Context, used: set[str]) -> Iterator[tuple[str, Violation]]:
    for name, exemption in context.exemptions.items():
        over_objects = exemption.rule in _OVER_OBJECTS and not is_expired(exemption, context.today)
        if over_objects and name not in used:
            message = f"nothing here breaks {exemption.rule} any more; remove the exemption"
            yield name, Violation(place(name, "rule"), message)


_OVER_OBJECTS = frozenset(
    rule.id
    for rule in (*POD_RULES, *OBJECT_RULES, *ENVIRONMENT_RULES, OBJECTS_FIT_KUBERNETES, KINDS_ARE_LISTED)
)


def _finding(rule: Rule, context: Context, subject: str, fault: Violation, origin: str | None) -> Finding:
    return Finding(
        rule.id, rule.level(context), context.environment, subject, fault.path, fault.message, origin
    )


def _tokens(judged: Sequence[Subject]) -> dict[tuple[str, str], bool]:
    return {
        (subject.namespace, subject.name): subject.manifest.get("automountServiceAccountToken") is not False
        for subject in judged
        if subject.kind == "ServiceAccount"
    }


def _services(judged: Sequence[Subject]) -> dict[tuple[str, str, str], list[Served]]:
    """Index the Services by namespace and one label that they select by."""
    found: dict[tuple[str, str, str], list[Served]] = defaultdict(list)
    for subject in judged:
        selector = mapping(dig(subject.manifest, "spec", "selector"))
        if subject.kind == "Service" and subject.builtin and selector and not subject.partial:
            ports = entries(dig(subject.manifest, "spec", "ports"))
            targets = frozenset(str(port.get("targetPort") or port.get("port")) for port in ports)
            key, value = next(iter(selector.items()))
            found[(subject.namespace, key, str(value))].append(Served(subject.id, selector, targets))
    return found


def _order(finding: Finding) -> tuple[str, bool, str, str, str]:
    return (
        finding.environment,
        finding.level is not Level.MANDATORY,
        finding.object,
        finding.path,
        finding.rule,
    )
