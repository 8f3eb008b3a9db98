"""The names that Kubernetes takes: of objects, by their kind, and of what is named within them.

Sources: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from kube.yaml.faults import quoted

Problem = Callable[[str], str]
"""Say what is wrong with a name; empty where nothing is."""

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_RELAXED_SERVICES = 36  # the minor version from which a Service may start with a digit (KEP-5311)
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")
_LONGEST_PART = 63
_REMEMBERED = 4096  # the same labels are on most objects


def _name(pattern: str, longest: int, meaning: str) -> Problem:
    """Make the check of a name that matches a pattern as a whole."""
    compiled = re.compile(pattern)

    def problem(name: str) -> str:
        if len(name) > longest:
            return f"{quoted(name)} has {len(name)} characters; at most {longest} are allowed"
        return "" if compiled.fullmatch(name) else f"{quoted(name)} is not {meaning}"

    return problem


SUBDOMAIN: Final = _name(
    rf"{_LABEL}(\.{_LABEL})*", 253, "a DNS subdomain (RFC 1123); write a-z, 0-9, - and ., such as web-1"
)
LABEL: Final = _name(_LABEL, _LONGEST_PART, "a DNS label (RFC 1123); write a-z, 0-9 and -, such as web-1")
_OLD_LABEL: Final = _name(
    r"[a-z]([-a-z0-9]*[a-z0-9])?", _LONGEST_PART, "a DNS label (RFC 1035); start with a letter, such as web-1"
)
_PATH_SEGMENT: Final = _name(r"(?!\.{1,2}$)[^/%]+", 253, "a name; omit / and %")
_PORT: Final = _name(
    r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*", 15, "the name of a port (RFC 6335); write a-z, 0-9 and single -"
)
_CRON_JOB: Final = _name(rf"{_LABEL}(\.{_LABEL})*", 52, "a DNS subdomain (RFC 1123)")
_KEY: Final = _name(r"(?!\.{1,2}$)(?!\.\.)[-._a-zA-Z0-9]+", 253, "a key; write letters, digits, -, _ and .")

_BY_KIND: Final[Mapping[str, Problem]] = {
    "CronJob": _CRON_JOB,
    "Namespace": LABEL,
    "StatefulSet": LABEL,
    **dict.fromkeys(("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"), _PATH_SEGMENT),
}


def object_name_problem(kind: str, name: str, version: str) -> str:
    """Say what is wrong with the name of an object of a kind, by the minor version of Kubernetes."""
    if kind == "Service":
        relaxed = int(version.partition(".")[2]) >= _RELAXED_SERVICES
        return (LABEL if relaxed else _OLD_LABEL)(name)
    return _BY_KIND.get(kind, SUBDOMAIN)(name)


def _entries(key_problem: Problem, value_problem: Problem) -> Callable[[Any], Iterator[tuple[str, str]]]:
    """Make the check of a mapping of texts: yields each key with what is wrong with it or its value."""

    def problems(entries: Any) -> Iterator[tuple[str, str]]:
        for key, value in entries.items() if isinstance(entries, dict) else ():
            problem = key_problem(key) or (value_problem(value) if isinstance(value, str) else "")
            if problem:
                yield key, problem

    return problems


@lru_cache(maxsize=_REMEMBERED)
def _qualified(key: str) -> str:
    prefix, slash, name = key.rpartition("/")
    if slash and SUBDOMAIN(prefix):
        return f"the part before / in {quoted(key)} is not a DNS subdomain (RFC 1123)"
    if len(name) > _LONGEST_PART:
        return f"the key {quoted(name)} has {len(name)} characters; at most {_LONGEST_PART} are allowed"
    if not _QUALIFIED.fullmatch(name):
        return (
            f"the key {quoted(key)} is not a name such as example.com/name; write letters, digits, -, _ and ."
        )
    return ""


@lru_cache(maxsize=_REMEMBERED)
def _value(value: str) -> str:
    if len(value) > _LONGEST_PART:
        return f"{quoted(value)} has {len(value)} characters; a label has at most {_LONGEST_PART}"
    if not _VALUE.fullmatch(value):
        return f"{quoted(value)} is not the value of a label; write letters, digits, and -, _, . between them"
    return ""


def _anything(_value: str) -> str:
    return ""


NAMES: Final[Mapping[str, Mapping[str, Problem]]] = {
    "core.v1.Container": {"name": LABEL},
    "core.v1.EphemeralContainer": {"name": LABEL},
    "core.v1.Volume": {"name": LABEL},
    "core.v1.ContainerPort": {"name": _PORT},
    "core.v1.ServicePort": {"name": LABEL},
    "meta.v1.ObjectMeta": {"namespace": LABEL},
}
"""Checks of fields that hold a name, by definition."""

ENTRIES: Final[Mapping[str, Mapping[str, Callable[[Any], Iterator[tuple[str, str]]]]]] = {
    "core.v1.ConfigMap": {
        "data": _entries(_KEY, _anything),
        "binaryData": _entries(_KEY, _anything),
    },
    "meta.v1.LabelSelector": {"matchLabels": _entries(_qualified, _value)},
    "meta.v1.ObjectMeta": {
        "labels": _entries(_qualified, _value),
        "annotations": _entries(_qualified, _anything),
    },
}
"""Checks of mappings whose keys are names, by definition."""
