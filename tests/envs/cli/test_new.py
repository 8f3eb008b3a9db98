"""`envs new`: one more environment, or nothing at all."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest

from tests.command import commit, edit, envs, envs_process, files_of, make_environments
from tests.roots import BASE, make_root

RELEASE = "# written by a command\nimage: registry.example.com/server:1.2.4\nbuild: 4711\n"


def test_writes_all_that_an_environment_needs(root: Path) -> None:
    """Layer, stack file and rendered objects; nothing else changes, and all checks pass at once."""
    envs("render", root=root)
    before = files_of(root)
    result = envs("new", "staging", "--from", "e2e", root=root)
    assert result.code == 0
    assert result.out.startswith("staging: 8 objects, tier test, as a copy of e2e\nnext:\n")
    after = files_of(root)
    assert before.items() <= after.items()
    made = {name for name in after if name not in before}
    assert {name for name in made if not name.startswith("rendered/staging/")} == {
        "environments/staging.yaml",
        "environments/stacks/Pulumi.staging.yaml",
    }
    assert envs("render", "--check", root=root).code == 0
    rows = envs("list", "--format", "json", root=root).json
    assert {**rows[1], "name": "staging"} in rows


def test_shows_as_new_in_a_preview(checkout: Path) -> None:
    """What a reviewer of the pull request reads."""
    envs("new", "staging", "--from", "e2e", root=checkout)
    assert "  + shop: all of its 8 objects\n" in envs("preview", "staging", root=checkout).out
    commit(checkout)
    assert "no change" in envs("preview", "staging", root=checkout).out


def test_copies_the_layer_but_for_the_comment_at_its_head(tmp_path: Path) -> None:
    """Every byte behind it is the same: comments, quotes, order and line ends."""
    body = "tier: test\r\n\r\n# why\r\nteams: {ops:   {}}  # so\r\n"
    root = make_environments(
        tmp_path, {"qa.yaml": f"# yaml-language-server: $schema=schema.json\r\n# qa: the newest.\r\n{body}"}
    )
    envs("new", "staging", "--from", "qa", root=root)
    assert (root / "environments/staging.yaml").read_bytes().decode() == (
        f"# yaml-language-server: $schema=schema.json\r\n# staging: started as a copy of qa.\n{body}"
    )


def test_starts_with_the_images_of_its_source(tmp_path: Path) -> None:
    """Releases never inherit, so the copy gets its own: image and build, and no evidence of another."""
    root = make_environments(tmp_path, {"releases/qa/shop/server.yaml": RELEASE})
    envs("new", "staging", "--from", "qa", root=root)
    text = (root / "environments/releases/staging/shop/server.yaml").read_text()
    assert text == 'image: registry.example.com/server:1.2.4\nbuild: "4711"\n'


def test_copies_the_files_of_single_apps_with_hosts_of_their_own(tmp_path: Path) -> None:
    """What the source's own files say of an app is the copy's from then on."""
    app = PROD.partition("  shop:\n")[2].replace("\n    ", "\n").removeprefix("    ")
    layer = "tier: production\ncluster: {ingress: {namespace: ingress}}\n"
    root = make_environments(tmp_path, {"prod.yaml": layer, "prod/shop.yaml": app})
    result = envs("new", "staging", "--from", "prod", root=root)
    assert result.code == 0, result.err
    assert (root / "environments/staging/shop.yaml").read_text() == app.replace('"shop.', '"staging.shop.')
    assert (root / "environments/staging.yaml").read_text().endswith(layer)
    assert envs("remove", "staging", "--orphan", "--yes", root=root).code == 0
    assert not (root / "environments/staging").exists()


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/b",
        "Upper",
        "",
        "-a",
        "a_b",
        "a" * 64,
        "base",
        "parity",
        "releases",
        "components",
        "ä",
        "a\x1b[2Jb",
    ],
)
def test_a_name_that_cannot_be_one_is_refused(root: Path, name: str) -> None:
    """Before anything is written, anywhere."""
    before = files_of(root.parent)
    result = envs("new", "--from", "qa", "--", name, root=root)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("envs: ")
    assert "\x1b" not in result.err
    assert files_of(root.parent) == before


@pytest.mark.parametrize(
    "taken",
    [
        "environments/staging.yaml",
        "environments/staging/shop.yaml",
        "environments/stacks/Pulumi.staging.yaml",
        "environments/releases/staging/shop/server.yaml",
        "rendered/staging/apps/shop/a.yaml",
    ],
)
def test_overwrites_nothing(root: Path, taken: str) -> None:
    """Something of that name is there: nothing is written, whatever it is."""
    (root / taken).parent.mkdir(parents=True, exist_ok=True)
    (root / taken).symlink_to("nowhere")
    before = sorted(root.rglob("*"))
    result = envs("new", "staging", "--from", "qa", root=root)
    assert result.code == 2
    assert sorted(root.rglob("*")) == before


PROD = """\
tier: production
cluster: {ingress: {namespace: ingress}}
apps:
  shop:
    flows: {visitors: {from: ingress, to: server, port: http}}
    workloads:
      server:
        host: "shop.example.com" # what customers type
        replicas: 2
