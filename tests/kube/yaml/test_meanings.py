"""All gates read the values of Kubernetes objects as kubectl does, or refuse them with their place."""

from __future__ import annotations

import json
import math
import random
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from envs.config.reading.document import parse_document
from envs.config.validation.verbatim import untyped, verbatim_faults
from envs.review.parse import parse
from gitops.settings import RunLimits
from gitops.source import manifests
from gitops.source.repository import File
from kube.yaml.faults import DocumentError
from kube.yaml.objects import read_objects
from localkube.binaries import ensure_built
from localkube.errors import ClusterError
from policies.reading import files
from tests.kube.yaml.meanings import ACCEPTED, ACCEPTED_OUTSIDE_LAYERS, REFUSED, REFUSED_EVERYWHERE
from tests.roots import in_server, in_shop

HEAD = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: thing}\nspec:\n"
PLACE = ":5:"  # of the value, below the head


@pytest.fixture(scope="module")
def kubectl() -> Path:
    """Give the kubectl of the local cluster; no server takes part."""
    try:
        return ensure_built(print) / "kubectl"
    except ClusterError as error:
        pytest.skip(str(error))


def document(text: str) -> str:
    """Write an object with a value."""
    return f"{HEAD}  value: {text}\n"


def asked(kubectl: Path, text: str) -> Any:
    """Ask kubectl for the values of some objects; none where it refuses one of them."""
    words = [str(kubectl), "annotate", "--local", "--filename=-", "--output=json", "read=yes"]
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    return objects(done.stdout) if done.returncode == 0 else None


def objects(text: str) -> list[Any]:
    """Take apart the objects that kubectl prints, and return their values."""
    decoder, values = json.JSONDecoder(), []
    while text := text.lstrip():
        found, end = decoder.raw_decode(text)
        values.append(found["spec"].get("value"))
        text = text[end:]
    return values


def same(one: Any, other: Any) -> bool:
    """Compare what JSON says, where 1e20 and its digits are one number and kubectl rounds to 53 bits."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) in {int, float} and type(other) in {int, float}:
        return one == other or (abs(one) > 2**53 and math.isclose(one, other, rel_tol=1e-15))
    return type(one) is type(other) and bool(one == other)


@pytest.mark.api
@pytest.mark.parametrize("table", [ACCEPTED, ACCEPTED_OUTSIDE_LAYERS, REFUSED_EVERYWHERE])
def test_the_table_says_what_kubectl_does(kubectl: Path, table: Mapping[str, Any]) -> None:
    read = {text: value for text, value in table.items() if value is not REFUSED}
    answers = asked(kubectl, "---\n".join(map(document, read)))

    assert answers is not None
    assert len(answers) == len(read)
    wrong = [(text, value, answer) for (text, value), answer in zip(read.items(), answers, strict=True)
             if not same(value, answer)]  # fmt: skip
    assert wrong == []


@pytest.mark.api
@pytest.mark.parametrize("text", [text for text, value in REFUSED_EVERYWHERE.items() if value is REFUSED])
def test_what_the_table_calls_refused_is_refused_by_kubectl(kubectl: Path, text: str) -> None:
    assert asked(kubectl, document(text)) is None


@pytest.mark.api
def test_texts_that_nobody_thought_of_mean_what_they_mean_to_kubectl(kubectl: Path) -> None:
    """Most of these pieces make numbers, or almost."""
    pieces = [
        "0",
        "1",
        "7",
        "8",
        "9",
        "_",
        "+",
        "-",
        ".",
        "e",
        "E",
        "x",
        "X",
        "o",
        "O",
        "b",
        "B",
        "a",
        "F",
        "f",
        ":",
        "00",
        "12",
        "0x",
        "0b",
        "0o",
        "e3",
        "yes",
        "no",
        "on",
        "True",
        "null",
        "~",
        "=",
    ]
    chance = random.Random(7)  # noqa: S311 - the same texts in every run
    texts = {"".join(chance.choices(pieces, k=chance.randint(1, 6))) for _ in range(2000)}
    read = {}
    for text in sorted(text for text in texts if not text.endswith(":") and text != "-"):
        documents, faults = read_objects(document(text).encode(), "f.yaml")
        if not faults:
            read[text] = documents[0].value["spec"]["value"]
    answers = asked(kubectl, "---\n".join(map(document, read)))

    assert answers is not None
    assert len(answers) == len(read) > 1500
    assert [text for text, answer in zip(read, answers, strict=True) if not same(read[text], answer)] == []


def by_the_job(text: str, _folder: Path) -> Any:
    """Read as the GitOps job does."""
    found, wrong = manifests.read([File("f.yaml", document(text).encode())], RunLimits())
    return _answer([manifest.body for manifest in found], map(str, wrong))


def by_the_check(text: str, folder: Path) -> Any:
    """Read as `envs check --manifests` does."""
    (folder / "f.yaml").write_text(document(text))
    reading = files.read(folder)
    return _answer([subject.manifest for subject in reading.subjects], map(str, reading.faults))


def by_a_preview(text: str, _folder: Path) -> Any:
    """Read as previews read the file of a commit."""
    return parse(document(text).encode(), "f.yaml").get("spec", {}).get("value", REFUSED)


def by_a_manifest(text: str, _folder: Path) -> Any:
    """Read as an object below `manifests:` of a layer."""
    lines = [f"    {line}" for line in document(text).splitlines()]
    path = ("apps", "shop", "manifests", "thing", "spec")
    return _in_layers(in_shop("manifests:", "  thing:", *lines), path, place="10:")


def by_a_patch(text: str, _folder: Path) -> Any:
    """Read as a `patch:` of a layer."""
    lines = ["patch:", "  Deployment:", "    spec:", f"      value: {text}"]
    path = ("apps", "shop", "workloads", "server", "patch", "Deployment", "spec")
    return _in_layers(in_server(*lines), path, place="9:")


def _in_layers(text: str, path: tuple[str, ...], place: str) -> Any:
    try:
        node = parse_document(text.encode(), "qa.yaml")
        wrong = list(verbatim_faults(node))
    except DocumentError as error:
        wrong = error.faults
    if wrong:
        assert all(str(fault).startswith(f"qa.yaml:{place}") for fault in wrong)
        return REFUSED
    for step in path:
        node = node.child(step) or node
    return untyped(node)["value"]


def _answer(found: list[Any], wrong: Iterable[str]) -> Any:
    reports = list(wrong)
    if not reports:
        return found[0]["spec"]["value"]
    assert found == []
    assert all(report.partition(".yaml")[2].startswith(PLACE) for report in reports)
    return REFUSED


OUTSIDE_LAYERS = [by_the_job, by_the_check, by_a_preview]
IN_LAYERS = [by_a_manifest, by_a_patch]


@pytest.mark.parametrize("gate", [*OUTSIDE_LAYERS, *IN_LAYERS])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        *ACCEPTED.items(),
        *ACCEPTED_OUTSIDE_LAYERS.items(),
        *((text, REFUSED) for text in REFUSED_EVERYWHERE),
    ],
)
def test_no_gate_takes_a_value_for_another(
    gate: Callable[[str, Path], Any], text: str, value: Any, tmp_path: Path
) -> None:
    expected = REFUSED if gate in IN_LAYERS and text in ACCEPTED_OUTSIDE_LAYERS else value
    found = gate(text, tmp_path)
    assert found is expected or (json.dumps(found) == json.dumps(expected) and found is not REFUSED)
