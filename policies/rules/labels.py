"""Rules over labels of pods: no pod has those by which the controller of other pods, and its flows, are selected."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from policies.carriers import pods
from policies.context import Context, Level
from policies.network.label_selector import matches
from policies.rule import Area, EnvironmentRule, Violation
from policies.subject import Subject, dig, mapping

SELECTING = frozenset({"Deployment", "StatefulSet", "DaemonSet"})


_Selecting = dict[tuple[str, str, str], list[tuple[Subject, dict[str, Any]]]]


def check_own(own: Sequence[Subject], _context: Context) -> Iterator[tuple[Subject, Violation]]:
    """Find pods that the selector of another controller in the namespace selects."""
    selecting = _selecting(own)
    for subject in own:
        for pod in pods(subject) if not subject.partial else ():
            labels = pod.labels
            labelled = (
                found
                for key, value in labels.items()
                for found in selecting.get((subject.namespace, key, value), ())
            )
            for other, selector in labelled:
                if other is not subject and matches(selector, labels):
                    message = (
                        f"{other.id} selects pods with these labels, so these pods share its flows and its traffic; "
                        "give them labels of their own"
                    )
                    yield subject, Violation(f"{pod.metadata_path}.labels", message)


def _selecting(own: Sequence[Subject]) -> _Selecting:
    """Index controllers with their selectors by namespace and their rarest label: not all pairs are compared."""
    selectors = [
        (subject, mapping(dig(subject.manifest, "spec", "selector")))
        for subject in own
        if subject.builtin and subject.kind in SELECTING and not subject.partial
    ]
    keys = [
        [(subject.namespace, key, str(value)) for key, value in mapping(selector.get("matchLabels")).items()]
        for subject, selector in selectors
    ]
    common = Counter(key for several in keys for key in several)
    found: _Selecting = defaultdict(list)
    for selector, several in zip(selectors, keys, strict=True):
        if several:
            found[min(several, key=common.__getitem__)].append(selector)
    return found


RULES = (
    EnvironmentRule(
        id="pods-have-their-own-labels",
        area=Area.NETWORK,
        law="No pod has the labels by which another workload of its namespace selects its pods.",
        why="NetworkPolicies and Services select by labels: who takes them takes the flows and the traffic.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        check=check_own,
    ),
)
