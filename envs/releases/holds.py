"""Holds: marks that stop automation from changing the releases of an app or of one workload."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from envs.config.layers.folder import RELEASES
from envs.config.load import Configuration
from envs.errors import CommandError, Exit
from envs.releases.change import Change, Decide
from envs.releases.document import with_fields
from envs.releases.target import Target, find_targets, read_release
from kube.yaml.origin import origin_of


def check_holds(configuration: Configuration, targets: Iterable[Target]) -> None:
    """Raise CommandError where a release is held, with the place and the reason of the hold."""
    for target in targets:
        held = find_hold(configuration, target)
        if held is not None:
            advice = f"lift it with `envs unhold {target.environment} {held.words}` when that is over"
            raise CommandError(f"{held}; {advice}", Exit.REFUSED)


@dataclass(frozen=True, slots=True)
class Held:
    """A hold that stops automation, as APP or APP/WORKLOAD names what it holds."""

    environment: str
    words: str
    because: str

    def __str__(self) -> str:
        return f"{origin_of(self.because)}: {self.words} in {self.environment} is held: {self.because}"


def find_hold(configuration: Configuration, target: Target) -> Held | None:
    """Find what holds a release: a hold of its own, or else that of its app."""
    app = configuration.environments[target.environment].apps[target.app]
    release = app.workloads[target.workload].release
    if release is not None and release.hold is not None:
        return Held(target.environment, str(target), release.hold.because)
    return Held(target.environment, target.app, app.hold.because) if app.hold is not None else None


def hold(environment: str, words: str, because: str) -> Decide:
    """Hold what APP or APP/WORKLOAD names."""

    def decide(configuration: Configuration) -> Change:
        return _with_hold(configuration, environment, words, {"because": because}, f"hold {words}: {because}")

    return decide


def unhold(environment: str, words: str) -> Decide:
    """Lift the hold of what APP or APP/WORKLOAD names; raises CommandError, when asked, where there is none."""

    def decide(configuration: Configuration) -> Change:
        change = _with_hold(configuration, environment, words, None, f"unhold {words}")
        if not change.files:
            raise CommandError(f"{words} in {environment} is not held", Exit.BAD_INPUT)
        return change

    return decide


def _with_hold(
    configuration: Configuration, environment: str, words: str, said: dict[str, str] | None, subject: str
) -> Change:
    targets = find_targets(configuration, environment, words)
    root = configuration.root
    if "/" in words:
        (target,) = targets
        data, file = read_release(root, target), target.file
        if data is None and said is not None:
            message = (
                f"{target} has no release in {environment} that could be held; hold the app: {target.app}"
            )
            raise CommandError(message, Exit.BAD_INPUT)
    else:
        file = f"{RELEASES}/{environment}/{words}.yaml"
        data = (root / file).read_bytes() if (root / file).is_file() else None
    if data is None and said is None:
        return Change(environment, {}, subject)
    edited = with_fields(data, file, {"hold": said})
    unchanged = edited == data
    return Change(environment, {} if unchanged else {file: edited}, f"{environment}: {subject}")
