"""The gate of the job: what breaks a mandatory rule is refused by name, before anything of it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.gitops.jobs import config_map
from tests.tree import TREE

if TYPE_CHECKING:
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person

EXAMPLES = TREE / "examples"


def example(name: str) -> dict[str, str]:
    """Files of an example, below the path that the job reads."""
    folder = EXAMPLES / name / "deploy"
    return {f"app/{path.name}": path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())}


def test_the_refused_example_is_refused_by_name(job: Job, person: Person) -> None:
    """The report has object, path, rule and remedy; another application is still synced."""
    job.repository.commit(example("refused") | {"good/one.yaml": config_map("one")})
    job.applications = {"app": job.application(), "good": job.application("good")}
    result = job.sync()
    assert result.code == 3
    message = result.summary()["message"]
    assert f"app/deployment.yaml:1:1: Deployment/{job.namespace}/" in message
    assert "spec.template.spec.containers[" in message
    for rule in ("images-are-pinned", "pods-meet-restricted", "services-stay-inside"):
        assert f"[{rule}]" in message, message
    assert "nothing was written" in message
    assert person.names("Deployment") == set()
    assert person.get("ConfigMap", "one") is not None


def test_the_conforming_example_is_applied(job: Job, person: Person) -> None:
    job.repository.commit(example("sample-app"))
    result = job.sync()
    assert result.code == 0, result.messages
    assert person.names("Deployment") == {"sample-app"}


@pytest.mark.parametrize(
    ("policies", "code"),
    [
        ({}, 3),
        ({"images": {"registry.example.com/web": {"tags": "build", "because": "upstream numbers builds"}}}, 0),
        (
            {"exemptions": {"web": {"rule": "images-are-pinned", "because": "a test", "until": "2999-01-01",
                                    "repository": "registry.example.com/web"}}},
            0,
        ),
        (
            {"exemptions": {"web": {"rule": "images-are-pinned", "because": "a test", "until": "2020-01-01",
                                    "repository": "registry.example.com/web"}}},
            3,
        ),
    ],
    ids=["nothing said", "declared shape", "exempt", "exemption over"],
)  # fmt: skip
def test_the_settings_say_what_the_rules_must_know(job: Job, policies: dict[str, Any], code: int) -> None:
    files = example("sample-app")
    image = next(line for line in files["app/deployment.yaml"].splitlines() if "image:" in line).split(
        "image:"
    )[1]
    text = files["app/deployment.yaml"].replace(image, " registry.example.com/web:v5")
    job.repository.commit(files | {"app/deployment.yaml": text})
    job.extra = {"policies": policies}
    assert job.sync().code == code


def test_a_rule_that_no_longer_excuses_is_noticed_without_a_new_commit(job: Job) -> None:
    files = example("sample-app")
    job.repository.commit(files)
    assert job.sync().code == 0
    job.extra = {"policies": {"registries": ["elsewhere.example.com"]}}
    result = job.sync()
    assert (result.code, result.summary()["sync"]) == (3, "OutOfSync")


@pytest.mark.parametrize("level", ["privileged", None])
def test_a_namespace_that_opens_itself_is_refused(job: Job, level: str | None) -> None:
    """Its labels decide which pods and which neighbours it lets in."""
    labels = {
        f"environments.internal/{name}": value for name, value in (("environment", "qa"), ("tier", "test"))
    }
    enforce = {"pod-security.kubernetes.io/enforce": level} if level else {}
    space = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": job.namespace, "labels": labels | enforce},
    }
    job.extra = {"policies": {"tier": "test"}}
    job.repository.commit({"app/a.yaml": space})
    result = job.sync()
    assert result.code == 3
    assert "metadata.labels[pod-security.kubernetes.io/enforce]" in result.messages
    assert "[namespaces-are-complete]" in result.messages
