"""Judges the objects of an application by the policies.

The job sees only a part of an environment, so only rules over single objects and pods apply.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from gitops.errors import Fault
from gitops.objects import Body, DesiredObject
from gitops.settings import Settings
from kube.kinds import is_cluster_scoped
from policies.check import check_subjects, mandatory
from policies.context import Context, Exemption, Level, Tier
from policies.rule import Finding
from policies.subject import Subject
from policies.tags import Shape


def judge(settings: Settings, namespace: str, manifests: Sequence[DesiredObject], today: date) -> list[Fault]:
    """Report each object that breaks a mandatory rule: its file, the path in it, the rule and the fix."""
    subjects = [Subject(_placed(manifest.body, namespace)) for manifest in manifests]
    places = {id(subject): manifest for subject, manifest in zip(subjects, manifests, strict=True)}

    def origin(subject: Subject, _: str) -> str:
        return f"{places[id(subject)].file}:{places[id(subject)].line}"

    findings = check_subjects(subjects, context_of(settings, today), complete=False, origin=origin)
    return [Fault(finding.origin or "", 0, _text(finding)) for finding in mandatory(findings)]


def _placed(body: Body, namespace: str) -> Body:
    """Set the namespace that an object will have, since exemptions name it."""
    if is_cluster_scoped(body["kind"]):
        return body
    return body | {"metadata": {"namespace": namespace} | body["metadata"]}


def _text(finding: Finding) -> str:
    return f"{finding.object} {finding.path}: {finding.message} [{finding.rule}]"


def context_of(settings: Settings, today: date) -> Context:
    """Make the policies' context from the settings."""
    declared = settings.policies
    return Context(
        environment=settings.environment,
        tier=Tier(settings.tier),
        today=today,
        exemptions=tuple(_exemptions(settings)),
        shapes={name: Shape(image.tags) for name, image in declared.images.items()},
        environments=frozenset({settings.environment, *declared.environments}),
        registries=declared.registries,
        require_digests=declared.require_digests,
        levels={rule: Level(level) for rule, level in declared.levels.items()},
    )


def _exemptions(settings: Settings) -> Iterable[Exemption]:
    for each in settings.policies.exemptions:
        yield Exemption(each.rule, each.because, each.until, each.object, each.repository)
