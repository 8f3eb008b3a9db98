"""The `components:` of an app: objects that files of the root's own make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from components.errors import ComponentError
from components.objects.manifest import Scope, plain
from components.workloads.manifests import complete
from envs.config.own import OwnSpec


def own_components(scope: Scope) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Make the objects of the root's own components, each with the name of the component and its file.

    Raises ComponentError with the file and line of what fails in them.
    """
    for name, spec in scope.app.components.items():
        path = ("apps", scope.name, "components", name)
        for value in _made(scope, name, spec, path):
            yield name, spec.component.file, complete(scope, path, value)


def _made(scope: Scope, name: str, spec: OwnSpec, path: tuple[str, ...]) -> list[dict[str, Any]]:
    component = spec.component
    try:
        made = [plain(value) for value in component.make(scope, name, spec)]
    except ComponentError as error:
        raise ComponentError(path, error.message, component.place_of(error)) from error
    except (Exception, SystemExit) as error:
        message = f"fails: {type(error).__name__}: {error}"
        raise ComponentError(path, message, component.place_of(error)) from error
    for value in made:
        if not isinstance(value, dict):
            message = f"yields {type(value).__name__}, not an object; yield a mapping or a model of lightkube"
            raise ComponentError(path, message, component.start)
    return made
