"""`envs promote` asks the cluster of the source, which may not answer or not be known (see also test_live.py)."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from envs.errors import Exit
from tests.command import commit, edit, envs, files_of
from tests.envs.releases.test_promote import E2E, read, release

DEAD = {
    "apiVersion": "v1",
    "kind": "Config",
    "contexts": [{"name": "test", "context": {"cluster": "test", "user": "me"}}],
    "clusters": [{"name": "test", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "me", "user": {"token": "t"}}],
}


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Path:
    """Give a kubeconfig with the context of qa, whose API server does not answer."""
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(DEAD))
    return path


@pytest.fixture
def named(checkout: Path) -> Path:
    """Give a checkout in which qa names its context and has run a new release."""
    (checkout / "environments/qa.yaml").write_text("tier: test\ncluster: {context: test}\n")
    commit(checkout, "name the cluster")
    release(checkout)
    return checkout


def test_a_cluster_that_does_not_answer_leaves_the_health_unknown_and_refuses(
    named: Path, kubeconfig: Path
) -> None:
    before = files_of(named)
    result = envs("promote", "qa", "e2e", "--kubeconfig", str(kubeconfig), root=named)
    assert (result.code, result.out) == (Exit.REFUSED, "")
    assert "shop/server in qa has an unknown health: qa: " in result.err
    assert "make its cluster answer, or give --status FILE" in result.err
    assert files_of(named) == before

    words = ("--force", "the cluster is being moved", "--kubeconfig", str(kubeconfig))
    assert envs("promote", "qa", "e2e", *words, root=named).code == 0
    assert read(named, E2E)["forced"] == "the cluster is being moved"


@pytest.mark.parametrize("name", ["another", None])
def test_a_cluster_that_is_not_known_here_is_not_asked_and_that_is_said(
    named: Path, kubeconfig: Path, name: str | None
) -> None:
    if name is None:
        kubeconfig.unlink()
    else:
        edit(kubeconfig, "    user: me\n  name: test", f"    user: me\n  name: {name}")
    result = envs("promote", "qa", "e2e", "--kubeconfig", str(kubeconfig), root=named)
    assert result.code == 0, result.err
    assert result.err == "the health of qa is not asked: no context of its cluster is known here\n"


STATUSES = {
    "of a cluster that did not answer": (
        '[{"environment": "qa", "error": "qa: no route to host", "apps": []}]',
        "has an unknown health: ",
    ),
    "without the app": (
        '[{"environment": "qa", "error": null, "apps": []}]',
        "is Unknown according to the status of qa",
    ),
}


@pytest.mark.parametrize(("text", "message"), STATUSES.values(), ids=STATUSES)
def test_a_status_that_does_not_tell_the_health_refuses(
    named: Path, tmp_path: Path, text: str, message: str
) -> None:
    status = tmp_path / "status.json"
    status.write_text(text)
    result = envs("promote", "qa", "e2e", "--status", str(status), root=named)
    assert (result.code, message in result.err) == (Exit.REFUSED, True), result.err


def test_a_status_that_is_given_counts_instead(named: Path, kubeconfig: Path, tmp_path: Path) -> None:
    status = tmp_path / "status.json"
    status.write_text(
        '[{"environment": "qa", "error": null, "apps": [{"name": "shop", "health": "Healthy"}]}]'
    )
    words = ("--status", str(status), "--kubeconfig", str(kubeconfig))
    assert envs("promote", "qa", "e2e", *words, root=named).code == 0
