"""Git: revisions, trees, files, credentials, and what must never leave the repository or reach a log."""

from __future__ import annotations

import getpass
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from gitops.errors import ManifestError, SourceError
from gitops.settings import ApplicationSource, RepositoryCredentials, RunLimits
from gitops.source import repository
from gitops.source.git import Git
from tests.clusters import MACHINE
from tests.gitops import servers
from tests.gitops.jobs import Repository, config_map, make_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = pytest.mark.slow

PASSWORD = "a-token-that-must-not-be-seen"  # noqa: S105 - a test's own


@pytest.fixture
def origin(tmp_path: Path) -> Repository:
    """Give a repository with two folders."""
    found = make_repository(tmp_path / "origin")
    found.git("config", "uploadpack.allowFilter", "true")
    found.commit({"app/one.yaml": config_map("one"), "app/sub/two.json": '{"a": 1}', "other/x.yaml": "x: 1"})
    return found


def opened(folder: Path, url: str, **credentials: Any) -> Git:
    """Open a remote in a fresh object store."""
    git = Git(folder / "store", url, RepositoryCredentials(**credentials), 60)
    git.prepare()
    return git


def wanted(url: str, path: str = "app", **fields: Any) -> ApplicationSource:
    """Return a source of the branch main."""
    return ApplicationSource(repository=url, path=path, revision="main", **fields)


def read(git: Git, want: ApplicationSource, limits: RunLimits | None = None) -> dict[str, bytes]:
    """Resolve, fetch and read."""
    commit = repository.resolve(git, [want.revision])[want.revision]
    assert isinstance(commit, str), commit
    repository.fetch(git, [commit])
    return {file.path: file.content for file in repository.files(git, commit, want, limits or RunLimits())}


def test_only_the_files_of_the_path_are_fetched(tmp_path: Path, origin: Repository) -> None:
    """Shallow and sparse: no history, and no content of other folders."""
    origin.commit({"app/one.yaml": config_map("one", a="1")})
    git = opened(tmp_path, f"file://{origin.folder}")
    files = read(git, wanted(git.url))
    assert sorted(files) == ["app/one.yaml", "app/sub/two.json"]
    assert b"a: '1'" in files["app/one.yaml"]
    listed = git.run("cat-file", "--batch-all-objects", "--batch-check").decode().splitlines()
    kinds = sorted(line.split()[1] for line in listed)
    assert kinds == ["blob", "blob", "commit", "tree", "tree", "tree", "tree"]


def test_a_server_without_filters_works_as_well(tmp_path: Path, origin: Repository) -> None:
    """Partial fetches are an economy, not a condition."""
    origin.git("config", "uploadpack.allowFilter", "false")
    git = opened(tmp_path, f"file://{origin.folder}")
    assert sorted(read(git, wanted(git.url))) == ["app/one.yaml", "app/sub/two.json"]


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"recurse": False}, ["app/one.yaml"]),
        ({"include": ("*.yaml",)}, ["app/one.yaml"]),
        ({"include": ("sub/**",)}, ["app/sub/two.json"]),
        ({"exclude": ("**/two.*",)}, ["app/one.yaml"]),
        ({"path": "."}, ["app/one.yaml", "app/sub/two.json", "other/x.yaml"]),
    ],
)
def test_globs_choose_below_the_path(
    tmp_path: Path, origin: Repository, fields: dict[str, Any], names: list[str]
) -> None:
    """Patterns match whole paths below the source's folder."""
    git = opened(tmp_path, f"file://{origin.folder}")
    assert sorted(read(git, wanted(git.url, **fields))) == names


def test_revisions_are_branches_tags_refs_and_commits(tmp_path: Path, origin: Repository) -> None:
    """An annotated tag is peeled; what is two things is an error, what is none is another."""
    head = origin.git("rev-parse", "HEAD")
    origin.git("branch", "env/qa")
    origin.git("tag", "--annotate", "v1", "--message", "one")
    origin.git("branch", "both")
    origin.commit({"app/one.yaml": config_map("one", a="1")})
    origin.git("tag", "both")
    git = opened(tmp_path, f"file://{origin.folder}")
    same = ["env/qa", "v1", "refs/heads/env/qa", "refs/tags/v1", head]
    found = repository.resolve(git, [*same, "both", "none"])
    assert {found[name] for name in same} == {head}
    assert "both is ambiguous; write one of refs/heads/both, refs/tags/both" in str(found["both"])
    assert "there is no branch, tag or ref none" in str(found["none"])


