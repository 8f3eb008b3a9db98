"""Signatures in a run: each application answers for its own revision, and the others of its repository go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gitops.jobs import config_map
from tests.gitops.source.test_signature import ssh_key

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gitops.jobs import Body, Job

pytestmark = pytest.mark.slow


def _of(job: Job, path: str, revision: str) -> Body:
    application = job.application(path)
    application["source"]["revision"] = revision
    return application


def test_an_unsigned_commit_refuses_the_applications_that_follow_it_and_no_others(
    job: Job, tmp_path: Path
) -> None:
    """One revision is a signed commit, one a signed tag of an unsigned commit, one is not signed at all."""
    key, origin = ssh_key(tmp_path, "signer"), job.repository
    origin.commit({f"{name}/a.yaml": config_map(name) for name in ("commit", "tag", "none")})
    key.sign(origin, "tag", "-s", "-m", "release", "v1")
    origin.git("branch", "unsigned")
    key.sign(origin)
    job.applications = {
        "commit": _of(job, "commit", "main"),
        "none": _of(job, "none", "unsigned"),
        "tag": _of(job, "tag", "v1"),
    }
    job.extra = {"repositories": {f"file://{origin.folder}": {"allowed_signers": str(key.allowed())}}}
    result = job.sync()
    assert result.changes == {"ConfigMap/commit": "created", "ConfigMap/tag": "created"}
    assert result.code == 5
    assert "is not signed; nothing of it is applied" in result.summary("none")["message"]
