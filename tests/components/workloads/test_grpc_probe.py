"""Probes that ask the gRPC health service."""

from __future__ import annotations

from typing import Any

import pytest
from lightkube.models.core_v1 import Probe as RenderedProbe
from pydantic import ValidationError

from components.objects.manifest import Scope
from components.workloads.container import main_container
from envs.config.model.app import App
from envs.config.model.container import Probe
from envs.config.model.environment import Environment
from envs.config.model.workload import Deployment


def ready(probe: dict[str, Any]) -> RenderedProbe:
    workload = Deployment.model_validate(
        {
            "image": "registry.example.com/a:1.0.0",
            "ports": {"http": 80, "grpc": 7000},
            "probes": {"ready": probe},
        }
    )
    environment = Environment.model_validate({"name": "qa", "tier": "test"})
    made = main_container(Scope(environment, "shop", App()), "a", workload, ()).readinessProbe
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("probe", "port"),
    [({"grpc": True}, 80), ({"grpc": True, "port": "grpc"}, 7000), ({"grpc": True, "port": 9000}, 9000)],
)
def test_a_grpc_probe_names_its_port_by_number_as_the_api_asks(probe: dict[str, Any], port: int) -> None:
    made = ready(probe)
    assert made.grpc is not None
    assert made.grpc.port == port
    assert made.tcpSocket is None


def test_a_probe_that_asks_two_questions_is_refused() -> None:
    with pytest.raises(ValidationError, match="at most one of path, command and grpc"):
        Probe.model_validate({"path": "/", "grpc": True})
