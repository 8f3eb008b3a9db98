"""Models of an environment's policy settings: exemptions, allowed registries, levels."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from envs.config.model.fields import (
    Boolean,
    Day,
    Days,
    ImageRepository,
    KindName,
    Label,
    Line,
    ObjectId,
    RegistryName,
    Word,
)
from envs.config.model.typed import Model, OneOrMany, Short


class DeclaredExemption(Model):
    """A rule that does not hold for one object, or for the images of one repository, until a day."""

    rule: Label
    """Id of the rule, as in docs/policies.md."""
    object: ObjectId | None = None
    """The object, as Kind/namespace/name."""
    repository: ImageRepository | None = None
    """The image repository."""
    because: Line
    """Why it is needed."""
    until: Day
    """Last day on which it holds."""

    @model_validator(mode="after")
    def _for_something(self) -> Self:
        if self.object is None and self.repository is None:
            raise ValueError("must name an `object` or a `repository`")
        return self


class AllowedKind(Short):
    """A kind that apps may hold; as a single value, the reason."""

    short: ClassVar[str] = "because"
    because: Line
    """Why apps need it."""
    scope: Word[Literal["namespace", "cluster"]] | None = None
    """Whether its objects are in a namespace; default: as Kubernetes, or the name of the kind, says (ClusterIssuer)."""


class Policies(Model):
    """Settings of the policies."""

    exemptions: dict[Label, DeclaredExemption] = Field(default_factory=dict)
    """Exemptions with an expiry date, by a name of your choice."""
    longest_exemption: Days = "180d"
    """How far from today the last day of an exemption may be."""
    registries: OneOrMany[RegistryName] = ()
    """Registries or repositories that images may come from; default: all."""
    require_digests: Boolean = False
    """Whether each image must carry a digest."""
    levels: dict[Label, Word[Literal["mandatory", "advisory"]]] = Field(default_factory=dict)
    """Other levels, by the id of a rule as in docs/policies.md; production can only be made stricter."""
    kinds: dict[KindName, AllowedKind] = Field(default_factory=dict)
    """Kinds of other projects and cluster-scoped kinds that apps may hold, as group/Kind; all others are refused."""
    cluster_apps: dict[Label, Line] = Field(default_factory=dict)
    """Apps that may have `scope: cluster`, each with the reason: controllers, and definitions of kinds."""
    delegates: OneOrMany[Label] = ()
    """Apps whose own files may hold exemptions, for objects of their namespaces alone."""
    admission: Boolean = False
    """Whether the API server judges pods and images, too, by ValidatingAdmissionPolicies in the fence."""
