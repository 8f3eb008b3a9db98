"""Foreign objects and drift as text for people; what is as it should be has no line."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from gitops.report.account import Account


def account_as_text(account: Account) -> Iterator[Text]:
    """Write a line for each foreign object and each that differs, and what was not read."""
    for line in account.text():
        word, _, rest = line.partition(" ")
        style = {"foreign": "yellow", "drift": "yellow", "unseen": "dim"}.get(word, "")
        yield Text(word, style=style).append(f" {rest}") if style else Text(line)
