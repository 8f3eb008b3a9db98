"""The types of single values: each one checks one thing and has one clear message.

Values keep their origin (see `kube.yaml.origin`) through validation. Those about Git are in git_fields.py.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema

from envs.config.model.checking import KEEP, Like, Whole, boolean, checked
from envs.config.model.cron import cron_problem
from envs.config.model.formats import (
    day_problem,
    image_problem,
    moment_problem,
    network_problem,
    path_problem,
    range_problem,
    repository_problem,
    zone_problem,
)
from kube.yaml.faults import quoted
from kube.yaml.origin import origin_of, with_origin

LONGEST_LABEL = 63
NONE = "none"  # the word that switches a safe default off

Kept = TypeVar("Kept")
Word = Annotated[Kept, KEEP]  # one of the words of a Literal

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_PORT_NAME = r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*"  # IANA service name: RFC 6335, section 5.1
_LONGEST_PORT_NAME = 15
_LARGEST_PORT = 65_535
_QUANTITY = r"([0-9]+(\.[0-9]+)?|\.[0-9]+)(m|k|[MGTPE]|[KMGTPE]i)?"
_TRUTH = WithJsonSchema({"enum": [True, False, "true", "false"]})


String = Annotated[str, KEEP]
Line = Annotated[str, Like(r"[^\n\r]*\S[^\n\r]*", "one line of text", "some words", limit=1000), KEEP]
Boolean = Annotated[bool, BeforeValidator(boolean), _TRUTH]
Count = Annotated[int, Whole(0, 100_000)]
Positive = Annotated[int, Whole(1, 100_000)]
Number = Annotated[int, Whole(1, 1_000_000)]
Attempts = Annotated[int, Whole(1, 10)]
TimeLimit = Annotated[int, Whole(10, 100_000)]  # the job's own least
Deadline = Annotated[int, Whole(20, 100_000)]  # leaves half of it to a Git command
PortNumber = Annotated[int, Whole(1, 65_535)]
UserNumber = Annotated[int, Whole(1, 2_147_483_647)]

# DNS label and subdomain: RFC 1123, as in https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
Label = Annotated[
    str,
    Like(_LABEL, "a DNS label", "lowercase letters, digits and dashes, like my-app-2", limit=63),
    KEEP,
]
Subdomain = Annotated[
    str, Like(rf"{_LABEL}(\.{_LABEL})*", "a DNS name", "lowercase letters, digits, dashes and dots"), KEEP
]
HostName = Annotated[
    str,
    Like(rf"(\*\.)?{_LABEL}(\.{_LABEL})*", "a DNS name", "lowercase letters, digits, dashes and dots"),
    KEEP,
]
PortName = Annotated[
    str,
    Like(
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
VariableName = Annotated[str, Like(r"[A-Za-z_][A-Za-z0-9_.-]*", "the name of a variable", "LIKE_THIS"), KEEP]
# https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
_LABEL_NAME = "[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
LabelKey = Annotated[
    str,
    Like(
        rf"((?=[^/]{{1,253}}/){_LABEL}(\.{_LABEL})*/)?{_LABEL_NAME}",
        "a label",
        "at most 63 letters and digits, behind a DNS name and a slash if it has a prefix",
        limit=317,
    ),
    KEEP,
]
LabelValue = Annotated[
    str,
    Like(
        f"({_LABEL_NAME})?",
        "the value of a label",
        "letters and digits, with dashes, dots and underscores between them",
        limit=63,
    ),
    KEEP,
]
ResourceName = Annotated[
    str,
    Like(
        r"[a-z][a-z0-9]*(/[a-z]+)?",
        "a resource of the Kubernetes API",
        "its plural in lowercase, like leases or pods/log; its group is a field of its own",
    ),
    KEEP,
]
Group = Annotated[
    str,
    Like(
        r"(?!system:)[^\s*]+",
        "a group of your identity provider",
        "its name; groups named system:… are not allowed",
        200,
    ),
    KEEP,
]
Quantity = Annotated[str, Like(_QUANTITY, "a quantity", "a number and a unit, like 500m, 2 or 256Mi"), KEEP]
Percentage = Annotated[str, Like(r"([1-9][0-9]?|100)%", "a percentage", "70%"), KEEP]
Amount = Annotated[str, Like(r"[0-9]{1,5}|([1-9]?[0-9]|100)%", "a number or a percentage", "1 or 25%"), KEEP]
Duration = Annotated[
    str,
    Like(r"(?=[0-9])([0-9]{1,3}d)?([0-9]{1,3}h)?([0-9]{1,4}m)?", "a duration", "30m, 2h30m or 7d", limit=13),
    KEEP,
]
Days = Annotated[str, Like(r"[1-9][0-9]{0,3}d", "a number of days", "180d"), KEEP]
FileMode = Annotated[str, Like(r"0?[0-7]{3}", "the mode of a file", "three octal digits, like 0400"), KEEP]
Cron = Annotated[str, checked(cron_problem), KEEP]
Cidr = Annotated[str, checked(network_problem), KEEP]
ImageReference = Annotated[str, checked(image_problem), KEEP]
ImageRepository = Annotated[str, checked(repository_problem), KEEP]
Moment = Annotated[str, checked(moment_problem), KEEP]
TimeZone = Annotated[str, checked(zone_problem), KEEP]
Day = Annotated[str, checked(day_problem), KEEP]
ObjectId = Annotated[
    str,
    Like(r"[A-Z][A-Za-z0-9]*(/[^/\s]+){1,2}", "an object", "it like Deployment/shop-qa/frontend"),
    KEEP,
]
RegistryName = Annotated[
    str,
    Like(r"[A-Za-z0-9.-]+(:[0-9]+)?(/[a-z0-9._/-]+)?", "a registry", "it like ghcr.io or ghcr.io/team"),
    KEEP,
]
RegistryHost = Annotated[
    str,
    Like(r"[A-Za-z0-9.-]+(:[0-9]+)?", "the host of a registry", "it like docker.io"),
    KEEP,
]
RelativePath = Annotated[
    str, Like(r"[^\0\n]+", "a path", "a path below the root"), checked(path_problem), KEEP
]
PatchKey = Annotated[
    str, Like(r"[A-Z][A-Za-z0-9]*(/[^/\s]+)?", "a kind", "it like Deployment, or ConfigMap/its-name"), KEEP
]
KindName = Annotated[
    str,
    Like(r"([a-z0-9.-]+/)?[A-Z][A-Za-z0-9]*", "a kind", "it with its group, like apps/Deployment or Service"),
    KEEP,
]
ApiVersion = Annotated[
    str,
    Like(r"([a-z0-9.-]+/)?v[0-9]+((alpha|beta)[0-9]+)?", "an API version", "it like resource.k8s.io/v1beta1"),
    KEEP,
]
AbsolutePath = Annotated[
    str,
    Like(r"/(?!.*(^|/)\.\.(/|$))[^\0\n:]*", "an absolute path in a container", "it like /etc/app/app.conf"),
    KEEP,
]
UrlPath = Annotated[str, Like(r"/[^\s]*", "the path of a URL", "it like /healthz"), KEEP]
VersionRange = Annotated[str, checked(range_problem), KEEP]
Variant = Annotated[
    str,
    Like(r"[A-Za-z0-9][A-Za-z0-9_.-]*", "the end of tags", "it without its dash, like alpine3.20", limit=100),
    KEEP,
]


def is_label(text: str) -> bool:
    """Whether a text is a DNS label of RFC 1123."""
    return len(text) <= LONGEST_LABEL and re.fullmatch(_LABEL, text) is not None