"""


def test_a_copy_gets_hosts_of_its_own(tmp_path: Path) -> None:
    """The layer says them where the source said its own, and the command names them with the tier."""
    root = make_environments(tmp_path, {"prod.yaml": PROD})
    result = envs("new", "staging", "--from", "prod", root=root)
    assert result.code == 0, result.err
    assert result.out.startswith(
        "staging: 11 objects, tier production, as a copy of prod\n"
        "  host staging.shop.example.com in place of shop.example.com\n"
    )
    assert (root / "environments/staging.yaml").read_text() == (
        "# staging: started as a copy of prod.\n" + PROD.replace('"shop.', '"staging.shop.')
    )


def test_a_copy_overrides_a_host_of_a_layer_that_both_use(tmp_path: Path) -> None:
    """Its own layer says it, since the other one holds for the source."""
    base = BASE + "        host: shop.example.com\n    flows: {in: {from: ingress, to: server, port: http}}\n"
    files = {"base.yaml": base, "qa.yaml": "tier: test\ncluster: {ingress: {namespace: ingress}}\n"}
    root = make_root(tmp_path, files)
    result = envs("new", "staging", "--from", "qa", root=root)
    assert result.code == 0, result.err
    assert (
        (root / "environments/staging.yaml")
        .read_text()
        .endswith("apps: {shop: {workloads: {server: {host: staging.shop.example.com}}}}\n")
    )


def test_a_copy_that_cannot_stand_beside_its_source_leaves_nothing(tmp_path: Path) -> None:
    """A host below an anchor is not put in by itself; the report says what to change, and where."""
    host = PROD.replace("server:\n        host", "server: &server\n        host")
    base = BASE + "        host: shop.example.com\n"
    files = {
        "base.yaml": base,
        "prod.yaml": host.replace('        host: "shop.example.com" # what customers type\n', ""),
    }
    qa = "tier: test\napps: {shop: {workloads: {server: {host: null}}}}\n"
    e2e = qa + "promotes: {from: qa}\n"
    root = make_environments(tmp_path, {**files, "qa.yaml": qa, "e2e.yaml": e2e})
    assert envs("list", root=root).err == ""
    before = files_of(root)
    result = envs("new", "staging", "--from", "prod", root=root)
    assert (result.code, result.out) == (2, "")
    head, fault, count = result.err.splitlines()
    assert head == (
        "envs: a copy of prod would conflict with it; "
        "write in environments/prod.yaml what a copy can share, such as a host without a dot:"
    )
    assert "the host shop.example.com/ is already used by server in shop of prod" in fault
    assert count == "1 fault in 1 file of the copy; nothing was written"
    assert files_of(root) == before
    assert not (root / "rendered").exists()


def test_a_disk_that_takes_no_more_leaves_nothing(root: Path) -> None:
    """What was written before that is taken back."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))

    before = files_of(root)
    options = {"env": {"PYTHONDONTWRITEBYTECODE": "1"}}
    done = envs_process("new", "staging", "--from", "qa", root=root, preexec_fn=limit, **options)
    assert done.returncode == 5
    assert done.stderr.decode().endswith("cannot be written: File too large\n")
    assert files_of(root) == before


def test_an_unknown_source_is_named(root: Path) -> None:
    """With a suggestion."""
    result = envs("new", "staging", "--from", "e3e", root=root)
    assert (result.code, result.err) == (
        2,
        "envs: there is no environment e3e; known: qa, e2e, prod; did you mean `e2e`?\n",
    )


def test_faults_that_were_there_before_are_told_first(root: Path) -> None:
    """They are not blamed on the copy."""
    edit(root / "environments/qa.yaml", "tier: test", "tier: tset")
    result = envs("new", "staging", "--from", "e2e", root=root)
    assert result.code == 2
    assert result.err.startswith("environments/qa.yaml:1:7: tier: ")
    assert not (root / "environments/staging.yaml").exists()
