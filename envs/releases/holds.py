"""Holds: marks that stop automation from changing the releases of an app or of one workload."""

from __future__ import annotations

from collections.abc import Iterable

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
        app = configuration.environments[target.environment].apps[target.app]
        release = app.workloads[target.workload].release
        hold = (release.hold if release else None) or app.hold
        if hold is not None:
            held = target.app if hold is app.hold else str(target)
            where = origin_of(hold.because)
            message = f"{where}: {held} in {target.environment} is held: {hold.because}"
            advice = f"lift it with `envs unhold {target.environment} {held}` when that is over"
            raise CommandError(f"{message}; {advice}", Exit.REFUSED)


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
