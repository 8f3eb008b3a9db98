"""Strategic merge patches: lists whose entries have a key are merged by it, all other lists are replaced.

Source: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kube.schema.index import ANY, FieldType, Index
from kube.yaml.paths import Path

_DIRECTIVE = "$patch"
_UNSUPPORTED = ("$retainKeys", "$deleteFromPrimitiveList/", "$setElementOrder/")
# What the API server fills in where a key of an entry is absent.
_DEFAULTS = {"protocol": "TCP"}


class MergeError(ValueError):
    """A patch that means nothing here; `path` leads to the place in the patch."""

    def __init__(self, path: Path, message: str) -> None:
        self.path = path
        super().__init__(message)


class _Removed:
    """Stands for a value that the patch deletes."""


_REMOVED = _Removed()


def strategic_merge(target: Any, patch: Any, of: FieldType, index: Index) -> Any:
    """Merge a patch into a value of a type; raises MergeError.

    With the type `any`, as of custom kinds, this is a JSON merge patch (RFC 7386): lists are replaced.
    """
    return _Merge(index).value(target, patch, of, ())


class _Merge:
    def __init__(self, index: Index) -> None:
        self._index = index

    def value(self, target: Any, patch: Any, of: FieldType, path: Path) -> Any:
        if isinstance(patch, Mapping):
            merged = self._mapping(target, patch, of, path)
            return None if merged is _REMOVED else merged
        if isinstance(patch, list) and of.word == "list":
            return self._list(target if isinstance(target, list) else [], patch, of, path)
        return patch

    def _mapping(self, target: Any, patch: Mapping[str, Any], of: FieldType, path: Path) -> Any:
        directive = _directive(patch, path)
        if directive == "delete":
            return _REMOVED
        keeps = isinstance(target, Mapping) and directive != "replace"
        merged = dict(target) if keeps else {}
        for key, value in patch.items():
            if key == _DIRECTIVE:
                continue
            below = (*path, key)
            if value is None or (isinstance(value, Mapping) and _directive(value, below) == "delete"):
                merged.pop(key, None)
            else:
                merged[key] = self.value(merged.get(key), value, self._below(of, key), below)
        return merged

    def _below(self, of: FieldType, key: str) -> FieldType:
        if of.word == "object":
            return self._index.fields(of.definition).types.get(key, ANY)
        return of.of or ANY if of.word == "map" else ANY

    def _list(self, target: Sequence[Any], patch: list[Any], of: FieldType, path: Path) -> list[Any]:
        entry = of.of or ANY
        replace = [each for each in patch if isinstance(each, Mapping) and dict(each) == _REPLACE]
        if replace or not of.merged:
            rest = [each for each in patch if each not in replace]
            return [self._new(each, entry, (*path, str(number))) for number, each in enumerate(rest)]
        if not of.keys:
            return [*target, *(each for each in patch if each not in target)]
        merged = list(target)
        for number, each in enumerate(patch):
            self._entry(merged, each, of, (*path, str(number)))
        return merged

    def _new(self, value: Any, of: FieldType, path: Path) -> Any:
        if isinstance(value, Mapping) and _directive(value, path) == "delete":
            raise MergeError((*path, _DIRECTIVE), "this list is replaced as a whole; omit the entry instead")
        return self.value(None, value, of, path)

    def _entry(self, merged: list[Any], patch: Any, of: FieldType, path: Path) -> None:
        """Merge one entry of a list that has keys."""
        found = _matching(merged, patch, of.keys, path)
        directive = _directive(patch, path)
        if directive == "replace":  # the API server then replaces the list, and Kustomize the entry
            message = (
                "replaces no single entry; set its fields to null, or write - $patch: replace for the list"
            )
            raise MergeError((*path, _DIRECTIVE), message)
        if directive == "delete":
            if found is None:
                raise MergeError(path, f"there is no such entry to delete{_known(merged, of.keys)}")
            del merged[found]
        elif found is None:
            merged.append(self.value(None, patch, of.of or ANY, path))
        else:
            merged[found] = self.value(merged[found], patch, of.of or ANY, path)


_REPLACE = {_DIRECTIVE: "replace"}


def _directive(patch: Mapping[str, Any], path: Path) -> str:
    for key in patch:
        if key.startswith(_UNSUPPORTED):
            advice = f"write {_DIRECTIVE}: replace or {_DIRECTIVE}: delete"
            raise MergeError((*path, key), f"this directive is not supported; {advice}")
    directive = patch.get(_DIRECTIVE, "merge")
    if directive not in {"merge", "replace", "delete"}:
        raise MergeError((*path, _DIRECTIVE), "is not one of merge, replace, delete")
    return str(directive)


def _matching(entries: Sequence[Any], patch: Any, keys: tuple[str, ...], path: Path) -> int | None:
    """Return the position of the entry that a patch is about; None for a new one."""
    named = ", ".join(keys)
    wanted = _key(patch, keys)
    if not wanted:
        message = f"does not say which entry of the list it is; write {named}"
        raise MergeError(path, message)
    found = [number for number, each in enumerate(entries) if wanted.items() <= _key(each, keys).items()]
    if len(found) > 1:
        raise MergeError(path, f"matches several entries of the list; write {named}")
    return found[0] if found else None


def _key(entry: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(entry, Mapping) or not any(_is_scalar(entry.get(key)) for key in keys):
        return {}
    said = {key: entry.get(key, _DEFAULTS.get(key)) for key in keys}
    return {key: value for key, value in said.items() if _is_scalar(value)}


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int)


def _known(entries: Sequence[Any], keys: tuple[str, ...]) -> str:
    names = ["/".join(map(str, _key(each, keys).values())) for each in entries]
    return f"; there are {', '.join(names)}" if names else ""
