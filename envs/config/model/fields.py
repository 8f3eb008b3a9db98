"""The types of single values: each one checks one thing and has one clear message.

Values keep their origin (see `kube.yaml.origin`) through validation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)
from pydantic_core import CoreSchema, core_schema

from envs.config.model.cron import cron_problem
from envs.config.model.formats import (
    address_problem,
    day_problem,
    image_problem,
    moment_problem,
    network_problem,
    path_problem,
    range_problem,
    repository_problem,
    subject_problem,
    zone_problem,
)
from kube.yaml.faults import quoted
from kube.yaml.origin import origin_of, with_origin

LONGEST_LABEL = 63
NONE = "none"  # the word that switches a safe default off


def _keep(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return with_origin(handler(value), origin_of(value))


KEEP = WrapValidator(_keep)
Kept = TypeVar("Kept")
Word = Annotated[Kept, KEEP]  # one of the words of a Literal


@dataclass(frozen=True, slots=True)
class _Whole:
    """Reads a whole number of a range, quoted or not."""

    least: int
    most: int

    def check(self, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """Read decimal digits; nothing that YAML readers disagree on, such as 0400, 1_000 or 1e3."""
        if isinstance(value, str) and not re.fullmatch(r"-?(0|[1-9][0-9]{0,30})", value):
            raise ValueError(f"{quoted(value)} is not a whole number; write decimal digits, like 3")
        number = handler(value)
        if number < self.least:
            raise ValueError(f"{number} is too small; at least {self.least}")
        if number > self.most:
            raise ValueError(f"{number} is too large; at most {self.most}")
        return with_origin(number, origin_of(value))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, _core: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        digits = "^(0|[1-9][0-9]*)$"
        return {"type": ["integer", "string"], "minimum": self.least, "maximum": self.most, "pattern": digits}


@dataclass(frozen=True, slots=True)
class _Like:
    """Checks a text against a whole pattern and a length; `what` and `example` make the message."""

    pattern: str
    what: str
    example: str
    limit: int = 253

    def check(self, text: str) -> str:
        if len(text) > self.limit:
            raise ValueError(
                f"{quoted(text)} has {len(text)} characters; {self.what} has at most {self.limit}"
            )
        if not re.fullmatch(self.pattern, text):
            raise ValueError(f"{quoted(text)} is not {self.what}; write {self.example}")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "pattern": f"^({self.pattern})$", "maxLength": self.limit}


def _checked(problem: Callable[[str], str]) -> AfterValidator:
    def check(text: str) -> str:
        message = problem(text)
        if message:
            raise ValueError(message)
        return text

    return AfterValidator(check)


def _boolean(value: Any) -> Any:
    if isinstance(value, str):
        if value not in {"true", "false"}:
            raise ValueError(f"{quoted(value)} is neither true nor false; write one of these two words")
        return value == "true"
    return value


_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_PORT_NAME = r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*"  # IANA service name: RFC 6335, section 5.1
_LONGEST_PORT_NAME = 15
_LARGEST_PORT = 65_535
_QUANTITY = r"([0-9]+(\.[0-9]+)?|\.[0-9]+)(m|k|[MGTPE]|[KMGTPE]i)?"
_TRUTH = WithJsonSchema({"enum": [True, False, "true", "false"]})


String = Annotated[str, KEEP]
Line = Annotated[str, _Like(r"[^\n\r]*\S[^\n\r]*", "one line of text", "some words", limit=1000), KEEP]
Boolean = Annotated[bool, BeforeValidator(_boolean), _TRUTH]
Count = Annotated[int, _Whole(0, 100_000)]
Positive = Annotated[int, _Whole(1, 100_000)]
Number = Annotated[int, _Whole(1, 1_000_000)]
Attempts = Annotated[int, _Whole(1, 10)]
TimeLimit = Annotated[int, _Whole(10, 100_000)]  # the job's own least
Deadline = Annotated[int, _Whole(20, 100_000)]  # leaves half of it to a Git command
PortNumber = Annotated[int, _Whole(1, 65_535)]
UserNumber = Annotated[int, _Whole(1, 2_147_483_647)]

# DNS label and subdomain: RFC 1123, as in https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
Label = Annotated[
    str,
    _Like(_LABEL, "a DNS label", "lowercase letters, digits and dashes, like my-app-2", limit=63),
    KEEP,
]
Subdomain = Annotated[
    str, _Like(rf"{_LABEL}(\.{_LABEL})*", "a DNS name", "lowercase letters, digits, dashes and dots"), KEEP
]
HostName = Annotated[
    str,
    _Like(rf"(\*\.)?{_LABEL}(\.{_LABEL})*", "a DNS name", "lowercase letters, digits, dashes and dots"),
    KEEP,
]
PortName = Annotated[
    str,
    _Like(
        _PORT_NAME,
        "a port name",
        "at most 15 lowercase letters, digits, dashes",
        limit=_LONGEST_PORT_NAME,
    ),
    KEEP,
]


def _port_reference(value: Any) -> Any:
    if not isinstance(value, str | int):
        raise ValueError("is not a single value; write the name or the number of a port")  # noqa: TRY004 pydantic's protocol
    text = str(value)
    if not re.fullmatch(rf"{_PORT_NAME}|[1-9][0-9]{{0,4}}", text) or len(text) > _LONGEST_PORT_NAME:
        raise ValueError(f"{quoted(text)} is not a port; write its name, or its number from 1 to 65535")
    if text.isdecimal() and int(text) > _LARGEST_PORT:
        raise ValueError(f"{text} is too large; at most {_LARGEST_PORT}")
    return with_origin(int(text) if text.isdecimal() else text, origin_of(value))


PortReference = Annotated[
    int | str,
    PlainValidator(_port_reference),
    WithJsonSchema(
        {"type": ["integer", "string"], "minimum": 1, "maximum": 65_535, "pattern": "^[a-z0-9-]+$"}
    ),
]
VariableName = Annotated[str, _Like(r"[A-Za-z_][A-Za-z0-9_.-]*", "the name of a variable", "LIKE_THIS"), KEEP]
# https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
_LABEL_NAME = "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
LabelKey = Annotated[
    str,
    _Like(
        rf"((?=[^/]{{1,253}}/){_LABEL}(\.{_LABEL})*/)?{_LABEL_NAME}",
        "a label",
        "at most 63 letters and digits, behind a DNS name and a slash if it has a prefix",
        limit=317,
    ),
    KEEP,
]
LabelValue = Annotated[
    str,
    _Like(
        f"({_LABEL_NAME})?",
        "the value of a label",
        "letters and digits, with dashes, dots and underscores between them",
        limit=63,
    ),
    KEEP,
]
ResourceName = Annotated[
    str,
    _Like(
        r"[a-z][a-z0-9]*(/[a-z]+)?",
        "a resource of the Kubernetes API",
        "its plural in lowercase, like leases or pods/log; its group is a field of its own",
    ),
    KEEP,
]
Group = Annotated[
    str,
    _Like(
        r"(?!system:)[^\s*]+",
        "a group of your identity provider",
        "its name; groups named system:… are not allowed",
        200,
    ),
    KEEP,
]
Quantity = Annotated[str, _Like(_QUANTITY, "a quantity", "a number and a unit, like 500m, 2 or 256Mi"), KEEP]
Percentage = Annotated[str, _Like(r"([1-9][0-9]?|100)%", "a percentage", "70%"), KEEP]
Amount = Annotated[str, _Like(r"[0-9]{1,5}|([1-9]?[0-9]|100)%", "a number or a percentage", "1 or 25%"), KEEP]
Duration = Annotated[
    str,
    _Like(r"(?=[0-9])([0-9]{1,3}d)?([0-9]{1,3}h)?([0-9]{1,4}m)?", "a duration", "30m, 2h30m or 7d", limit=13),
    KEEP,
]
Days = Annotated[str, _Like(r"[1-9][0-9]{0,3}d", "a number of days", "180d"), KEEP]
FileMode = Annotated[str, _Like(r"0?[0-7]{3}", "the mode of a file", "three octal digits, like 0400"), KEEP]
Cron = Annotated[str, _checked(cron_problem), KEEP]
Cidr = Annotated[str, _checked(network_problem), KEEP]
ImageReference = Annotated[str, _checked(image_problem), KEEP]
ImageRepository = Annotated[str, _checked(repository_problem), KEEP]
Moment = Annotated[str, _checked(moment_problem), KEEP]
TimeZone = Annotated[str, _checked(zone_problem), KEEP]
Day = Annotated[str, _checked(day_problem), KEEP]
ObjectId = Annotated[
    str,
    _Like(r"[A-Z][A-Za-z0-9]*(/[^/\s]+){1,2}", "an object", "it like Deployment/shop-qa/frontend"),
    KEEP,
]
RegistryName = Annotated[
    str,
    _Like(r"[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._/-]+)?", "a registry", "it like ghcr.io or ghcr.io/team"),
    KEEP,
]
RegistryHost = Annotated[
    str,
    _Like(r"[A-Za-z0-9.-]+(:[0-9]+)?", "the host of a registry", "it like docker.io"),
    KEEP,
]
RelativePath = Annotated[
    str, _Like(r"[^\0\n]+", "a path", "a path below the root"), _checked(path_problem), KEEP
]
PatchKey = Annotated[
    str, _Like(r"[A-Z][A-Za-z0-9]*(/[^/\s]+)?", "a kind", "it like Deployment, or ConfigMap/its-name"), KEEP
]
KindName = Annotated[
    str,
    _Like(
        r"([a-z0-9.-]+/)?[A-Z][A-Za-z0-9]*", "a kind", "it with its group, like apps/Deployment or Service"
    ),
    KEEP,
]
ApiVersion = Annotated[
    str,
    _Like(
        r"([a-z0-9.-]+/)?v[0-9]+((alpha|beta)[0-9]+)?", "an API version", "it like resource.k8s.io/v1beta1"
    ),
    KEEP,
]
AbsolutePath = Annotated[
    str,
    _Like(r"/(?!.*(^|/)\.\.(/|$))[^\0\n:]*", "an absolute path in a container", "it like /etc/app/app.conf"),
    KEEP,
]
UrlPath = Annotated[str, _Like(r"/[^\s]*", "the path of a URL", "it like /healthz"), KEEP]
Repository = Annotated[
    str,
    _checked(address_problem),
    _Like(
        r"https://[^\s/@?#]+/[^\s?#]+|ssh://([A-Za-z0-9._-]+@)?[^\s/:@?#]+(:[^\s/@?#]*)?/[^\s?#]+"
        r"|[a-z0-9_.-]+@[A-Za-z0-9.-]+:[^\s?#]+",
        "the address of a Git repository",
        "https://… or ssh://… (without a user or token in it)",
        limit=2000,
    ),
    KEEP,
]
HttpAddress = Annotated[
    str,
    _checked(address_problem),
    _Like(
        r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^\s?#@]*)?",
        "an HTTP address",
        "it like http://pushgateway.monitoring:9091",
        limit=2000,
    ),
    KEEP,
]
# ssh-keygen(1), ALLOWED SIGNERS: principals, options, type of the key, key, comment.
Signer = Annotated[
    str,
    _Like(
        r"([^\s#@][^\s#]*( [^\s]+)?|@revoked) (ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}( [^\n\r]*)?"
        r"|-----BEGIN PGP PUBLIC KEY BLOCK-----\n[^-]+\n-----END PGP PUBLIC KEY BLOCK-----\n?",
        "an allowed signer",
        "it like dev@example.com ssh-ed25519 AAAA…",
        limit=20_000,
    ),
    KEEP,
]
Glob = Annotated[
    str, _Like(r"(?!/)[^\0\s]+", "a pattern of files", "it below `path`, like **/*.yaml", limit=200), KEEP
]
Pointer = Annotated[
    str, _Like(r"(/([^~/\s]|~[01])*)+", "a JSON pointer", "it like /spec/replicas", limit=500), KEEP
]
ObjectName = Annotated[
    str,
    _Like(r"[0-9a-f]{40}|[0-9a-f]{64}", "the id of a commit or tree", "all of its 40 or 64 hex digits"),
    KEEP,
]
Seconds = Annotated[
    str,
    _Like(
        r"(?=[0-9.]*[1-9])([0-5]?[0-9](\.[0-9]{1,3})?|60)", "a number of seconds", "it like 0.5; at most 60"
    ),
    KEEP,
]
Revision = Annotated[
    str,
    _Like(r"(?!-)(?!.*\.\.)[A-Za-z0-9._/-]+", "a Git revision", "a branch, tag, ref or commit"),
    KEEP,
]
Author = Annotated[
    str,
    _Like(
        r"[^<>\n\r]+ <[^<>@\s]+@[^<>@\s]+>", "an author", "it like Web pipeline <web@example.com>", limit=200
    ),
    KEEP,
]
CommitSubject = Annotated[
    str,
    _Like(r"[^\n\r]*\S[^\n\r]*", "one line of text", "some words", limit=200),
    _checked(subject_problem),
    KEEP,
]
VersionRange = Annotated[str, _checked(range_problem), KEEP]
Variant = Annotated[
    str,
    _Like(
        r"[A-Za-z0-9][A-Za-z0-9_.-]*", "the end of tags", "it without its dash, like alpine3.20", limit=100
    ),
    KEEP,
]
Build = Annotated[str, _Like(r"[A-Za-z0-9._-]+", "the id of a build", "it like 4711", limit=128), KEEP]


def is_label(text: str) -> bool:
    """Whether a text is a DNS label of RFC 1123."""
    return len(text) <= LONGEST_LABEL and re.fullmatch(_LABEL, text) is not None
