"""`envs images`: finds newer images of workloads that declare `updates:`, and releases them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Annotated, Any

import typer

from envs.cli.options import HERE, Format, Names, Root, TextOrJson, chosen, print_json, write
from envs.cli.writing import Branch, Commit, Onto, Push, Remote, carry_out
from envs.config.load import Configuration, load
from envs.config.reading.faults import ConfigurationError
from envs.errors import CommandError, Exit
from envs.releases.change import Decide
from envs.releases.registry.registries import Registries
from envs.releases.updates.find import Finder, Found
from envs.releases.updates.follow import followed
from envs.releases.updates.update import update
from gitops.errors import exit_code
from kube.image import parse_image

Apply = Annotated[
    bool, typer.Option("--apply", help="Release the newest of each workload, like `envs set-image`.")
]


def images(  # noqa: PLR0913 each is an option of the command
    names: Names = None,
    *,
    apply: Apply = False,
    output: TextOrJson = Format.TEXT,
    commit: Commit = False,
    push: Push = False,
    branch: Branch = None,
    remote: Remote = "origin",
    onto: Onto = None,
    root: Root = HERE,
) -> None:
    """List newer images of workloads whose layers declare `updates:`, as their registries have them."""
    _check(apply=apply, output=output, writes=commit or push or branch is not None or onto is not None)
    configuration = load(root)
    found = {name: _find(configuration, name) for name in chosen(names, configuration.names)}
    if output is Format.JSON:
        print_json([_as_json(each) for several in found.values() for each in several])
    else:
        write("\n".join(_as_text(found)))
    codes: list[int] = [each.code for several in found.values() for each in several]
    if apply:
        carry = partial(carry_out, root, commit=commit, push=push, branch=branch, remote=remote, onto=onto)
        codes += [_apply(carry, name, several) for name, several in found.items()]
    raise typer.Exit(exit_code(codes))


def _check(*, apply: bool, output: Format, writes: bool) -> None:
    if writes and not apply:
        raise CommandError("without --apply nothing is written; add it", Exit.BAD_INPUT)
    if apply and output is Format.JSON:
        raise CommandError("--format json lists images and --apply releases them; use one", Exit.BAD_INPUT)


def _find(configuration: Configuration, name: str) -> list[Found]:
    mirrors = configuration.environment(name).mirrors
    return list(Finder(Registries(mirrors)).find(followed(configuration, name)))


def _apply(carry: Callable[[Decide], None], name: str, several: list[Found]) -> int:
    """Release what was found for one environment; one that is refused does not stop the others."""
    if not any(each.images for each in several):
        return Exit.FINE
    try:
        carry(update(name, several))
    except (CommandError, ConfigurationError) as error:
        typer.echo(f"envs: {name}: {error}", err=True)
        return error.code if isinstance(error, CommandError) else Exit.BAD_INPUT
    return Exit.FINE


def _as_text(found: Mapping[str, list[Found]]) -> Iterator[str]:
    for name, several in found.items():
        yield name
        for each in several:
            yield f"  {each.followed.target}  {_verdict(each)}"
            yield from (f"    {image}" for image in each.images)
            if each.more:
                yield f"    and {each.more} more"
        if not several:
            yield "  no workload declares `updates:`"


def _verdict(each: Found) -> str:
    if each.followed.left:
        return f"left alone: {each.followed.left}"
    if each.problem:
        return f"unknown: {each.problem}"
    tag = each.followed.parsed.tag
    count = len(each.images) + each.more
    if not count:
        return f"{tag} is the newest by {_rule(each)}"
    newest = parse_image(each.images[0]).tag
    return f"{tag} -> {newest} by {_rule(each)}; newer: {count}"


def _rule(each: Found) -> str:
    updates = each.followed.updates
    rule = f"semver {updates.semver}" if updates.semver is not None else f"newest {updates.newest}"
    return f"{rule}, variant {updates.variant}" if updates.variant is not None else rule


def _as_json(each: Found) -> dict[str, Any]:
    target = each.followed.target
    return {
        "environment": target.environment,
        "workload": str(target),
        "image": each.followed.image,
        "newer": list(each.images),
        "more": each.more,
        "leftAlone": each.followed.left or None,
        "error": each.problem or None,
    }
