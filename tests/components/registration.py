"""Registers an environment with the SDK's mocks. In: manifests. Out: every registration as the engine receives it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.rpc import deserialize_properties

from components.objects.manifest import Manifest
from components.resources import register
from envs.config.model.environment import Environment
from envs.gates.context import wire


@dataclass(frozen=True)
class Resource:
    """One registration, as the engine receives it."""

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    request: resource_pb2.RegisterResourceRequest


class Monitor(MockMonitor):
    """Records every registration in the order of arrival."""

    def __init__(self) -> None:
        super().__init__(Echo())
        self.registered: list[Resource] = []

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:  # noqa: N802 named by gRPC
        """Record a registration, then answer it like the SDK's own monitor."""
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call] # the SDK has no types here
        inputs = deserialize_properties(request.object)
        self.registered.append(Resource(response.urn, request.type, request.name, inputs, request))
        return response


class Echo(Mocks):
    """Answers every registration with its own inputs."""

    def call(self, args: MockCallArgs) -> Any:
        """Answer no call: the program makes none."""
        raise AssertionError(args.token)

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Answer with the inputs."""
        return f"{args.name}-id", args.inputs


@dataclass(frozen=True)
class Registered:
    """An environment, its manifests, and what became of them."""

    environment: Environment
    manifests: Sequence[Manifest]
    resources: Sequence[Resource]

    def objects(self) -> dict[str, Resource]:
        """Kubernetes objects by the name of their resource."""
        return {
            resource.name: resource for resource in self.resources if resource.type.startswith("kubernetes:")
        }

    def of_type(self, token: str) -> list[Resource]:
        """Resources of one type."""
        return [resource for resource in self.resources if resource.type == token]


def register_with_mocks(environment: Environment, manifests: Sequence[Manifest]) -> Registered:
    """Register an environment's manifests and collect what the engine would see."""
    monitor = Monitor()

    @pulumi.runtime.test  # type: ignore[untyped-decorator] # as above
    def run() -> None:
        set_mocks(monitor.mocks, project="gitops-environments", stack=environment.name, monitor=monitor)
        register(environment, manifests, wire(environment, ["qa", "e2e", "prod"]))

    run()
    return Registered(environment, manifests, monitor.registered)
