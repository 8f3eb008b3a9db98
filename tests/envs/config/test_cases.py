"""Every line of cases/*.yaml: a root with something wrong in it, and the whole report on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from envs.config.load import load
from envs.config.reading.faults import ConfigurationError
from tests.roots import faults, in_server, in_shop, make_root

CASES = Path(__file__).parent / "cases"


def _cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yaml")):
        for title, case in yaml.safe_load(path.read_text("utf-8")).items():
            yield pytest.param(_files(case), case["faults"], id=f"{path.stem}: {title}")


def _files(case: dict[str, Any]) -> dict[str, str | None]:
    """Files of a case; `server`, `shop` and `qa` are short for what qa.yaml says of the workload, app, all."""
    if "server" in case:
        return {"qa.yaml": in_server(*case["server"].splitlines())}
    if "shop" in case:
        return {"qa.yaml": in_shop(*case["shop"].splitlines())}
    if "qa" in case:
        return {"qa.yaml": case["qa"]}
    files: dict[str, str | None] = case["files"]
    return files


@pytest.mark.parametrize(("files", "expected"), [*_cases()])
def test_the_report_names_every_fault_with_its_place_and_its_remedy(
    files: dict[str, str | None], expected: list[str], tmp_path: Path
) -> None:
    root = make_root(tmp_path, files)
    assert [line.replace(str(root), "<root>") for line in faults(root)] == expected


def test_the_minimal_root_has_no_fault(tmp_path: Path) -> None:
    assert list(load(make_root(tmp_path)).environments) == ["qa"]


def test_the_report_ends_with_the_number_of_faults_and_files(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"base.yaml": "appz: {}\n", "qa.yaml": "tier: test\nteam: {}\n"})
    with pytest.raises(ConfigurationError) as caught:
        load(root)
    assert str(caught.value).splitlines()[-1] == "2 faults in 2 files"


def test_a_fault_that_several_environments_inherit_is_reported_once(tmp_path: Path) -> None:
    root = make_root(
        tmp_path, {"e2e.yaml": "tier: test\n", "stacks/Pulumi.e2e.yaml": "", "base.yaml": "appz: {}\n"}
    )
    assert faults(root) == ["environments/base.yaml:1:1: appz: unknown field; did you mean `apps`?"]


def test_what_looks_like_a_credential_stands_in_no_message(tmp_path: Path) -> None:
    token = "ghp_" + "a" * 36
    root = make_root(tmp_path, {"qa.yaml": in_server(f"replicas: {token}", f"image: '{token} '")})
    assert token not in "\n".join(faults(root))
