"""What the GitOps job needs to do its work, and what its options must agree on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from envs.config.model.app import Source
from envs.config.model.cron import longest_gap
from envs.config.model.environment import Environment
from envs.config.model.gitops import GitOps

Found = Iterator[tuple[tuple[Any, ...], str]]


def job_problems(environment: Environment) -> Found:
    """Say what keeps the job of an environment from its work; nothing where it has none to do."""
    pulled = environment.pulled()
    if not pulled:
        return
    if environment.gitops is None:
        yield (
            ("apps", next(iter(pulled)), "delivery"),
            "`delivery: pull` needs the GitOps job; write `gitops:`",
        )
    else:
        yield from _option_problems(environment.gitops)
        yield from _repository_problems(environment, environment.gitops)
        if environment.cluster.api_server is None:
            message = "the GitOps job must reach the API server; write `apiServer:` with its addresses"
            yield ("cluster",), message
    if "gitops" in environment.apps:
        yield ("apps", "gitops"), "the namespace of this name belongs to the GitOps job; choose another name"


def _option_problems(job: GitOps) -> Found:
    seconds = job.limits.seconds
    if seconds is not None and seconds >= job.deadline:
        message = f"{seconds} is not below `deadline`, after {job.deadline} seconds the pod is stopped; write at most"
        yield ("gitops", "limits", "seconds"), f"{message} {job.deadline - 1}"
    if job.pushgateway is not None and job.interval is None and longest_gap(job.schedule) is None:
        message = (
            "does not run every day; write `interval:`, the most seconds between two runs, for the alerts"
        )
        yield ("gitops", "schedule"), message


def _repository_problems(environment: Environment, job: GitOps) -> Found:
    """One repository is opened and verified in one way, whichever app asks."""
    yield from _signer_problems(("gitops", "allowedSigners"), job.allowed_signers)
    for name, app in environment.pulled().items():
        if app.source is not None:
            place = ("apps", name, "source", "allowedSigners")
            yield from _signer_problems(place, app.source.allowed_signers)
    known = {job.repo: (job.credentials, job.allowed_signers)}
    for name, app in environment.pulled().items():
        if app.source is not None and known.setdefault(app.source.repo, _access(app.source)) != _access(
            app.source
        ):
            message = (
                f"{app.source.repo} has other credentials or signers elsewhere; write the same in both places"
            )
            yield ("apps", name, "source"), message


def _signer_problems(place: tuple[str, ...], signers: Sequence[str]) -> Found:
    if signers and all(signer.startswith("@revoked ") for signer in signers):
        yield place, "names revoked keys only, so that no commit could be signed; add an allowed one"


def _access(source: Source) -> tuple[Any, Any]:
    return source.credentials, source.allowed_signers
