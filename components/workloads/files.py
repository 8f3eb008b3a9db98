"""Config files and site content of a workload: ConfigMaps, their mounts, and a hash of their content."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lightkube.models.core_v1 import ConfigMap, ConfigMapVolumeSource, KeyToPath, Volume, VolumeMount

from components.errors import ComponentError
from components.objects.manifest import Scope
from envs.config.model.pod_volumes import CONFIG, CONTENT, reload_volume, reloaded
from envs.config.model.volume import ConfigFile
from envs.config.model.workload import Site, Workload
from kube.yaml.origin import Origin, origin_of, with_origin

Contents = Mapping[str, bytes]

SITE_ROOT = "/usr/share/nginx/html"
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}")  # a key of a ConfigMap: not longer, no dot first
_OTHER = re.compile(r"[^A-Za-z0-9_.-]")
_LONGEST_NAME = 200
MAXIMUM_BYTES = 1024 * 1024  # https://kubernetes.io/docs/concepts/configuration/configmap/


@dataclass(frozen=True, slots=True)
class Files:
    """The objects and mounts of a workload's files."""

    config_maps: tuple[ConfigMap, ...] = ()
    volumes: tuple[Volume, ...] = ()
    mounts: tuple[VolumeMount, ...] = ()
    digest: str = ""
    """Hash of all content, empty without files; in the pod template it restarts pods when content changes."""


@dataclass(slots=True)
class _Entry:
    """One file of a ConfigMap: its key and the path at which it is mounted."""

    path: str
    data: bytes
    origin: Origin | None
    key: str = field(init=False)

    def __post_init__(self) -> None:
        # A key has neither slashes nor spaces; the hash of the path distinguishes files of the same name.
        path = self.path.removeprefix("/")
        if _KEY.fullmatch(path):
            self.key = path
        else:
            name = _OTHER.sub("-", path.rsplit("/", 1)[-1])[:_LONGEST_NAME]
            self.key = f"{_digest(self.path.encode())[:12]}-{name}"


def files(scope: Scope, name: str, workload: Workload, contents: Contents) -> Files:
    """Make the ConfigMaps of a workload's files; raises ComponentError for a template that does not render."""
    if not workload.config and not isinstance(workload, Site):
        return Files()
    path = ("apps", scope.name, "workloads", name)
    every = {
        target: _Entry(target, *_content(scope, name, file, contents, (*path, "config", target)))
        for target, file in workload.config.items()
    }
    config = [entry for target, entry in every.items() if not workload.config[target].reload]
    site = list(_site_entries(workload.content, contents)) if isinstance(workload, Site) else []
    watched = [[every[target] for target in group] for group in reloaded(workload).values()]
    for entries, what in ((list(every.values()), "config"), (site, "content")):
        size = sum(len(entry.data) for entry in entries)
        if size > MAXIMUM_BYTES:
            raise ComponentError(
                (*path, what), f"{size:,} bytes in all; a ConfigMap holds at most {MAXIMUM_BYTES:,}"
            )
    parts = [*_config(scope, name, config), *_content_of(scope, name, site), *_watched(scope, name, watched)]
    fixed = [*config, *site]  # of the others, running pods see the changes
    digest = _digest(b"".join(_digest(e.path.encode() + b"\0" + e.data).encode() for e in fixed))
    return Files(
        tuple(one for part in parts for one in part.config_maps),
        tuple(one for part in parts for one in part.volumes),
        tuple(one for part in parts for one in part.mounts),
        digest[:16] if fixed else "",
    )


def _config(scope: Scope, name: str, entries: list[_Entry]) -> Iterator[Files]:
    if entries:
        mounts = [
            VolumeMount(name=CONFIG, mountPath=entry.path, subPath=entry.key, readOnly=True)
            for entry in entries
        ]
        made = _config_map(scope, name, f"{name}-config", entries)
        yield Files((made,), (_volume(CONFIG, f"{name}-config", []),), tuple(mounts))


def _content_of(scope: Scope, name: str, entries: list[_Entry]) -> Iterator[Files]:
    if entries:
        made = _config_map(scope, name, f"{name}-content", entries)
        mount = VolumeMount(name=CONTENT, mountPath=SITE_ROOT, readOnly=True)
        yield Files((made,), (_volume(CONTENT, f"{name}-content", entries),), (mount,))


def _watched(scope: Scope, name: str, folders: list[list[_Entry]]) -> Iterator[Files]:
    """Mount whole folders, since a file that is mounted alone never changes.

    Source: https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically
    """
    called = f"{name}-reload"
    if folders:
        yield Files((_config_map(scope, name, called, [one for group in folders for one in group]),))
    for number, entries in enumerate(folders):
        folder = entries[0].path.rpartition("/")[0] or "/"
        items = [KeyToPath(key=entry.key, path=entry.path.rpartition("/")[2]) for entry in entries]
        volume = Volume(name=reload_volume(number), configMap=ConfigMapVolumeSource(name=called, items=items))
        mount = VolumeMount(name=reload_volume(number), mountPath=folder, readOnly=True)
        yield Files((), (volume,), (mount,))


def _site_entries(content: str, contents: Contents) -> Iterator[_Entry]:
    for path in sorted(contents):
        if path.startswith(f"{content}/"):
            yield _Entry(path.removeprefix(f"{content}/"), contents[path], Origin(path, 1, 1))


def _content(
    scope: Scope, workload: str, file: ConfigFile, contents: Contents, path: tuple[str, ...]
) -> tuple[bytes, Origin | None]:
    """Return the bytes of a config file, and the origin of its text."""
    if file.text is not None:
        return file.text.encode(), origin_of(file.text)
    if file.file is not None:
        return contents[file.file], Origin(file.file, 1, 1)
    from components.workloads.template import render_template  # noqa: PLC0415 - few workloads have one

    rendered = render_template(scope, workload, file, contents[str(file.template)], (*path, "template"))
    return rendered.encode(), Origin(str(file.template), 1, 1)


def _config_map(scope: Scope, workload: str, name: str, entries: list[_Entry]) -> ConfigMap:
    texts, binaries = {}, {}
    for entry in entries:
        try:
            texts[entry.key] = with_origin(entry.data.decode(), entry.origin)
        except UnicodeDecodeError:
            binaries[entry.key] = with_origin(base64.b64encode(entry.data).decode(), entry.origin)
    return ConfigMap(
        apiVersion="v1",
        kind="ConfigMap",
        metadata=scope.workload_metadata(workload, name),
        data=texts or None,
        binaryData=binaries or None,
    )


def _volume(name: str, config_map: str, entries: list[_Entry]) -> Volume:
    items = [KeyToPath(key=entry.key, path=entry.path) for entry in entries]
    return Volume(name=name, configMap=ConfigMapVolumeSource(name=config_map, items=items or None))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
