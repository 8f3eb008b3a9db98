"""Asks the API server who may do what. In: a user and an action. Out: its own answer."""

from lightkube import Client
from lightkube.models.authorization_v1 import ResourceAttributes, SubjectAccessReviewSpec
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.authorization_v1 import SubjectAccessReview


def service_account(namespace: str, name: str) -> str:
    """Return the user name of a ServiceAccount."""
    return f"system:serviceaccount:{namespace}:{name}"


def may(client: Client, user: str, action: ResourceAttributes, groups: tuple[str, ...] = ()) -> bool:
    """Tell whether the user, or one of the groups, is allowed the action (SubjectAccessReview)."""
    spec = SubjectAccessReviewSpec(user=user, groups=list(groups), resourceAttributes=action)
    answer = client.create(SubjectAccessReview(metadata=ObjectMeta(), spec=spec))
    return answer.status is not None and answer.status.allowed
