"""Ways to the API server: what of a kubeconfig counts, and what is refused."""

from __future__ import annotations

import base64
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import yaml

from gitops.cluster import access
from gitops.errors import ClusterError, RefusedError

if TYPE_CHECKING:
    from pathlib import Path


def _kubeconfig(folder: Path, user: Any, **cluster: Any) -> Path:
    content = {
        "current-context": "one",
        "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"} | cluster}],
        "users": [{"name": "u", "user": user}],
    }
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def _authorization(http: httpx2.Client, *answers: int) -> list[str]:
    """Return what a server would see that answers with these statuses."""
    assert http.auth is not None
    flow = http.auth.sync_auth_flow(httpx2.Request("GET", "https://127.0.0.1:1/"))
    seen = [next(flow).headers["Authorization"]]
    for status in answers:
        try:
            seen.append(flow.send(httpx2.Response(status)).headers["Authorization"])
        except StopIteration:
            break
    return seen


def test_a_token_or_a_name_and_password_are_sent(tmp_path: Path) -> None:
    with access.client(_kubeconfig(tmp_path, {"token": "abc"}), None, plugins=False) as http:
        assert _authorization(http) == ["Bearer abc"]
    basic = base64.b64encode(b"me:secret").decode()
    user = {"username": "me", "password": "secret"}
    with access.client(_kubeconfig(tmp_path, user), None, plugins=False) as http:
        assert _authorization(http) == [f"Basic {basic}"]


def test_a_token_file_is_read_again_when_the_server_refuses_the_token(tmp_path: Path) -> None:
    """The kubelet renews it while the job runs; its path is relative to the kubeconfig."""
    token = tmp_path / "token"
    token.write_text("old\n", encoding="ascii")
    with access.client(_kubeconfig(tmp_path, {"tokenFile": "token"}), None, plugins=False) as http:
        assert _authorization(http, 200) == ["Bearer old"]
        token.write_text("new\n", encoding="ascii")
        assert _authorization(http, 401, 401) == ["Bearer old", "Bearer new"]


def test_the_certificate_of_a_user_and_the_authority_are_loaded(tmp_path: Path) -> None:
    """In the file itself, or in files beside it."""
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-subj", "/CN=me", "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "certificate")]
    subprocess.run(words, check=True, capture_output=True)
    data = {
        name: base64.b64encode((tmp_path / name).read_bytes()).decode() for name in ("key", "certificate")
    }
    inline = {"client-certificate-data": data["certificate"], "client-key-data": data["key"]}
    beside = {"client-certificate": "certificate", "client-key": "key"}
    for user, authority in (
        (inline, {"certificate-authority-data": data["certificate"]}),
        (beside, {"certificate-authority": "certificate"}),
    ):
        access.client(_kubeconfig(tmp_path, user, **authority), None, plugins=False).close()


@pytest.mark.parametrize(
    ("user", "context", "error", "said"),
    [
        (
            {"exec": {"command": "x"}},
            None,
            RefusedError,
            "uses a credential plugin, which the job does not run",
        ),
        ({"auth-provider": {}}, "two", RefusedError, "has no context two; it has one"),
        ({"auth-provider": {"name": "x"}}, None, ClusterError, "auth-provider is not supported"),
        ({"tokenFile": 3, "client-certificate": "no"}, None, ClusterError, "'client-key' is missing"),
    ],
)
def test_what_cannot_be_used_is_said(
    tmp_path: Path, user: Any, context: str | None, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        access.client(_kubeconfig(tmp_path, user), context, plugins=False)


@pytest.mark.parametrize(
    "text", ["", "- a", "a: [", "current-context: x\n", "contexts: 3\ncurrent-context: x\n"]
)
def test_a_kubeconfig_that_is_none_gives_no_traceback(tmp_path: Path, text: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((ClusterError, RefusedError), match="kubeconfig"):
        access.client(path, None, plugins=False)
    assert access.current_context(path) in {None, "x"}


def test_a_run_that_finds_nothing_changed_imports_neither_lightkube_nor_what_writes() -> None:
    """The imports are most of the time of such a run."""
    code = "import sys, gitops.commands; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    late = {"lightkube", "asyncio", "policies.check", "gitops.run.changed", "gitops.engine.reconcile"}
    assert not late & set(said.split())
