"""A root in, the same objects out as a tree for `kubectl kustomize`: python -m bench.kustomize ROOT FOLDER.

Objects that are equal in all environments except for the namespace are in the base, one file per name; all others
are in the overlays, verbatim. So Kustomize does less than in practice: it sets namespaces and patches nothing.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from envs.config.load import load
from envs.gates.rendering import render_environment
from kube.labels import PREFIX
from kube.yaml.write import to_yaml

Objects = dict[str, dict[str, Any]]


def write_tree(root: Path, folder: Path) -> None:
    """Write base/ and overlays/<environment>/."""
    configuration = load(root)
    environments = {
        name: {
            f"{manifest.kind}/{_neutral(manifest.name, name)}": _without_place(manifest.object, name)
            for manifest in render_environment(configuration, name)
        }
        for name in configuration.environments
    }
    first = next(iter(environments.values()))
    base = {
        key: value
        for key, value in first.items()
        if all(objects.get(key) == value for objects in environments.values())
    }
    _write(folder / "base", base.values(), {})
    for name, objects in environments.items():
        own = [value for key, value in objects.items() if key not in base]
        (app,) = configuration.environments[name].apps
        settings = {
            "namespace": f"{app}-{name}",
            "labels": [{"pairs": {f"{PREFIX}/environment": name}, "includeTemplates": True}],
        }
        _write(folder / "overlays" / name, own, settings, ["../../base"])


def _without_place(value: dict[str, Any], environment: str) -> Any:
    """Take out of an object what tells its environment, as it would be written in a base."""
    metadata = {key: item for key, item in value["metadata"].items() if key != "namespace"}
    return _stripped({**value, "metadata": metadata}, environment)


def _stripped(value: Any, environment: str) -> Any:
    if isinstance(value, dict):
        return {
            key: _stripped(item, environment)
            for key, item in value.items()
            if key != f"{PREFIX}/environment" and not _own_namespace(key, item, environment)
        }
    return [_stripped(item, environment) for item in value] if isinstance(value, list) else value


def _own_namespace(key: str, value: Any, environment: str) -> bool:
    return key == "namespaceSelector" and any(
        name.endswith(f"-{environment}") for name in value["matchLabels"].values()
    )


def _neutral(name: str, environment: str) -> str:
    return name.removesuffix(f"-{environment}")


def _write(
    folder: Path, objects: Iterable[dict[str, Any]], settings: dict[str, Any], resources: Iterable[str] = ()
) -> None:
    folder.mkdir(parents=True)
    files: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in objects:
        files[f"{item['metadata']['name']}.yaml".replace(":", "_")].append(item)
    for name, items in files.items():
        (folder / name).write_text("---\n".join(map(to_yaml, items)))
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [*resources, *files],
        **settings,
    }
    (folder / "kustomization.yaml").write_text(to_yaml(kustomization))


if __name__ == "__main__":
    write_tree(Path(sys.argv[1]), Path(sys.argv[2]))
