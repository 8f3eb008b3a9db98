"""Other entries of the folder than layers: links, folders, pipes, odd names. Nothing hangs, nothing leaks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from envs.config.load import load
from tests.clusters import MACHINE
from tests.roots import faults, in_server, make_root

SITE = in_server("kind: site", "content: content")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_root(tmp_path / "root")


def test_a_layer_that_is_a_link_out_of_the_root_is_refused_unread(root: Path) -> None:
    outside = root.parent / "outside.yaml"
    outside.write_text("tier: secret\n")
    (root / "environments" / "prod.yaml").symlink_to(outside)
    assert faults(root) == [
        "environments/prod.yaml:1:1: is a link out of the root; put the file itself here",
    ]


def test_a_release_that_is_a_link_out_of_the_root_is_refused_unread(root: Path) -> None:
    outside = root.parent / "outside.yaml"
    outside.write_text("image: a:1\n")
    release = root / "environments" / "releases" / "qa" / "shop" / "server.yaml"
    release.parent.mkdir(parents=True)
    release.symlink_to(outside)
    assert faults(root) == [
        "environments/releases/qa/shop/server.yaml:1:1: is a link out of the root; put the file itself here",
    ]


def test_a_link_within_the_root_is_followed(root: Path) -> None:
    folder = root / "environments"
    (folder / "qa.yaml").rename(root / "elsewhere.yaml")
    (folder / "qa.yaml").symlink_to(root / "elsewhere.yaml")
    assert list(load(root).environments) == ["qa"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [("prod.yaml", "Too many levels of symbolic links"), ("nowhere", "No such file or directory")],
)
def test_a_link_that_leads_nowhere_is_a_fault(target: str, reason: str, root: Path) -> None:
    (root / "environments" / "prod.yaml").symlink_to(target)
    assert faults(root) == [f"environments/prod.yaml:1:1: cannot be read: {reason}"]


def test_a_folder_with_the_name_of_a_layer_is_a_fault(root: Path) -> None:
    (root / "environments" / "prod.yaml").mkdir()
    assert faults(root) == ["environments/prod.yaml:1:1: is not a file; only files may be called *.yaml here"]


def test_a_pipe_with_the_name_of_a_layer_is_a_fault_and_not_waited_for(root: Path) -> None:
    os.mkfifo(root / "environments" / "prod.yaml")
    assert faults(root) == ["environments/prod.yaml:1:1: is not a file; only files may be called *.yaml here"]


@pytest.mark.skipif(os.geteuid() == 0, reason=f"{MACHINE} forbid root to read a file")
def test_a_layer_that_may_not_be_read_is_a_fault(root: Path) -> None:
    (root / "environments" / "qa.yaml").chmod(0)
    assert faults(root) == ["environments/qa.yaml:1:1: cannot be read: Permission denied"]


@pytest.mark.parametrize("name", ["p\n\x1b[1m.yaml", os.fsdecode(b"p\xff.yaml")])
def test_a_file_name_that_a_terminal_would_obey_is_shown_escaped(name: str, root: Path) -> None:
    (root / "environments" / name).write_text("tier: test\n")
    report = "\n".join(faults(root))
    assert report.isascii()
    assert "\x1b" not in report
    assert all(line.startswith("environments/p\\") for line in report.splitlines())


def test_hidden_files_such_as_the_locks_of_editors_are_passed_over(root: Path) -> None:
    (root / "environments" / ".#qa.yaml").symlink_to("somebody@somewhere")
    assert list(load(root).environments) == ["qa"]


def test_config_files_stay_within_the_root(root: Path) -> None:
    (root / "loop").symlink_to("loop")
    (root / "out").symlink_to(root.parent)
    os.mkfifo(root / "pipe")
    files = "config: {/a: {file: loop}, /b: {file: out/x}, /c: {file: pipe}, /d: {file: " + "ä" * 200 + "}}"
    (root / "environments" / "qa.yaml").write_text(in_server(files), encoding="utf-8")
    path = "apps.shop.workloads.server.config"
    assert faults(root) == [
        f"environments/qa.yaml:6:29: {path}[/a].file: loop is a link to itself",
        f"environments/qa.yaml:6:47: {path}[/b].file: out/x is a link out of the root; put the file itself below it",
        f"environments/qa.yaml:6:66: {path}[/c].file: there is no file pipe below the root",
        f"environments/qa.yaml:6:84: {path}[/d].file: {'ä' * 200} cannot be read: File name too long",
    ]


def test_a_site_with_a_link_out_of_the_root_is_refused(root: Path) -> None:
    (root / "content").mkdir()
    (root / "content" / "x").symlink_to("/etc/hostname")
    (root / "environments" / "qa.yaml").write_text(SITE)
    assert faults(root) == [
        (
            "environments/qa.yaml:7:18: apps.shop.workloads.server.content: "
            "content/x is a link out of the root; put the file itself below it"
        )
    ]


def test_an_empty_site_and_one_that_is_too_large_are_refused(root: Path) -> None:
    (root / "content").mkdir()
    (root / "environments" / "qa.yaml").write_text(SITE)
    path = "environments/qa.yaml:7:18: apps.shop.workloads.server.content"
    assert faults(root) == [f"{path}: the folder content contains nothing to serve"]
    for name in ("a", "b"):
        (root / "content" / name).write_bytes(b"x" * 600_000)
    assert faults(root) == [
        (
            f"{path}: content has more than 1,048,576 bytes, counted up to content/b; "
            "serve what is larger from a bucket or an image"
        )
    ]


@pytest.mark.parametrize("digits", ["9" * 5000, "0" * 5000])
def test_numbers_of_thousands_of_digits_are_faults_anywhere(digits: str, root: Path) -> None:
    lines = (f"replicas: {digits}", f"patch: {{Deployment: {{spec: {{a: {digits}}}}}}}")
    (root / "environments" / "qa.yaml").write_text(in_server(*lines))
    assert [line.split(":")[1] for line in faults(root)] == ["6", "7"]
