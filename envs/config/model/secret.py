"""Model of a reference to a Secret; never its value."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from envs.config.model.fields import AbsolutePath, FileMode, String, Subdomain, VariableName, Word
from envs.config.model.typed import Model, OneOrMany, Short


class Store(Short):
    """A store of External Secrets; as a single value, its name."""

    short: ClassVar[str] = "name"
    name: Subdomain
    """Name of the store (secretStoreRef.name)."""
    kind: Word[Literal["ClusterSecretStore", "SecretStore"]] = "ClusterSecretStore"
    """Its kind; a SecretStore is in the namespace of the app (secretStoreRef.kind)."""


class Remote(Short):
    """A value in a store; as a single value, its key."""

    short: ClassVar[str] = "key"
    key: String
    """Its key (remoteRef.key)."""
    property: String | None = None
    """The property of the key that holds it (remoteRef.property)."""
    version: String | None = None
    """Its version (remoteRef.version)."""


class Secret(Model):
    """The source of a Secret and how the main container uses it; never the value."""

    existing: Subdomain | None = None
    """Name of a Secret that something else creates in the namespace."""
    store: Store | None = None
    """Store of External Secrets (secretStoreRef)."""
    remote: dict[VariableName, Remote] = Field(default_factory=dict)
    """Keys of the Secret and the remote keys that hold them, for `store`."""
    extract: OneOrMany[String] = ()
    """Remote keys whose properties all become keys of the Secret, for `store` (dataFrom.extract)."""
    sealed: dict[VariableName, String] = Field(default_factory=dict)
    """Keys of the Secret and their values, encrypted by kubeseal (encryptedData)."""
    path: AbsolutePath | None = None
    """Folder that shows the keys as files (mountPath)."""
    mode: FileMode | None = None
    """Permissions of these files, such as 0400 (defaultMode)."""
    env: dict[VariableName, VariableName] = Field(default_factory=dict)
    """Environment variables and the keys that hold them."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(bool(source) for source in (self.existing, self.store, self.sealed)) != 1:
            raise ValueError("needs exactly one of existing, store and sealed")
        if bool(self.store) != bool(self.remote or self.extract):
            raise ValueError("`store` belongs together with `remote` or `extract`")
        if self.mode is not None and self.path is None:
            raise ValueError("`mode` is for files; write their `path`")
        return self