def test_the_tree_id_changes_only_with_the_path(tmp_path: Path, origin: Repository) -> None:
    """This is what makes a commit elsewhere free."""
    first = origin.git("rev-parse", "HEAD")
    second = origin.commit({"other/x.yaml": "x: 2"})
    third = origin.commit({"app/one.yaml": config_map("one", a="1")})
    git = opened(tmp_path, f"file://{origin.folder}")
    repository.fetch(git, [first, second, third])
    trees = [repository.tree(git, commit, "app") for commit in (first, second, third)]
    assert trees[0] == trees[1] != trees[2]
    with pytest.raises(SourceError, match="there is no folder nowhere in commit"):
        repository.tree(git, first, "nowhere")
    with pytest.raises(SourceError, match=r"there is no folder app/one\.yaml"):
        repository.tree(git, first, "app/one.yaml")


def test_links_and_submodules_are_faults_and_never_followed(tmp_path: Path, origin: Repository) -> None:
    """A link could lead out of the repository; a submodule would silently hold nothing."""
    (origin.folder / "app" / "passwd.yaml").symlink_to("/etc/passwd")
    (origin.folder / "app" / "dir").symlink_to("../other")
    head = origin.git("rev-parse", "HEAD")
    origin.git("update-index", "--add", "--cacheinfo", f"160000,{head},app/module")
    origin.git("add", "app/passwd.yaml", "app/dir")
    origin.git("commit", "--quiet", "--message", "links")
    git = opened(tmp_path, f"file://{origin.folder}")
    with pytest.raises(ManifestError) as caught:
        read(git, wanted(git.url))
    assert sorted(fault.origin.file for fault in caught.value.faults) == ["app/module", "app/passwd.yaml"]
    with pytest.raises(SourceError, match="there is no folder app/dir"):
        read(git, wanted(git.url, "app/dir"))


