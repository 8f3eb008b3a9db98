"""Everything that is known of a change in, one comment out: what decides comes first and is always kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from envs.review.changes import ObjectAction, Preview
from envs.review.comment.stacks import StackReport
from envs.review.markdown import code, escaped, fenced, in_html
from envs.review.meaning.statement import Effect, Told
from envs.review.meaning.text import by_effect, place
from envs.review.naming import listed
from envs.review.parity.judge import Parity
from envs.review.parity.text import as_text as parity_as_text
from envs.review.text import changes_as_text
from kube.yaml.faults import printable
from policies.context import Level
from policies.rule import Finding

LIMIT = 65_536
"""Characters of a comment that GitHub accepts."""
_SUMMARY = 40_000
_RESERVE = 500
_FENCES = 800
_ROWS = 12  # environments with a line of their own
_LINES = 6  # of one effect
_LONGEST = 300
_CUT = "… and more; `envs diff` and `envs check` show all of it"


@dataclass(frozen=True, slots=True)
class Material:
    """What a comment is made from."""

    title: str
    """Root that it is about, as a path in the repository; empty for the top."""
    base: str | None
    previews: Sequence[Preview]
    effects: Sequence[Told]
    findings: Sequence[Finding]
    parity: Parity | None
    stacks: Sequence[StackReport]
    running: Sequence[str]


def marker(title: str) -> str:
    """Make the line by which a comment is found again, to be edited in place."""
    safe = "".join(letter if letter.isalnum() or letter in "/._" else "_" for letter in title)
    return f"<!-- envs comment {safe or '.'} -->"


def comment_of(material: Material) -> str:
    """Write the comment; the details give way where it would be too long."""
    head = [marker(material.title), f"### {_heading(material)}", "", _verdict(material), ""]
    summary = _cut([*head, *_environments(material.previews), *_sections(material)], _SUMMARY)
    room = LIMIT - _RESERVE - len(summary)
    for title, text in _details(material):
        block = _folded(title, text, room)
        summary += block
        room -= len(block)
    against = f"compared with {material.base[:10]}" if material.base else "compared with nothing"
    return f"{summary}\n{against}"


def _heading(material: Material) -> str:
    return f"Environments of {escaped(material.title)}" if material.title else "Environments"


def _verdict(material: Material) -> str:
    """Say in one line what decides: production, risks, findings, parity."""
    changed = [preview for preview in material.previews if preview.changes]
    if not changed and not material.effects:
        words = ["Nothing changes"]
    else:
        what = "environment changes" if len(changed) == 1 else "environments change"
        words = [f"{len(changed):,} {what}"]
        production = [preview.name for preview in changed if preview.tier == "production"]
        words += [f"**production: {escaped(listed(production))}**"] if production else []
    risky = sum(effect.is_risky for effect in material.effects)
    risky += sum(step.is_risky for stack in material.stacks for step in stack.steps)
    words += [f"**{risky:,} risky {'operation' if risky == 1 else 'operations'}**"] if risky else []
    pods = sum(effect.pods for effect in material.effects)
    words += [f"{pods:,} {'pod restarts' if pods == 1 else 'pods restart'}"] if pods else []
    counts = Counter(finding.level for finding in material.findings)
    for level in Level:
        strong = "**" if level is Level.MANDATORY and counts[level] else ""
        noun = "finding" if counts[level] == 1 else "findings"
        words += [f"{strong}{counts[level]:,} {level} {noun}{strong}"] if counts[level] else []
    if material.parity is not None and material.parity.undeclared:
        count = len(material.parity.undeclared)
        words.append(f"**{count:,} undeclared {'difference' if count == 1 else 'differences'}**")
    return f"{'; '.join(words)}."


def _environments(previews: Sequence[Preview]) -> Iterator[str]:
    """Make a table of the environments that change."""
    changed = [preview for preview in previews if preview.changes]
    if not changed:
        return
    yield from (
        "| Environment | Tier | Created | Changed | Deleted | Pods that restart |",
        "|---|---|--:|--:|--:|--:|",
    )
    for preview in changed[:_ROWS]:
        counts = Counter(change.action for change in preview.changes)
        pods = sum(change.restarts or 0 for change in preview.changes)
        cells = (
            escaped(printable(preview.name, _LONGEST)),
            preview.tier or "removed",
            counts[ObjectAction.CREATE] + counts[ObjectAction.RENAME],
            counts[ObjectAction.UPDATE],
            counts[ObjectAction.DELETE] + counts[ObjectAction.RENAME],
            pods,
        )
        yield f"| {' | '.join(map(str, cells))} |"
    if len(changed) > _ROWS:
        yield ""
        yield f"and {len(changed) - _ROWS:,} more environments"
    yield ""


def _sections(material: Material) -> Iterator[str]:
    """Yield risks first, then findings, parity, what else it means, and what runs."""
    risky = [effect for effect in material.effects if effect.is_risky]
    found = [effect for effect in material.effects if effect.effect in {Effect.FINDS, Effect.SOLVES}]
    others = [effect for effect in material.effects if effect not in risky and effect not in found]
    yield from _effects("Risky", risky, list(_steps(material.stacks)))
    yield from _effects("Findings", found, [])
    if material.parity is not None and material.parity.undeclared:
        yield "**Parity**: environments differ where nobody declared it"
        yield ""
        yield from _list([_difference(each.difference.path) for each in material.parity.undeclared])
    yield from _effects("What it means", others, [])
    if material.running:
        yield from ("**Running now**", "")
        yield from _list([escaped(printable(line, _LONGEST)) for line in material.running])


def _difference(path: str) -> str:
    return code(printable(path, _LONGEST))


def _steps(stacks: Sequence[StackReport]) -> Iterator[str]:
    for stack in stacks:
        for step in stack.steps:
            if step.is_risky:
                words = f"{escaped(step.operation)} {code(printable(step.resource, _LONGEST))}"
                yield f"Pulumi: {words} in {escaped(printable(stack.stack, _LONGEST))}"


def _effects(title: str, effects: Sequence[Told], more: list[str]) -> Iterator[str]:
    if not effects and not more:
        return
    yield from (f"**{title}**", "")
    for effect, several in by_effect(effects):
        yield from _list([f"{effect}: {_sentence(each)}" for each in several], end="")
    yield from _list(more)


def _sentence(told: Told) -> str:
    subjects = code(printable(listed(told.subjects), _LONGEST))
    pods = f" ({told.pods:,} {'pod' if told.pods == 1 else 'pods'})" if told.pods else ""
    where = escaped(printable(listed(told.environments), _LONGEST))
    cause = f" — {code(printable(place(told), _LONGEST))}" if told.origins else ""
    details = "".join(f"\n  - {code(printable(line, _LONGEST))}" for line in told.details)
    return f"{subjects} {escaped(printable(told.text, _LONGEST))}{pods}, in {where}{cause}{details}"


def _list(lines: Sequence[str], end: str = "\n") -> Iterator[str]:
    yield from (f"- {line}" for line in lines[:_LINES])
    if len(lines) > _LINES:
        yield f"- and {len(lines) - _LINES:,} more"
    if end:
        yield ""


def _details(material: Material) -> Iterator[tuple[str, str]]:
    for stack in material.stacks:
        counts = ", ".join(f"{count:,} {operation}" for operation, count in stack.counts.items())
        lines = "\n".join(f"{step.operation:20} {step.resource}" for step in stack.steps)
        yield f"Pulumi: {in_html(printable(stack.stack, _LONGEST))}: {in_html(counts) or 'no change'}", lines
    if material.parity is not None and (material.parity.undeclared or material.parity.unused):
        yield "Parity", parity_as_text(material.parity, with_declared=False).plain
    if any(preview.changes for preview in material.previews):
        yield "All fields", changes_as_text(material.previews, (), material.base).plain


def _folded(title: str, text: str, room: int) -> str:
    """Fold a text; the last lines are left out where there is no room for them, or all of it."""
    start, end = f"\n<details><summary>{title}</summary>\n\n", "\n\n</details>\n"
    lines = [printable(line, _LONGEST) for line in text.splitlines()]
    block = f"{start}{fenced(_cut(lines, room - len(start) - len(end) - _FENCES))}{end}"
    return block if text and len(block) <= room else ""


def _cut(lines: Sequence[str], room: int) -> str:
    """Join lines as long as they fit, and say where some are missing."""
    kept: list[str] = []
    left = room - len(_CUT) - 1
    for line in lines:
        left -= len(line) + 1
        if left < 0:
            return "\n".join([*kept, "", _CUT, ""])
        kept.append(line)
    return "\n".join(kept)
