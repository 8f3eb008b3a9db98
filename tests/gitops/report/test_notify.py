"""Notices: what a real HTTP server hears of a run, once, in a bounded time, and never its own address in the log."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from gitops.report import webhook
from gitops.run.ending import Ending
from gitops.settings import parse
from tests.gitops.jobs import config_map
from tests.gitops.report.receiver import Receiver, receiving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gitops.jobs import Job

PART = "path-that-only-the-webhook-knows"


@pytest.fixture
def hook() -> Iterator[Receiver]:
    """Take what is posted, as a webhook does."""
    with receiving() as found:
        yield found


def tell(job: Job, url: str, form: str = "json") -> Path:
    """Let a job tell a webhook; returns the file with its address."""
    address = job.folder / "url"
    address.write_text(f"{url}/{PART}\n", encoding="utf-8")
    job.extra = job.extra | {"notify": {"address": str(address), "form": form}}
    return address


def heard(hook: Receiver) -> list[Any]:
    """Return what has arrived since the last time."""
    found = [json.loads(text) for text in hook.texts]
    hook.taken.clear()
    return found


def test_changes_failures_and_recoveries_are_posted_once(job: Job, hook: Receiver) -> None:
    """A run without news says nothing; a failure that stays is told once."""
    tell(job, hook.url)
    commit = job.repository.commit({"app/one.yaml": config_map("one", a="1")})
    job.sync()
    (notice,) = heard(hook)
    (said,) = notice["applications"]
    assert (notice["environment"], notice["aborted"]) == ("qa", "")
    assert (said["application"], said["revision"], said["failed"]) == ("app", commit, False)
    assert said["changed"] == [f"created ConfigMap/{job.namespace}/one"]
    job.sync()
    assert heard(hook) == []
    job.repository.commit({"app/one.yaml": "a: ["})
    job.sync()
    job.sync()
    (notice,) = heard(hook)
    (said,) = notice["applications"]
    assert (said["failed"], said["code"], said["sync"]) == (True, 2, "OutOfSync")
    assert "app/one.yaml:1:5" in said["message"]
    job.repository.commit({"app/one.yaml": config_map("one", a="1")})
    job.sync()
    (notice,) = heard(hook)
    assert notice["applications"][0]["recovered"] is True


def test_slack_gets_text_without_its_control_characters(job: Job, hook: Receiver) -> None:
    """What failed comes first."""
    tell(job, hook.url, "slack")
    job.repository.commit({"app/one.yaml": config_map("one"), "other/<!channel>.yaml": "a: ["})
    job.applications = {"app": job.application(), "other": job.application("other")}
    job.sync()
    (notice,) = heard(hook)
    assert list(notice) == ["text"]
    first, *rest = notice["text"].splitlines()
    assert first.startswith("qa/other failed: OutOfSync Unknown at ")
    assert any("other/&lt;!channel&gt;.yaml:1:5" in line for line in rest)
    assert f"  created ConfigMap/{job.namespace}/one" in rest
    assert "<" not in notice["text"]


def test_a_webhook_that_refuses_is_said_and_its_address_is_not(job: Job, hook: Receiver) -> None:
    """The run has the exit code that it would have without."""
    hook.status = 500
    address = tell(job, hook.url)
    job.repository.commit({"app/one.yaml": config_map("one", a="1")})
    result = job.sync()
    assert (result.code, "the webhook did not accept the notice: HTTP 500" in result.errors) == (0, True)
    for url, complaint in (
        (f"http://127.0.0.1:9/{PART}", "the webhook could not be reached: ConnectError"),
        (f"ftp://host/{PART}", "is not an http or https address"),
        (f"http://[{PART}", "the webhook could not be reached"),
    ):
        address.write_text(url, encoding="utf-8")
        said = webhook.post(address, {})
        assert complaint in said
        assert PART not in said
    address.unlink()
    assert "cannot be read: FileNotFoundError" in webhook.post(address, {})


def test_a_webhook_that_hangs_does_not_hold_the_run(
    tmp_path: Path, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is for everything, not for each part of an answer."""
    monkeypatch.setattr(webhook, "SECONDS", 0.3)
    address = tmp_path / "url"
    address.write_text(hook.url, encoding="utf-8")
    hook.answering.clear()
    started = time.monotonic()
    assert webhook.post(address, {"a": 1}) != ""
    assert time.monotonic() - started < 5
    hook.answering.set()


def test_runs_that_abort_are_told_at_most_four_times_an_hour(tmp_path: Path, hook: Receiver) -> None:
    """They remember nothing, so the clock decides; the next run is five minutes later."""
    (tmp_path / "url").write_text(hook.url, encoding="utf-8")
    text = f"{{environment: qa, applications: {{}}, notify: {{address: {tmp_path / 'url'}}}}}"
    settings = parse(text, "settings.yaml")
    for minute in range(0, 60, 5):
        at = datetime(2026, 11, 21, 3, minute, tzinfo=UTC)
        Ending(
            settings, partial(datetime.replace, at), pytest.fail, aborted="the API server does not answer"
        ).tell()
    notices = heard(hook)
    assert [notice["time"] for notice in notices] == [
        f"2026-11-21T03:{minute:02}:00Z" for minute in (0, 15, 30, 45)
    ]
    assert {notice["aborted"] for notice in notices} == {"the API server does not answer"}
