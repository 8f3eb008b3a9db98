"""Checks cron schedules as the CronJob controller reads them: five fields, names, ranges, lists, steps, @words."""

from __future__ import annotations

from envs.config.reading.faults import quoted

_MONTHS = {
    name: n
    for n, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_DAYS = {name: n for n, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of week", 0, 6, _DAYS),
)
_LONGEST = 200  # characters
_WORDS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})


def cron_problem(schedule: str) -> str:
    """Say what is wrong with a schedule; empty if it is valid.

    Rules: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
    """
    if schedule in _WORDS:
        return ""
    parts = schedule.split()
    if len(parts) != len(_FIELDS) or len(schedule) > _LONGEST:
        return f'{quoted(schedule)} is not a cron schedule; write five fields, like "*/5 * * * *"'
    for part, (name, low, high, words) in zip(parts, _FIELDS, strict=True):
        for item in part.split(","):
            if not _is_item(item.lower(), low, high, words):
                problem = f"the {name} {quoted(item)} is not within {low}-{high}"
                return f"{quoted(schedule)} is not a cron schedule; {problem}"
    return ""


def _is_item(item: str, low: int, high: int, words: dict[str, int]) -> bool:
    span, slash, step = item.partition("/")
    if slash and not (step.isascii() and step.isdigit() and int(step) > 0):
        return False
    if span in {"*", "?"}:
        return True
    first, dash, last = span.partition("-")
    start = _number(first, words)
    end = _number(last, words) if dash else start
    return start is not None and end is not None and low <= start <= end <= high


def _number(text: str, words: dict[str, int]) -> int | None:
    if text in words:
        return words[text]
    return int(text) if text.isascii() and text.isdigit() else None
