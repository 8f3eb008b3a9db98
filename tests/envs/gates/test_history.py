"""`envs check --base` with real git: which releases of the past count, and which of the present are judged."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from envs.gates.history import NAME_AND_TAG
from tests.command import commit, envs, git, make_environments, make_repository
from tests.envs.gates.releasing import (
    NEW,
    OLD,
    REPOSITORY,
    assert_all_gates_pass,
    branch,
    check,
    file,
    merge,
    release,
    save,
)


def test_a_tag_that_is_used_again_after_its_release_was_deleted_is_found(checkout: Path) -> None:
    release(checkout, "qa", "1.2.3", OLD, "41")
    (checkout / file("qa")).unlink()
    save(checkout, "withdraw")
    branch(checkout)
    release(checkout, "e2e", "1.2.3", NEW, "42")

    assert [subject for subject, _ in check(checkout, "main")] == ["Release/e2e/shop/server"]


def test_a_release_that_only_a_merged_branch_has_had_is_remembered(checkout: Path) -> None:
    """Of which the merge kept nothing, so that a history simplified by path would leave it out."""
    branch(checkout)
    release(checkout, "qa", "1.2.3", OLD)
    (checkout / file("qa")).unlink()
    save(checkout, "withdraw")
    merge(checkout, "merge")
    branch(checkout, "again")
    release(checkout, "qa", "1.2.3", NEW)

    assert len(check(checkout, "main")) == 1


def test_a_release_that_a_merge_itself_has_made_is_remembered(checkout: Path) -> None:
    """As where two branches were in conflict and neither side was taken."""
    for name, tag in (("one", "1.3.0"), ("two", "1.4.0")):
        branch(checkout, name)
        release(checkout, "qa", tag, OLD, tag)
    merge(checkout, "merge", "one")
    git(checkout, "merge", "--quiet", "--strategy=ours", "--no-commit", "two")
    merged = release(checkout, "qa", "1.5.0", OLD, "43")
    assert git(checkout, "rev-list", "--parents", "-1", merged).count(" ") == 2
    release(checkout, "qa", "1.6.0", OLD, "44")
    branch(checkout, "again")
    release(checkout, "qa", "1.5.0", NEW, "45")

    ((_, message),) = check(checkout, "main")
    assert f"at commit {merged[:12]}; " in message


def test_a_moved_release_is_the_same_release(checkout: Path) -> None:
    layer = checkout / "environments/base.yaml"
    release(checkout, "qa", "1.2.3", OLD, "41")
    branch(checkout)
    layer.write_text(layer.read_text().replace("      server:\n", "      web:\n"))
    edited = checkout / "environments/prod.yaml"
    edited.write_text(edited.read_text().replace("      server:\n", "      web:\n"))
    git(checkout, "mv", file("qa"), file("qa", "web"))
    save(checkout, "rename")
    assert_all_gates_pass(checkout, "main")

    moved = checkout / file("qa", "web")
    moved.write_text(moved.read_text().replace(OLD, NEW))
    commit(checkout, "use the tag again")
    assert [subject for subject, _ in check(checkout, "main")] == ["Release/qa/shop/web"]


def test_the_tag_of_a_sidecar_is_remembered_like_that_of_the_workload(checkout: Path) -> None:
    """With a release of its own, in the file of its workload."""
    layer = checkout / "environments/base.yaml"
    layer.write_text(
        layer.read_text().replace(
            "      server:\n", '      server:\n        sidecars: {proxy: {image: "proxy:1.0.0"}}\n'
        )
    )
    path = checkout / file("qa")
    for digest in (OLD, ""):
        proxy = f"containers: {{proxy: {{image: {REPOSITORY}/proxy:1.2.3@{digest}}}}}\n" if digest else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"image: {REPOSITORY}:9.9.9@{OLD}\n{proxy}")
        save(checkout, "release")
    branch(checkout)
    path.write_text(path.read_text() + f"containers: {{proxy: {{image: {REPOSITORY}/proxy:1.2.3@{NEW}}}}}\n")
    save(checkout, "use the tag again")

    assert [subject for subject, _ in check(checkout, "main")] == ["Release/qa/shop/server/proxy"]


def test_what_was_there_is_not_judged_again(checkout: Path) -> None:
    release(checkout, "qa", "1.2.3", OLD)
    release(checkout, "qa", "1.2.3", NEW)
    branch(checkout)
    release(checkout, "prod", "1.2.4", OLD)

    assert check(checkout, "main") == []
    assert len(check(checkout, "main~2")) == 1


def test_a_release_that_is_not_committed_yet_is_judged(checkout: Path) -> None:
    release(checkout, "qa", "1.2.3", OLD)
    text = (checkout / file("qa")).read_text()
    (checkout / file("qa")).write_text(f"# by hand\n{text}")
    assert check(checkout, "HEAD") == []
    (checkout / file("qa")).write_text(text.replace(OLD, NEW))
    assert len(check(checkout, "HEAD")) == 1


def test_a_digest_that_becomes_known_later_completes_the_release(checkout: Path) -> None:
    release(checkout, "qa", "1.2.3", build="41")
    branch(checkout)
    release(checkout, "qa", "1.2.3", OLD, "41")
    assert_all_gates_pass(checkout, "main")
    release(checkout, "qa", "1.2.3", OLD, "42")
    assert len(check(checkout, "main")) == 1


def test_a_tag_that_moves_by_its_name_promises_nothing(checkout: Path) -> None:
    layer = checkout / "environments/qa.yaml"
    layer.write_text(f"{layer.read_text()}policies: {{levels: {{images-are-pinned: advisory}}}}\n")
    release(checkout, "qa", "latest", build="41")
    branch(checkout)
    release(checkout, "qa", "latest", build="42")

    found = envs("check", "--base", "main", "--format", "json", root=checkout)
    assert "tags-are-never-reused" not in {one["rule"] for one in found.json["findings"]}


@pytest.mark.parametrize(
    "text",
    [
        f'{{"image": "registry.example.com/server:1.2.3@{OLD}"}}',
        f'image: "registry.example.com/server:1\\x2e2.3@{OLD}"',
        f"build: &build '41'\nimage: &image 'registry.example.com/server:1.2.3@{OLD}' # as built",
    ],
    ids=["JSON", "escapes", "anchors"],
)
def test_a_former_release_is_read_however_it_was_written(checkout: Path, text: str) -> None:
    release(checkout, "qa", "1.0.0")
    (checkout / file("qa")).write_text(f"{text}\n")
    save(checkout, "in another style")
    release(checkout, "qa", "1.2.4")
    branch(checkout)
    release(checkout, "prod", "1.2.3", NEW)

    assert len(check(checkout, "main")) == 1


@pytest.mark.parametrize(
    "text",
    [f"image: [{REPOSITORY}:1.2.3", f"{REPOSITORY}:1.2.3", f"image: [{REPOSITORY}:1.2.3]", "1.2.3: {}"],
)
def test_a_former_file_that_is_no_release_says_nothing(checkout: Path, text: str) -> None:
    release(checkout, "qa", "1.2.4", OLD)
    (checkout / file("qa")).write_text(f"{text}\n# {REPOSITORY}:1.2.3\n")
    commit(checkout, "broken")
    release(checkout, "qa", "1.2.4", OLD)
    branch(checkout)
    release(checkout, "prod", "1.2.3", NEW)

    assert check(checkout, "main") == []


def test_a_root_may_be_a_folder_of_its_repository(tmp_path: Path) -> None:
    """Its history counts, and that of another root beside it does not."""
    repository = make_repository(tmp_path / "repository")
    root, other = (make_environments(repository / name) for name in ("teams/ünser shop", "rest"))
    release(other, "qa", "1.2.4", NEW)
    release(root, "qa", "1.2.3", OLD)
    (root / file("qa")).unlink()
    save(root, "withdraw")
    branch(repository)
    release(root, "prod", "1.2.4", OLD)
    assert check(root, "main") == []
    release(root, "prod", "1.2.3", NEW)
    ((_, message),) = check(root, "main")
    assert f" in {file('qa')} at commit " in message


def test_settings_of_the_user_change_nothing(checkout: Path) -> None:
    """Such as those that make `git log` follow renames, verify signatures, colour or leave out the first commit."""
    shutil.rmtree(checkout / ".git")
    make_repository(checkout)
    release(checkout, "qa", "1.2.3", OLD)
    release(checkout, "qa", "1.2.4", NEW)
    branch(checkout)
    release(checkout, "prod", "1.2.3", NEW)
    for name, value in {
        "log.follow": "true",
        "log.showSignature": "true",
        "log.showRoot": "false",
        "color.ui": "always",
        "diff.relative": "true",
        "diff.renames": "copies",
        "core.quotePath": "true",
        "log.diffMerges": "off",
    }.items():
        git(checkout, "config", name, value)

    assert len(check(checkout, "main")) == 1


def test_repositories_of_the_longer_hash_work_alike(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "--object-format=sha256", "root")
    root = make_environments(tmp_path / "root")
    release(root, "qa", "1.2.3", OLD)
    release(root, "qa", "1.2.4", NEW)
    branch(root)
    assert check(root, "main") == []
    release(root, "prod", "1.2.3", NEW)
    assert len(check(root, "main")) == 1


def test_a_preview_raises_no_alarm_over_a_release_that_nobody_has_rendered_yet(checkout: Path) -> None:
    (checkout / file("qa")).parent.mkdir(parents=True)
    (checkout / file("qa")).write_text(f"image: {REPOSITORY}:9.9.9@{NEW}\n")

    assert envs("preview", "--format", "json", root=checkout).json["findings"]["mandatory"] == 0


def test_rendering_writes_nothing_beside_the_rendered_objects(checkout: Path) -> None:
    release(checkout, "qa", "1.2.3", OLD)
    assert [path.name for path in (checkout / "environments/releases").iterdir()] == ["qa"]


def test_names_and_tags_are_found_and_digests_are_not() -> None:
    """Or all who release one image under several tags would wait for each other."""
    data = f"image: registry.example.com:5000/team/server:1.2.3@sha256:{'d' * 64}\nother: 'worker:v5'\n"
    assert NAME_AND_TAG.findall(data.encode()) == [
        b"registry.example.com:5000",
        b"server:1.2.3",
        b"worker:v5",
    ]
