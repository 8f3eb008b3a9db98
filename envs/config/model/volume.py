"""Models of the files of a pod: volumes, persistent ones, and files whose content is in the layers."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from envs.config.model.fields import (
    AbsolutePath,
    Boolean,
    FileMode,
    Quantity,
    RelativePath,
    String,
    Subdomain,
    VariableName,
    Word,
)
from envs.config.model.typed import Model, Short


class Volume(Short):
    """A volume of the main container; as a single value, the path of an empty writable folder."""

    short: ClassVar[str] = "path"
    path: AbsolutePath
    """Path in the main container (mountPath)."""
    size: Quantity | None = None
    """Size limit of an empty folder (sizeLimit)."""
    memory: Boolean = False
    """Keep the empty folder in memory (medium: Memory); it counts towards the memory limit."""
    claim: Subdomain | None = None
    """Name of an existing PersistentVolumeClaim (claimName)."""
    config_map: Subdomain | None = None
    """Name of an existing ConfigMap."""
    secret: Subdomain | None = None
    """Name of an existing Secret (secretName)."""
    fields: dict[RelativePath, String] = Field(default_factory=dict)
    """Files that show fields of the pod, such as metadata.labels or limits.memory (downwardAPI)."""
    mode: FileMode | None = None
    """Permissions of the files of a ConfigMap or Secret, such as 0400 (defaultMode)."""
    read_only: Boolean = False
    """Mount it read-only."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [name for name in ("claim", "config_map", "secret", "fields") if getattr(self, name)]
        if len(kinds) > 1 or (kinds and (self.size or self.memory)):
            raise ValueError("is one of: an empty folder (size, memory), claim, configMap, secret, fields")
        if self.mode is not None and not (self.config_map or self.secret):
            raise ValueError("`mode` is for the files of a configMap or a secret")
        return self


class Storage(Model):
    """A persistent volume: one for each replica of a stateful workload, one for all pods of any other."""

    size: Quantity
    """Size of the volume (resources.requests.storage)."""
    path: AbsolutePath
    """Path in the main container (mountPath)."""
    storage_class: Subdomain | None = None
    """Storage class (storageClassName); default: that of the cluster."""
    access: Word[Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany", "ReadOnlyMany"]] = (
        "ReadWriteOnce"
    )
    """How many nodes or pods may mount it (accessModes)."""


class ConfigFile(Short):
    """The content of one file; as a single value, the content itself."""

    short: ClassVar[str] = "text"
    text: String | None = None
    """The content."""
    file: RelativePath | None = None
    """File below the root that holds the content."""
    template: RelativePath | None = None
    """Jinja2 template below the root, with the variables environment, tier, app, workload, namespace and values."""
    values: dict[VariableName, String] = Field(default_factory=dict)
    """Values for the template."""
    reload: Boolean = False
    """Show changes to running pods, which watch the file, instead of restarting them; its folder holds no others."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(source is not None for source in (self.text, self.file, self.template)) != 1:
            raise ValueError("needs exactly one of text, file and template")
        if self.values and self.template is None:
            raise ValueError("`values` are for a template; name it with `template`")
        return self
