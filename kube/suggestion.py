"""Suggests the word that somebody may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from kube.yaml.faults import LONGEST_QUOTE


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean …?` where a known word is similar, ignoring case, else nothing."""
    if len(word) > LONGEST_QUOTE:  # longer words are not typing errors, and comparing takes quadratic time
        return ""
    words = {_plain(name): name for name in known}
    near = difflib.get_close_matches(_plain(word), list(words), n=1, cutoff=0.6)
    return f"; did you mean `{words[near[0]]}`?" if near else ""


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")
