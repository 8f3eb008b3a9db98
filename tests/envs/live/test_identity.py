"""The uid of a cluster: compared where one answers, within bounded time where none does."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

import pytest
from lightkube import Client
from lightkube.resources.core_v1 import Namespace

from envs.config.load import load
from envs.config.reading.faults import ConfigurationError
from envs.live.identity import Unasked, check_cluster
from localkube.clusters import LocalCluster
from tests.roots import make_root

OTHER = "11111111-2222-4333-8444-555555555555"


def asked(root: Path, uid: str = OTHER, context: str = "here") -> Unasked | None:
    """Ask about a root whose only environment names a context and a uid."""
    layer = f"tier: production\ncluster: {{context: {context}, uid: {uid}}}\n"
    configuration = load(make_root(root, {"qa.yaml": layer}))
    return check_cluster(configuration, configuration.environment("qa"))


def kubeconfig(path: Path, server: str, context: str = "here") -> Path:
    """Write a kubeconfig of one server."""
    document = {
        "clusters": [{"name": "it", "cluster": {"server": server, "insecure-skip-tls-verify": True}}],
        "users": [{"name": "it", "user": {"token": "t"}}],
        "contexts": [{"name": context, "context": {"cluster": "it", "user": "it"}}],
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(document))
    return path


def test_a_cluster_that_never_answers_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connections succeed, and nothing is ever said
        address = f"https://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "config", address)))
        started = time.monotonic()
        unasked = asked(tmp_path)

    assert time.monotonic() - started < 12
    assert unasked is not None
    assert not unasked.answered


@pytest.mark.parametrize("context", ["here", "elsewhere"], ids=["nobody listens", "no such context"])
def test_where_there_is_no_cluster_there_is_no_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: str
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "config", "https://127.0.0.1:1")))

    unasked = asked(tmp_path, context=context)

    assert unasked is not None
    assert not unasked.answered


def test_the_cluster_that_answers_must_be_the_one_of_the_layers(
    api: Client, cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where KUBECONFIG names several files, as kubectl allows."""
    document = json.loads(cluster.kubeconfig.read_text())
    context = document["contexts"][0]["name"]
    first = kubeconfig(tmp_path / "first", "https://127.0.0.1:1", "another")
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([str(first), str(cluster.kubeconfig)]))
    metadata = api.get(Namespace, "kube-system").metadata
    assert metadata is not None

    with pytest.raises(ConfigurationError, match=rf"qa\.yaml:2:.*has the uid {metadata.uid}"):
        asked(tmp_path, context=context)

    assert asked(tmp_path, str(metadata.uid), context) is None
