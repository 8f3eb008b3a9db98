"""`envs check`: judges environments, or any manifests, by the policies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from envs.cli.options import HERE, Names, Root, chosen
from envs.cli.reporting import AsFormat, FindingsFormat, print_judgement
from envs.cli.reviewing import new_mask
from envs.config.load import Configuration
from envs.config.reading.faults import ConfigurationError
from envs.errors import CommandError, Exit
from envs.gates.context import context
from envs.gates.history import change_since
from envs.gates.judgement import Judgement, judge, judge_releases
from envs.gates.load import load, load_sound
from envs.gates.rendering import Surroundings, render_around
from envs.review.parity.judge import undeclared
from kube.yaml.faults import Fault
from policies.check import check_readable, check_subjects, mandatory
from policies.context import Context, Level, Tier
from policies.reading.files import UnreadableError, read
from policies.rules.kinds import with_fence
from policies.rules.releases import UNCHANGED

Manifests = Annotated[
    Path | None,
    typer.Option(
        "--manifests",
        metavar="PATH",
        help="Judge a file or folder of YAML; with ENV, as that environment says.",
    ),
]
OfTier = Annotated[
    Tier | None,
    typer.Option("--tier", help="How strict to be with --manifests; by default as in ENV, else production."),
]
Complete = Annotated[
    bool,
    typer.Option("--complete", help="PATH holds a whole environment: apply the rules over all objects, too."),
]
Namespace = Annotated[
    str | None,
    typer.Option(
        "--namespace",
        metavar="NAME",
        help="Namespace of the objects of PATH that name none, as the GitOps job would set it.",
    ),
]
Base = Annotated[
    str | None,
    typer.Option("--base", metavar="REF", help="Judge what was released since REF by Git's history as well."),
]
Environment = Annotated[
    str | None,
    typer.Option("--environment", metavar="ENV", help="The same as ENV: judge --manifests as its job does."),
]


def check(  # noqa: PLR0913, PLR0917 - each is an option of the command
    names: Names = None,
    manifests: Manifests = None,
    tier: OfTier = None,
    complete: Complete = False,
    namespace: Namespace = None,
    base: Base = None,
    root: Root = HERE,
    environment: Environment = None,
    style: AsFormat = FindingsFormat.TEXT,
) -> None:
    """Judge by all policies; exits with 1 on a mandatory finding, also one on a file that cannot be read.

    A broken layer stops only the environments that use it: the others are judged, and the exit code is 2.
    """
    today = datetime.now(tz=UTC).date()
    broken = Broken([], [])
    names = [*(names or ()), *([environment] if environment is not None else ())] or None
    if manifests is not None:
        rules = _context_of_files(names, tier, root, today)
        judged = judge_files(manifests, rules, complete=complete, namespace=namespace)
    else:
        judged, broken = _named(root, names, base, today) if names else _all(root, base, today)
    print_judgement(judged, style, Path() if manifests is not None else root)
    if broken.faults:
        typer.echo(broken.told(), err=True)
        raise typer.Exit(Exit.BAD_INPUT)
    if mandatory(judged.findings):
        raise typer.Exit(Exit.FOUND)


@dataclass(frozen=True, slots=True)
class Broken:
    """What is wrong with layers, and the environments that were not judged for it."""

    faults: list[Fault]
    names: list[str]

    def told(self) -> str:
        """Write all faults, and what they stopped."""
        end = f"not judged: {', '.join(self.names)}" if self.names else "every environment was judged"
        return f"{ConfigurationError(self.faults).report()}; {end}"


def _named(root: Path, names: list[str], base: str | None, today: date) -> tuple[Judgement, Broken]:
    """Judge some environments; raises ConfigurationError for faults in any of them."""
    configuration = load(root, names)
    asked = chosen(names, configuration.names)
    around = render_around(configuration, asked)
    return _judge(configuration, around, asked, base, today), Broken([], [])


def _all(root: Path, base: str | None, today: date) -> tuple[Judgement, Broken]:
    """Judge all environments without a fault; raises ConfigurationError if none is left."""
    configuration, faults = load_sound(root)
    around = render_around(configuration, ())
    faults += [fault for several in around.broken.values() for fault in several]
    if faults and not around.objects:
        raise ConfigurationError(faults)
    judged = _judge(configuration, around, list(around.objects), base, today)
    if not around.broken:  # parity compares all environments
        judged.findings.extend(undeclared(configuration, around.objects, around.objects, new_mask()))
    return judged, Broken(faults, [name for name in configuration.names if name in around.broken])


def _judge(
    configuration: Configuration, around: Surroundings, names: list[str], base: str | None, today: date
) -> Judgement:
    judged = judge(configuration, around, names, today)
    change = change_since(base, configuration) if base is not None else UNCHANGED
    return replace(judged, findings=[*judged.findings, *judge_releases(configuration, today, change)])


def _context_of_files(names: list[str] | None, tier: Tier | None, root: Path, today: date) -> Context:
    """Return the context to judge manifests in: that of one environment, or one without settings.

    Without an environment, moving tags are warnings in tier test, since no layer can allow them.
    """
    if not names:
        levels = {"images-are-pinned": Level.ADVISORY} if tier is Tier.TEST else {}
        return Context(environment="", tier=tier or Tier.PRODUCTION, today=today, levels=levels)
    if len(names) > 1 or tier is not None:
        raise CommandError(
            "--manifests is judged as one environment says, which has its own tier; name one and omit --tier",
            Exit.BAD_INPUT,
        )
    configuration = load(root, names or None)
    chosen(names, configuration.names)
    return context(configuration.environment(names[0]), configuration.names, today)


def judge_files(path: Path, rules: Context, *, complete: bool, namespace: str | None) -> Judgement:
    """Judge manifests that no layer describes; files that cannot be read are findings beside the others."""
    try:
        reading = read(path, namespace)
    except UnreadableError as error:
        raise CommandError(str(error), Exit.BAD_INPUT) from error
    rules = with_fence(rules) if complete else rules
    unreadable = check_readable(reading.faults, rules)
    findings = check_subjects(reading.subjects, rules, complete=complete, origin=reading.origin)
    return Judgement([*unreadable, *findings], len(reading.subjects))
