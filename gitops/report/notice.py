"""What a webhook is told of a run: changes, failures, and what is well again; as plain JSON or in Slack's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gitops.errors import BAD_INPUT, REFUSED
from gitops.report.bounds import bounded
from gitops.report.outcome import WRITTEN, Outcome, Sync

Form = Literal["json", "slack"]
_OF_A_COMMIT = {BAD_INPUT, REFUSED}
_OBJECTS = 20  # changed objects of an application in one notice
_LONGEST = 2000  # characters of one message
_LONGEST_TEXT = 3000  # characters of a notice as text


@dataclass(frozen=True)
class News:
    """An outcome of which somebody should hear."""

    outcome: Outcome
    changed: bool  # something was written or deleted
    failed: bool  # it fails, and did not in this way before
    recovered: bool  # it failed before, and does not any more


def news_of(outcome: Outcome, before: Mapping[str, str]) -> News | None:
    """Compare an outcome with the status before it; None where there is nothing new."""
    changed = any(change.action in WRITTEN for change in outcome.changes)
    failed = outcome.code != 0 and not outcome.suspended and before.get("trouble", "") != trouble_of(outcome)
    recovered = outcome.code == 0 and outcome.sync is Sync.IN_SYNC and before.get("trouble", "") != ""
    return News(outcome, changed, failed, recovered) if changed or failed or recovered else None


def trouble_of(outcome: Outcome) -> str:
    """Return what the status keeps of a failure, to tell the next one from it: what fails, without words that vary."""
    if outcome.code == 0:
        return ""
    source = outcome.away_since or (outcome.commit if outcome.code in _OF_A_COMMIT else "")
    objects = sorted(f"{finding.reason} {finding.key}" for finding in outcome.findings)
    return bounded("\n".join([f"{outcome.code} {source}".rstrip(), *objects]))


def notice(environment: str, at: str, news: Sequence[News], aborted: str, form: Form) -> dict[str, Any]:
    """Write a notice; `aborted` says why the run ended before it had looked at all applications."""
    if form == "slack":
        return {"text": _slack(_text(environment, news, aborted))}
    return {
        "environment": environment,
        "time": at,
        "aborted": bounded(aborted, _LONGEST),
        "applications": [_plain(each) for each in news],
    }


def _plain(news: News) -> dict[str, Any]:
    outcome = news.outcome
    return {
        "application": outcome.application,
        "revision": outcome.commit,
        "sync": outcome.sync,
        "health": outcome.health,
        "code": outcome.code,
        "changed": _changes(outcome),
        "counts": outcome.counts,
        "failed": news.failed,
        "recovered": news.recovered,
        "message": bounded(_message(outcome), _LONGEST),
    }


def _changes(outcome: Outcome) -> list[str]:
    written = [f"{change.action} {change.key}" for change in outcome.changes if change.action in WRITTEN]
    more = [f"and {len(written) - _OBJECTS} more"] if len(written) > _OBJECTS else []
    return [*written[:_OBJECTS], *more]


def _message(outcome: Outcome) -> str:
    failures = [f"{each.key}: {each.message}" for each in outcome.changes if each.message and outcome.code]
    return "\n".join([*outcome.message.splitlines(), *failures, *outcome.unhealthy])


def _text(environment: str, news: Sequence[News], aborted: str) -> str:
    """Write a notice as text: what failed comes first, so that it is never what is cut off."""
    lines = [f"{environment}: the run of the GitOps job was aborted: {aborted}"] if aborted else []
    for each in sorted(news, key=lambda each: not each.failed):
        outcome = each.outcome
        word = "failed" if each.failed else "recovered" if each.recovered else "changed"
        lines.append(
            f"{environment}/{outcome.application} {word}: {outcome.sync} {outcome.health} at {_at(outcome)}"
        )
        lines += [f"  {line}" for line in _message(outcome).splitlines() if each.failed]
        lines += [f"  {line}" for line in _changes(outcome)]
    return bounded("\n".join(lines), _LONGEST_TEXT)


def _at(outcome: Outcome) -> str:
    return outcome.commit[:12] or "no commit"


def _slack(text: str) -> str:
    """Escape Slack's control characters; source: docs.slack.dev, Formatting message text."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
