"""Rules over values of sysctls, which Pod Security judges by their names alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.context import Context, Level
from policies.pods import Pod
from policies.rule import Area, PodRule, Violation
from policies.subject import Subject, Unknown, dig, named_entries

NUMBERS = re.compile(r"-?[0-9]+(?:[ \t,-][ \t]*[0-9]+)*|")  # "1024 65535" or "8080,9148-9150"


def check_values(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find values with more than numbers."""
    for name, sysctl in named_entries("sysctls", dig(pod.spec, "securityContext", "sysctls")):
        value = sysctl.get("value")
        if not isinstance(value, Unknown) and not NUMBERS.fullmatch("" if value is None else str(value)):
            message = (
                "the value may hold numbers alone; other characters can set further sysctls (CVE-2022-0811)"
            )
            yield Violation(f"{pod.path}.securityContext.{name}.value", message)


RULES = (
    PodRule(
        id="sysctls-hold-numbers",
        area=Area.PODS,
        law="Values of sysctls are numbers.",
        why="Runtimes have passed on other characters as further settings of the kernel (CVE-2022-0811).",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        check=check_values,
    ),
)
