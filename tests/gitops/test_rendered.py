"""What an environment renders for the job is what the job reads."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gitops.__main__ import main
from gitops.settings import RunLimits, parse
from gitops.source import folder, manifests
from gitops.source.project import refused_objects
from tests.command import envs
from tests.tree import SAMPLE


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the rendered objects of a root that has pulled apps."""
    folder = tmp_path_factory.mktemp("root")
    assert envs("render", "--out", str(folder), root=SAMPLE).code == 0
    return folder


@pytest.fixture(params=["qa", "prod"])
def path(request: pytest.FixtureRequest, root: Path) -> Path:
    """Give the settings of the job of one environment."""
    return root / f"rendered/{request.param}/fence/gitops-{request.param}/configmap-settings.yaml"


def test_rendered_settings_are_read_and_allow_what_is_rendered(root: Path, path: Path) -> None:
    """Every object below an application's path is in its project, and the path exists."""
    settings = parse(yaml.safe_load(path.read_text(encoding="utf-8"))["data"]["settings.yaml"], str(path))
    for application in settings.applications.values():
        if not application.source.path.startswith("rendered/"):
            continue
        files, faults = folder.read(root / application.source.path, RunLimits())
        found, broken = manifests.read(files, RunLimits())
        assert found
        assert [*faults, *broken] == []
        assert refused_objects(found, application.project, settings.projects[application.project]) == []


def test_the_rendered_arguments_are_understood(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The CronJob's arguments meet the job's command line."""
    text = path.with_name("cronjob-gitops.yaml").read_text(encoding="utf-8")
    container = yaml.safe_load(text)["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    arguments = ["0" if word.isdigit() else word for word in container["args"]]
    assert main(arguments) == 2
    assert "/etc/gitops/settings.yaml: cannot be read" in capsys.readouterr().err
