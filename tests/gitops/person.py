"""Somebody who changes the cluster by hand: plain requests as kubectl and other tools send them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx2

Body = dict[str, Any]

_COLLECTIONS = {
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Event": "/api/v1/namespaces/{}/events",
    "Service": "/api/v1/namespaces/{}/services",
    "ServiceAccount": "/api/v1/namespaces/{}/serviceaccounts",
    "Deployment": "/apis/apps/v1/namespaces/{}/deployments",
    "HorizontalPodAutoscaler": "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers",
    "CronJob": "/apis/batch/v1/namespaces/{}/cronjobs",
    "Job": "/apis/batch/v1/namespaces/{}/jobs",
    "Lease": "/apis/coordination.k8s.io/v1/namespaces/{}/leases",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
}


@dataclass
class Person:
    """Requests in one namespace; `manager` is the name in managedFields."""

    http: httpx2.Client
    namespace: str
    manager: str = "kubectl-edit"

    def get(self, kind: str, name: str) -> Body | None:
        """Read an object; None when there is none."""
        answer = self.http.get(self._path(kind, name))
        return None if answer.status_code == 404 else self._body(answer)

    def live(self, kind: str, name: str) -> Body:
        """Read an object that must be there."""
        found = self.get(kind, name)
        assert found is not None, f"{kind}/{name} does not exist"
        return found

    def names(self, kind: str) -> set[str]:
        """List the names of a kind."""
        answer = self._body(self.http.get(self._path(kind)))
        return {item["metadata"]["name"] for item in answer["items"]}

    def create(self, body: Body) -> Body:
        """Create an object."""
        return self._body(self.http.post(self._path(body["kind"]), params=self._params(), json=body))

    def patch(self, kind: str, name: str, change: Body | list[Body], subresource: str = "") -> Body:
        """Change an object: a strategic merge patch, or a list of JSON patch operations."""
        type_ = "json-patch" if isinstance(change, list) else "strategic-merge-patch"
        headers = {"Content-Type": f"application/{type_}+json"}
        path = self._path(kind, name) + (f"/{subresource}" if subresource else "")
        return self._body(self.http.patch(path, params=self._params(), json=change, headers=headers))

    def apply(self, body: Body, *, force: bool = True) -> Body:
        """Apply on the server, under this person's name."""
        headers = {"Content-Type": "application/apply-patch+yaml"}
        path = self._path(body["kind"], body["metadata"]["name"])
        params = self._params() | {"force": str(force).lower()}
        return self._body(self.http.patch(path, params=params, json=body, headers=headers))

    def delete(self, kind: str, name: str) -> None:
        """Delete an object."""
        self._body(self.http.delete(self._path(kind, name)))

    def _path(self, kind: str, name: str = "") -> str:
        path = _COLLECTIONS[kind].format(self.namespace)
        return f"{path}/{name}" if name else path

    def _params(self) -> dict[str, str]:
        return {"fieldManager": self.manager}

    def _body(self, answer: httpx2.Response) -> Body:
        assert answer.is_success, answer.text
        body: Body = answer.json()
        return body
