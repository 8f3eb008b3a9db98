"""Rules over objects of the cluster that open a node or send objects away: volumes and webhooks."""

from __future__ import annotations

from collections.abc import Iterator

from policies.context import Context, Level
from policies.rule import Area, ObjectRule, Violation
from policies.subject import Subject, dig, named_entries

WEBHOOKS = frozenset({"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"})


def check_volume(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find volumes that are folders of a node."""
    for source in ("hostPath", "local"):
        if dig(subject.manifest, "spec", source) is not None:
            message = f"{source} opens the file system of a node to whoever claims it; use a StorageClass"
            yield Violation(f"spec.{source}", message)


def check_webhook(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find webhooks outside of the cluster."""
    for path, webhook in named_entries("webhooks", subject.manifest.get("webhooks")):
        if dig(webhook, "clientConfig", "url") is not None:
            yield Violation(f"{path}.clientConfig.url", _AWAY)
    if dig(subject.manifest, "spec", "conversion", "webhook", "clientConfig", "url") is not None:
        yield Violation("spec.conversion.webhook.clientConfig.url", _AWAY)


_AWAY = "the API server sends whole objects there, Secrets too; name a Service of the cluster in clientConfig.service"
RULES = (
    ObjectRule(
        id="volumes-stay-off-nodes",
        area=Area.PODS,
        law="No PersistentVolume is a folder of a node.",
        why="A claim brings it into a pod that keeps Pod Security.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"PersistentVolume"}),
        check=check_volume,
    ),
    ObjectRule(
        id="webhooks-stay-inside",
        area=Area.ACCESS,
        law="Webhooks of admission and conversion are Services of the cluster.",
        why="They see whole objects, and may change what is admitted.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=WEBHOOKS | {"CustomResourceDefinition"},
        check=check_webhook,
    ),
)
