"""Files of YAML as people have them: places of values, and every way in which they cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from policies.reading import files
from policies.reading.document import UnreadableError, parse
from policies.reading.files import read

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop-qa}\n"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def fault(path: Path) -> str:
    """Message with which a path is refused."""
    with pytest.raises(UnreadableError) as refused:
        read(path)
    return str(refused.value)


def test_all_documents_of_all_files_are_read_in_the_order_of_their_paths(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        {
            "b.yml": f"---\n{SERVICE}---\n{SERVICE.replace('web', 'second')}---\n# nothing\n",
            "a/deep.yaml": SERVICE.replace("web", "deep"),
            "c.json": '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "third"}}',
            "README.md": "no: [manifest",
        },
    )

    assert [subject.name for subject in read(folder).subjects] == ["deep", "web", "second", "third"]


def test_one_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    folder = write(tmp_path, {"service": SERVICE})

    assert [subject.id for subject in read(folder / "service").subjects] == ["Service/shop-qa/web"]


LIST = f"""\
{SERVICE}---
apiVersion: v1
kind: List
items:
- kind: Pod
  apiVersion: v1
  metadata: {{name: a}}
  spec:
    containers:
    - name: web
      image: x
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("metadata.name", "10:14"),
        ("spec.containers[web].image", "14:7"),
        ("spec.containers[0].image", "14:7"),
        ("spec.containers[web].resources.limits", "13:7"),
        ("spec.nothing", "11:3"),
        ("nowhere.at.all", "8:3"),
    ],
)
def test_a_place_is_that_of_the_value_or_of_the_nearest_part_of_its_path(
    tmp_path: Path, path: str, place: str
) -> None:
    file = write(tmp_path, {"all.yaml": LIST}) / "all.yaml"
    found = read(file)

    assert found.origin(found.subjects[1], path) == f"{file}:{place}"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("a: [1", ":2:1: "),
        ("a: 1\n\tb: 2\n", ":2:1: "),
        ("kind: A\nkind: B\n", ':2:1: the key "kind" stands twice'),
        ("spec: {a: 1, a: 2}\n", ':1:14: the key "a" stands twice'),
        ("a: *nobody\n", ":1:4: found undefined alias"),
        ("a: !!python/object/apply:os.system [id]\n", ":1:4: could not determine a constructor"),
        ("- kind: Pod\n", ": document 1 is no object"),
        (f"{SERVICE}---\ntext\n", ": document 2 is no object"),
        ("? {a: b}\n: c\n", ":1:3: a key must be a text"),
        ("a: \0\n", "control characters are not allowed"),
        (b"a: \xff\n", ": byte 3 is not UTF-8"),
        (BOMB, ": its aliases expand beyond"),
        ("a: &a [*a]\n", ": its aliases expand beyond"),
        ("[" * 100_000, ":1:101: this is nested deeper"),
        ("- " * 100_000, ":1:201: this is nested deeper"),
    ],
    ids=[
        "unclosed", "tab", "key twice", "key twice inline", "alias", "tag", "list", "text",
        "key that is a mapping", "null byte", "encoding", "bomb", "endless", "deep", "deep block",
    ],
)  # fmt: skip
def test_what_is_not_yaml_that_kubernetes_takes_is_refused_with_its_place(
    tmp_path: Path, content: str | bytes, why: str
) -> None:
    file = write(tmp_path, {"bad.yaml": content}) / "bad.yaml"

    message = fault(tmp_path)

    assert message.startswith(str(file))
    assert why in message
    assert "\n" not in message


def test_every_bad_file_is_named_and_good_ones_do_not_hide_them(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a: [", "b.yaml": SERVICE, "c.yaml": "- 1"})

    assert [Path(line.split(":")[0]).name for line in fault(tmp_path).splitlines()] == ["a.yaml", "c.yaml"]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as file:
        file.truncate(files.LARGEST_FILE + 1)

    assert f"at most {files.LARGEST_FILE} are read" in fault(tmp_path)


def test_links_within_a_folder_are_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.yaml": "a: ["})
    folder = write(tmp_path / "inside", {"service.yaml": SERVICE})
    (folder / "link.yaml").symlink_to(outside / "secret.yaml")
    (folder / "folder").symlink_to(outside, target_is_directory=True)

    assert [subject.name for subject in read(folder).subjects] == ["web"]


def test_a_pipe_within_a_folder_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"service.yaml": SERVICE})
    os.mkfifo(tmp_path / "pipe.yaml")

    assert len(read(tmp_path).subjects) == 1


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_a_path_without_manifests_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()

    assert str(tmp_path / name) in fault(tmp_path / name)


def test_dates_and_numbers_stay_what_kubernetes_reads() -> None:
    (document,) = parse("a: 2026-01-01\nb: 0o17\nc: 1_000\nd: ~\n", "f")

    assert document.manifest["a"] == "2026-01-01"
    assert document.manifest["d"] is None


def test_aliases_within_bounds_are_read(tmp_path: Path) -> None:
    text = f"{SERVICE}spec:\n  a: &a {{b: c}}\n  d: *a\n  e: {{<<: *a, f: g}}\n"

    (subject,) = read(write(tmp_path, {"a.yaml": text})).subjects

    assert subject.manifest["spec"]["e"] == {"b": "c", "f": "g"}


def test_keys_are_texts_as_kubernetes_reads_them() -> None:
    (document,) = parse("labels: {1: a, true: b, 2026-01-01: c, null: d}\n", "f")

    assert list(document.manifest["labels"]) == ["1", "true", "2026-01-01", "null"]
