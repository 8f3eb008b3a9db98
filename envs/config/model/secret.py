"""Model of a reference to a Secret; never its value."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from envs.config.model.fields import AbsolutePath, String, Subdomain, VariableName
from envs.config.model.typed import Model


class Secret(Model):
    """The source of a Secret and how the main container uses it; never the value."""

    existing: Subdomain | None = None
    """Name of a Secret that something else creates in the namespace."""
    store: Subdomain | None = None
    """ClusterSecretStore of External Secrets (secretStoreRef)."""
    remote: dict[VariableName, String] = Field(default_factory=dict)
    """Keys of the Secret and the remote keys that hold them, for `store`."""
    sealed: dict[VariableName, String] = Field(default_factory=dict)
    """Keys of the Secret and their values, encrypted by kubeseal (encryptedData)."""
    path: AbsolutePath | None = None
    """Folder that shows the keys as files (mountPath)."""
    env: dict[VariableName, VariableName] = Field(default_factory=dict)
    """Environment variables and the keys that hold them."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(bool(source) for source in (self.existing, self.store, self.sealed)) != 1:
            raise ValueError("needs exactly one of existing, store and sealed")
        if bool(self.store) != bool(self.remote):
            raise ValueError("`store` and `remote` belong together")
        return self
