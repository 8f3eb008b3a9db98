"""An environment and the layer that a copy starts from in, the same layer with hosts of the copy's own out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from envs.config.model.environment import Environment
from envs.config.model.workload import Serving
from envs.config.reading.document import parse_document
from kube.yaml.faults import DocumentError
from kube.yaml.origin import Origin, origin_of
from kube.yaml.tree import Node

_ANY = "*."  # a wildcard, which can only come first
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Host:
    """A full host name of an environment, and the one that its copy gets instead."""

    path: tuple[str, ...]
    """Path of the value in the layers."""
    old: str
    new: str
    origin: Origin | None
    """Where the old one is written."""


def derived_hosts(environment: Environment, name: str) -> Iterator[Host]:
    """Find a host for each that a copy called `name` cannot share; one without a dot is completed anyway."""
    for app_name, app in environment.apps.items():
        for workload_name, workload in app.workloads.items():
            for place, host in workload.every_host.items() if isinstance(workload, Serving) else ():
                if "." in host.host:
                    last = () if place == ("host",) else ("host",)
                    path = ("apps", app_name, "workloads", workload_name, *place, *last)
                    other = derived(host.host, environment.name, name)
                    yield Host(path, host.host, other, origin_of(host.host))


def derived(host: str, source: str, name: str) -> str:
    """Put the name of the copy in place of the source's in the first label that has it, else in front."""
    if host.startswith(_ANY):
        return _ANY + derived(host.removeprefix(_ANY), source, name)
    *labels, last = host.split(".")
    for number, label in enumerate(labels):
        words = re.sub(rf"(?<![^-]){re.escape(source)}(?![^-])", name, label, count=1)
        if words != label:
            return ".".join([*labels[:number], words, *labels[number + 1 :], last])
    return f"{name}.{host}"


def with_hosts(data: bytes, file: str, hosts: Sequence[Host]) -> bytes:
    """Write hosts into the bytes of the layer `file`, every other byte unchanged.

    A value of the layer itself is replaced, one of a weaker layer is overridden. Where that would take more than
    putting in a few letters, as below an anchor, the layer stays as it is.
    """
    mark, text = _decoded(with_own_hosts(data, file, hosts))
    for host in hosts:
        if host.origin is None or host.origin.file not in {file, _app_file(file, host)}:
            text = _overridden(text, file, host)
    return mark + text.encode()


def with_own_hosts(data: bytes, file: str, hosts: Sequence[Host]) -> bytes:
    """Replace the hosts that are written in `file` itself."""
    mark, text = _decoded(data)
    own = [host for host in hosts if host.origin is not None and host.origin.file == file]
    return mark + _replaced(text, own).encode()


def _decoded(data: bytes) -> tuple[bytes, str]:
    """Split off the byte order mark, which is no part of the text."""
    text = data.decode().removeprefix(_BOM)
    return data[: len(data) - len(text.encode())], text


def _app_file(file: str, host: Host) -> str:
    """Path of the app's own file in the same layer, which is copied, too."""
    return f"{file.removesuffix('.yaml')}/{host.path[1]}.yaml"


def _replaced(text: str, hosts: Sequence[Host]) -> str:
    places = {_offset(text, host.origin): host for host in hosts if host.origin is not None}
    for offset, host in sorted(places.items(), reverse=True):  # from the end, so that offsets stay true
        start = offset + (text[offset : offset + 1] in {"'", '"'})
        if text.startswith(host.old, start):
            text = text[:start] + host.new + text[start + len(host.old) :]
    return text


def _overridden(text: str, file: str, host: Host) -> str:
    """Add a host where the layer has nothing at its path: in the deepest mapping that leads there."""
    node, depth = parse_document(text.encode(), file), 0
    while depth < len(host.path) - 1 and (below := node.child(host.path[depth])) is not None:
        node, depth = below, depth + 1
    entry = f'"{host.new}"' if host.new.startswith(_ANY) else host.new  # a plain * is an alias
    for key in reversed(host.path[depth + 1 :]):
        entry = f"{{{key}: {entry}}}"
    changed = _with_entry(text, node, f"{host.path[depth]}: {entry}", at_root=depth == 0)
    return changed if _says(changed, file, host) else text


def _with_entry(text: str, mapping: Node, entry: str, *, at_root: bool) -> str:
    start = _offset(text, mapping.origin)
    if text.startswith("{", start):
        comma = ", " if mapping.value else ""
        return f"{text[: start + 1]}{entry}{comma}{text[start + 1 :]}"
    end = "\r\n" if "\r\n" in text else "\n"
    if at_root:
        return f"{text}{'' if text.endswith(end) else end}{entry}{end}"
    return f"{text[:start]}{entry}{end}{' ' * (mapping.origin.column - 1)}{text[start:]}"


def _says(text: str, file: str, host: Host) -> bool:
    try:
        node: Node | None = parse_document(text.encode(), file)
    except DocumentError:
        return False
    for step in host.path:
        node = node.child(step) if node else None
    return node is not None and node.value == host.new


def _offset(text: str, origin: Origin) -> int:
    """Count the characters before a place."""
    ends = [0, *(found.end() for found in re.finditer("\r\n|\r|\n", text))]
    return ends[origin.line - 1] + origin.column - 1
