"""The ledger of images: `envs render` adds what releases run, `envs check` sees what is used twice or forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import commit, envs

REPOSITORY = "registry.example.com/server"
LEDGER = f"environments/releases/images/{REPOSITORY}.yaml"
DIGEST = f"sha256:{'a' * 64}"
OTHER = f"sha256:{'b' * 64}"


def release(root: Path, environment: str, image: str, build: str = "") -> None:
    """Write the release of the one workload of an environment."""
    path = root / "environments" / "releases" / environment / "shop" / "server.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"image: {image}\n" + (f'build: "{build}"\n' if build else ""))


def test_rendering_remembers_what_releases_run(root: Path) -> None:
    release(root, "qa", f"{REPOSITORY}:1.2.4", "4711")
    release(root, "prod", f"{REPOSITORY}:1.2.3@{DIGEST}")
    assert f"{LEDGER}: remembered" in envs("render", root=root).out
    assert (root / LEDGER).read_text() == f'"1.2.3":\n  digest: {DIGEST}\n"1.2.4":\n  build: "4711"\n'
    assert envs("render", "--check", root=root).code == 0
    assert not [line for line in envs("check", root=root).out.splitlines() if "tags-are-never-reused" in line]


def test_a_release_that_is_not_remembered_is_stale(root: Path) -> None:
    release(root, "qa", f"{REPOSITORY}:1.2.4", "4711")
    envs("render", root=root)
    (root / LEDGER).unlink()
    result = envs("render", "--check", root=root)
    assert (result.code, result.out) == (1, f"{LEDGER}\n")


def test_an_entry_is_completed_and_what_people_wrote_beside_it_stays(root: Path) -> None:
    (root / LEDGER).parent.mkdir(parents=True)
    (root / LEDGER).write_text('# kept for the audit\n1.2.4: # the first one\n  build: "4711"\n2.0.0: {}\n')
    release(root, "qa", f"{REPOSITORY}:1.2.4@{DIGEST}", "4711")
    release(root, "e2e", f"{REPOSITORY}:2.0.0", "4800")
    assert envs("render", root=root).code == 0
    assert (root / LEDGER).read_text() == (
        "# kept for the audit\n"
        f'1.2.4: # the first one\n  digest: {DIGEST}\n  build: "4711"\n'
        '"2.0.0":\n  build: "4800"\n'
    )


def test_an_entry_in_another_style_is_refused_rather_than_broken(root: Path) -> None:
    (root / LEDGER).parent.mkdir(parents=True)
    written = '1.2.4: {build: "4711"}\n'
    (root / LEDGER).write_text(written)
    release(root, "qa", f"{REPOSITORY}:1.2.4@{DIGEST}", "4711")
    result = envs("render", root=root)
    assert result.code == 2
    assert "write its fields below the tag, a line each" in result.err
    assert (root / LEDGER).read_text() == written
    assert not (root / "rendered").exists()


@pytest.mark.parametrize(
    ("first", "second", "noun"),
    [
        ((f"{REPOSITORY}:1.2.4@{DIGEST}", ""), (f"{REPOSITORY}:1.2.4@{OTHER}", ""), "digest"),
        ((f"{REPOSITORY}:1.2.4", "4711"), (f"{REPOSITORY}:1.2.4", "4712"), "build"),
    ],
)
def test_a_tag_is_never_used_for_two_things(
    root: Path, first: tuple[str, str], second: tuple[str, str], noun: str
) -> None:
    release(root, "qa", *first)
    assert envs("render", root=root).code == 0
    before = (root / LEDGER).read_bytes()
    release(root, "qa", *second)
    result = envs("render", root=root)
    assert result.code == 2
    assert result.err.startswith("environments/releases/qa/shop/server.yaml:1:8: image: the tag")
    assert f"already names {noun}" in result.err
    assert (root / LEDGER).read_bytes() == before
    found = envs("check", "--format", "json", root=root)
    assert found.code == 1
    assert "tags-are-never-reused" in {finding["rule"] for finding in found.json["findings"]}


def test_redeploying_and_rolling_back_pass(root: Path) -> None:
    for tag in ("1.2.4", "1.2.5", "1.2.4"):
        release(root, "qa", f"{REPOSITORY}:{tag}", f"build-{tag}")
        assert envs("render", root=root).code == 0
    assert envs("render", "--check", root=root).code == 0


def test_a_tag_that_moves_by_its_name_has_no_entry(root: Path) -> None:
    release(root, "qa", f"{REPOSITORY}:main")
    assert envs("render", root=root).code == 0
    assert not (root / LEDGER).exists()


def test_an_entry_that_vanished_since_the_base_is_found(checkout: Path) -> None:
    release(checkout, "qa", f"{REPOSITORY}:1.2.4", "4711")
    envs("render", root=checkout)
    commit(checkout, "release")
    release(checkout, "qa", f"{REPOSITORY}:1.2.5", "4712")
    (checkout / LEDGER).unlink()
    envs("render", root=checkout)
    result = envs("check", "--format", "json", root=checkout)
    assert result.code == 1
    lost = [finding for finding in result.json["findings"] if finding["rule"] == "ledger-only-grows"]
    assert [(finding["path"], finding["message"]) for finding in lost] == [
        ("1.2.4", 'the entry of tag "1.2.4" has vanished; restore it')
    ]


def test_a_fault_of_the_ledger_names_its_line(root: Path) -> None:
    (root / LEDGER).parent.mkdir(parents=True)
    (root / LEDGER).write_text("1.2.4:\n  diggest: x\n")
    result = envs("list", root=root)
    assert result.code == 2
    assert result.err.startswith(f"{LEDGER}:2:3: 1.2.4.diggest: unknown field; did you mean `digest`?")
