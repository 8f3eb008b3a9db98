"""Ways to an API server: the pod's ServiceAccount, or a kubeconfig.

The format of a kubeconfig is that of kubernetes.io/docs, "kubeconfig (v1)". lightkube is imported for credential
plugins only: its import takes as long as a whole run that has nothing to do.
"""

from __future__ import annotations

import base64
import os
import ssl
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import httpx2
import yaml

from gitops.errors import ClusterError, RefusedError

SECONDS = 10.0  # that a request may take to connect, and to wait for each part of its answer
_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_UNAUTHORIZED = 401
# Fields of a user, of which one must say who it is.
_IDENTITIES = (
    "auth-provider",
    "client-certificate",
    "client-certificate-data",
    "exec",
    "password",
    "token",
    "tokenFile",
)


@dataclass(frozen=True)
class _Context:
    """One context of a kubeconfig; file names in it are relative to `folder`."""

    cluster: Mapping[str, Any]
    user: Mapping[str, Any] | None
    folder: Path = field(default_factory=Path)

    def file(self, value: Any) -> Path:
        return self.folder / str(value)


class _TokenFile(httpx2.Auth):
    """Sends the token in a file, which the kubelet renews; it is read again when the server refuses it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._token = ""

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        self._token = self._token or self._read()
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == _UNAUTHORIZED and (renewed := self._read()) != self._token:
            self._token = renewed
            request.headers["Authorization"] = f"Bearer {renewed}"
            yield request

    def _read(self) -> str:
        return self._path.read_text(encoding="ascii").strip()


class _Token(httpx2.Auth):
    """Sends a token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class _Plugin(httpx2.Auth):
    """Runs a credential plugin; where that fails, the request fails."""

    def __init__(self, auth: httpx2.Auth | None, failure: type[Exception]) -> None:
        self._auth = auth or httpx2.Auth()
        self._failure = failure

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        try:
            yield from self._auth.sync_auth_flow(request)
        except (self._failure, ValueError, KeyError) as error:
            raise OSError(f"the credential plugin failed: {error}") from error


def client(kubeconfig: Path | None, context: str | None, *, plugins: bool) -> httpx2.Client:
    """Make an HTTP client that may talk to the API server.

    Raises ClusterError for a configuration that cannot be used, and RefusedError for one that is not supported.
    """
    try:
        found = _context(kubeconfig, context)
        if found.user is None or not any(found.user.get(field) for field in _IDENTITIES):
            message = "the kubeconfig has no user with credentials, and anonymous requests are not supported; add one"
            raise RefusedError(message)
        if found.user.get("exec") and plugins:
            return _finished(_with_plugin(kubeconfig, context))
        if found.user.get("exec"):
            message = "the kubeconfig uses a credential plugin, which the job does not run; use a token"
            raise RefusedError(message)
        verify, auth = _trust(found), _credentials(found.user, found)
        made = httpx2.Client(base_url=str(found.cluster["server"]), verify=verify, auth=auth)
    except (KeyError, TypeError, ValueError, AttributeError, OSError, yaml.YAMLError) as error:
        raise ClusterError(f"the kubeconfig cannot be used: {_reason(error)}") from error
    return _finished(made)


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def current_context(kubeconfig: Path | None) -> str | None:
    """Name the context that a kubeconfig uses by default; None where it has none or cannot be read."""
    try:
        name = _read(_file(kubeconfig)).get("current-context")
    except (TypeError, ValueError, AttributeError, OSError, yaml.YAMLError):
        return None
    return str(name) if name else None


def context_names(kubeconfig: Path | None) -> tuple[str, ...]:
    """Name the contexts of a kubeconfig; none where it cannot be read."""
    try:
        return tuple(_named(_read(_file(kubeconfig)), "context"))
    except (TypeError, KeyError, ValueError, AttributeError, OSError, yaml.YAMLError):
        return ()


def _finished(made: httpx2.Client) -> httpx2.Client:
    made.timeout = httpx2.Timeout(SECONDS)
    made.headers["User-Agent"] = "gitops-environments"
    return made


def _context(kubeconfig: Path | None, name: str | None) -> _Context:
    if kubeconfig is None and name is None and _ACCOUNT.is_dir():
        return _pod()
    file = _file(kubeconfig)
    content = _read(file)
    contexts = _named(content, "context")
    name = name or content.get("current-context")
    if not name:
        raise ValueError("it has no current context")
    if name not in contexts:
        raise RefusedError(f"the kubeconfig has no context {name}; it has {', '.join(contexts) or 'none'}")
    chosen = contexts[name]
    user = _named(content, "user")[chosen["user"]] if chosen.get("user") else None
    return _Context(_named(content, "cluster")[chosen["cluster"]], user, file.absolute().parent)


def _pod() -> _Context:
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
    host = f"[{host}]" if ":" in host else host
    cluster = {"server": f"https://{host}:{port}", "certificate-authority": str(_ACCOUNT / "ca.crt")}
    return _Context(cluster, {"tokenFile": str(_ACCOUNT / "token")})


def _file(kubeconfig: Path | None) -> Path:
    return (kubeconfig or Path(os.environ.get("KUBECONFIG") or "~/.kube/config")).expanduser()


def _read(file: Path) -> dict[str, Any]:
    content = yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)
    if not isinstance(content, dict):
        raise TypeError(f"{file} is not a mapping")
    return content


def _named(content: Mapping[str, Any], kind: str) -> dict[str, Mapping[str, Any]]:
    return {entry["name"]: entry[kind] or {} for entry in content.get(f"{kind}s") or []}


def _trust(found: _Context) -> ssl.SSLContext:
    """Trust the authority of the cluster, and present the certificate of the user if there is one."""
    data, file = found.cluster.get("certificate-authority-data"), found.cluster.get("certificate-authority")
    trust = ssl.create_default_context(
        cafile=found.file(file) if file and not data else None,
        cadata=base64.b64decode(data).decode() if data else None,
    )
    if found.cluster.get("insecure-skip-tls-verify"):
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
    user = found.user or {}
    if user.get("client-certificate-data"):
        with NamedTemporaryFile() as certificate:  # one file: the certificate and its key
            for part in ("client-certificate-data", "client-key-data"):
                certificate.write(base64.b64decode(user[part]) + b"\n")
            certificate.flush()
            trust.load_cert_chain(certificate.name)
    elif user.get("client-certificate"):
        trust.load_cert_chain(found.file(user["client-certificate"]), found.file(user["client-key"]))
    return trust


def _credentials(user: Mapping[str, Any], found: _Context) -> httpx2.Auth | None:
    if user.get("tokenFile"):
        return _TokenFile(found.file(user["tokenFile"]))
    if user.get("token"):
        return _Token(str(user["token"]))
    if user.get("username") and user.get("password"):
        return httpx2.BasicAuth(str(user["username"]), str(user["password"]))
    if user.get("auth-provider"):
        raise ValueError("auth-provider is not supported")
    return None


def _with_plugin(kubeconfig: Path | None, context: str | None) -> httpx2.Client:
    from lightkube.config.client_adapter import Client, ConnectionParams  # noqa: PLC0415 - see above
    from lightkube.config.kubeconfig import KubeConfig  # noqa: PLC0415
    from lightkube.core.exceptions import ConfigError  # noqa: PLC0415

    try:
        config = KubeConfig.from_file(_file(kubeconfig)).get(context)
        made = Client(config, ConnectionParams())  # type: ignore[arg-type]  # the context is known
    except ConfigError as error:
        raise ClusterError(f"the kubeconfig cannot be used: {error}") from error
    made.auth = _Plugin(made.auth, ConfigError)
    return made
