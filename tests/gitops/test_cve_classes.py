"""One test for each class of vulnerability that GitOps tools have had; each fails when its guard is removed.

docs/security.md says which guard it is.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gitops.cluster.api import Resource, connect
from gitops.errors import ClusterError, ManifestError, RefusedError, SettingsError, SourceError
from gitops.objects import annotations_of
from gitops.report.masking import differences
from gitops.settings import ApplicationSource, Project, RepositoryCredentials, RunLimits, parse
from gitops.source import manifests, project, repository
from gitops.source.git import Git
from gitops.source.repository import File
from tests.gitops.jobs import Repository, config_map, make_repository
from tests.gitops.test_settings import EXAMPLE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.gitops.jobs import Job
    from tests.gitops.person import Person

SECRET = "a-secret-that-must-not-be-seen"  # noqa: S105 - a test's own


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    """Give a repository with one manifest."""
    found = make_repository(tmp_path / "origin")
    found.commit({"app/one.yaml": config_map("one")})
    return found


def opened(folder: Path, url: str, **credentials: Path) -> Git:
    """Open a remote in a fresh object store."""
    git = Git(folder / "store", url, RepositoryCredentials(**credentials), 60)
    git.prepare()
    return git


def read(git: Git, limits: RunLimits, path: str = "app") -> list[File]:
    """Read the files of the branch main."""
    source = ApplicationSource(repository=git.url, path=path, revision="main")
    commit = repository.resolve(git, ["main"])["main"]
    assert isinstance(commit, str), commit
    repository.fetch(git, [commit])
    return list(repository.files(git, commit, source, limits))


def test_symbolic_links_out_of_the_repository(tmp_path: Path, origin: Repository) -> None:
    """CVE-2022-24904, CVE-2022-31036 (Argo CD)."""
    (origin.folder / "app" / "passwd.yaml").symlink_to("/etc/passwd")
    (origin.folder / "outside").symlink_to("/etc")
    origin.commit({})
    git = opened(tmp_path, f"file://{origin.folder}")
    with pytest.raises(ManifestError, match="is a symbolic link; only regular files are read"):
        read(git, RunLimits())
    with pytest.raises(SourceError, match="there is no folder outside"):
        read(git, RunLimits(), "outside")


@pytest.mark.parametrize("path", ["../other", "/etc", "a/../../b", "a\\..\\b"])
def test_path_traversal(path: str) -> None:
    """CVE-2022-24348, GHSA-h6h5-6fmq-rh28 (Argo CD), CVE-2022-24877 (Flux): in the source, and in requests."""
    text = EXAMPLE.replace("path: rendered/qa/apps/site", f"path: '{path}'", 1)
    with pytest.raises(SettingsError, match="leaves the repository"):
        parse(text, "settings.yaml")
    with pytest.raises(ClusterError, match="is not the name of an object"):
        Resource("v1", "configmaps", namespaced=True).path("apps", f"../{path}")


def test_shell_injection_from_a_secret(tmp_path: Path, origin: Repository) -> None:
    """CVE-2021-41254 (Flux): what a credential or its path contains is never a command."""
    marker = tmp_path / "ran"
    evil = tmp_path / f"key; touch {marker.name} #"
    evil.write_text(f"$(touch {marker})\n`touch {marker}`\n", encoding="ascii")
    git = opened(tmp_path, "ssh://git@127.0.0.1:1/x.git", ssh_key=evil, known_hosts=evil)
    with pytest.raises(SourceError):
        git.run("ls-remote", "--", git.url)
    token = Git(tmp_path / "other", f"file://{origin.folder}", RepositoryCredentials(token=evil), 60)
    token.prepare()
    token.run("ls-remote", "--", token.url)
    with pytest.raises(SourceError):
        token.run("-c", "core.askPass=", "ls-remote", "--", "https://127.0.0.1:1/x.git")
    assert not list(tmp_path.rglob(marker.name))


def _kubeconfig(folder: Path, user: dict[str, Any]) -> Path:
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "c",
    }
    file = folder / "kubeconfig"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    return file


def test_programs_in_a_kubeconfig(tmp_path: Path) -> None:
    """CVE-2022-24817 (Flux): a kubeconfig may name a program that prints a token; the job runs none."""
    marker = tmp_path / "ran"
    program = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "touch",
        "args": [str(marker)],
    }
    with pytest.raises(RefusedError, match="uses a credential plugin, which the job does not run"):
        connect(_kubeconfig(tmp_path, {"exec": program}))
    assert not marker.exists()


def test_large_files_and_loops(tmp_path: Path, origin: Repository) -> None:
    """CVE-2022-31016, GHSA-g687-f2gx-6wm8 (Argo CD), CVE-2022-24878 (Flux): files, bytes, objects, aliases, depth."""
    origin.commit({f"app/{number}.yaml": config_map(f"m{number}") for number in range(5)})
    git = opened(tmp_path, f"file://{origin.folder}")
    for limits, reason in (
        (RunLimits(files=3), "holds more files than the limit of 3"),
        (RunLimits(bytes=100), "its files have more bytes than the limit of 100"),
    ):
        with pytest.raises(ManifestError, match=reason):
            read(git, limits)
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for content in (bomb, "[" * 60_000, "#" + "]" * 60_000 + "\n" + "{" * 300):
        _, faults = manifests.read([File("x.yaml", content.encode())], RunLimits())
        assert faults
    many = "\n---\n".join(yaml.safe_dump(config_map(f"m{number}")) for number in range(4))
    _, faults = manifests.read([File("x.yaml", many.encode())], RunLimits(objects=3))
    assert [fault for fault in faults if "more than the limit of 3" in str(fault)]


def test_a_bad_value_of_one_unit_halts_no_other(job: Job, person: Person) -> None:
    """CVE-2022-39272 (Flux)."""
    bad: Any = config_map("bad")
    bad["metadata"]["annotations"] = {"environments.internal/wave": "99999999999999999999"}
    missing = job.application("good")
    missing["source"]["revision"] = "no-such-branch"
    job.applications = {"bad": job.application("bad"), "missing": missing, "good": job.application("good")}
    job.repository.commit({"bad/a.yaml": bad, "good/one.yaml": config_map("one")})
    result = job.sync()
    assert (result.code, result.changes) == (2, {"ConfigMap/one": "created"})
    assert person.get("ConfigMap", "one") is not None


def test_secrets_in_errors_and_differences() -> None:
    """CVE-2021-23135, CVE-2025-23216, CVE-2026-42880 (Argo CD)."""
    before = {"kind": "Secret", "data": {"plain": SECRET}, "stringData": {"x": SECRET}}
    after = {"kind": "Secret", "data": {"plain": f"{SECRET}2"}}
    env = {"env": [{"name": "DB_PASSWORD", "value": SECRET}]}
    assert SECRET not in str(differences(before, after)) + str(differences({}, env))
    said = f".data.x: expected string, got &value.valueUnstructured{{Value:{SECRET}}}"
    assert SECRET not in str(ClusterError(said))


def test_secrets_in_the_last_applied_configuration() -> None:
    """CVE-2023-40029 (Argo CD): the annotation is neither applied nor shown."""
    name = "kubectl.kubernetes.io/last-applied-configuration"
    body: Any = config_map("one")
    body["metadata"]["annotations"] = {name: SECRET, "note": "kept"}
    (found,), faults = manifests.read([File("x.yaml", yaml.safe_dump(body).encode())], RunLimits())
    assert (annotations_of(found.body), faults) == ({"note": "kept"}, [])
    assert SECRET not in str(differences(body, config_map("one")))


def test_credentials_of_a_repository_in_addresses_arguments_and_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CVE-2023-25163, CVE-2025-55190 (Argo CD): whatever Git or a server says, and whoever lists processes."""
    for address in (
        "https://u:p@git.example.com/x",
        "https://git.example.com/x?token=p",
        "http://git.example.com/x",
    ):
        with pytest.raises(SettingsError, match="is not a Git address without credentials"):
            parse(EXAMPLE.replace("repository: https://git.example.com/platform/environments.git",
                                  f"repository: {address}", 1), "settings.yaml")  # fmt: skip
    token, log = tmp_path / "token", tmp_path / "arguments"
    token.write_text(f"{SECRET}\n", encoding="ascii")
    real = shutil.which("git")
    programs = tmp_path / "programs"
    programs.mkdir()
    script = f'#!/bin/sh\nprintf "%s\\n" "$@" >> {log}\ncat "$GITOPS_PASSWORD_FILE" >&2\nexec {real} "$@"\n'
    (programs / "git").write_text(script, encoding="ascii")
    (programs / "git").chmod(0o700)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    git = opened(tmp_path, "https://127.0.0.1:1/x.git", token=token)
    with pytest.raises(SourceError) as caught:
        git.run("ls-remote", "--", git.url)
    assert "127.0.0.1" in str(caught.value)
    assert "***" in str(caught.value)
    assert SECRET not in str(caught.value) + log.read_text(encoding="utf-8")


