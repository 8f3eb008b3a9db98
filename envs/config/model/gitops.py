"""Models of the GitOps job: its image, when it runs, and the Git server that it reads."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from envs.config.model.cluster import Peer
from envs.config.model.fields import (
    Boolean,
    Cidr,
    Cron,
    Deadline,
    ImageReference,
    Label,
    Number,
    PortNumber,
    Subdomain,
    Word,
)
from envs.config.model.git_fields import Repository, Revision, Signer
from envs.config.model.resources import Resources
from envs.config.model.sync import Alerts, JobLimits, Notify, Pushgateway, SyncOptions
from envs.config.model.typed import Model, OneOrMany, Short


class Credentials(Model):
    """A Secret in the namespace of the GitOps job with the credentials of one repository."""

    secret: Subdomain
    """Name of the Secret (secretName)."""
    kind: Word[Literal["token", "basic", "ssh"]] = "token"
    """Its keys. token: token. basic: username, password. ssh: ssh-privatekey, known_hosts."""
    private_authority: Boolean = False
    """The Secret also holds ca.crt, the private certificate authority of the Git server."""


class GitServer(Short):
    """Location of the Git server, for the job's NetworkPolicy; as a single value, its addresses."""

    short: ClassVar[str] = "addresses"
    addresses: OneOrMany[Cidr] = ("0.0.0.0/0",)
    """Its addresses (cidr)."""
    port: PortNumber | None = None
    """Its port; default: those in the URLs of the repositories, else 22 for ssh and 443 for https."""
    pods: Peer | None = None
    """The pods of a server inside the cluster, instead of addresses."""


class GitOps(SyncOptions):
    """The job that pulls the apps of this environment with `delivery: pull`."""

    image: ImageReference
    """Image of the job."""
    repo: Repository
    """URL of this repository, as seen from the cluster."""
    revision: Revision | None = None
    """Ref that pulled apps follow; default: env/<environment>, which the deploy workflow advances."""
    schedule: Cron = "*/5 * * * *"
    """Cron schedule of the runs."""
    suspend: Boolean = False
    """Pause the schedule."""
    deadline: Deadline = 240
    """Seconds after which a run is stopped (activeDeadlineSeconds)."""
    limits: JobLimits = JobLimits()
    """Bounds of a run."""
    log: Word[Literal["text", "json"]] = "json"
    """Format of the log: json for programs, with time, app and revision in each line; text for people."""
    pushgateway: Pushgateway | None = None
    """Pushgateway for the metrics of the job."""
    notify: Notify | None = None
    """Webhook that hears of changes and failures."""
    alerts: Alerts | None = None
    """Alert rules on the metrics, for the Prometheus Operator."""
    interval: Number | None = None
    """Largest number of seconds between two runs, for the alerts; default: according to `schedule`."""
    git: GitServer = GitServer()
    """Location of the Git server."""
    credentials: Credentials | None = None
    """Credentials of this repository."""
    allowed_signers: OneOrMany[Signer] = ()
    """Keys, one of which must have signed each commit or its tag: lines of an allowed signers file, OpenPGP keys.

    A line `@revoked ssh-ed25519 AAAA…` refuses a key.
    """
    may_retire: OneOrMany[Label] = ()
    """Apps that are no longer pulled, and whose objects the job may delete."""
    resources: Resources = Resources(cpu="100m", memory="256Mi")
    """Requests and limits of the job."""

    @model_validator(mode="after")
    def _alerts_have_metrics(self) -> Self:
        if self.alerts is not None and self.pushgateway is None:
            raise ValueError("has alerts and no metrics; set pushgateway, or remove alerts")
        return self
