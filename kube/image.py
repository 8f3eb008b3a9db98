"""Parses image references by the complete grammar of the distribution project.

Source: https://github.com/distribution/reference (`ParseNormalizedNamed`), used by kubelet and container
runtimes, with the digest algorithms of https://github.com/opencontainers/go-digest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

DEFAULT_DOMAIN = "docker.io"
LEGACY_DOMAIN = "index.docker.io"
OFFICIAL = "library/"
LONGEST_PATH = 255
LONGEST_TAG = 128
LONGEST_TEXT = 4096  # the grammar bounds neither domain nor port

_DOMAIN_COMPONENT = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN = rf"(?:{_DOMAIN_COMPONENT}(?:\.{_DOMAIN_COMPONENT})*|\[[A-Fa-f0-9:]+\])(?::[0-9]+)?"
_PATH_COMPONENT = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_PATH = rf"{_PATH_COMPONENT}(?:/{_PATH_COMPONENT})*"

_DOMAIN_PATTERN = re.compile(_DOMAIN)
_COMPONENT_PATTERN = re.compile(_PATH_COMPONENT)
_PATH_PATTERN = re.compile(_PATH)
_SPACE = re.compile(r"\s")
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")

_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_DIGEST = "|".join(f"{algorithm}:[a-f0-9]{{{length}}}" for algorithm, length in _DIGEST_LENGTHS.items())
_TAG = rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{LONGEST_TAG - 1}}}"
_TAG_PATTERN = re.compile(_TAG)

REFERENCE = rf"(?:{_DOMAIN}/)?{_PATH}(?::{_TAG})?(?:@(?:{_DIGEST}))?"
"""The grammar as one expression, for CEL; it does not check lengths."""


class ImageError(ValueError):
    """A text that is not an image reference; the message says what is wrong with which part."""


@dataclass(frozen=True, slots=True)
class Image:
    """A parsed reference, with Docker's short names written out (`redis` is docker.io/library/redis)."""

    domain: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def repository(self) -> str:
        """Domain and path: what the tags and digests of an image belong to."""
        return f"{self.domain}/{self.path}"

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag is not None else ""
        digest = f"@{self.digest}" if self.digest is not None else ""
        return f"{self.repository}{tag}{digest}"


@lru_cache(maxsize=4096)
def parse_image(text: str) -> Image:
    """Parse one image reference.

    Raises ImageError with one message for the first fault, in the order name, tag, digest.
    """
    _check_whole(text)
    name, digest = _cut_digest(text)
    domain, remainder = _cut_domain(name)
    path, colon, tag = remainder.partition(":")
    _check_domain(text, domain)
    _check_path(text, path)
    if domain == DEFAULT_DOMAIN and "/" not in path:
        path = OFFICIAL + path
    _check_length(text, path)
    if colon:
        _check_tag(text, tag)
    if digest is not None:
        _check_digest(text, digest)
    return Image(domain, path, tag if colon else None, digest)


def parse_repository(text: str) -> str:
    """Write out the name of a repository, such as `redis`; raises ImageError, also on a tag or digest."""
    image = parse_image(text)
    if image.tag is not None or image.digest is not None:
        raise ImageError(f'"{text}" names one image, not a repository; omit the tag and the digest')
    return image.repository


def is_tag(text: str) -> bool:
    """Tell whether a text can be the tag of an image."""
    return _TAG_PATTERN.fullmatch(text) is not None


def _check_whole(text: str) -> None:
    if not text:
        raise ImageError("the image reference is empty")
    if len(text) > LONGEST_TEXT:
        raise ImageError(f"the image reference has {len(text)} characters; {LONGEST_TEXT} are allowed")
    if _SPACE.search(text):
        raise ImageError(f"{text!r} contains white space; remove it")
    if "${" in text or "{{" in text:
        raise ImageError(f'"{text}" contains a placeholder that nothing has filled in')
    if _IDENTIFIER.fullmatch(text):
        raise ImageError(f'"{text}" is an image identifier of 64 hex digits, which no registry can look up')


def _cut_digest(text: str) -> tuple[str, str | None]:
    name, at, digest = text.partition("@")
    return name, digest if at else None


def _cut_domain(name: str) -> tuple[str, str]:
    """Split off the domain as Docker does: the first part of the path is one if it cannot be a path."""
    first, slash, rest = name.partition("/")
    if not slash:
        return DEFAULT_DOMAIN, name
    if first == LEGACY_DOMAIN:
        return DEFAULT_DOMAIN, rest
    if first == "localhost" or first != first.lower() or any(character in ".:[" for character in first):
        return first, rest
    return DEFAULT_DOMAIN, name


def _check_domain(text: str, domain: str) -> None:
    """Accept a host, or what is only a path in the grammar (`my_host.io`): runtimes dial it too."""
    if not _DOMAIN_PATTERN.fullmatch(domain) and not _COMPONENT_PATTERN.fullmatch(domain):
        raise ImageError(
            f'"{text}": "{domain}" is not a registry; write a host name or address, optionally with :port'
        )


def _check_path(text: str, path: str) -> None:
    if not path:
        raise ImageError(f'"{text}" has no repository name')
    if path != path.lower():
        raise ImageError(f'"{text}": the repository name must be lower case; write "{path.lower()}"')
    if not _PATH_PATTERN.fullmatch(path):
        raise ImageError(
            f'"{text}": "{path}" is not a repository name; allowed are lower-case letters and digits, '
            'separated by "/", ".", "_", "__" or dashes'
        )


def _check_length(text: str, path: str) -> None:
    if len(path) > LONGEST_PATH:
        raise ImageError(
            f'"{text}": the repository name has {len(path)} characters; {LONGEST_PATH} are allowed'
        )


def _check_tag(text: str, tag: str) -> None:
    if not tag:
        raise ImageError(f'"{text}": the tag after the colon is empty')
    if len(tag) > LONGEST_TAG:
        raise ImageError(f'"{text}": the tag has {len(tag)} characters; {LONGEST_TAG} are allowed')
    if not _TAG_PATTERN.fullmatch(tag):
        raise ImageError(
            f'"{text}": "{tag}" is not a tag; allowed are letters, digits and "_", then also "." and "-"'
        )


def _check_digest(text: str, digest: str) -> None:
    algorithm, colon, encoded = digest.partition(":")
    if not colon:
        raise ImageError(f'"{text}": "{digest}" is not a digest; write sha256: and 64 hex digits')
    length = _DIGEST_LENGTHS.get(algorithm)
    if length is None:
        known = ", ".join(_DIGEST_LENGTHS)
        raise ImageError(f'"{text}": "{algorithm}" is not a digest algorithm; known are {known}')
    if len(encoded) != length or not re.fullmatch(r"[a-f0-9]+", encoded):
        raise ImageError(f'"{text}": a {algorithm} digest has {length} lower-case hex digits')
