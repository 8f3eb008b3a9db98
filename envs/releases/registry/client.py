"""One repository of a registry: manifests and tags, with token authentication and bounded answers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2

from envs.errors import CommandError, Exit
from envs.releases.registry.credentials import Credentials
from kube.yaml.faults import LONGEST_LINE, printable

_SECONDS = 10.0
_MOST_BYTES = 4 * 1024 * 1024  # what the distribution project accepts as a manifest
_MOST_REDIRECTS = 5
_TRIES = 4
_LONGEST_WAIT = 30.0  # seconds, for a registry that asks for a pause
_HUB = "registry-1.docker.io"
_CHALLENGE = re.compile(r'([a-z_]+)="([^"]*)"')
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # https://www.rfc-editor.org/rfc/rfc6750#section-2.1
_LOOPBACK = re.compile(r"(localhost|127(\.\d+){3}|\[::1\])(:\d+)?")


@dataclass(slots=True)
class Registry:
    """A registry that is asked for one repository."""

    domain: str
    path: str
    credentials: Credentials | None = None
    pause: Callable[[float], None] = time.sleep
    _authorization: str | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """Where it listens: by HTTPS, except on this machine, as with Docker."""
        host = _HUB if self.domain == "docker.io" else self.domain
        return f"{'http' if _LOOPBACK.fullmatch(host) else 'https'}://{host}"

    def ask(self, verb: str, path: str, accept: str = "application/json") -> httpx2.Response | None:
        """Ask for a path below the repository; None where the registry does not have it.

        Raises CommandError, naming verb and address, for every other answer.
        """
        url = f"{self.address}/v2/{self.path}/{path}"
        authorized = False
        with httpx2.Client(timeout=_SECONDS, max_redirects=_MOST_REDIRECTS, follow_redirects=True) as client:
            for left in reversed(range(_TRIES)):
                answer = self._send(client, verb, url, accept)
                if answer.status_code == httpx2.codes.UNAUTHORIZED and not authorized:
                    self._authorize(client, answer, url)  # anew where a token has expired
                    authorized = True
                elif answer.status_code == httpx2.codes.TOO_MANY_REQUESTS and left:
                    self.pause(_wait(answer.headers))
                else:
                    break
        if answer.status_code == httpx2.codes.NOT_FOUND:
            return None
        if answer.status_code != httpx2.codes.OK:
            raise _failure(
                verb, url, f"{answer.status_code} {answer.reason_phrase}{_hint(answer.status_code)}"
            )
        return answer

    def _send(self, client: httpx2.Client, verb: str, url: str, accept: str) -> httpx2.Response:
        headers = {"Accept": accept}
        if self._authorization is not None and url.startswith(f"{self.address}/"):
            headers["Authorization"] = self._authorization
        return _bounded(client, verb, url, headers)

    def _authorize(self, client: httpx2.Client, answer: httpx2.Response, url: str) -> None:
        """Get what the challenge asks for: https://distribution.github.io/distribution/spec/auth/token/."""
        kind, _, rest = answer.headers.get("WWW-Authenticate", "").partition(" ")
        said = dict(_CHALLENGE.findall(rest))
        if kind.lower() == "basic" and self.credentials is not None:
            self._authorization = _basic(self.credentials)
        elif kind.lower() == "bearer":
            self._authorization = f"Bearer {self._token(client, said, url)}"
        else:
            raise _failure("GET", url, "401 Unauthorized; log in with `docker login`")

    def _token(self, client: httpx2.Client, said: Mapping[str, str], url: str) -> str:
        try:
            realm = httpx2.URL(said.get("realm", ""))
        except httpx2.InvalidURL as error:
            raise _failure("GET", url, "the registry names a token server that is not an address") from error
        if realm.scheme != "https" and not _LOOPBACK.fullmatch(realm.netloc.decode()):
            raise _failure("GET", str(realm), "the registry names a token server without HTTPS")
        service = {"service": said["service"]} if "service" in said else {}
        query = {"scope": f"repository:{self.path}:pull", **service}
        headers = {"Authorization": _basic(self.credentials)} if self.credentials is not None else {}
        answer = _bounded(client, "GET", str(realm.copy_with(params=query)), headers)
        token = mapping_of(answer) if answer.status_code == httpx2.codes.OK else {}
        found = token.get("token") or token.get("access_token")
        if not isinstance(found, str) or not _TOKEN.fullmatch(found):
            text = f"{answer.status_code} {answer.reason_phrase}, no token{_hint(answer.status_code)}"
            raise _failure("GET", str(realm), text)
        return found


def mapping_of(answer: httpx2.Response) -> Mapping[str, Any]:
    """Read an answer as a JSON object, empty where it is another value; raises CommandError for what is not JSON."""
    try:
        said = answer.json()
    except (ValueError, RecursionError) as error:
        raise _failure("GET", str(answer.request.url), "the answer is not JSON") from error
    return said if isinstance(said, dict) else {}


def _bounded(client: httpx2.Client, verb: str, url: str, headers: Mapping[str, str]) -> httpx2.Response:
    """Send one request, and read no more of its answer than a manifest may have."""
    try:
        with client.stream(verb, url, headers=headers) as answer:
            data = b""
            for part in answer.iter_bytes():
                data += part
                if len(data) > _MOST_BYTES:
                    raise _failure(verb, url, f"the answer is longer than {_MOST_BYTES} bytes")
            kept = [(key, value) for key, value in answer.headers.items() if key != "content-encoding"]
            return httpx2.Response(answer.status_code, headers=kept, content=data, request=answer.request)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _failure(verb, url, str(error) or type(error).__name__) from error


def _basic(credentials: Credentials) -> str:
    request = httpx2.Request("GET", "https://localhost")
    flow = httpx2.BasicAuth(credentials.user, credentials.password).auth_flow(request)
    return str(next(flow).headers["Authorization"])


def _wait(headers: Mapping[str, str]) -> float:
    text = headers.get("Retry-After", "1")
    return min(_LONGEST_WAIT, float(text)) if text.isdecimal() else 1.0


def _hint(code: int) -> str:
    return "; log in with `docker login`" if code in {401, 403} else ""


def _failure(verb: str, url: str, what: str) -> CommandError:
    place = urlsplit(url)
    text = printable(f"{verb} {place.scheme}://{place.netloc}{place.path}: {what}", LONGEST_LINE)
    return CommandError(text, Exit.OUTSIDE_FAILED)
