"""Models of environment variables: texts, and what is read from elsewhere."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from envs.config.model.fields import Label, PortReference, String, Subdomain
from envs.config.model.typed import Model, Short


class Address(Short):
    """The address of another workload; as a single value, a workload of the same app."""

    short: ClassVar[str] = "workload"
    workload: Label
    """The workload, which has ports; its Service answers."""
    app: Label | None = None
    """Its app; default: the same one."""
    port: PortReference | None = None
    """Name or number of a port, which follows the host; default: the host alone."""


class Variable(Short):
    """An environment variable; as a single value, its text."""

    short: ClassVar[str] = "text"
    text: String | None = None
    """The value itself (value); never a credential."""
    secret: Subdomain | None = None
    """Name of a Secret that holds the value (secretKeyRef)."""
    key: String | None = None
    """Key within the Secret; default: the name of the variable."""
    field: String | None = None
    """A field of the pod, such as status.podIP (fieldPath)."""
    resource: String | None = None
    """A request or limit of the container, such as limits.memory (resourceFieldRef)."""
    address: Address | None = None
    """The host of another workload, or host:port; a flow must lead there."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = (self.text, self.secret, self.field, self.resource, self.address)
        if sum(source is not None for source in sources) != 1:
            raise ValueError("needs exactly one of text, secret, field, resource and address")
        if self.key is not None and self.secret is None:
            raise ValueError("`key` is the key within a Secret; name it with `secret`")
        return self


class EnvironmentSource(Model):
    """A ConfigMap or Secret whose keys all become environment variables."""

    config_map: Subdomain | None = None
    """Name of an existing ConfigMap (configMapRef)."""
    secret: Subdomain | None = None
    """Name of a Secret (secretRef)."""
    prefix: String | None = None
    """Text before each key (prefix)."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.config_map is None) == (self.secret is None):
            raise ValueError("needs exactly one of configMap and secret")
        return self
