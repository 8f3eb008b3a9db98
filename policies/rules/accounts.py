"""Rules over identities of pods: a ServiceAccount of their own, and a token only where it is used."""

from __future__ import annotations

from collections.abc import Iterator

from kube.labels import PREFIX
from policies.context import Context, Level
from policies.pods import Pod
from policies.rule import Area, ObjectRule, PodRule, Violation
from policies.subject import Subject, Unknown, dig, mapping, named_entries, text

# The reason is beside the line that mounts the token, for its reviewer.
NEEDS_TOKEN = f"{PREFIX}/needs-token"
_SAY_WHY = f"say why in the annotation {NEEDS_TOKEN}"


def check_account(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find pods that run as the default ServiceAccount."""
    # `serviceAccount` is an alias from the first versions of the API, which still works.
    name = pod.spec.get("serviceAccountName", pod.spec.get("serviceAccount"))
    if pod.partial and name is None:
        return
    if name in (None, "", "default"):
        message = "the pod runs as the default ServiceAccount; create one for it and name it here"
        yield Violation(f"{pod.path}.serviceAccountName", message)


def check_pod_token(subject: Subject, pod: Pod, context: Context) -> Iterator[Violation]:
    """Find pods that mount a token for the API server without a reason."""
    yield from _projected(pod)
    mounts = pod.spec.get("automountServiceAccountToken")
    if mounts is False or isinstance(mounts, Unknown) or _needs_token(pod.metadata):
        return
    if mounts is None:
        account = (subject.namespace, _account(pod) or "default")
        if pod.partial or context.tokens.get(account) is False:
            return
    message = f"set automountServiceAccountToken: false, or {_SAY_WHY}"
    yield Violation(f"{pod.path}.automountServiceAccountToken", message)


def _account(pod: Pod) -> str:
    return text(pod.spec.get("serviceAccountName") or pod.spec.get("serviceAccount"))


def _projected(pod: Pod) -> Iterator[Violation]:
    """Find volumes that bring in the token which the pod does not mount; one for another audience is no such token."""
    if _needs_token(pod.metadata):
        return
    for path, volume in pod.volumes:
        for step, source in named_entries("projected.sources", dig(volume, "projected", "sources")):
            token = source.get("serviceAccountToken")
            if isinstance(token, dict) and not token.get("audience"):
                message = (
                    f"this mounts a token for the API server; name the audience that it is for, or {_SAY_WHY}"
                )
                yield Violation(f"{path}.{step}.serviceAccountToken", message)


def check_account_token(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find accounts that give their token to every pod."""
    mounts = subject.manifest.get("automountServiceAccountToken")
    if mounts is False or isinstance(mounts, Unknown) or _needs_token(subject.manifest.get("metadata")):
        return
    if not (subject.partial and mounts is None):
        message = f"set automountServiceAccountToken: false, or {_SAY_WHY}"
        yield Violation("automountServiceAccountToken", message)


def check_long_lived(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find tokens that never expire."""
    if subject.manifest.get("type") == "kubernetes.io/service-account-token":
        yield Violation("type", "this token never expires; use a projected token or the TokenRequest API")


def _needs_token(metadata: object) -> bool:
    reason = dig(mapping(metadata), "annotations", NEEDS_TOKEN)
    return isinstance(reason, str) and bool(reason.strip())


RULES = (
    PodRule(
        id="pods-have-their-own-account",
        area=Area.ACCESS,
        law="Pods do not run as the default ServiceAccount.",
        why="Every pod that names no account has the permissions of the default one.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        relaxable=True,
        check=check_account,
    ),
    PodRule(
        id="tokens-are-mounted-with-a-reason",
        area=Area.ACCESS,
        law="Pods mount no ServiceAccount token unless an annotation says why.",
        why="Most programs never call the API server; an intruder would.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        relaxable=True,
        check=check_pod_token,
    ),
    ObjectRule(
        id="accounts-keep-their-tokens",
        area=Area.ACCESS,
        law="ServiceAccounts do not mount their token by default unless an annotation says why.",
        why="The account decides for every pod that does not set it.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        relaxable=True,
        kinds=frozenset({"ServiceAccount"}),
        check=check_account_token,
    ),
    ObjectRule(
        id="tokens-expire",
        area=Area.ACCESS,
        law="No Secret holds a ServiceAccount token that never expires.",
        why="Such a token works from anywhere until somebody deletes it.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"Secret"}),
        check=check_long_lived,
    ),
)
