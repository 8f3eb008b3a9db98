"""Reads the settings file of the GitOps job, in YAML or JSON, or reports all its faults."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from gitops.errors import Fault, SettingsError
from kube.image import parse_repository

DNS_LABEL = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"
_PLAIN_URL = re.compile(r"(https?|file)://[^\s@]+|ssh://([A-Za-z0-9._-]+@)?[^\s@:]+(:\d+)?/\S+")
_SCP_URL = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s-]\S*")
_REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/+@#-]*")


def _repository(url: str) -> str:
    if _PLAIN_URL.fullmatch(url) or _SCP_URL.fullmatch(url):
        return url
    raise ValueError(
        "is not a Git address without credentials; write https://host/path, ssh://git@host/path or "
        "git@host:path, and name the credentials under `repositories`"
    )


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


def _image_repository(text: str) -> str:
    return parse_repository(text)  # ImageError is a ValueError that says what is wrong


Label = Annotated[str, Field(pattern=DNS_LABEL)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]
Repository = Annotated[str, AfterValidator(_repository)]
RepositoryPath = Annotated[str, AfterValidator(_path)]
ImageRepository = Annotated[str, AfterValidator(_image_repository)]
Revision = Annotated[str, AfterValidator(_revision)]
Pointer = Annotated[str, AfterValidator(_pointer)]


class SettingsModel(BaseModel):
    """A frozen part of the settings; keys are camelCase, and unknown keys are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class RepositoryCredentials(SettingsModel):
    """Credentials of a repository; every value is the path of a file, read only when Git asks for it."""

    token: Path | None = None
    username: Path | None = None
    password: Path | None = None
    ssh_key: Path | None = None
    known_hosts: Path | None = None
    certificate_authority: Path | None = None
    allowed_signers: Path | None = None  # ssh-keygen(1) ALLOWED SIGNERS; if set, every commit must be signed

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        basic = self.username is not None or self.password is not None
        if [self.token is not None, basic, self.ssh_key is not None].count(True) > 1:
            raise ValueError("has several credentials; keep one of token, username and password, sshKey")
        if basic and (self.username is None or self.password is None):
            raise ValueError("basic authentication needs both username and password")
        if self.ssh_key is not None and self.known_hosts is None:
            raise ValueError("sshKey needs knownHosts: an unknown host is never trusted")
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
    may_delete: str | None = Field(
        None, pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$"
    )  # lifts the guards for a commit
    retry: Retry = Retry()


class Application(SettingsModel):
    """A source and its destination namespace."""

    project: Name
    source: ApplicationSource
    namespace: Label
    options: Options = Options()


class Image(SettingsModel):
    """The declared shape of the tags of an image repository, for the policies."""

    tags: Literal["minor", "build", "date"]
    because: str = Field(min_length=1)


class Exemption(SettingsModel):
    """A rule that does not hold for one object, or for the images of one repository, until a day."""

    rule: str = Field(min_length=1)
    object: str | None = Field(None, min_length=1)  # Kind/namespace/name
    repository: ImageRepository | None = None
    because: str = Field(min_length=1)
    until: date  # the last day on which it holds

    @model_validator(mode="after")
    def _for_something(self) -> Self:
        if self.object is None and self.repository is None:
            raise ValueError("must name an object or a repository")
        return self


class Policies(SettingsModel):
    """Settings of the policies."""

    images: dict[ImageRepository, Image] = {}
    exemptions: tuple[Exemption, ...] = ()
    environments: tuple[str, ...] = ()  # other environments, whose names are moving tags
    registries: tuple[str, ...] = ()  # allowed for images; empty: all
    require_digests: bool = False
    levels: dict[str, Literal["mandatory", "advisory"]] = {}


class RunLimits(SettingsModel):
    """Upper bounds of one run, so that no source can exhaust the job."""

    files: int = Field(20_000, ge=1)  # per application
    bytes: int = Field(64 * 2**20, ge=1)  # per application, of all files together
    objects: int = Field(20_000, ge=1)  # per application
    seconds: int = Field(600, ge=10)  # of one Git command, and of the lease of a run


class ClusterIdentity(SettingsModel):
    """The cluster in which the job must run."""

    uid: str  # of the namespace kube-system


class Settings(SettingsModel):
    """All settings of a job."""

    environment: Name
    tier: Literal["test", "production"] = "test"
    namespace: Label | None = None  # of inventory, status and lease; default gitops-<environment>
    cluster: ClusterIdentity | None = None
    interval: int = Field(300, ge=10)  # seconds between two runs, for the metrics and alerts
    repositories: dict[Repository, RepositoryCredentials] = {}
    projects: dict[Name, Project] = {}
    applications: dict[Name, Application]
    policies: Policies = Policies()
    limits: RunLimits = RunLimits()
    pushgateway: str | None = Field(None, pattern=r"^https?://[^\s@]+$")

    @property
    def home(self) -> str:
        """The namespace of the job's own records."""
        return self.namespace or f"gitops-{self.environment}"

    @model_validator(mode="after")
    def _known_projects(self) -> Self:
        for name, application in self.applications.items():
            if application.project not in self.projects:
                raise ValueError(f"applications.{name}.project: there is no project {application.project}")
        for url, credentials in self.repositories.items():
            secret = credentials.token or credentials.password
            if secret and not url.startswith("https://"):
                raise ValueError(f"repositories.{url}: a token or password travels over https:// only")
        return self


def load(path: Path) -> Settings:
    """Read the settings file; raises SettingsError with all faults, each with its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([Fault(str(path), 0, f"cannot be read: {error}")]) from error
    return parse(text, str(path))


def parse(text: str, file: str) -> Settings:
    """Parse the text of a settings file; `file` is its name in faults."""
    try:
        node = yaml.compose(text, yaml.CSafeLoader)
        value = yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise SettingsError(
            [Fault(file, line, f"is not YAML: {getattr(error, 'problem', error)}")]
        ) from error
    try:
        return Settings.model_validate(value)
    except ValidationError as error:
        faults = [_fault(file, node, detail["loc"], detail["msg"]) for detail in error.errors()]
        raise SettingsError(faults) from None


def _fault(file: str, node: Any, location: tuple[int | str, ...], message: str) -> Fault:
    dotted = ".".join(str(part) for part in location if part != "[key]")
    text = message.removeprefix("Value error, ")
    return Fault(file, _line(node, location), f"{dotted}: {text}" if dotted else text)


def _line(node: Any, location: tuple[int | str, ...]) -> int:
    """Find the line of the deepest node that `location` reaches; 0 for an empty file."""
    if node is None:
        return 0
    line = node.start_mark.line + 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return int(line)
