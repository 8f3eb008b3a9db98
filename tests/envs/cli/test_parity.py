"""`envs parity` and its part of `envs check`: environments differ only where parity.yaml says so, and why."""

from __future__ import annotations

from pathlib import Path

from tests.command import edit, envs

FILE = "environments/parity.yaml"
DECLARED = """\
"*.Namespace.*.metadata.labels[environments.internal/tier]": qa and e2e are for tests
"*.Deployment.*.spec.replicas": only production carries load
"*.Deployment.*.spec.template.spec.topologySpreadConstraints.**": several pods are spread
"*.PodDisruptionBudget.*": several pods keep some of them
"""


def declare(root: Path, text: str = DECLARED) -> None:
    """Write the declarations of a root."""
    (root / FILE).write_text(text)


def test_declared_differences_are_listed_with_their_reason(root: Path) -> None:
    declare(root)
    result = envs("parity", root=root)
    assert (result.code, result.err) == (0, "")
    assert "*.Deployment.*.spec.replicas  1 difference: only production carries load\n" in result.out
    assert result.out.endswith("0 undeclared and 4 declared differences\n")
    assert envs("check", root=root).code == 0


def test_a_difference_that_nobody_declared_fails_with_both_values_and_places(root: Path) -> None:
    declare(root)
    edit(root / "environments/prod.yaml", "replicas: 2", "replicas: 2\n        env: {MODE: slow}")
    edit(
        root / "environments/e2e.yaml",
        "tier: test",
        "tier: test\napps: {shop: {workloads: {server: {env: {MODE: fast}}}}}",
    )
    result = envs("parity", root=root)
    path = "shop.Deployment.server.spec.template.spec.containers.server.env"
    assert result.code == 1
    assert result.out.startswith(
        f"{path}  qa and e2e\n  qa: absent\n  e2e: 1 item  environments/e2e.yaml:2\n"
        f"{path}.MODE.value  e2e and prod\n"
        "  e2e: fast  environments/e2e.yaml:2\n"
        "  prod: slow  environments/prod.yaml:9\n"
    )
    checked = envs("check", root=root)
    assert checked.code == 1
    assert "environments/prod.yaml:9:1: mandatory: prod Deployment/server" in checked.out
    assert "e2e has fast (environments/e2e.yaml:2), prod has slow (environments/prod.yaml:9)" in checked.out


def test_the_names_of_the_environments_are_no_difference(root: Path) -> None:
    """Also in values: each environment has a host and a setting with its own name."""
    declare(root)
    for name in ("qa", "e2e", "prod"):
        layer = root / f"environments/{name}.yaml"
        text = layer.read_text()
        if name == "prod":
            edit(layer, "replicas: 2\n", "replicas: 2\n        env: {NAME: prod}\n")
        else:
            layer.write_text(f"{text}apps: {{shop: {{workloads: {{server: {{env: {{NAME: {name}}}}}}}}}}}\n")
    assert envs("parity", root=root).code == 0
    edit(root / "environments/prod.yaml", "NAME: prod", "NAME: e2e")
    assert "  e2e: <environment>  environments/e2e.yaml" in envs("parity", root=root).out


def test_an_app_that_one_environment_lacks_is_one_difference_and_is_compared_with_the_one_before(
    root: Path,
) -> None:
    """The app of qa and prod is compared between these two, though e2e between them has none."""
    declare(root)
    with (root / "environments/base.yaml").open("a") as base:
        base.write(
            "  till:\n    team: web\n    workloads:\n      server: {image: registry.example.com/till:1.0.0}\n"
        )
    edit(root / "environments/e2e.yaml", "tier: test", "tier: test\napps: {till: null}")
    prod = root / "environments/prod.yaml"
    edit(prod, "apps:\n", "apps:\n  till: {workloads: {server: {env: {A: b}}}}\n")
    found = {
        each["path"]: each["between"]
        for each in envs("parity", "--format", "json", root=root).json["undeclared"]
    }
    assert found == {
        "till": [["qa", "e2e"]],
        "till.Deployment.server.spec.template.spec.containers.server.env": [["qa", "prod"]],
    }


def test_a_declaration_that_nothing_needs_is_reported(root: Path) -> None:
    declare(root, f"{DECLARED}shop.Service.server.spec.ports: nothing\n")
    result = envs("parity", root=root)
    assert result.code == 0
    assert f"{FILE}:5:1: shop.Service.server.spec.ports: nothing differs there; remove it" in result.out
    assert "advisory: Parity/declaration shop.Service.server.spec.ports" in envs("check", root=root).out


def test_the_file_starts_with_todays_differences_and_needs_reasons(root: Path) -> None:
    assert envs("parity", root=root).code == 1
    assert envs("parity", "--write", root=root).code == 0
    without = envs("parity", root=root)
    assert without.code == 2
    assert (
        f"{FILE}:3:1: *.Namespace" in without.err
        or "has no reason; say why environments differ here" in without.err
    )
    text = (root / FILE).read_text()
    declare(root, text.replace('""', "it has to be"))
    assert envs("parity", root=root).code == 0
    again = envs("parity", "--write", root=root)
    assert (again.code, (root / FILE).read_text()) == (2, text.replace('""', "it has to be"))


def test_without_the_file_check_does_not_judge_parity_and_parity_says_how_to_start(root: Path) -> None:
    assert envs("check", root=root).code == 0
    result = envs("parity", root=root)
    assert (result.code, result.err) == (
        1,
        f"there is no {FILE}; `envs parity --write` starts it with these differences\n",
    )


def test_a_fault_of_the_file_has_its_place(root: Path) -> None:
    declare(root, "a: b\na: c\n")
    result = envs("check", root=root)
    assert result.code == 2
    assert f"{FILE}:2:1" in result.err
