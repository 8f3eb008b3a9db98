"""`envs render`: what it writes, prunes and checks."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest
import yaml

from tests.command import edit, envs, envs_process, files_of, make_environments

SERVER = "rendered/qa/apps/shop/deployment-server.yaml"


def test_writes_one_file_an_object_and_then_nothing_more(root: Path) -> None:
    """A second run finds everything as it should be."""
    first = envs("render", root=root)
    assert first.code == 0
    objects = [
        yaml.safe_load(data) for name, data in files_of(root).items() if name.startswith("rendered/qa")
    ]
    assert first.out.startswith(f"qa: {len(objects)} objects, {len(objects)} written, 0 deleted\n")
    assert {item["kind"] for item in objects} >= {"Namespace", "Deployment", "Service", "NetworkPolicy"}
    before = files_of(root)
    assert f"qa: {len(objects)} objects, 0 written, 0 deleted\n" in envs("render", root=root).out
    assert files_of(root) == before


def test_writes_the_same_bytes_in_every_process(root: Path, tmp_path: Path) -> None:
    """Neither the order of sets nor the folder or the language of the machine shows."""
    for seed in ("1", "2"):
        done = envs_process(
            "render", "--out", str(tmp_path / seed), root=root, env={"PYTHONHASHSEED": seed, "LC_ALL": "C"}
        )
        assert done.returncode == 0
    assert files_of(tmp_path / "1") == files_of(tmp_path / "2") != {}


def test_prunes_what_the_layers_no_longer_say(root: Path) -> None:
    """Files and the folders that are empty then go; an environment that is gone goes as a whole."""
    envs("render", root=root)
    left = root / "rendered/qa/apps/old/deployment-old.yaml"
    left.parent.mkdir()
    left.write_text("kind: Deployment\n")
    for path in ("environments/e2e.yaml", "environments/stacks/Pulumi.e2e.yaml"):
        (root / path).unlink()
    edit(root / "environments/prod.yaml", "promotes: {from: e2e}\n", "")
    result = envs("render", root=root)
    assert "qa: 8 objects, 0 written, 1 deleted\n" in result.out
    assert "e2e: deleted, the environment no longer exists\n" in result.out
    assert not left.parent.exists()
    assert sorted(path.name for path in (root / "rendered").iterdir()) == ["prod", "qa"]


def test_leaves_other_environments_alone_when_asked_for_one(root: Path) -> None:
    """`envs render qa` neither writes nor deletes anything of prod."""
    envs("render", root=root)
    (root / "rendered/prod/extra.yaml").write_text("a: 1\n")
    (root / SERVER).unlink()
    before = files_of(root / "rendered/prod")
    assert envs("render", "qa", "qa", root=root).out == "qa: 8 objects, 1 written, 0 deleted\n"
    assert files_of(root / "rendered/prod") == before


def test_keeps_files_that_are_not_of_an_environment(root: Path) -> None:
    """A README beside the environments, or a folder with something else in it, is none of our business."""
    for name in ("README.md", "notes/todo.txt", "archive/2024/apps.txt"):
        (root / "rendered" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "rendered" / name).write_text("mine\n")
    envs("render", root=root)
    assert envs("render", "--check", root=root).code == 0
    assert {"rendered/README.md", "rendered/notes/todo.txt", "rendered/archive/2024/apps.txt"} <= {
        *files_of(root)
    }


def test_forgets_of_an_environment_only_what_is_its_own(root: Path) -> None:
    """Someone's file in the folder of an environment that is gone survives it."""
    for name in ("fence/a/role-a.yaml", "NOTES.md"):
        (root / "rendered/old" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "rendered/old" / name).write_text("a: 1\n")
    envs("render", root=root)
    assert [*files_of(root / "rendered/old")] == ["NOTES.md"]


def test_check_is_silent_when_all_is_fresh(root: Path) -> None:
    """Exit code 0 and not a word."""
    envs("render", root=root)
    result = envs("render", "--check", root=root)
    assert (result.code, result.out, result.err) == (0, "", "")


def test_check_names_what_is_changed_missing_or_left_over(root: Path) -> None:
    """Names on standard output for programs, the advice on standard error; nothing is written."""
    envs("render", root=root)
    edit(root / SERVER, "replicas: 1", "replicas: 5")
    (root / "rendered/prod/apps/shop/service-server.yaml").unlink()
    (root / "rendered/e2e/apps/shop/extra.yaml").write_text("a: 1\n")
    (root / "rendered/old/apps").mkdir(parents=True)
    before = files_of(root)
    result = envs("render", "--check", root=root)
    assert result.code == 1
    assert result.out.splitlines() == [
        SERVER,
        "rendered/e2e/apps/shop/extra.yaml",
        "rendered/prod/apps/shop/service-server.yaml",
        "rendered/old",
    ]
    assert result.err == "4 files are stale; run `envs render` and commit the result\n"
    assert files_of(root) == before


