"""What the API server is asked for: its kinds, and objects to list, read, apply, create, replace and delete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from gitops.cluster import access
from gitops.cluster.answers import items_of, next_page
from gitops.cluster.requests import segment
from gitops.cluster.transport import JSON, Transport
from gitops.errors import ClusterError
from gitops.objects import MANAGER, Body

PAGE = 500  # objects in one answer to a LIST, as kubectl asks for
# What objects are called and who owns them, without what they hold:
# https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
_NOT_FOUND, _CONFLICT, _GONE = 404, 409, 410
_APPLY = "application/apply-patch+yaml"
_FIXED = {"apiVersion", "kind", "metadata", "status"}
_FREE_METADATA = ("annotations", "finalizers", "labels", "ownerReferences")
_JSON_PATCH = "application/json-patch+json"


@dataclass(frozen=True)
class Resource:
    """Where the API server serves the objects of a kind."""

    api_version: str
    plural: str
    namespaced: bool

    def path(self, namespace: str = "", name: str = "") -> str:
        """Build the path of a collection or of one object; raises ClusterError for what is not a name."""
        root = "/apis/" if "/" in self.api_version else "/api/"
        middle = f"/namespaces/{segment(namespace)}" if self.namespaced and namespace else ""
        end = f"/{segment(name)}" if name else ""
        return f"{root}{self.api_version}{middle}/{segment(self.plural)}{end}"


@dataclass(frozen=True)
class Connection(Transport):
    """What the API server is asked for; use it as a context manager."""

    kinds: dict[str, dict[str, Resource]] = field(default_factory=dict)  # by API version, as discovered
    ahead: dict[tuple[Resource, str, str], Future[list[Body]]] = field(
        default_factory=dict
    )  # lists under way

    def uid(self) -> str:
        """Return the uid of the namespace kube-system, which identifies a cluster."""
        return str(self.request("GET", "/api/v1/namespaces/kube-system")["metadata"].get("uid", ""))

    def resource(self, api_version: str, kind: str) -> Resource | None:
        """Return where objects of a kind are served, with one request per API version; None for an unknown kind."""
        return self._known(api_version).get(kind)

    def _known(self, api_version: str) -> dict[str, Resource]:
        if api_version not in self.kinds:
            self.kinds[api_version] = self._discover(api_version)
        return self.kinds[api_version]

    def served(self, group: str, kind: str) -> Resource | None:
        """Return where a kind is served in any version, the preferred one first; None when it is in none."""
        versions = ["v1"] if not group else self._versions(group)
        found = (self.resource(version, kind) for version in versions)
        return next((resource for resource in found if resource is not None), None)

    def collections(self) -> list[tuple[str, Resource]]:
        """List all kinds with where they are served, each group in its preferred version."""
        groups = self.request("GET", "/apis")["groups"]
        versions = ["v1", *(str(group["preferredVersion"]["groupVersion"]) for group in groups)]
        return [(kind, resource) for version in versions for kind, resource in self._known(version).items()]

    def _versions(self, group: str) -> list[str]:
        try:
            found = self.request("GET", f"/apis/{group}")
        except ClusterError as error:
            if error.status == _NOT_FOUND:
                return []
            raise
        return [str(version["groupVersion"]) for version in found["versions"]]

    def _discover(self, api_version: str) -> dict[str, Resource]:
        path = f"{'/apis/' if '/' in api_version else '/api/'}{api_version}"
        try:
            found = items_of(self.request("GET", path), "resources", path)
        except ClusterError as error:
            if error.status == _NOT_FOUND:
                return {}
            raise
        return {
            entry["kind"]: Resource(api_version, entry["name"], entry["namespaced"])
            for entry in found
            if "/" not in entry["name"]
        }

    def objects(self, resource: Resource, kind: str, namespace: str = "", selector: str = "") -> list[Body]:
        """List the objects of a kind, in all namespaces when none is given."""
        asked = None if selector else self.ahead.pop((resource, kind, namespace), None)
        return asked.result() if asked else self._list(resource, kind, namespace, selector)

    def ask_ahead(self, resource: Resource, kind: str, namespace: str) -> None:
        """List the objects of a kind while other work is done; the next call of `objects` takes the answer."""
        self.ahead[resource, kind, namespace] = self.pool.submit(self._list, resource, kind, namespace)

    def _list(self, resource: Resource, kind: str, namespace: str, selector: str = "") -> list[Body]:
        parameters = {"labelSelector": selector} if selector else {}
        try:
            items = list(self._pages(resource.path(namespace), parameters | {"limit": str(PAGE)}))
        except ClusterError as error:
            if error.status != _GONE:  # the list has expired between two pages, so it is read at once
                raise
            items = list(self._pages(resource.path(namespace), parameters))
        named = {"apiVersion": resource.api_version, "kind": kind}  # items of a list lack it
        return [named | item for item in items]

    def _pages(self, path: str, parameters: Mapping[str, str], media_type: str = JSON) -> Iterator[Body]:
        """List page by page: kubernetes.io/docs/reference/using-api/api-concepts, chunks."""
        token = ""
        while True:
            query = {**parameters, **({"continue": token} if token else {})}
            found = self.request("GET", path, query, media_type=media_type)
            yield from items_of(found, "items", path)
            token = next_page(found)
            if not token:
                return

    def metadata(self, resource: Resource, kind: str, namespace: str, most: int) -> list[Body]:
        """List the metadata of the objects of a kind in a namespace, of very many the first ones."""
        found: list[Body] = []
        named = {"apiVersion": resource.api_version, "kind": kind}
        limit = {"limit": str(min(most, PAGE))}
        for item in self._pages(resource.path(namespace), limit, _METADATA):
            found.append(named | {"metadata": item.get("metadata") or {}})
            if len(found) == most:
                break
        return found

    def get(self, resource: Resource, namespace: str, name: str) -> Body | None:
        """Read one object; None when it does not exist."""
        try:
            return self.request("GET", resource.path(namespace, name))
        except ClusterError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    def apply(self, resource: Resource, body: Body, *, force: bool = True, dry_run: bool = False) -> Body:
        """Apply an object on the server, with strict validation of its fields."""
        metadata = body["metadata"]
        path = resource.path(metadata.get("namespace", ""), metadata["name"])
        parameters = {"fieldManager": MANAGER, "force": str(force).lower(), "fieldValidation": "Strict"}
        return self.request("PATCH", path, parameters | _dry(dry_run), body, _APPLY)

    def own(self, resource: Resource, live: Body, managed_fields: list[Body]) -> Body:
        """Replace the owners of an object's fields, unless the object has changed since."""
        metadata = live["metadata"]
        patch = [
            {"op": "test", "path": "/metadata/resourceVersion", "value": metadata["resourceVersion"]},
            {"op": "replace", "path": "/metadata/managedFields", "value": managed_fields},
        ]
        path = resource.path(metadata.get("namespace", ""), metadata["name"])
        return self.request("PATCH", path, {"fieldManager": MANAGER}, patch, _JSON_PATCH)

    def defaulted(self, resource: Resource, live: Body, wanted: Body) -> Body:
        """Dry-run a patch that gives a live object another content."""
        metadata = live["metadata"]
        path = resource.path(metadata.get("namespace", ""), metadata["name"])
        return self.request("PATCH", path, _dry(True), _operations(live, wanted), _JSON_PATCH)

    def create(self, resource: Resource, body: Body, *, dry_run: bool = False) -> Body:
        """Create an object."""
        namespace = body["metadata"].get("namespace", "")
        parameters = {"fieldManager": MANAGER} | _dry(dry_run)
        try:
            return self.request("POST", resource.path(namespace), parameters, body)
        except ClusterError as error:
            return self._written_before(resource, body, error)

    def replace(self, resource: Resource, body: Body) -> Body:
        """Replace an object; the server refuses it when its resourceVersion is not the latest."""
        metadata = body["metadata"]
        path = resource.path(metadata.get("namespace", ""), metadata["name"])
        try:
            return self.request("PUT", path, {"fieldManager": MANAGER}, body)
        except ClusterError as error:
            return self._written_before(resource, body, error)

    def _written_before(self, resource: Resource, body: Body, error: ClusterError) -> Body:
        """Return what an earlier attempt has written when its answer was lost; else raise the error."""
        metadata = body["metadata"]
        if error.status == _CONFLICT and error.retried:
            live = self.get(resource, metadata.get("namespace", ""), metadata["name"])
            if live is not None and _written(live) == _written(body):
                return live
        raise error

    def delete(self, resource: Resource, namespace: str, name: str, uid: str, version: str = "") -> bool:
        """Delete the object with this uid and resourceVersion and its dependents; True when it is already gone."""
        known = {"uid": uid, "resourceVersion": version}
        conditions = {field: value for field, value in known.items() if value}
        options = {"preconditions": conditions, "propagationPolicy": "Background"} if conditions else None
        try:
            answer = self.request("DELETE", resource.path(namespace, name), body=options)
        except ClusterError as error:
            if error.status == _NOT_FOUND:
                return True
            raise
        return not answer.get("metadata", {}).get(
            "deletionTimestamp"
        )  # some kinds answer with the deleted object


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _operations(live: Body, wanted: Body) -> list[Body]:
    """Write the JSON patch (RFC 6902) that gives an object another content."""
    pairs = [([name], live.get(name), wanted.get(name)) for name in sorted({*live, *wanted} - _FIXED)]
    old, new = live["metadata"], wanted["metadata"]
    pairs += [(["metadata", name], old.get(name), new.get(name)) for name in _FREE_METADATA]
    operations = []
    for place, before, after in pairs:
        pointer = "/" + "/".join(place)
        if after is not None and before != after:
            operations.append({"op": "add", "path": pointer, "value": after})
        elif after is None and before is not None:
            operations.append({"op": "remove", "path": pointer})
    return operations


def _written(body: Body) -> Body:
    """Return what the sender of an object decides; the server adds the rest."""
    metadata = body["metadata"]
    mine = {name: metadata.get(name) or {} for name in ("name", "namespace", "labels", "annotations")}
    return {name: value for name, value in body.items() if name not in _FIXED} | {"metadata": mine}


def connect(
    kubeconfig: Path | None = None, context: str | None = None, *, plugins: bool = False
) -> Connection:
    """Connect as the pod's ServiceAccount, or as a kubeconfig says.

    `plugins` allows credential plugins in a kubeconfig; they run programs, so the job refuses them. Raises
    ClusterError for a configuration that cannot be used, and RefusedError for one that is not supported.
    """
    return Connection(access.client(kubeconfig, context, plugins=plugins))


def current_context(kubeconfig: Path | None = None) -> str | None:
    """Name the context that a kubeconfig uses by default; None where it has none or cannot be read."""
    return access.current_context(kubeconfig)


def context_names(kubeconfig: Path | None = None) -> tuple[str, ...]:
    """Name the contexts of a kubeconfig; none where it cannot be read."""
    return access.context_names(kubeconfig)
