"""What the types of single values are made of: each checks one thing, and its value keeps its origin."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import (
    AfterValidator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, core_schema

from kube.yaml.faults import quoted
from kube.yaml.origin import origin_of, with_origin


def _keep(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    valid = handler(value)
    return value if isinstance(valid, str) and valid == value else with_origin(valid, origin_of(value))


class _Keep:
    """Lets a value keep its origin; pydantic's WrapValidator would look at the function anew for each field."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(_keep, handler(source))


KEEP = _Keep()


@dataclass(frozen=True, slots=True)
class Whole:
    """Reads a whole number of a range, quoted or not."""

    least: int
    most: int

    def check(self, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        """Read decimal digits; nothing that YAML readers disagree on, such as 0400, 1_000 or 1e3."""
        if isinstance(value, str) and not re.fullmatch(r"-?(0|[1-9][0-9]{0,30})", value):
            raise ValueError(f"{quoted(value)} is not a whole number; write decimal digits, like 3")
        number = handler(value)
        if number < self.least:
            raise ValueError(f"{number} is too small; at least {self.least}")
        if number > self.most:
            raise ValueError(f"{number} is too large; at most {self.most}")
        return with_origin(number, origin_of(value))

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, _core: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        digits = "^(0|[1-9][0-9]*)$"
        return {"type": ["integer", "string"], "minimum": self.least, "maximum": self.most, "pattern": digits}


@dataclass(frozen=True, slots=True)
class Like:
    """Checks a text against a whole pattern and a length; `what` and `example` make the message."""

    pattern: str
    what: str
    example: str
    limit: int = 253

    def check(self, text: str) -> str:
        """Return the text; raises ValueError with the message."""
        if len(text) > self.limit:
            raise ValueError(
                f"{quoted(text)} has {len(text)} characters; {self.what} has at most {self.limit}"
            )
        if not re.fullmatch(self.pattern, text):
            raise ValueError(f"{quoted(text)} is not {self.what}; write {self.example}")
        return text

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "pattern": f"^({self.pattern})$", "maxLength": self.limit}


def checked(problem: Callable[[str], str]) -> AfterValidator:
    """Check a text by a function that says what is wrong with it, or returns an empty text."""

    def check(text: str) -> str:
        message = problem(text)
        if message:
            raise ValueError(message)
        return text

    return AfterValidator(check)


def boolean(value: Any) -> Any:
    """Read one of the words true and false, quoted or not."""
    if isinstance(value, str):
        if value not in {"true", "false"}:
            raise ValueError(f"{quoted(value)} is neither true nor false; write one of these two words")
        return value == "true"
    return value
