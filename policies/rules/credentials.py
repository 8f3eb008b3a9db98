"""Rules over literals that look like credentials, which no manifest may contain. Messages never repeat a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from kube.credentials import KNOWN_SHAPES
from policies.context import Context, Level
from policies.pods import Pod
from policies.rule import Area, ObjectRule, PodRule, Violation
from policies.rules.baseline import entries_of_text
from policies.subject import Subject, mapping, named_entries

SECRET_WORDS = frozenset(
    {"password", "passwd", "passphrase", "secret", "token", "credential", "credentials", "pwd"}
)
SECRET_PAIRS = frozenset(
    {("api", "key"), ("access", "key"), ("private", "key"), ("encryption", "key"), ("signing", "key")}
)
JOINED_PAIRS = frozenset(first + second for first, second in SECRET_PAIRS)
# A name with such an ending describes the credential: where it is, how long it is valid.
_ABOUT_LINES = (
    "file path dir name names ref url uri endpoint host issuer audience id type format header prefix",
    "ttl expiry expires expiration lifetime timeout seconds minutes hours days interval",
    "length size count min max limit enabled disabled required policy mode algorithm alg version",
)
ABOUT = frozenset(word for line in _ABOUT_LINES for word in line.split())
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_HARMLESS = re.compile(r"(?i)true|false|yes|no|on|off|none|null|[0-9.]+[smhd]?|/.*|\$\(.*\)|\$\{.*\}|<.*>")
_URL_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:(?P<password>[^/\s@]+)@")
_FIX = "put it into a Secret made from a secret store, and refer to it"


def looks_secret(name: str, value: str) -> bool:
    """Tell whether a named value looks like a credential, not like a property of one."""
    if KNOWN_SHAPES.search(value):
        return True
    url = _URL_PASSWORD.search(value)
    if url is not None and not _HARMLESS.fullmatch(url["password"]):
        return True
    return bool(value.strip()) and _names_secret(name) and not _HARMLESS.fullmatch(value.strip())


def _names_secret(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in ABOUT:
        return False
    pairs = set(pairwise(words))
    return bool(SECRET_WORDS.intersection(words) or SECRET_PAIRS & pairs or JOINED_PAIRS.intersection(words))


def check_environment(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find credentials among the literal environment variables and arguments of containers."""
    for container in pod.containers:
        for step, variable in named_entries("env", container.spec.get("env")):
            name, value = variable.get("name"), variable.get("value")
            if isinstance(name, str) and isinstance(value, str) and looks_secret(name, value):
                yield Violation(f"{container.path}.{step}.value", f"{name} looks like a credential; {_FIX}")
        for field in ("command", "args"):
            for index in _secret_arguments(entries_of_text(container.spec.get(field))):
                yield Violation(f"{container.path}.{field}[{index}]", f"this looks like a credential; {_FIX}")


def _secret_arguments(arguments: list[str]) -> Iterator[int]:
    """Find `--password=…`, `--password …` and values with the shape of a credential."""
    flag = ""
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if equals and name.startswith("-") and " " not in name:
            flag = name
        else:
            value = argument
        if looks_secret(flag, value) and argument != flag:
            yield index
        flag = argument if argument.startswith("-") and not equals else ""


def check_config(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find credentials among the values of a ConfigMap: whole values and lines `name: value`."""
    for key, value in mapping(subject.manifest.get("data")).items():
        if isinstance(value, str) and (
            looks_secret(key, value) if "\n" not in value else _lines_look_secret(value)
        ):
            yield Violation(f"data[{key}]", f"{key} looks like or contains a credential; {_FIX}")


def _lines_look_secret(value: str) -> bool:
    if KNOWN_SHAPES.search(value):
        return True
    for line in value.splitlines():
        match = re.fullmatch(
            r"\s*[\"']?([A-Za-z0-9_.-]+)[\"']?\s*[:=]\s*[\"']?([^\"'#]*)[\"']?[,;]?\s*", line
        )
        if match is not None and looks_secret(match[1], match[2]):
            return True
    return False


def check_literal(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find Secrets whose values are in the manifest."""
    for field in ("data", "stringData"):
        if subject.manifest.get(field):
            message = "everyone who can read the manifest can read the values; use an ExternalSecret or a SealedSecret"
            yield Violation(field, message)


RULES = (
    PodRule(
        id="containers-get-credentials-by-reference",
        area=Area.SECRETS,
        law="No environment variable or argument holds a credential.",
        why="Everyone who can read the manifest, the pod or a crash report could read it.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        check=check_environment,
    ),
    ObjectRule(
        id="config-holds-no-credentials",
        area=Area.SECRETS,
        law="No ConfigMap holds a credential.",
        why="Everyone with read access to the namespace can read its ConfigMaps.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"ConfigMap"}),
        check=check_config,
    ),
    ObjectRule(
        id="secrets-are-references",
        area=Area.SECRETS,
        law="Secrets are made from references, not from values in manifests.",
        why="Base64 is not encryption, and Git forgets nothing.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"Secret"}),
        check=check_literal,
    ),
)
