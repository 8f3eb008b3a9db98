"""Errors of the YAML parser in words that a newcomer understands."""

from __future__ import annotations

import yaml

_ADVICE = {
    "mapping values are not allowed": (
        "a second `key:` on one line, or too much indentation; indent with two spaces, and quote values with a colon"
    ),
    "could not find expected ':'": "this is not `key: value`; add the colon and a space after it",
    "did not find expected key": "the indentation matches no line above; indent all keys of a mapping equally",
    "did not find expected '-' indicator": "the items of one list must be indented alike",
    "did not find expected <document start>": "there is text after the end of the document; delete it",
    "block sequence entries are not allowed": "a list cannot start here; start it on a line of its own",
    "did not find expected node content": "a value is missing here, or a bracket is never closed",
    "found unknown escape character": "in \"…\" a backslash starts an escape; write it twice, or use '…'",
    "found invalid Unicode character escape code": "this escape names no character",
    "found undefined alias": "the alias names no anchor above; put the value in quotes if it is not an alias",
    "found incompatible YAML document": "the version of YAML is not 1.1 or 1.2; delete the line",
}


def syntax_problem(error: yaml.MarkedYAMLError, text: str) -> str:
    """Say what is wrong at the place of a parser's error, and what to do about it."""
    problem, context = error.problem or "", error.context or ""
    if error.context_mark and (unclosed := _unclosed(problem, context, error.context_mark.line + 1)):
        return unclosed
    if "alphabetic or numeric character" in problem:
        return "a value that starts with * or & would be an alias or an anchor; put it in quotes"
    if "cannot start any token" in problem and error.problem_mark is not None:
        return _stray_letter(text, error.problem_mark)
    for start, advice in _ADVICE.items():
        if problem.startswith(start):
            return advice
    return problem or context or "it cannot be read"


def _unclosed(problem: str, context: str, line: int) -> str:
    """Say what began in a line above and does not fit."""
    if context.startswith("found duplicate anchor"):
        return f"the anchor is defined twice, first at line {line}; rename one of them"
    if "quoted scalar" in context and ("end of stream" in problem or "document indicator" in problem):
        return f"the quote opened in line {line} is never closed"
    if problem.startswith("did not find expected ','"):
        return f"the bracket opened in line {line} is not closed, or a comma is missing before this"
    return ""


def _stray_letter(text: str, mark: yaml.Mark) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    letter = lines[mark.line][mark.column : mark.column + 1] if mark.line < len(lines) else ""
    if letter == "\t":
        return "a tab; YAML is indented with spaces"
    return f"a value cannot start with {letter}; put it in quotes"
