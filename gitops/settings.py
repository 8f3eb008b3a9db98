"""Reads the settings file of the GitOps job, in YAML or JSON, or reports all its faults."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from gitops.errors import SettingsError
from kube.yaml.faults import Fault
from kube.yaml.objects import Document, read_objects
from kube.yaml.origin import Origin
from policies.context import Declaration

DNS_LABEL = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
# Neither a password nor a token, in the authority or in a query: a URL is shown in logs and reports.
_PLAIN_URL = re.compile(
    r"https://[^\s/@?#]+/[^\s?#]+|file:///[^\s?#]+|ssh://([A-Za-z0-9._-]+@)?[^\s/:@?#]+(:\d+)?/[^\s?#]+"
)
_SCP_URL = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s?#-][^\s?#]*")
RESERVED_PREFIX = "kube-"  # kubernetes.io/docs, Namespaces
WATCHED = "environment"  # name of the report on what the job reads and never writes
_REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+@#-]*")


def _repository(url: str) -> str:
    if _PLAIN_URL.fullmatch(url) or _SCP_URL.fullmatch(url):
        return url
    raise ValueError(
        "is not a Git address without credentials; write https://host/path, ssh://git@host/path or "
        "git@host:path, and name the credentials under `repositories`"
    )


def _destination(namespace: str) -> str:
    if namespace.startswith(RESERVED_PREFIX):
        raise ValueError(f"{namespace} belongs to Kubernetes; the job writes to namespaces of apps only")
    return namespace


def _path(path: str) -> str:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or ".." in parts or "\\" in path or "\0" in path:
        raise ValueError("leaves the repository; write a path below its root, with / between folders")
    return str(PurePosixPath(path))


def _revision(revision: str) -> str:
    if not _REVISION.fullmatch(revision) or ".." in revision or "@{" in revision:
        raise ValueError("is not a branch, tag, ref or full commit id")
    return revision


def _pointer(pointer: str) -> str:
    if not pointer.startswith("/") or re.search(r"~(?![01])", pointer):
        raise ValueError("is not a JSON pointer (RFC 6901); write for example /spec/replicas")
    return pointer


Label = Annotated[str, Field(pattern=DNS_LABEL)]
Destination = Annotated[str, Field(pattern=DNS_LABEL), AfterValidator(_destination)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
Repository = Annotated[str, AfterValidator(_repository)]
RepositoryPath = Annotated[str, AfterValidator(_path)]
Revision = Annotated[str, AfterValidator(_revision)]
Pointer = Annotated[str, AfterValidator(_pointer)]


class SettingsModel(BaseModel):
    """A frozen part of the settings; keys are camelCase, and unknown keys are an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, defer_build=True
    )


class RepositoryCredentials(SettingsModel):
    """Credentials of a repository; every value is the path of a file, read only when Git asks for it."""

    token: Path | None = None
    username: Path | None = None
    password: Path | None = None
    ssh_key: Path | None = None
    known_hosts: Path | None = None
    certificate_authority: Path | None = None
    # If one of these is set, each commit, or the tag that names it, must have a signature of an allowed key.
    allowed_signers: Path | None = None  # of SSH: ssh-keygen(1), ALLOWED SIGNERS
    allowed_keys: Path | None = None  # of OpenPGP: public keys, as `gpg --export --armor` writes them
    revoked_signers: Path | None = None  # SSH public keys that are refused, one a line

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        basic = self.username is not None or self.password is not None
        if [self.token is not None, basic, self.ssh_key is not None].count(True) > 1:
            raise ValueError("has several credentials; keep one of token, username and password, sshKey")
        if basic and (self.username is None or self.password is None):
            raise ValueError("basic authentication needs both username and password")
        if self.ssh_key is not None and self.known_hosts is None:
            raise ValueError("sshKey needs knownHosts: an unknown host is never trusted")
        if self.revoked_signers and not (self.allowed_signers or self.allowed_keys):
            raise ValueError("revokedSigners needs allowedSigners: without them no signature is asked for")
        return self


class Project(SettingsModel):
    """What the applications of a project may touch; an empty list allows nothing.

    Globs match whole values: `*` stops at a slash and `**` does not. Kinds are written `Service` or
    `apps/Deployment`.
    """

    repositories: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class ApplicationSource(SettingsModel):
    """The source of an application's objects: the files below `path` at `revision`."""

    repository: Repository
    path: RepositoryPath = "."
    revision: Revision  # branch, tag, ref or full commit id
    recurse: bool = True
    include: tuple[str, ...] = ("**/*.yaml", "**/*.yml", "**/*.json")  # globs below `path`
    exclude: tuple[str, ...] = ()


class Ignored(SettingsModel):
    """Fields that keep their live values, by JSON pointer, in the objects of a kind."""

    kind: str
    name: str = "*"
    pointers: tuple[Pointer, ...]


class Adoptable(SettingsModel):
    """Objects that exist and may be taken over, by kind and name."""

    kind: str
    name: str = "*"


class Retry(SettingsModel):
    """Attempts of a request after transient failures, with a delay that doubles each time."""

    attempts: int = Field(4, ge=1, le=10)
    seconds: float = Field(0.5, gt=0, le=60)  # before the second attempt


