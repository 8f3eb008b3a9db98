"""Reads the manifests in the files of a source, and reports every fault of every file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from gitops.objects import WAVE, Body, DesiredObject, key_of
from gitops.secrecy import LAST_APPLIED, names_secret, stand_in
from kube.yaml.faults import Fault
from kube.yaml.objects import Document, read_objects
from kube.yaml.origin import Origin
from kube.yaml.paths import dotted

if TYPE_CHECKING:  # the process that reads files imports this module, and no settings
    from gitops.settings import RunLimits
    from gitops.source.repository import File

_API_VERSION = re.compile(r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[a-z0-9]+")
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_NAME = re.compile(r"[^/%\x00-\x20]{1,253}")  # RBAC names may hold colons: a path segment is the common rule
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_SERVER_SET = ("uid", "resourceVersion", "generation", "managedFields", "selfLink", "deletionTimestamp")


def read(files: Iterable[File], limits: RunLimits) -> tuple[list[DesiredObject], list[Fault]]:
    """Read all files; faulty objects are omitted, and all their faults are reported."""
    manifests: list[DesiredObject] = []
    faults: list[Fault] = []
    for file in files:
        found, broken = read_file(file.path, file.content)
        manifests += found
        faults += broken
    if len(manifests) > limits.objects:
        message = f"{len(manifests)} objects are more than the limit of {limits.objects}"
        faults.append(Fault(Origin(manifests[-1].origin.file), "", message))
    return manifests, sorted(faults)


def read_file(path: str, content: bytes) -> tuple[list[DesiredObject], list[Fault]]:
    """Read the objects of one file, and its faults."""
    manifests: list[DesiredObject] = []
    found, faults = read_objects(content, path)
    for origin, value in (item for document in found for item in items(document)):
        wrong = list(_check(value))
        faults += [Fault(origin, "", message) for message in wrong]
        if not wrong:
            manifests.append(_manifest(origin, value))
    return manifests, faults


def items(document: Document) -> Iterator[tuple[Origin, Any]]:
    """Yield a document with its place; a `List` is taken apart, also one in a list."""
    yield from _items(document, document.origin, document.value)


def _items(document: Document, origin: Origin, value: Any) -> Iterator[tuple[Origin, Any]]:
    if isinstance(value, dict) and str(value.get("kind", "")).endswith("List") and "items" in value:
        listed = value["items"] if isinstance(value["items"], list) else [value["items"]]
        for number, item in enumerate(listed):
            yield from _items(document, document.entry(listed, number) or origin, item)
    else:
        yield origin, value


def _check(body: Any) -> Iterator[str]:
    """Yield why a document cannot be applied as an object."""
    if not isinstance(body, dict):
        yield f"is {_what(body)}, not a Kubernetes object; write a mapping with apiVersion, kind and metadata"
        return
    for field, pattern in (("apiVersion", _API_VERSION), ("kind", _KIND)):
        value = body.get(field)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            yield f"{field}: {_given(value)} is not an {field}; write for example {_EXAMPLES[field]}"
    if body.get("kind") == "Secret" and body.get("apiVersion") == "v1":
        yield "kind: a Secret does not belong in Git; use an ExternalSecret or a SealedSecret"
    if "sops" in body:
        yield "sops: is encrypted and would be applied without decryption; use an ExternalSecret or a SealedSecret"
    yield from _check_metadata(body.get("metadata"))


_EXAMPLES = {"apiVersion": "apps/v1", "kind": "Deployment"}


def _check_metadata(metadata: Any) -> Iterator[str]:
    if not isinstance(metadata, dict):
        yield "metadata: is missing; write metadata: {name: …}"
        return
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name in {".", ".."}:
        yield f"metadata.name: {_given(name)} is not a name; generateName is not supported"
    if namespace is not None and not (isinstance(namespace, str) and _NAMESPACE.fullmatch(namespace)):
        yield f"metadata.namespace: {_given(namespace)} is not the name of a namespace"
    for field in _SERVER_SET:
        if metadata.get(field) is not None:
            yield f"metadata.{field}: is written by the API server; remove it"
    for field in ("labels", "annotations"):
        yield from _check_texts(field, metadata.get(field))
    wave = metadata.get("annotations") or {}
    if isinstance(wave, dict) and not re.fullmatch(r"-?\d{1,6}", str(wave.get(WAVE, "0"))):
        yield f"{dotted(('metadata', 'annotations', WAVE))}: {_given(wave[WAVE])} is not a whole number"


def _check_texts(field: str, texts: Any) -> Iterator[str]:
    if texts is not None and not isinstance(texts, dict):
        yield f"metadata.{field}: is {_what(texts)}, not a mapping"
        return
    for key, value in (texts or {}).items():
        if not isinstance(value, str):
            given = stand_in(value) if names_secret(str(key)) else _given(value)
            yield f"{dotted(('metadata', field, key))}: {given} is not text; put it in quotes"


def _what(value: Any) -> str:
    names = {list: "a list", str: "text", type(None): "empty", bool: "true or false"}
    return names.get(type(value), "a number")


def _given(value: Any) -> str:
    return "nothing" if value is None else repr(value)[:60]


def _manifest(origin: Origin, value: Body) -> DesiredObject:
    """Drop the status, an empty creation time and kubectl's copy of the object, which other tools print."""
    body = {field: part for field, part in value.items() if field != "status"}
    body["metadata"] = {
        field: part
        for field, part in body["metadata"].items()
        if field not in _SERVER_SET and field != "creationTimestamp" and part is not None
    }
    if LAST_APPLIED in (annotations := body["metadata"].get("annotations") or {}):
        kept = {name: text for name, text in annotations.items() if name != LAST_APPLIED}
        body["metadata"] = body["metadata"] | {"annotations": kept}
    return DesiredObject(key_of(body), body, origin)
