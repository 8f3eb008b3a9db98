"""`envs recover`: complete what a killed run of Pulumi has left unfinished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from components.objects.manifest import Manifest
from components.stack.delivery import pushed
from components.stack.removal import command, unwanted
from envs.cli.cluster import Context, KubeConfig, Yes, agree
from envs.cli.options import HERE, Name, Root, chosen, write
from envs.config.load import load
from envs.errors import CommandError, Exit
from envs.gates.rendering import render_environment
from envs.live.connection import cluster_of
from envs.stack.command import Stack
from envs.stack.observation import observe_environment
from envs.stack.recovery import Recovery, plan_recovery
from gitops.cluster.api import Connection
from gitops.direct import LiveEnvironment
from gitops.engine.order import rank
from gitops.objects import Body, Key, key_of

DeleteOrphans = Annotated[
    bool,
    typer.Option(
        "--delete-orphans",
        help="Delete objects that Pulumi created for this environment and that are in neither stack nor layers.",
    ),
]
_SHOWN = 10  # objects that are named in one group


def recover(  # noqa: PLR0913 each is an option of the command
    name: Name,
    *,
    delete_orphans: DeleteOrphans = False,
    yes: Yes = False,
    kubeconfig: KubeConfig = None,
    context: Context = None,
    root: Root = HERE,
) -> None:
    """Remove the lock of a killed `pulumi up`, take over what it wrote, complete it, and report orphans."""
    configuration = load(root, [name])
    chosen([name], configuration.names)
    model = configuration.environment(name)
    wanted = pushed(model, render_environment(configuration, name))
    with cluster_of(model, kubeconfig, context) as environment:
        environment.check()
        site = _Site(environment, Stack(root, name), wanted)
        before, _ = site.look()
        write("\n".join(_found(name, before)))
        _refuse(before)
        agree(f"Complete {name}? Nobody else may be deploying it: the lock of its stack is removed.", yes=yes)
        site.stack.cancel()
        site.stack.forget_pending()
        trouble = site.stack.complete()
        after, live = site.look()
        if delete_orphans and not trouble:
            _delete(environment.cluster, after.orphans, live)
            after = replace(after, orphans=())
        keeps = site.protected() if trouble else []
    write("\n".join(_left(name, len(wanted), after, trouble)))
    if keeps:
        write(_unprotect(name, keeps))
    if trouble:
        raise typer.Exit(Exit.OUTSIDE_FAILED)
    raise typer.Exit(Exit.FINE if after.is_complete else Exit.FOUND)


@dataclass(frozen=True, slots=True)
class _Site:
    """An environment in its cluster and in its stack, and the objects that it wants."""

    environment: LiveEnvironment
    stack: Stack
    wanted: Sequence[Manifest]

    def look(self) -> tuple[Recovery, Mapping[Key, Body]]:
        """Compare the three."""
        bodies = [each.object for each in self.wanted]
        live = observe_environment(self.environment.cluster, self.environment.name, bodies)
        keys = {key_of(body) for body in bodies}
        return plan_recovery(keys, self.stack.state(), live), live

    def protected(self) -> list[str]:
        """List the protected resources that have left the layers: `pulumi up` fails for each of them."""
        return unwanted((each.urn for each in self.stack.protected()), self.wanted)


def _refuse(plan: Recovery) -> None:
    if plan.foreign:
        raise CommandError(
            "objects that others have written are never taken over; delete or rename them, "
            "or remove them from the layers; nothing was written",
            Exit.REFUSED,
        )


def _found(name: str, plan: Recovery) -> Iterator[str]:
    if plan.is_complete:
        yield f"{name}: nothing is unfinished; at most a lock is left"
    yield from _group(plan.pending, "under way when the run was killed")
    yield from _group(plan.adopt, "written and not remembered; will be taken over")
    yield from _group(plan.orphans, "written for this environment, not remembered and not wanted")
    yield from _group(plan.foreign, "written by others")


def _left(name: str, count: int, plan: Recovery, trouble: str) -> Iterator[str]:
    if trouble:
        yield f"{name}: `pulumi up` failed; fix this and run `envs recover {name}` again:\n{trouble}"
        return
    yield f"{name}: complete, {count} objects are in the stack"
    if plan.orphans:
        yield from _group(plan.orphans, f"orphaned; `envs recover {name} --delete-orphans` deletes them")


def _unprotect(name: str, urns: Sequence[str]) -> str:
    """Write the command that lets `pulumi up` delete what has left the layers."""
    count = "1 protected object has" if len(urns) == 1 else f"{len(urns)} protected objects have"
    return (
        f"{count} left the layers of {name}, and Pulumi deletes none. Restore them in the layers, or take the "
        f"protection off:\n  {command(name, urns)}"
    )


def _group(keys: Sequence[Key], what: str) -> Iterator[str]:
    if keys:
        count = "1 object" if len(keys) == 1 else f"{len(keys)} objects"
        yield f"{count} {what}:"
        yield from (f"  {key}" for key in keys[:_SHOWN])
        if len(keys) > _SHOWN:
            yield f"  and {len(keys) - _SHOWN} more"


def _delete(cluster: Connection, orphans: Sequence[Key], live: Mapping[Key, Body]) -> None:
    """Delete the very objects that were seen, namespaces last."""
    for key in sorted(orphans, key=lambda key: rank(key, 0), reverse=True):
        body = live[key]
        resource = cluster.resource(body["apiVersion"], key.kind)
        if resource is not None:
            cluster.delete(resource, key.namespace, key.name, body["metadata"]["uid"])