class Options(SettingsModel):
    """How an application is synced."""

    prune: bool = True  # delete what left the source, or everything when the application leaves the settings
    suspend: bool = False
    ignore: tuple[Ignored, ...] = ()
    co_owners: tuple[
        str, ...
    ] = ()  # field managers whose fields are respected, besides the built-in controllers
    # Whether objects are taken over that exist and are not the job's: none, those in `adoptable`, or all.
    adopt: Literal["none", "listed", "all"] = "none"
    adoptable: tuple[Adoptable, ...] = ()
    # Lifts the guards for a commit, or for the Git tree of the path, which later commits may share.
    may_delete: str | None = Field(None, pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")
    retry: Retry = Retry()


class Application(SettingsModel):
    """A source and its destination namespace."""

    project: Name
    source: ApplicationSource
    namespace: Destination
    options: Options = Options()


class Expected(SettingsModel):
    """Objects in the namespaces of an environment that somebody else makes, and why that is right."""

    kind: str  # with its group: Service, apps/Deployment
    name: str = "*"
    because: str


class Watched(SettingsModel):
    """What the job reads and never writes: what others push, and everything else in the namespaces."""

    source: ApplicationSource  # the objects that others push
    namespaces: tuple[Label, ...]  # in which every object is accounted for
    kinds: tuple[str, ...] = ()  # besides the built-in ones, with their groups
    expected: tuple[Expected, ...] = ()


class RunLimits(SettingsModel):
    """Upper bounds of one run, so that no source can exhaust the job."""

    files: int = Field(20_000, ge=1)  # per application
    bytes: int = Field(16 * 2**20, ge=1)  # per application, of all files together
    objects: int = Field(20_000, ge=1)  # per application
    seconds: int = Field(120, ge=1)  # of one repository: all that Git does over the network
    download: int = Field(512 * 2**20, ge=2**20)  # bytes that one fetch of a commit and its trees may bring
    memory: int = Field(192 * 2**20, ge=64 * 2**20)  # bytes of the process that reads files
    processor: int = Field(15, ge=1)  # seconds of processor time to read the files of an application


class ClusterIdentity(SettingsModel):
    """The cluster in which the job must run."""

    uid: str  # of the namespace kube-system


class Notify(SettingsModel):
    """A webhook that hears of changes and failures."""

    address: Path  # of a file that holds the URL, which is a secret
    form: Literal["json", "slack"] = "json"


class Settings(SettingsModel):
    """All settings of a job."""

    environment: Name
    namespace: Label | None = None  # of inventory, status and lease; default gitops-<environment>
    cluster: ClusterIdentity | None = None
    interval: int = Field(300, ge=10)  # seconds between two runs, for the metrics and alerts
    repositories: dict[Repository, RepositoryCredentials] = {}
    projects: dict[Name, Project] = {}
    applications: dict[Name, Application]
    watched: Watched | None = None
    may_retire: tuple[Name, ...] = ()  # that left the settings, and whose objects may be deleted
    policies: Declaration = Declaration()
    limits: RunLimits = RunLimits()
    notify: Notify | None = None
    pushgateway: str | None = Field(None, pattern=r"^https?://[^\s@?#]+$")

    @property
    def home(self) -> str:
        """The namespace of the job's own records."""
        return self.namespace or f"gitops-{self.environment}"

    @model_validator(mode="after")
    def _known_projects(self) -> Self:
        for name, application in self.applications.items():
            if application.project not in self.projects:
                raise ValueError(f"applications.{name}.project: there is no project {application.project}")
            if application.namespace == self.home:
                message = (
                    f"{self.home} holds the job's own records; the job writes to namespaces of apps only"
                )
                raise ValueError(f"applications.{name}.namespace: {message}")
        if self.watched and WATCHED in self.applications:
            raise ValueError(f"applications.{WATCHED}: the report on `watched` has this name; choose another")
        for url, credentials in self.repositories.items():
            secret = credentials.token or credentials.password
            if secret and not url.startswith("https://"):
                raise ValueError(f"repositories.{url}: a token or password travels over https:// only")
        return self


def load(path: Path) -> Settings:
    """Read the settings file; raises SettingsError with all faults, each with its place."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError([Fault(Origin(str(path)), "", f"cannot be read: {error.strerror}")]) from error
    return _parse(data, str(path))


def parse(text: str, file: str) -> Settings:
    """Parse the text of a settings file; `file` is its name in faults."""
    return _parse(text.encode(), file)


def _parse(data: bytes, file: str) -> Settings:
    documents, faults = read_objects(data, file)
    if faults:
        raise SettingsError(faults)
    if len(documents) != 1:
        message = f"holds {len(documents)} documents; write one mapping"
        raise SettingsError([Fault(Origin(file), "", message)])
    document = documents[0]
    try:
        return Settings.model_validate(document.value)
    except ValidationError as error:
        found = [_fault(document, detail["loc"], detail["msg"]) for detail in error.errors()]
        raise SettingsError(found) from None


def _fault(document: Document, location: tuple[int | str, ...], message: str) -> Fault:
    known = location[:-2] if location[-1:] == ("[key]",) else location  # a bad address may hold a token
    path = ".".join(map(str, known))
    return Fault(_place(document, location), path, message.removeprefix("Value error, "))


def _place(document: Document, location: tuple[int | str, ...]) -> Origin:
    """Find the place of the deepest value that `location` reaches."""
    origin, value = document.origin, document.value
    for part in location:
        found = document.entry(value, part)
        if found is None:
            break
        origin, value = found, value[str(part) if isinstance(value, dict) else part]
    return origin
