"""Components of a root's own: each file below environments/components/ is a model and the function that uses it.

A file `cache.py` defines `class Spec(Model)`, what a layer can say, and `manifests(scope, name, spec)`, which yields
Kubernetes objects. Apps use it as `components: {sessions: {kind: cache, …}}`.
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field, create_model

from envs.config.model import lookup
from envs.config.model.fields import is_label
from envs.config.reading.document import LIMITS
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin

FOLDER = "environments/components"
_MODEL, _FUNCTION, _KIND = "Spec", "manifests", "kind"
_ADVICE = "docs/components.md shows one"

Make = Callable[[Any, str, Any], Iterable[Any]]
"""Scope of the app, name of the component and its values in, objects out."""


@dataclass(frozen=True, slots=True)
class OwnComponent:
    """One file of a root's own: its function, and where errors of it are told."""

    kind: str
    make: Make
    file: str
    path: str
    """The file as Python knows it."""

    @property
    def start(self) -> Origin:
        """The file as a whole."""
        return Origin(self.file, 1, 1)

    def place_of(self, error: BaseException) -> Origin:
        """Return the last line of this file on the way to an error; the file's start where none is."""
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == self.path
        ]
        return Origin(self.file, (lines[-1] if lines else None) or 1, 1)


class OwnSpec(BaseModel):
    """What a layer says to one component; the class of each kind knows its component."""

    component: ClassVar[OwnComponent]


@dataclass(frozen=True, slots=True)
class OwnComponents:
    """Models of a root's own components by their kind, and what is wrong with those that cannot be used."""

    models: dict[str, type[OwnSpec]] = field(default_factory=dict)
    broken: dict[str, list[Fault]] = field(default_factory=dict)

    @property
    def kinds(self) -> list[str]:
        """Names of all kinds, usable or not."""
        return sorted({*self.models, *self.broken})

    def fields(self) -> dict[str, frozenset[str] | None]:
        """Names of the fields that a layer can set, by kind; None for a kind that cannot be used."""
        known = {kind: frozenset(lookup.fields(model)) - {_KIND} for kind, model in self.models.items()}
        return {**dict.fromkeys(self.broken), **known}


def read_components(root: Path) -> OwnComponents:
    """Load the files of a root's own components, and of no other root."""
    found = OwnComponents()
    for path in sorted((root / FOLDER).glob("*.py")):
        kind, file = path.stem.replace("_", "-"), f"{FOLDER}/{path.name}"
        if not is_label(kind):
            message = f'"{kind}" cannot be the name of a kind; rename it to lowercase letters, digits and underscores'
            found.broken[kind] = [Fault(Origin(file, 1, 1), "", message)]
            continue
        try:
            found.models[kind] = _model(kind, file, _module(root, path, file))
        except _UnusableError as error:
            found.broken[kind] = [Fault(error.origin, "", str(error))]
    return found


class _UnusableError(Exception):
    """A file that makes no component; its message says why."""

    def __init__(self, origin: Origin, message: str) -> None:
        super().__init__(message)
        self.origin = origin


def _module(root: Path, path: Path, file: str) -> ModuleType:
    """Run one file as a module that nothing can import: two roots may have files of the same name."""
    code = _code(root, path, file)
    digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    module = ModuleType(f"environments_{digest}_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # pydantic looks annotations up there
    try:
        exec(code, module.__dict__)  # noqa: S102 the root's own code, which its reviewers approve
    except (Exception, SystemExit) as error:
        component = OwnComponent("", _nothing, file, str(path))
        message = f"cannot be loaded: {type(error).__name__}: {error}"
        raise _UnusableError(component.place_of(error), message) from error
    return module


def _code(root: Path, path: Path, file: str) -> Any:
    """Compile a file itself, since importing would write a cache beside it."""
    start = Origin(file, 1, 1)
    try:
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            raise _UnusableError(start, "is a link out of the root; put the file itself here")
        with path.open("rb") as source:
            data = source.read(LIMITS.bytes + 1)
        if len(data) > LIMITS.bytes:
            raise _UnusableError(start, f"has more than {LIMITS.bytes:,} bytes, the most that is read")
        return compile(data, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        place = Origin(file, error.lineno or 1, error.offset or 1)
        raise _UnusableError(place, f"is not Python: {error.msg}") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise _UnusableError(start, f"cannot be read: {error}") from error


def _model(kind: str, file: str, module: ModuleType) -> type[OwnSpec]:
    spec, make = getattr(module, _MODEL, None), getattr(module, _FUNCTION, None)
    start = Origin(file, 1, 1)
    if not (isinstance(spec, type) and issubclass(spec, BaseModel)):
        raise _UnusableError(start, f"defines no `class {_MODEL}(Model)`, what a layer can say; {_ADVICE}")
    if not callable(make):
        message = f"defines no function `{_FUNCTION}(scope, name, spec)`, which yields objects; {_ADVICE}"
        raise _UnusableError(start, message)
    if _KIND in spec.model_fields:
        raise _UnusableError(start, f"{_MODEL} has a field `{_KIND}`, which names the file; rename the field")
    named = f"{_MODEL}Of{kind.title().replace('-', '')}"
    note = "Which of the root's own components: a file below environments/components/, without .py."
    fields: dict[str, Any] = {_KIND: (Literal[kind], Field(description=note))}
    about = spec.__doc__ or module.__doc__
    derive: Callable[..., type[OwnSpec]] = create_model  # its own types know one base only
    model = derive(named, __base__=(OwnSpec, spec), __doc__=about, **fields)
    model.component = OwnComponent(kind, make, file, str(module.__file__))
    return model


def _nothing(*_: object) -> Iterator[Any]:
    yield from ()
