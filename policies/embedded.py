"""Finds what describes pods and containers in custom resources, whose schemas nobody here knows.

A list of containers makes a pod, wherever it stands. Outside such a list, a mapping with an image, a security context
or variables describes a container, and one with fields that only pods have describes a pod. Most of these are parts
that a controller completes, so only a pod template whose containers all have images must be complete itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from policies.pods import CONTAINER_LISTS, Pod, PodContainer
from policies.subject import UNKNOWN, Subject, Unknown, dig, entries, mapping, step, text

DEEPEST = 40
IMAGE_FIELDS = ("image", "imageName")
CONTAINER_FIELDS = ("securityContext", "containerSecurityContext")
HOST_FIELDS = ("hostNetwork", "hostPID", "hostIPC")

# These constrain the pods of others, name images that they start nowhere, or mean images of virtual machines.
STARTS_NONE = re.compile(
    r"(?:^|\.)(?:kyverno\.io|gatekeeper\.sh|image\.toolkit\.fluxcd\.io|policy\.sigstore\.dev"
    r"|infrastructure\.cluster\.x-k8s\.io|upbound\.io)$"
)
# Text about an object or for a file, and fields that its controller writes.
_SKIPPED = frozenset(
    {"metadata", "status", "labels", "annotations", "matchLabels", "openAPIV3Schema", "data", "stringData"}
)
_PICTURE = re.compile(
    r"(?i)data:|[a-z][a-z0-9+.-]*://|.*\s|.*\.(?:png|jpe?g|gif|svg|webp|ico)$|ami-[0-9a-f]+$"
)
# Argo and Tekton fill these in when a run starts.
_PARAMETER = re.compile(r"\{\{|\$[({]")


def embedded(subject: Subject) -> Iterator[Pod]:
    """Yield the pods of a custom resource, and its containers outside of pods."""
    if STARTS_NONE.search(subject.group):
        return
    fields = {key: value for key, value in subject.manifest.items() if key not in _SKIPPED}
    yield from _mapping(fields, "", DEEPEST, within="")


def _walk(node: object, path: str, depth: int, within: str) -> Iterator[Pod]:
    if not depth:
        return
    if isinstance(node, dict):
        yield from _mapping(node, path, depth, within)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _walk(value, step(path, node, index), depth - 1, within)


def _mapping(node: dict[str, Any], path: str, depth: int, within: str) -> Iterator[Pod]:
    """Judge one mapping, then what is in it; `within` is the last key that led to it."""
    lists = [name for name in CONTAINER_LISTS if entries(node.get(name))]
    pod = _pod(node, path) if lists else _part(node, path)
    if pod is not None:
        yield pod
    judged = {*lists, *(["volumes"] if lists else []), *_SKIPPED}
    for key, value in node.items():
        if key in judged or not isinstance(value, dict | list):
            continue
        found = _walk(value, f"{path}.{key}" if path else str(key), depth - 1, str(key))
        if key == "spec" and (within.lower().endswith("template") or node.get("kind") == "Pod"):
            yield from (_of_template(each, node, path) for each in found)
        else:
            yield from found


def _of_template(pod: Pod, node: dict[str, Any], path: str) -> Pod:
    """Complete the pod of a template by the labels and annotations beside its spec; what is deeper stays as it is."""
    if pod.spec is not node["spec"]:
        return pod
    whole = all(text(entry.get("image")) for entry in entries(pod.spec.get("containers")))
    whole = whole and bool(entries(pod.spec.get("containers")))
    metadata = mapping(node.get("metadata"))
    return replace(pod, metadata=metadata, metadata_path=f"{path}.metadata", partial=not whole)


def _pod(node: dict[str, Any], path: str) -> Pod:
    """Return the pod that a list of containers makes; an image beside the list is one more container."""
    beside = {name: node[name] for name in (*IMAGE_FIELDS, "env") if name in node}
    loose = _container(beside, path)
    return Pod(node, {}, path, "", partial=True, loose_containers=(loose,) if loose else ())


def _part(node: dict[str, Any], path: str) -> Pod | None:
    """Return what a mapping without a list of containers says of a container, a pod or a volume."""
    spec = {name: node[name] for name in HOST_FIELDS if isinstance(node.get(name), bool)}
    if sysctls := dig(node, "securityContext", "sysctls"):
        spec["securityContext"] = {"sysctls": sysctls}
    if isinstance(node.get("podSecurityContext"), dict):
        spec["securityContext"] = node["podSecurityContext"]
    container = _container(node, path)
    volumes = ((path, node),) if isinstance(dig(node, "hostPath", "path"), str) else ()
    if not (spec or container or volumes):
        return None
    loose = (container,) if container else ()
    return Pod(spec, {}, path, "", partial=True, loose_containers=loose, loose_volumes=volumes)


def _container(node: dict[str, Any], path: str) -> PodContainer | None:
    """Return what a mapping says of a container: its image, its security context, its variables."""
    field, image = _image(node)
    security = next((node[name] for name in CONTAINER_FIELDS if isinstance(node.get(name), dict)), None)
    variables = [entry for entry in entries(node.get("env")) if text(entry.get("name"))]
    if image is None and security is None and not variables:
        return None
    spec = {"image": image, "securityContext": security, "env": variables}
    for name in ("command", "args", "ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"):
        spec[name] = node.get(name)
    return PodContainer(
        {key: value for key, value in spec.items() if value or isinstance(value, Unknown)},
        path,
        "containers",
        field,
    )


def _image(node: dict[str, Any]) -> tuple[str, Any]:
    """Find the image of a container: a text, or a mapping as in the values of many charts."""
    for field in IMAGE_FIELDS:
        value = node.get(field)
        if _PARAMETER.search(text(value)):
            return field, UNKNOWN
        if isinstance(value, Unknown) or (text(value) and not _PICTURE.match(text(value))):
            return field, value
        if written := _assembled(mapping(value)):
            return field, written
    return "image", None


def _assembled(image: dict[str, Any]) -> str | None:
    """Join `registry`, `repository`, `tag` and `digest`; None where the controller chooses the version."""
    repository = text(image.get("repository"))
    tag, digest = text(image.get("tag")), text(image.get("digest"))
    if not repository or not (tag or digest):
        return None
    registry = f"{text(image.get('registry'))}/".removeprefix("/")
    return f"{registry}{repository}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"
