"""Checks formats that a pattern cannot: each function says what is wrong with a text, or nothing."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import string
import zoneinfo

from envs.config.reading.faults import suggestion
from kube.image import ImageError, parse_image, parse_repository
from kube.semver import RangeError, parse_range
from kube.yaml.faults import quoted

_ZONE = "; write it like Europe/Berlin"


def image_problem(text: str) -> str:
    """Say why a text is not an image reference, or nothing."""
    try:
        parse_image(text)
    except ImageError as error:
        return f"{quoted(text)} is not an image reference: {_reason(error, text)}"
    return ""


def repository_problem(text: str) -> str:
    """Say why a text is not an image repository, or nothing."""
    try:
        whole = parse_repository(text)
    except ImageError as error:
        return f"{quoted(text)} is not an image repository: {_reason(error, text)}"
    return "" if text == whole else f"{quoted(text)} is a short name; write {whole}"


def range_problem(text: str) -> str:
    """Say why a text is not a range of semantic versions, or nothing."""
    try:
        parse_range(text)
    except RangeError as error:
        return str(error)
    return ""


def _reason(error: ImageError, text: str) -> str:
    """Remove the text from the start of a message that already quotes it."""
    message = str(error)
    for start in (f'"{text}"', repr(text)):
        if message.startswith(start):
            return message.removeprefix(start).removeprefix(":").strip()
    return message


def network_problem(text: str) -> str:
    """Say why a text is not a CIDR, or nothing."""
    try:
        ipaddress.ip_network(text, strict=True)
    except ValueError:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return f"{quoted(text)} is not a CIDR; write an address and a prefix length, like 10.0.0.0/16"
        return f"{quoted(text)} has bits set after its prefix; write {network}"
    prefix = text.partition("/")[2]
    if re.fullmatch("[0-9]{1,3}", prefix):
        return ""
    return f"{quoted(text)} is not a CIDR; write {ipaddress.ip_network(text)}"


def address_problem(text: str) -> str:
    """Say whether an address has a secret in it, without repeating it, or nothing."""
    if re.search(r"[?#]|://[^/@]*:[^/@]*@", text):
        return "has a password or a query in it, where everybody could read a secret; remove it"
    return ""


def moment_problem(text: str) -> str:
    """Say why a text is not a point in time, or nothing."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return f"{quoted(text)} is not a point in time; write it like 2026-11-20T10:00:00Z"
    return "" if moment.tzinfo else f"{quoted(text)} has no time zone; write {moment.isoformat()}Z for UTC"


SUBJECT_FIELDS = frozenset({"environment", "app", "workload", "version", "image", "build", "source"})


def subject_problem(text: str) -> str:
    """Say why a text is not a template of a commit message, or nothing."""
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        return f"{quoted(text)} is not a template: {error}; write a field like {{app}}"
    for _, name, form, conversion in parts:
        if name is not None and (name not in SUBJECT_FIELDS or form or conversion):
            known = ", ".join(sorted(SUBJECT_FIELDS))
            return f"{quoted(text)} has an unknown field {{{name}}}; known: {known}"
    return ""


def day_problem(text: str) -> str:
    """Say why a text is not a day, or nothing."""
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return f"{quoted(text)} is not a day; write it like 2026-12-31"
    return ""


def zone_problem(text: str) -> str:
    """Say why a text is not a time zone, or nothing.

    The zones are those of the IANA database that this machine has; without one, the API server is the first to
    judge. It refuses Local: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones
    """
    if text.lower() == "local":
        return f"{quoted(text)} is another time zone on each machine; write it like Europe/Berlin"
    try:
        zoneinfo.ZoneInfo(text)
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        known = zoneinfo.available_timezones()
        return f"{quoted(text)} is not a time zone{suggestion(text, known) or _ZONE}" if known else ""
    return ""


def path_problem(text: str) -> str:
    """Say why a text is not a path below the root, or nothing."""
    if text.startswith("/") or ".." in text.split("/"):
        return f"{quoted(text)} is outside the root; write a path below it, without .."
    return ""