@pytest.mark.parametrize("user", [{}, None], ids=["empty", "none"])
def test_an_empty_identity(tmp_path: Path, user: dict[str, Any] | None) -> None:
    """CVE-2026-41050 (Fleet), CVE-2026-23990 (Flux Operator): no identity is an error, not somebody else's."""
    file = _kubeconfig(tmp_path, {})
    if user is None:
        text = yaml.safe_load(file.read_text(encoding="utf-8"))
        del text["contexts"][0]["context"]["user"]
        file.write_text(yaml.safe_dump(text), encoding="utf-8")
    with pytest.raises(RefusedError, match="anonymous requests are not supported"):
        connect(file)


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("https://git.example.com/web/*", "https://evil.example.com/https://git.example.com/web/x"),
        ("https://git.example.com/web/*", "https://git.example.com/web/x/y"),
        ("https://git.example.com/web", "https://git.example.com/web-evil"),
        ("https://git.example.com/*", "https://gitxexample.com/web"),
    ],
)
def test_unanchored_patterns(pattern: str, address: str) -> None:
    """GitRepoRestriction of Fleet 0.16.0: a pattern matches a whole address, and a dot is a dot."""
    text = EXAMPLE.replace(
        "repository: https://git.example.com/platform/environments.git", f"repository: {address}"
    )
    application = parse(text, "settings.yaml").applications["site"]
    rules = Project(repositories=(pattern,), namespaces=("site-qa",))
    assert "does not allow the repository" in str(project.refused_application(application, rules))
