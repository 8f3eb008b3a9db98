"""Objects that appear and objects that go in, pairs of them that are one object under two names out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from envs.review.neutral import with_word
from kube.difference import ABSENT, FieldChange, differences

_LIKE = 0.7  # share of fields that stay, from which on two objects are taken for one
_MOST = 50  # objects of a kind that appear or go: comparing each with each takes time
_COMMON = frozenset({"apiVersion", "kind", "metadata"})
_Objects = Mapping[str, Mapping[str, Any]]


def renames(new: _Objects, gone: _Objects) -> dict[str, str]:
    """Pair new files with those that are gone, by the kind and by what stays of the fields; most alike first."""
    candidates = sorted(_candidates(new, gone), key=lambda found: (-found[0], found[1:]))
    paired: dict[str, str] = {}
    for _, file, former in candidates:
        if file not in paired and former not in paired.values():
            paired[file] = former
    return paired


def _candidates(new: _Objects, gone: _Objects) -> Iterator[tuple[float, str, str]]:
    appearing, going = _by_kind(new), _by_kind(gone)
    for key, files in appearing.items():
        others = going.get(key, [])
        if max(len(files), len(others)) > _MOST:
            continue
        for file in files:
            for former in others:
                likeness = _likeness(new[file], gone[former])
                if likeness >= _LIKE:
                    yield likeness, file, former


def _by_kind(objects: _Objects) -> dict[tuple[str, str], list[str]]:
    """Group files by kind and namespace: an object that moves to another namespace is another one."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for file, body in objects.items():
        metadata = body.get("metadata")
        if isinstance(metadata, Mapping) and metadata.get("namespace") and metadata.get("name"):
            found[str(body.get("kind")), str(metadata["namespace"])].append(file)
    return found


def _likeness(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Share of the fields below the metadata that two objects have alike; the name in them counts as alike."""
    here, there = _content(one), _content(with_name(other, one))
    total = max(_leaves(here), _leaves(there))
    return 1 - sum(1 for _ in differences(there, here)) / total if total else 1


def with_name(former: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Write the name of the new object wherever the former one has its own."""
    renamed: dict[str, Any] = with_word(former, str(former["metadata"]["name"]), str(new["metadata"]["name"]))
    return renamed


def only_renamed(change: FieldChange, former: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a value differs only because `with_name` took a word of it for the name: curl in curlimages/curl."""
    names = (str(former["metadata"]["name"]), str(new["metadata"]["name"]))
    return bool(change.new is not ABSENT and with_word(change.new, *names) == change.old)


def _content(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key not in _COMMON}


def _leaves(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_leaves, value.values()))
    if isinstance(value, list):
        return sum(map(_leaves, value))
    return 1
