"""The documentation of fields: the strings below them in the source, read when somebody asks for them.

pydantic can read them itself (`use_attribute_docstrings`), but it does so whenever the models are imported, and few
commands show them.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

from pydantic import BaseModel


@cache
def documentation(model: type[BaseModel]) -> Mapping[str, str]:
    """Documentation of the fields of a model, by their names in Python; those without one are left out."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__[: model.__mro__.index(BaseModel)]):
        again = inspect.get_annotations(
            each
        )  # a field that is declared again has another documentation, or none
        found = {name: text for name, text in found.items() if name not in again}
        found |= _written(each) if again else {}
    given = {name: field.description for name, field in model.model_fields.items()}
    return {name: text for name in given if (text := given[name] or found.get(name))}


def _written(model: type) -> Mapping[str, str]:
    """Read the class of a model; one that the program has made, or without a file, has no source."""
    try:
        definition = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    except (OSError, TypeError, SyntaxError):
        return {}
    return dict(_attributes(definition.body)) if isinstance(definition, ast.ClassDef) else {}


def _attributes(statements: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement, below in pairwise(statements):
        match statement, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)
