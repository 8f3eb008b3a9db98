"""Files of YAML as people have them: places of values, and every way in which they cannot be read."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from kube.yaml.objects import OF_MANIFESTS
from policies.reading.files import UnreadableError, read

NO_OBJECT = "not a Kubernetes object; write apiVersion and kind, or keep the file out of this folder"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop-qa}\n"


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


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
    ("content", "said"),
    [
        ("a: [1", "1:6: is not YAML: "),
        ("kind: A\nkind: B\n", "2:1: `kind` is defined twice"),
        ("a: *nobody\n", "1:4: is not YAML: the alias names no anchor above"),
        ("replicas: 2\nimage: web\n", f"1:1: is {NO_OBJECT}"),
        ("apiVersion: v1\nkind: 1\n", f"1:1: is {NO_OBJECT}"),
        ("- kind: Pod\n", f"1:1: is a list, {NO_OBJECT}"),
        (f"{SERVICE}---\ntext\n", f"5:1: is a single value, {NO_OBJECT}"),
        (f"{LIST}- metadata: {{}}\n", f"15:3: items[1]: is {NO_OBJECT}"),
        (b"a: \xff\n", "1:4: is not UTF-8 here"),
        ("[" * 100_000, "1:101: is nested more than 100 levels deep"),
    ],
    ids=[
        "unclosed", "key twice", "alias", "values", "kind", "list", "text", "item", "encoding", "deep",
    ],
)  # fmt: skip
def test_a_file_that_is_not_manifests_is_a_fault_with_its_place_and_hides_no_other(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    write(tmp_path, {"bad.yaml": content, "good.yaml": SERVICE.replace("web", "good")})

    reading = read(tmp_path)

    assert [str(fault).partition("bad.yaml:")[2][: len(said)] for fault in reading.faults] == [said]
    assert reading.subjects[-1].name == "good"


def test_a_name_that_is_not_utf_8_is_a_fault_that_can_be_printed(tmp_path: Path) -> None:
    write(tmp_path, {"good.yaml": SERVICE})
    path = os.fsencode(tmp_path) + b"/bad\xff.yaml"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib takes no bytes
        file.write(SERVICE)

    reading = read(tmp_path)

    assert [str(fault).encode() for fault in reading.faults] == [
        os.fsencode(tmp_path) + b"/bad\\xff.yaml: has a name that is not UTF-8; rename the file"
    ]
    assert len(reading.subjects) == 1


def test_a_file_that_is_too_large_is_a_fault(tmp_path: Path) -> None:
    write(tmp_path, {"good.yaml": SERVICE, "huge.yaml": ""})
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(OF_MANIFESTS.bytes + 1)

    (fault,) = read(tmp_path).faults

    assert f"has more than {OF_MANIFESTS.bytes:,} bytes" in str(fault)


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

    with pytest.raises(UnreadableError, match=re.escape(str(tmp_path / name))):
        read(tmp_path / name)


def test_a_kustomization_is_named_as_one_and_hides_no_other_file(tmp_path: Path) -> None:
    """Its patches and generators change what is applied, so that its files alone tell little."""
    kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n"
    write(tmp_path, {"kustomization.yaml": kustomization, "a.yaml": SERVICE})

    reading = read(tmp_path)

    assert [str(fault).removeprefix(f"{tmp_path}/") for fault in reading.faults] == [
        (
            "kustomization.yaml:1:1: is an input of Kustomize, not what it builds; "
            "judge the output of `kustomize build` in a folder of its own"
        )
    ]
    assert len(reading.subjects) == 1
