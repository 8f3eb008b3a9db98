"""A new environment as a copy of another: its layer, stack file, releases and rendered objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.objects.manifest import Manifest
from envs.checkout.creation import all_or_nothing
from envs.checkout.rendered import texts
from envs.config.load import load
from envs.config.model.environment import Environment
from envs.config.reading.faults import ConfigurationError
from envs.errors import CommandError, Exit
from envs.gates.rendering import render_environment
from envs.scaffold.hosts import Host, derived_hosts, with_hosts, with_own_hosts
from envs.scaffold.places import app_folder, check_free, layer_file, release_folder, stack_file
from kube.yaml.write import to_yaml

_MODELINE = "# yaml-language-server:"


@dataclass(frozen=True, slots=True)
class Copy:
    """What a copy consists of."""

    manifests: Sequence[Manifest]
    hosts: Sequence[Host]
    """Hosts that it got in place of the source's."""


def copy_environment(root: Path, source: Environment, name: str) -> Copy:
    """Write a copy of an environment under a new name.

    Raises CommandError, with nothing written, where the name is taken or the copy cannot live beside the others.
    """
    check_free(root, name)
    hosts = list(derived_hosts(source, name))
    with all_or_nothing(root) as create:
        create(layer_file(name), _layer(root, source.name, name, hosts))
        for path, data in _apps(root, source.name, name, hosts):
            create(path, data)
        create(stack_file(name), _stack(root, source.name, name))
        for path, text in _releases(source, name):
            create(path, text)
        manifests = _judged(root, source.name, name)
        for path, data in texts(name, manifests).items():
            create(path, data)
    return Copy(manifests, hosts)


def _layer(root: Path, source: str, name: str, hosts: Sequence[Host]) -> bytes:
    """Copy a layer byte by byte, except for hosts and the comment at its head, which is on the other environment."""
    file = layer_file(source)
    head, rest = _cut_comment(with_hosts((root / file).read_bytes(), file, hosts))
    kept = [line for line in head if line.startswith(_MODELINE.encode())]
    return b"".join([*kept, f"# {name}: started as a copy of {source}.\n".encode(), *rest])


def _apps(root: Path, source: str, name: str, hosts: Sequence[Host]) -> Iterator[tuple[str, bytes]]:
    """Copy the apps' own files of a layer; a host of theirs that the source has changes in its place."""
    for path in sorted((root / app_folder(source)).glob("*.yaml")):
        file = path.relative_to(root).as_posix()
        yield f"{app_folder(name)}/{path.name}", with_own_hosts(path.read_bytes(), file, hosts)


def _stack(root: Path, source: str, name: str) -> bytes:
    """Copy a stack file with its salt; without one Pulumi would write its own and drop the comment.

    A salt belongs to a passphrase, not to a stack: see docs/pulumi.md.
    """
    _, rest = _cut_comment((root / stack_file(source)).read_bytes())
    head = f"# Settings of the stack {name}; everything else is in {layer_file(name)}.\n"
    return b"".join([head.encode(), *rest])


def _cut_comment(data: bytes) -> tuple[list[bytes], list[bytes]]:
    """Split a file into the lines of the comment at its head and all others."""
    lines = data.splitlines(keepends=True)
    start = next((number for number, line in enumerate(lines) if not line.startswith(b"#")), len(lines))
    return lines[:start], lines[start:]


def _releases(source: Environment, name: str) -> Iterator[tuple[str, bytes]]:
    """Write what the source runs as releases of the copy, without the evidence, which is the source's."""
    for app_name, app in source.apps.items():
        for workload_name, workload in app.workloads.items():
            if workload.release is not None:
                release = workload.release.model_dump(mode="json", by_alias=True, exclude_defaults=True)
                path = f"{release_folder(name)}/{app_name}/{workload_name}.yaml"
                yield path, to_yaml(release).encode()


def _judged(root: Path, source: str, name: str) -> tuple[Manifest, ...]:
    """Check the copy together with all other environments."""
    try:
        return render_environment(load(root), name)
    except ConfigurationError as error:
        advice = f"write in {layer_file(source)} what a copy can share, such as a host without a dot"
        message = f"a copy of {source} would conflict with it; {advice}:\n{error.report()} of the copy"
        raise CommandError(f"{message}; nothing was written", Exit.BAD_INPUT) from error
