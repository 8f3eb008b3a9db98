"""Judges the objects of an application by the policies.

The job sees only a part of an environment, so rules over single objects and pods apply, and what a single object
shows of the others: the labels of a Namespace.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from gitops.objects import Body, DesiredObject
from gitops.settings import Settings
from kube.kinds import is_cluster_scoped
from kube.yaml.faults import Fault
from policies.check import check_subjects, mandatory
from policies.context import Context
from policies.rule import Finding
from policies.subject import Subject


def judge(settings: Settings, namespace: str, manifests: Sequence[DesiredObject], today: date) -> list[Fault]:
    """Report each object that breaks a mandatory rule: its file, the path in it, the rule and the fix."""
    subjects = [Subject(_placed(manifest.body, namespace), written=True) for manifest in manifests]
    places = {id(subject): manifest.origin for subject, manifest in zip(subjects, manifests, strict=True)}
    origins = {str(place): place for place in places.values()}

    def origin(subject: Subject, _: str) -> str:
        return str(places[id(subject)])

    context = Context.of(settings.policies, settings.environment, today)
    findings = check_subjects(subjects, context, complete=False, origin=origin)
    return [Fault(origins[finding.origin or ""], "", _text(finding)) for finding in mandatory(findings)]


def _placed(body: Body, namespace: str) -> Body:
    """Set the namespace that an object will have, since exemptions name it."""
    if is_cluster_scoped(body["kind"]):
        return body
    return body | {"metadata": {"namespace": namespace} | body["metadata"]}


def _text(finding: Finding) -> str:
    return f"{finding.object} {finding.path}: {finding.message} [{finding.rule}]"
