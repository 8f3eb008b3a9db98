"""`read DIR`: objects and every fault of every file, without a cluster."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gitops.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, namespace: ns}\n"


def _read(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["read", str(folder)])
    return code, json.loads(capsys.readouterr().out)


def test_good_files_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lists are taken apart, also nested ones; other files are not looked at."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.yml").write_text(GOOD % "a", encoding="utf-8")
    item = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n", "creationTimestamp": None}}
    nested = {
        "apiVersion": "v1",
        "kind": "List",
        "items": [{"apiVersion": "v1", "kind": "List", "items": [item]}],
    }
    (tmp_path / "b.json").write_text(json.dumps(nested), encoding="utf-8")
    (tmp_path / "readme.md").write_text("a: [", encoding="utf-8")
    code, found = _read(tmp_path, capsys)
    assert (code, found) == (0, {"objects": ["Namespace/n", "ConfigMap/ns/a"], "errors": []})


def test_every_fault_of_every_file_is_in_one_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Good objects beside them are still listed."""
    (tmp_path / "a.yaml").write_text(GOOD % "a" + "---\n" + GOOD % "a", encoding="utf-8")
    (tmp_path / "b.yaml").write_text(
        "a: 1\n---\n- 1\n---\napiVersion: v1\nkind: ConfigMap\n", encoding="utf-8"
    )
    (tmp_path / "c.yaml").write_text("a: [", encoding="utf-8")
    refused = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, labels: {a: 1}, uid: x, annotations: []}\n"
    (tmp_path / "d.yaml").write_text(refused, encoding="utf-8")
    (tmp_path / "e.yaml").symlink_to("/etc/hostname")
    (tmp_path / "f.yaml").write_text("apiVersion: v1\nkind: A\nmetadata: {name: ../x}\n", encoding="utf-8")
    code, found = _read(tmp_path, capsys)
    assert (code, found["objects"]) == (2, ["ConfigMap/ns/a", "ConfigMap/ns/a"])
    faults = [(fault["file"], fault["line"], fault["message"].split(":")[0]) for fault in found["errors"]]
    assert faults == [
        ("a.yaml", 5, "ConfigMap/ns/a is already defined in a.yaml"),
        ("b.yaml", 1, "apiVersion"),
        ("b.yaml", 1, "kind"),
        ("b.yaml", 1, "metadata"),
        (
            "b.yaml",
            3,
            "is a list, not a Kubernetes object; write a mapping with apiVersion, kind and metadata",
        ),
        ("b.yaml", 5, "metadata"),
        ("c.yaml", 1, "is not YAML"),
        ("d.yaml", 1, "kind"),
        ("d.yaml", 1, "metadata.annotations"),
        ("d.yaml", 1, "metadata.labels.a"),
        ("d.yaml", 1, "metadata.uid"),
        ("e.yaml", 0, "is not a regular file; only regular files are read"),
        ("f.yaml", 1, "metadata.name"),
    ]


def test_the_path_of_an_annotation_has_its_key_in_brackets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The prefix holds a dot."""
    wave = "environments.internal/wave"
    for name, value in (("a", "soon"), ("b", "1")):
        text = GOOD % f"{name}, annotations: {{{wave}: {value}}}"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    _, found = _read(tmp_path, capsys)
    assert [fault["message"] for fault in found["errors"]] == [
        f"metadata.annotations[{wave}]: 'soon' is not a whole number",
        f"metadata.annotations[{wave}]: 1 is not text; put it in quotes",
    ]


def test_an_item_of_a_list_has_its_own_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list of thousands of objects would otherwise be one line."""
    items = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: A\n- - x\n"
    (tmp_path / "a.yaml").write_text(items, encoding="utf-8")
    _, found = _read(tmp_path, capsys)
    assert [(fault["line"], fault["column"]) for fault in found["errors"]] == [(4, 3), (6, 3)]


def test_text_of_brackets_behind_a_comment_ends_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The brackets of the comment do not make up for those of the value."""
    (tmp_path / "a.yaml").write_text(f"#{']' * 60_000}\n{'[' * 60_000}", encoding="utf-8")
    (tmp_path / "b.yaml").write_text(GOOD % "b", encoding="utf-8")
    _, found = _read(tmp_path, capsys)
    assert found["objects"] == ["ConfigMap/ns/b"]
    assert [fault["message"] for fault in found["errors"]] == ["is nested more than 100 levels deep"]


def test_a_folder_that_is_none_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, like all bad input."""
    assert _read(tmp_path / "none", capsys)[0] == 2
