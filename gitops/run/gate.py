"""The objects of an application judged by the policies: settings and manifests in, refusals out.

The job sees a part of an environment, so that only rules over single objects and pods are asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from gitops.objects import Body, DesiredObject
from gitops.settings import Settings
from kube.kinds import is_cluster_scoped
from kube.yaml.faults import Fault
from policies.check import check_subjects, mandatory
from policies.context import Context, Exemption, Level, Tier
from policies.rule import Finding
from policies.subject import Subject
from policies.tags import Shape


def judge(settings: Settings, namespace: str, manifests: Sequence[DesiredObject], today: date) -> list[Fault]:
    """Name each object that breaks a mandatory rule: its file, the path in it, the rule and the fix."""
    subjects = [Subject(_placed(manifest.body, namespace)) for manifest in manifests]
    places = {id(subject): manifest.origin for subject, manifest in zip(subjects, manifests, strict=True)}
    origins = {str(place): place for place in places.values()}

    def origin(subject: Subject, _: str) -> str:
        return str(places[id(subject)])

    findings = check_subjects(subjects, context_of(settings, today), complete=False, origin=origin)
    return [Fault(origins[finding.origin or ""], "", _text(finding)) for finding in mandatory(findings)]


def _placed(body: Body, namespace: str) -> Body:
    """Give an object the namespace that it will have, for exemptions name it."""
    if is_cluster_scoped(body["kind"]):
        return body
    return body | {"metadata": {"namespace": namespace} | body["metadata"]}


def _text(finding: Finding) -> str:
    return f"{finding.object} {finding.path}: {finding.message} [{finding.rule}]"


def context_of(settings: Settings, today: date) -> Context:
    """Say what the rules need to know of the environment beside its objects."""
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
