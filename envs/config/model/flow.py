"""Model of one allowed network connection."""

from __future__ import annotations

from ipaddress import ip_network
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from envs.config.model.fields import Cidr, Label, PortReference, Word
from envs.config.model.typed import Model, OneOrMany, Short

INGRESS = "ingress"  # the word for the source of outside traffic


class Endpoint(Short):
    """One side of a flow; as a single value, a workload of the same app, or the word `ingress`."""

    short: ClassVar[str] = "workload"
    workload: Label | None = None
    """The workload; with `app` alone, all workloads of it."""
    app: Label | None = None
    """Its app; default: the one that declares the flow."""
    environment: Label | None = None
    """Its environment; default: the same one. Both environments must declare the flow."""
    peer: Label | None = None
    """Other pods of the cluster, by their name in `cluster.peers`."""
    cidr: Cidr | None = None
    """Addresses outside the cluster."""
    outside: OneOrMany[Cidr] = Field(default=(), alias="except")
    """Addresses within the CIDR to exclude (except)."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        is_workload = self.workload is not None or self.app is not None
        if sum((is_workload, self.peer is not None, self.cidr is not None)) != 1:
            raise ValueError("must be one of a workload (workload, app, environment), a peer and a CIDR")
        if self.environment is not None and not is_workload:
            raise ValueError("`environment` is for a workload, not for a peer or a CIDR")
        if self.environment is not None and self.app is None:
            raise ValueError("a workload of another environment needs its `app`")
        if self.outside and self.cidr is None:
            raise ValueError("`except` is for a CIDR")
        for part in self.outside:
            if not _within(part, str(self.cidr)):
                raise ValueError(f"`except` {part} is not within {self.cidr}")
        return self

    @property
    def is_workload(self) -> bool:
        """Whether it is pods of an app."""
        return self.cidr is None and self.peer is None and not self.is_ingress

    @property
    def is_ingress(self) -> bool:
        """Whether it is the source of outside traffic."""
        return self.workload == INGRESS and self.app is None


def _within(part: str, whole: str) -> bool:
    """Whether a block is a proper part of another, as NetworkPolicies require of exceptions."""
    inner, outer = ip_network(part), ip_network(whole)
    if inner.version != outer.version or inner == outer:
        return False
    return inner.subnet_of(outer)  # type: ignore[arg-type]  # versions are equal


class Flow(Model):
    """One allowed connection; it becomes an egress policy at its source and an ingress policy at its target."""

    from_: Endpoint = Field(alias="from")
    """Who connects."""
    to: Endpoint
    """Who answers."""
    port: PortReference
    """Port of the target; may be a name where the target is a workload of this environment."""
    protocol: Word[Literal["TCP", "UDP", "SCTP"]] = "TCP"
    """Transport protocol where the port is a number."""
