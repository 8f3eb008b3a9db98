"""Checks cron schedules as the CronJob controller reads them: five fields, names, ranges, lists, steps, @words."""

from __future__ import annotations

from kube.yaml.faults import quoted

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
_DAILY = {"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *"}
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


def longest_gap(schedule: str) -> int | None:
    """Most seconds between two runs of a schedule that runs on every day; None for any other."""
    parts = _DAILY.get(schedule, schedule).split()
    if len(parts) != len(_FIELDS) or any(part not in {"*", "?"} for part in parts[2:]):
        return None
    hours, minutes = _values(parts[1], 23), _values(parts[0], 59)
    starts = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    following = [*starts[1:], starts[0] + 24 * 60]
    return 60 * max(after - before for before, after in zip(starts, following, strict=True))


def _values(part: str, high: int) -> set[int]:
    """Numbers that a valid field of minutes or hours names."""
    found: set[int] = set()
    for item in part.split(","):
        span, slash, step = item.partition("/")
        first, _, last = span.partition("-")
        start, end = (
            (0, high) if span in {"*", "?"} else (int(first), int(last or (high if slash else first)))
        )
        found |= set(range(start, end + 1, int(step or 1)))
    return found


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