FAULTS = {
    "a layer of one environment": (
        "prod.yaml",
        "tier: production\napps: {shop: {quta: none}}\n",
        "environments/prod.yaml:2:15: apps.shop.quta: unknown field; did you mean `quota`?\n",
    ),
    "the base": (
        "base.yaml",
        "apps: {shop: {workloads: {server: {image: 'x:'}}}}\n",
        "environments/base.yaml:1:43: apps.shop.workloads.server.image: ",
    ),
    "a release": (
        "releases/prod/shop/server.yaml",
        "image: registry.example.com/server:1.2.3\nbuld: 4\n",
        "environments/releases/prod/shop/server.yaml:2:1: ",
    ),
    "what only a component finds": (
        "prod.yaml",
        "tier: production\napps: {shop: {workloads: {server: {patch: {DaemonSet: {spec: {}}}}}}}\n",
        "environments/prod.yaml:2:44: apps.shop.workloads.server.patch.DaemonSet: matches no object",
    ),
    "an object that is called like a path": (
        "prod.yaml",
        (
            "tier: production\napps: {shop: {manifests: {a: "
            "{apiVersion: example.com/v1, kind: Thing, metadata: {name: ../../../../outside}}}}}\n"
        ),
        "apps.shop.manifests.a",
    ),
    "objects that some file systems take for one": (
        "prod.yaml",
        (
            "tier: production\napps: {shop: {manifests: {"
            "a: {apiVersion: example.com/v1, kind: Thing, metadata: {name: One}}, "
            "b: {apiVersion: example.com/v1, kind: Thing, metadata: {name: one}}}}}\n"
        ),
        "apps.shop.manifests.b: Thing/shop-prod/One and Thing/shop-prod/one would share the file",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_anywhere_leaves_everything_as_it_was(tmp_path: Path, fault: str) -> None:
    """One report that names the place, exit code 2, and no file is touched in any environment."""
    name, text, report = FAULTS[fault]
    root = make_environments(tmp_path / "root")
    envs("render", root=root)
    edit(root / "environments/qa.yaml", "tier: test\n", "tier: test\nteams: {ops: {}}\n")
    path = root / "environments" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    before = files_of(tmp_path)
    result = envs("render", root=root)
    assert (result.code, result.out) == (2, "")
    assert "Traceback" not in result.err
    assert report in result.err
    assert files_of(tmp_path) == before


def test_an_unknown_environment_is_named_with_a_suggestion(root: Path) -> None:
    """The message names the argument, not a file that does not exist."""
    result = envs("render", "prd", root=root)
    assert result.code == 2
    assert result.err == "envs: there is no environment prd; known: qa, e2e, prod; did you mean `prod`?\n"


@pytest.mark.parametrize("place", ["rendered", "rendered/qa", "rendered/qa/apps"])
def test_never_writes_through_a_link_to_a_folder(root: Path, tmp_path: Path, place: str) -> None:
    """A link in the root of someone else's pull request must not lead out of it."""
    outside = tmp_path / "outside"
    (outside / "apps/shop").mkdir(parents=True)
    (outside / "apps/shop/precious.yaml").write_text("a: 1\n")
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    (root / place).symlink_to(outside)
    before = files_of(tmp_path)
    result = envs("render", root=root)
    assert result.code == 2
    assert result.err == f"envs: {root / place} is a link where a folder must be; delete it\n"
    assert files_of(tmp_path) == before


def test_replaces_a_link_to_a_file_and_spares_what_it_leads_to(root: Path, tmp_path: Path) -> None:
    """Even a link to the very bytes is no file: Git would store its target's name."""
    envs("render", root=root)
    outside = tmp_path / "outside.yaml"
    (root / SERVER).rename(outside)
    (root / SERVER).symlink_to(outside)
    assert envs("render", "--check", root=root).out == f"{SERVER}\n"
    envs("render", root=root)
    assert not (root / SERVER).is_symlink()
    assert outside.read_bytes() == (root / SERVER).read_bytes()


def test_a_file_in_place_of_a_folder_is_named(root: Path) -> None:
    """No traceback and nothing written."""
    (root / "rendered").write_text("")
    result = envs("render", root=root)
    assert (result.code, result.err) == (
        2,
        f"envs: {root / 'rendered'} is a file where a folder must be; delete it\n",
    )


def test_a_disk_that_takes_no_more_is_one_clear_line(root: Path) -> None:
    """Exit code 5, the path and the reason; no file is cut short and no temporary one stays."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))

    done = envs_process("render", root=root, preexec_fn=limit, env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert done.returncode == 5
    assert done.stderr.decode().count("\n") == 1
    assert done.stderr.decode().endswith("cannot be written: File too large\n")
    written = {name: data for name, data in files_of(root).items() if name.startswith("rendered/")}
    assert not [name for name in written if ".envs-" in name]
    assert envs("render", root=root).code == 0
    assert written.items() <= files_of(root).items()


def test_any_folder_name_will_do(tmp_path: Path) -> None:
    """Spaces, letters of other scripts, quotes and percent signs."""
    root = make_environments(tmp_path / "Ünïcode 環境 'a' %20 [x]")
    assert envs("render", root=root).code == 0
    assert envs("render", "--check", root=root).code == 0


def test_writes_elsewhere_when_asked_to(root: Path, tmp_path: Path) -> None:
    """`--out` names the folder that gets a `rendered/`; the root stays as it is."""
    before = files_of(root)
    envs("render", "--out", str(tmp_path / "new/folder"), root=root)
    assert files_of(root) == before
    assert (tmp_path / "new/folder" / SERVER).is_file()


def test_a_root_without_environments_says_so(tmp_path: Path) -> None:
    """A base alone is sound, and renders nothing."""
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments/base.yaml").write_text("apps: {}\n")
    result = envs("render", root=tmp_path)
    assert (result.code, result.out) == (0, "there is no environment: no layer has a `tier:`\n")
