"""Models of the GitOps job: its image, when it runs, and the Git server that it reads."""

from __future__ import annotations

from typing import ClassVar, Literal

from envs.config.model.cluster import Peer
from envs.config.model.container import Resources
from envs.config.model.fields import (
    Boolean,
    Cidr,
    Cron,
    Deadline,
    ImageReference,
    Number,
    PortNumber,
    Repository,
    Revision,
    Signer,
    Subdomain,
    Word,
)
from envs.config.model.sync import JobLimits, Pushgateway, SyncOptions
from envs.config.model.typed import Model, OneOrMany, Short


class Credentials(Model):
    """A Secret in the namespace of the GitOps job that opens one repository."""

    secret: Subdomain
    """Its name."""
    kind: Word[Literal["token", "basic", "ssh"]] = "token"
    """Its keys. token: token. basic: username, password. ssh: ssh-privatekey, known_hosts."""
    private_authority: Boolean = False
    """The Secret also holds ca.crt, the certificate authority of a Git server that the world does not know."""


class GitServer(Short):
    """Where the Git server is, for the job's NetworkPolicy; as a single value, its addresses."""

    short: ClassVar[str] = "addresses"
    addresses: OneOrMany[Cidr] = ("0.0.0.0/0",)
    """Its addresses."""
    port: PortNumber | None = None
    """Its port; by default those of the repositories: what the address says, 22 for ssh, else 443."""
    pods: Peer | None = None
    """The pods of a server within the cluster, instead of addresses."""


class GitOps(SyncOptions):
    """The job that pulls the apps of this environment with `delivery: pull`."""

    image: ImageReference
    """Image of the job."""
    repo: Repository
    """Address of this repository, as the cluster reaches it."""
    revision: Revision | None = None
    """What the pulled apps follow; by default the ref env/<environment>, which the deploy workflow advances."""
    schedule: Cron = "*/5 * * * *"
    """When it runs."""
    suspend: Boolean = False
    """Start nothing."""
    deadline: Deadline = 240
    """Seconds until a run is stopped."""
    limits: JobLimits = JobLimits()
    """Bounds of a run."""
    log: Word[Literal["text", "json"]] = "text"
    """Lines for people, or JSON for programs."""
    pushgateway: Pushgateway | None = None
    """Where the job sends its metrics."""
    interval: Number | None = None
    """Most seconds between two runs, for the alerts; by default what `schedule` says."""
    git: GitServer = GitServer()
    """Where the Git server is."""
    credentials: Credentials | None = None
    """What opens this repository."""
    allowed_signers: OneOrMany[Signer] = ()
    """Lines of an allowed signers file; given, every commit must carry the SSH signature of one of them."""
    resources: Resources = Resources(cpu="100m", memory="256Mi")
    """What the job asks for and may use."""
