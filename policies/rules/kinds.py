"""The rule over kinds: what an environment does not list, its apps do not hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kube.kind_lists import FENCE, FENCE_OF_CLUSTER, RENDERED, is_cluster_scoped, is_fence
from kube.kinds import group_kind
from kube.schema.index import index
from policies.context import Context, Level
from policies.rule import Area, Rule, Violation
from policies.subject import PULLED_GROUP, Subject, text


def check_listed(subject: Subject, context: Context) -> Iterator[Violation]:
    """Find kinds of other projects and cluster-scoped kinds that nobody has allowed.

    Kinds of the fence are found in what people wrote alone: gates that see a whole environment see the fence, too.
    """
    if context.kinds is None or subject.group == PULLED_GROUP:
        return
    api_version = text(subject.manifest.get("apiVersion"))
    name = group_kind(api_version, subject.kind)
    if name in RENDERED or name in context.kinds:
        return
    api = index(context.kubernetes)
    custom = api.is_custom(api_version)
    if is_fence(api_version, subject.kind):
        if subject.written or custom:
            message = (
                f"{name} belongs to the fence, which an app does not change; say what it needs in `flows`"
            )
            yield Violation("kind", message)
    elif custom or (
        is_cluster_scoped(api_version, subject.kind, api)
        and (subject.written or name not in FENCE_OF_CLUSTER)
    ):
        where = f" of {context.environment}" if context.environment else ""
        message = f"{name} is not listed; write `policies: {{kinds: {{{name}: why}}}}` in a layer{where}"
        yield Violation("kind", message)


def with_fence(context: Context) -> Context:
    """Allow the kinds of fences in a context: for all objects of an environment, of which nobody says who made them."""
    if context.kinds is None:
        return context
    return replace(context, kinds=(*context.kinds, *FENCE, *FENCE_OF_CLUSTER))


KINDS_ARE_LISTED = Rule(
    id="kinds-are-listed",
    area=Area.ENVIRONMENT,
    law="Apps hold kinds of other projects and cluster-scoped kinds only where `policies.kinds` lists them.",
    why="A custom resource can start pods, open the network and change the cluster by another program's rights.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
)
RULES = (KINDS_ARE_LISTED,)
