"""Models of how the GitOps job syncs: options of apps, bounds of a run, and where its metrics go."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from envs.config.model.cluster import Peer
from envs.config.model.fields import (
    Attempts,
    Boolean,
    Cidr,
    KindName,
    Label,
    LabelKey,
    LabelValue,
    Line,
    Number,
    PortNumber,
    Quantity,
    Subdomain,
    TimeLimit,
    Word,
)
from envs.config.model.git_fields import HttpAddress, ObjectName, Pointer, Seconds
from envs.config.model.typed import Model, OneOrMany
from kube.quantity import number


class Ignore(Model):
    """Fields of live objects that the job does not change."""

    kind: KindName
    """Kind of the objects, with its group: apps/Deployment."""
    name: Line = "*"
    """Name of the objects; * matches any text."""
    pointers: Annotated[OneOrMany[Pointer], Field(min_length=1)]
    """The fields, as JSON pointers (RFC 6901): /spec/replicas."""


class Adoptable(Model):
    """Objects that exist in the cluster and that the job may take over."""

    kind: KindName
    """Kind of the objects, with its group: apps/Deployment."""
    name: Line = "*"
    """Name of the objects; * matches any text."""


class RetryOptions(Model):
    """How requests to the API server that failed for a passing reason are repeated."""

    attempts: Attempts = 4
    """Largest number of attempts, including the first."""
    seconds: Seconds = "0.5"
    """Seconds before the second attempt; doubled before each further one."""


class SyncOptions(Model):
    """How apps are synced; the options of an app override those of its environment."""

    prune: Boolean | None = None
    """Delete objects that are no longer in Git; default: true."""
    ignore: dict[Label, Ignore] = Field(default_factory=dict)
    """Fields that keep their live values, by a name of your choice."""
    co_owners: OneOrMany[Line] | None = None
    """Field managers whose fields are respected, besides Kubernetes' own controllers."""
    adopt: Word[Literal["none", "listed", "all"]] | None = None
    """Existing objects that are taken over although others made them: none (default), those in `adoptable`, or all."""
    adoptable: dict[Label, Adoptable] = Field(default_factory=dict)
    """Existing objects for `adopt: listed`, by a name of your choice."""
    may_delete: ObjectName | None = None
    """Commit, or Git tree of the app's folder, for which nothing guards against many deletions."""
    retry: RetryOptions | None = None
    """How failed requests are repeated; by default four attempts from half a second on."""


class AppSync(SyncOptions):
    """How one app is synced."""

    suspend: Boolean = False
    """Pause the sync of the app."""
    former_kinds: OneOrMany[KindName] = ()
    """Custom kinds of which the app had objects; the job may delete what is left of them."""


_ONE_PLACE = "needs exactly one of pods and addresses: the NetworkPolicy of the job lets it through"
_LEAST = {"bytes": "1", "download": "1Mi", "memory": "64Mi"}  # the job's own


class JobLimits(Model):
    """Bounds of a run, so that no repository can exhaust the job."""

    files: Number = 20_000
    """Largest number of files of one app."""
    bytes: Quantity = "16Mi"
    """Largest total size of the files of one app."""
    objects: Number = 20_000
    """Largest number of objects of one app."""
    seconds: TimeLimit | None = None
    """Seconds that one repository may take over the network in a run, less than `deadline`; default: half of it."""
    download: Quantity = "512Mi"
    """Most that one fetch of a commit may bring."""
    memory: Quantity = "192Mi"
    """Memory of the process that reads files."""
    processor: Number = 15
    """Seconds of processor time that the files of one app may take to be read."""

    @model_validator(mode="after")
    def _some(self) -> Self:
        for name, least in _LEAST.items():
            if number(getattr(self, name)) < number(least):
                raise ValueError(f"{name} {getattr(self, name)} is less than {least}; write it like 256Mi")
        return self


class Notify(Model):
    """A webhook that hears of changes and failures, and the route to it."""

    secret: Subdomain
    """Name of a Secret in the namespace of the job; its key `url` holds the address of the webhook."""
    form: Word[Literal["json", "slack"]] = "json"
    """Form of the notices: plain JSON, or that of Slack's incoming webhooks."""
    pods: Peer | None = None
    """Its pods, for the job's NetworkPolicy, if it runs in this cluster (podSelector)."""
    addresses: OneOrMany[Cidr] = ()
    """Its addresses, if it runs elsewhere (cidr)."""
    port: PortNumber = 443
    """Its port."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.pods is None) == (not self.addresses):
            raise ValueError(_ONE_PLACE)
        return self


class Alerts(Model):
    """Alert rules on the metrics of the job, as a PrometheusRule; they need `pushgateway`."""

    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    """Labels by which the Prometheus Operator selects rules (ruleSelector)."""
    runbook: HttpAddress | None = None
    """URL of your copy of docs/runbook.md, for the links of the alerts (runbook_url)."""


class Pushgateway(Model):
    """The Pushgateway to which the job sends its metrics, and the route to it."""

    url: HttpAddress
    """URL of the Pushgateway."""
    pods: Peer | None = None
    """Its pods, for the job's NetworkPolicy, if it runs in this cluster (podSelector)."""
    addresses: OneOrMany[Cidr] = ()
    """Its addresses, if it runs elsewhere (cidr)."""
    port: PortNumber | None = None
    """Port of its pods; default: that of the URL."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.pods is None) == (not self.addresses):
            raise ValueError(_ONE_PLACE)
        return self
