"""Values of an environment in, the same without the name of the environment out, so that two can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from kube.yaml.origin import origin_of, with_origin

PLACE = "<environment>"


def neutral_text(text: str, environment: str) -> str:
    """Replace the name of the environment where it is a word of its own: shop-qa, qa.example.com."""
    return _pattern(environment).sub(PLACE, text) if environment and environment in text else text


def neutral(value: Any, environment: str) -> Any:
    """Replace the name in all texts of a value; they keep their origins."""
    return with_word(value, environment, PLACE)


def with_word(value: Any, word: str, other: str) -> Any:
    """Replace a word in all texts of a value, keys included, by another one."""
    return _replaced(value, word, partial(_pattern(word).sub, lambda _: other))


def _replaced(value: Any, word: str, substitute: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return with_origin(substitute(value), origin_of(value)) if word in value else value
    if isinstance(value, Mapping):
        return {
            substitute(key) if word in key else key: _replaced(item, word, substitute)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_replaced(item, word, substitute) for item in value]
    return value


@cache
def _pattern(environment: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(environment)}(?![A-Za-z0-9])")
