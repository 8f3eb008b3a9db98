"""Models of what containers request and may use, and what holds where they say nothing."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from envs.config.model.fields import LabelKey, Positive, Quantity
from envs.config.model.typed import Model
from kube.quantity import number

# A Java or Node process of a usual size ends within less, without a word in its log.
_USUAL_LIMIT = "512Mi"


class Resources(Model):
    """Requests and limits of a container (resources)."""

    cpu: Quantity | None = None
    """Requested CPU (requests.cpu); default: `limits.cpu` of the app."""
    memory: Quantity | None = None
    """Requested memory (requests.memory), and the limit unless `memoryLimit` is set; default: that of the app."""
    cpu_limit: Quantity | None = None
    """CPU limit (limits.cpu); default: none, since a CPU limit throttles on idle nodes, too."""
    memory_limit: Quantity | None = None
    """Memory limit (limits.memory); default: the request if it is set here, else `limits.memoryLimit` of the app."""
    ephemeral_storage: Quantity | None = None
    """Disk that the container may fill: logs, empty folders, its root file system (requests.ephemeral-storage)."""
    devices: dict[LabelKey, Positive] = Field(default_factory=dict)
    """Devices of the node, by the name of their resource: nvidia.com/gpu (limits)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, asked, most in (
            ("cpu", self.cpu, self.cpu_limit),
            ("memory", self.memory, self.memory_limit),
        ):
            if most is not None and asked is not None and number(asked) > number(most):
                raise ValueError(f"{name} {asked} is more than {name}Limit {most}")
        return self


class Limits(Model):
    """The LimitRange of an app: defaults and upper bounds of each container."""

    cpu: Quantity = "100m"
    """Requested CPU of a container that sets none (defaultRequest.cpu)."""
    memory: Quantity = "128Mi"
    """Requested memory of a container that sets none (defaultRequest.memory)."""
    memory_limit: Quantity | None = None
    """Memory limit of a container that sets none (default.memory); default: `memory` if it is set, else 512Mi."""
    max_cpu: Quantity | None = None
    """Largest CPU limit of a container (max.cpu)."""
    max_memory: Quantity | None = None
    """Largest memory limit of a container (max.memory)."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, usual, most in (
            ("cpu", self.cpu, self.max_cpu),
            ("memory", self.memory, self.max_memory),
            ("memoryLimit", self.memory_limit or self.memory, self.max_memory),
        ):
            if most is not None and number(usual) > number(most):
                bound = "maxCpu" if name == "cpu" else "maxMemory"
                raise ValueError(f"{name} {usual} is more than {bound} {most}; lower it too")
        if self.memory_limit is not None and number(self.memory) > number(self.memory_limit):
            raise ValueError(f"memory {self.memory} is more than memoryLimit {self.memory_limit}")
        return self

    @property
    def usual_memory_limit(self) -> str:
        """Memory limit of a container that sets neither request nor limit."""
        if self.memory_limit is not None:
            return self.memory_limit
        if "memory" in self.model_fields_set:
            return self.memory
        return _least(_USUAL_LIMIT, self.max_memory)


def complete(resources: Resources, limits: Limits | None, usual: Resources | None = None) -> Resources:
    """Fill in what a container does not say: what is usual for its image if that is known, else what its app says."""
    bounds = limits or Limits()
    base = usual or bounds
    limit = usual.memory_limit if usual else bounds.usual_memory_limit
    said = {
        "cpu": resources.cpu or _least(str(base.cpu), resources.cpu_limit),
        "memory": resources.memory or _least(str(base.memory), resources.memory_limit),
        "memory_limit": resources.memory_limit or resources.memory or limit or base.memory,
    }
    return resources.model_copy(update=said)


def _least(quantity: str, most: str | None) -> str:
    return most if most is not None and number(most) < number(quantity) else quantity