def test_a_name_that_is_not_utf_8_is_a_fault_that_can_be_printed(tmp_path: Path, origin: Repository) -> None:
    """No log, status or Event could hold the name as it is."""
    with open(os.fsencode(origin.folder) + b"/app/\xff.yaml", "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write("a: [")
    origin.git("add", "app")
    origin.git("commit", "--quiet", "--message", "name")
    git = opened(tmp_path, f"file://{origin.folder}")
    with pytest.raises(ManifestError) as caught:
        read(git, wanted(git.url))
    faults = [str(fault).encode() for fault in caught.value.faults]
    assert faults == [b"app/\\xff.yaml: has a name that is not UTF-8; rename the file"]


def test_a_source_larger_than_the_limits_is_refused(tmp_path: Path, origin: Repository) -> None:
    """Before its content is loaded."""
    git = opened(tmp_path, f"file://{origin.folder}")
    with pytest.raises(ManifestError, match="more files than the limit of 1"):
        read(git, wanted(git.url), RunLimits(files=1))
    with pytest.raises(ManifestError, match="more bytes than the limit of 10"):
        read(git, wanted(git.url), RunLimits(bytes=10))


def test_hooks_and_filters_of_a_repository_do_not_run(tmp_path: Path, origin: Repository) -> None:
    """There is no work tree, so that attributes have no effect."""
    marker = tmp_path / "ran"
    origin.commit({".gitattributes": "* filter=lfs\n*.yaml export-subst ident text eol=crlf\n"})
    git = opened(tmp_path, f"file://{origin.folder}")
    git.run("config", "filter.lfs.smudge", f"touch {marker}")
    assert b"\r" not in read(git, wanted(git.url))["app/one.yaml"]
    assert not marker.exists()


@pytest.fixture
def server(tmp_path: Path, origin: Repository) -> Iterator[servers.Https]:
    """Serve the repository over HTTPS to those who know the password."""
    del origin
    yield from servers.https(tmp_path, tmp_path, "x-token-auth", PASSWORD)


def test_a_token_opens_https(tmp_path: Path, server: servers.Https) -> None:
    """The token is read from its file by Git's askpass and is in no argument, URL or configuration."""
    token = tmp_path / "token"
    token.write_text(PASSWORD, encoding="ascii")
    url = f"{server.url}/origin/.git"
    git = opened(tmp_path, url, token=token, certificate_authority=server.authority)
    assert len(read(git, wanted(url))) == 2
    stored = [path for path in git.directory.rglob("*") if path.is_file()]
    assert not [path for path in stored if PASSWORD.encode() in path.read_bytes()]


def test_user_and_password_open_https(tmp_path: Path, server: servers.Https) -> None:
    """Basic authentication takes both from files."""
    for name, content in (("user", "x-token-auth\n"), ("password", f"{PASSWORD}\n")):
        (tmp_path / name).write_text(content, encoding="ascii")
    url = f"{server.url}/origin/.git"
    ways = {"username": tmp_path / "user", "password": tmp_path / "password"}
    git = opened(tmp_path, url, **ways, certificate_authority=server.authority)
    assert len(read(git, wanted(url))) == 2


def test_a_wrong_token_is_an_error_that_does_not_show_it(tmp_path: Path, server: servers.Https) -> None:
    """The report is for everybody."""
    token = tmp_path / "token"
    token.write_text("wrong-secret", encoding="ascii")
    git = opened(tmp_path, f"{server.url}/origin/.git", token=token, certificate_authority=server.authority)
    with pytest.raises(SourceError, match="Authentication failed") as caught:
        repository.resolve(git, ["main"])
    assert "wrong-secret" not in str(caught.value)


def test_a_passing_failure_is_tried_again_and_a_refusal_is_not(tmp_path: Path, server: servers.Https) -> None:
    """A server that restarts costs a moment; a repository that is not there is asked for once."""
    token = tmp_path / "token"
    token.write_text(PASSWORD, encoding="ascii")
    git = opened(tmp_path, f"{server.url}/origin/.git", token=token, certificate_authority=server.authority)
    server.failing += [503]
    assert repository.resolve(git, ["main"])
    server.failing += [404]
    server.requests.clear()
    with pytest.raises(SourceError, match="not found"):
        repository.resolve(git, ["main"])
    assert [status for _, status in server.requests] == [404]


def test_an_unknown_authority_is_not_trusted(tmp_path: Path, server: servers.Https) -> None:
    """TLS is always verified."""
    git = opened(tmp_path, f"{server.url}/origin/.git")
    with pytest.raises(SourceError, match="certificate"):
        repository.resolve(git, ["main"])


@pytest.fixture
def shell(tmp_path: Path, origin: Repository) -> Iterator[servers.Ssh]:
    """Serve the repository over SSH."""
    del origin
    if servers.SSHD is None:
        pytest.skip(f"{MACHINE} serve Git over SSH: sshd is not installed")
    yield from servers.ssh(tmp_path, getpass.getuser())


def test_a_key_opens_ssh(tmp_path: Path, shell: servers.Ssh) -> None:
    """The host must be known."""
    url = f"ssh://{shell.address}{tmp_path}/origin"
    git = opened(tmp_path, url, ssh_key=shell.key, known_hosts=shell.known_hosts)
    assert len(read(git, wanted(url))) == 2


def test_an_unknown_host_is_not_trusted(tmp_path: Path, shell: servers.Ssh) -> None:
    """An empty known_hosts stops the connection."""
    nobody = tmp_path / "nobody"
    nobody.touch()
    git = opened(tmp_path, f"ssh://{shell.address}{tmp_path}/origin", ssh_key=shell.key, known_hosts=nobody)
    with pytest.raises(SourceError, match="Host key verification failed"):
        repository.resolve(git, ["main"])


def test_commits_must_be_signed_where_signers_are_named(tmp_path: Path, origin: Repository) -> None:
    """An SSH signature of an allowed signer, checked by Git itself."""
    key = tmp_path / "signer"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = key.with_suffix(".pub").read_text(encoding="ascii")
    signers = tmp_path / "allowed"
    signers.write_text(f"test@example.com {public}", encoding="ascii")
    git = opened(tmp_path, f"file://{origin.folder}", allowed_signers=signers)
    with pytest.raises(SourceError, match=r"commit [0-9a-f]{40} is not signed; nothing of it is applied"):
        read(git, wanted(git.url))
    flags = (
        "-c",
        "gpg.format=ssh",
        "-c",
        f"user.signingKey={key}",
        "commit",
        "--allow-empty",
        "-S",
        "-m",
        "x",
    )
    origin.git(*flags)
    assert len(read(git, wanted(git.url))) == 2
