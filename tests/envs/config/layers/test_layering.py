"""What an environment is merged from: several layers in order, apps' own files, and defaults beneath all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from envs.config.explain import explain
from envs.config.load import Configuration, load
from envs.config.model.workload import CronJob
from tests.roots import faults, make_root


def _files(**layers: str) -> dict[str, str]:
    """Name files by their layer; each environment gets a stack file."""
    files = {f"{name.replace('__', '/').replace('_', '-')}.yaml": text for name, text in layers.items()}
    stacks = {f"stacks/Pulumi.{name}": "config: {}\n" for name, text in files.items() if "tier:" in text}
    return {**files, **stacks}


def _server(configuration: Configuration, environment: str) -> dict[str, str]:
    """Environment variables of the server, in which the layers of these tests leave their marks."""
    variables = configuration.environments[environment].apps["shop"].workloads["server"].env
    return {name: str(variable.text) for name, variable in variables.items()}


def _env(**marks: str) -> str:
    listed = ", ".join(f"{name}: {value}" for name, value in marks.items())
    return f"apps: {{shop: {{workloads: {{server: {{env: {{{listed}}}}}}}}}}}\n"


DIAMOND = _files(
    common=_env(A="common", B="common", C="common", D="common"),
    prod="extends: [base, common]\n" + _env(B="prod", C="prod", D="prod"),
    eu="extends: common\n" + _env(C="eu", D="eu", A="eu"),
    prod_eu="tier: production\nextends: [prod, eu]\n" + _env(D="prod-eu"),
)


def test_each_layer_applies_once_in_the_order_of_the_list(tmp_path: Path) -> None:
    configuration = load(make_root(tmp_path, DIAMOND))
    assert _server(configuration, "prod-eu") == {"A": "eu", "B": "prod", "C": "eu", "D": "prod-eu"}
    files = [layer.origin.file for layer in configuration.layers["prod-eu"]]
    names = ("base", "common", "prod", "eu", "prod-eu")
    assert files == [f"environments/{name}.yaml" for name in names]


def test_a_layer_keeps_its_place_where_another_list_would_put_it_later(tmp_path: Path) -> None:
    files = _files(
        x="extends: p\n",
        y="extends: [q, p]\n",
        p=_env(A="p"),
        q=_env(A="q"),
        qa="tier: test\nextends: [x, y]\n",
    )
    assert _server(load(make_root(tmp_path, files)), "qa") == {"A": "p"}


def test_tier_cluster_and_promotes_never_come_from_another_environment(tmp_path: Path) -> None:
    files = _files(
        qa="tier: test\ncluster: {context: qa, domain: qa.example.com}\n" + _env(A="qa"),
        shared="extends: base\ncluster: {domain: shared.example.com}\n",
        e2e="tier: test\nextends: [shared, qa]\npromotes: {from: qa}\n",
        demo="tier: test\nextends: e2e\n",
    )
    environments = load(make_root(tmp_path, files)).environments
    assert environments["e2e"].cluster.context is None
    assert environments["e2e"].cluster.domain == "shared.example.com"
    assert environments["demo"].promotes is None


def test_an_app_has_a_file_of_its_own_in_each_layer(tmp_path: Path) -> None:
    files = _files(
        base__cart="team: web\nworkloads: {server: {image: 'cart:1.0.0', replicas: 2}}\n",
        qa__cart="workloads: {server: {replicas: 3}}\n",
    )
    configuration = load(make_root(tmp_path, files))
    apps = configuration.environments["qa"].apps
    assert sorted(apps) == ["cart", "shop"]
    explanation = explain(configuration, "qa", "apps.cart.workloads.server.replicas")
    assert [(str(said.origin), said.value) for said in explanation.said] == [
        ("environments/base/cart.yaml:2:53", "2"),
        ("environments/qa/cart.yaml:1:32", "3"),
    ]


def test_an_apps_file_is_stronger_than_its_layer_and_weaker_than_the_next(tmp_path: Path) -> None:
    files = _files(
        mid=_env(A="mid", B="mid", C="mid"),
        mid__shop="workloads: {server: {env: {B: own, C: own}}}\n",
        qa="tier: test\nextends: [base, mid]\n" + _env(C="qa"),
    )
    assert _server(load(make_root(tmp_path, files)), "qa") == {"A": "mid", "B": "own", "C": "qa"}


def test_null_in_an_apps_file_removes_what_a_weaker_layer_says(tmp_path: Path) -> None:
    files = _files(
        base__shop="workloads: {server: {env: {A: x}}}\n", qa__shop="workloads: {server: {env: null}}\n"
    )
    assert _server(load(make_root(tmp_path, files)), "qa") == {}


def test_a_layer_of_1200_apps_is_read_like_any_other(tmp_path: Path) -> None:
    text = "team: web\nworkloads: {web: {image: 'a:1.0.0', ports: {http: 80}, env: {A: a, B: b}}}\n"
    files = {f"base/app-{number:04}.yaml": text for number in range(600)}
    more = "".join(f"  more-{number:04}: {{{', '.join(text.splitlines())}}}\n" for number in range(600))
    files["common.yaml"] = f"apps:\n{more}"
    files["qa.yaml"] = "tier: test\nextends: [base, common]\n"
    assert len(load(make_root(tmp_path, files)).environments["qa"].apps) == 1201


def test_an_app_that_the_platform_delegates_to_may_hold_exemptions(tmp_path: Path) -> None:
    exemption = (
        "{rule: pods-meet-restricted, object: Deployment/shop-qa/server, because: old, until: 2026-12-01}"
    )
    files = {
        "base/shop.yaml": f"policies: {{exemptions: {{old: {exemption}}}}}\n",
        "qa.yaml": "tier: test\npolicies: {delegates: [shop]}\n",
    }
    environment = load(make_root(tmp_path, files)).environments["qa"]
    assert list(environment.policies.exemptions) == ["shop-old"]


DEFAULTS = """\
defaults:
  app: {isolation: namespace, quota: {pods: 7}}
  workload: {env: {TZ: Etc/UTC, A: default}, placement: {spread: zone}, rollout: {surge: 1}}
  deployment: {env: {A: of-kind}}
  cron: {keep: 60}
"""


def test_defaults_are_beneath_everything_that_an_app_says(tmp_path: Path) -> None:
    base = (
        "teams: {web: {}}\napps:\n  shop:\n    quota: {cpu: 3}\n    workloads:\n"
        "      server: {image: 'a:1.0.0', env: {B: own}}\n"
        "      nightly: {kind: cron, image: 'a:1.0.0', schedule: 0 3 * * *, env: {A: own}}\n"
    )
    root = make_root(tmp_path, {"base.yaml": base, "qa.yaml": f"tier: test\n{DEFAULTS}"})
    configuration = load(root)
    app = configuration.environments["qa"].apps["shop"]
    assert (app.isolation, app.quota and (app.quota.cpu, app.quota.pods)) == ("namespace", ("3", 7))
    assert _server(configuration, "qa") == {"TZ": "Etc/UTC", "A": "of-kind", "B": "own"}
    nightly = app.workloads["nightly"]
    assert {name: variable.text for name, variable in nightly.env.items()} == {"TZ": "Etc/UTC", "A": "own"}
    assert isinstance(nightly, CronJob)
    assert nightly.keep == 60


def test_a_default_names_its_line(tmp_path: Path) -> None:
    configuration = load(make_root(tmp_path, {"qa.yaml": f"tier: test\n{DEFAULTS}"}))
    explanation = explain(configuration, "qa", "apps.shop.quota.pods")
    assert str(explanation.origin) == "environments/qa.yaml:3:45"


def test_null_removes_a_default_like_any_value(tmp_path: Path) -> None:
    removed = "apps: {shop: {quota: null, workloads: {server: {env: {TZ: null}}}}}\n"
    configuration = load(make_root(tmp_path, {"qa.yaml": f"tier: test\n{DEFAULTS}{removed}"}))
    quota = configuration.environments["qa"].apps["shop"].quota
    assert quota is not None
    assert quota.pods == 20
    assert _server(configuration, "qa") == {"A": "of-kind"}


def test_a_stronger_layer_changes_and_removes_defaults_of_a_weaker_one(tmp_path: Path) -> None:
    qa = "tier: test\nextends: [base, mid]\ndefaults: {deployment: null, workload: {env: {A: qa}}}\n"
    configuration = load(make_root(tmp_path, _files(mid=DEFAULTS, qa=qa)))
    assert _server(configuration, "qa") == {"TZ": "Etc/UTC", "A": "qa"}


def test_a_default_that_a_weaker_layer_says_is_weaker_than_what_any_app_says(tmp_path: Path) -> None:
    files = {"base.yaml": "apps: {shop: {workloads: {server: {image: 'a:1.0.0', env: {A: base}}}}}\n"}
    configuration = load(make_root(tmp_path, {**files, "qa.yaml": f"tier: test\n{DEFAULTS}"}))
    assert _server(configuration, "qa") == {"TZ": "Etc/UTC", "A": "base"}


def test_null_in_a_default_patch_is_a_value(tmp_path: Path) -> None:
    qa = "tier: test\ndefaults: {workload: {patch: {Deployment: {spec: {paused: null}}}}}\n"
    workload = load(make_root(tmp_path, {"qa.yaml": qa})).environments["qa"].apps["shop"].workloads["server"]
    assert workload.patch == {"Deployment": {"spec": {"paused": None}}}


BROKEN = "tier: test\napps: ["


@pytest.mark.parametrize(
    ("files", "stops", "spares"),
    [
        pytest.param(_files(e2e=BROKEN), {"e2e"}, {"qa"}, id="an environment"),
        pytest.param(_files(e2e="tier: test\nextends: mid\n", mid="a: ["), {"e2e"}, {"qa"}, id="a layer"),
        pytest.param(_files(e2e="tier: test\n", e2e__shop="a: ["), {"e2e"}, {"qa"}, id="the file of an app"),
        pytest.param(_files(e2e="tier: tst\n"), {"e2e"}, {"qa"}, id="a value"),
        pytest.param(_files(e2e="tier: test\nextends: e2e\n"), {"e2e"}, {"qa"}, id="a chain"),
        pytest.param({"e2e.yaml": "tier: test\n"}, {"e2e"}, {"qa"}, id="a missing stack file"),
        pytest.param(
            {**_files(e2e="tier: test\n"), "releases/e2e/shop/servr.yaml": "image: a:1\n"},
            {"e2e"},
            {"qa"},
            id="a release",
        ),
        pytest.param(
            _files(
                e2e="tier: test\n" + "apps: {shop: {workloads: {server: {env: {API_TOKEN: verysecret}}}}}\n"
            ),
            {"e2e"},
            {"qa"},
            id="a credential",
        ),
        pytest.param(_files(e2e="tier: test\n", base="apps: ["), {"e2e", "qa"}, set(), id="the base"),
        pytest.param(
            {"base.yaml": None, "base.yml": "apps: {}\n"}, {"qa"}, set(), id="a base with a wrong name"
        ),
        pytest.param(
            _files(e2e="tier: test\n", mid="teir: test\n"), set(), {"qa", "e2e"}, id="an unused layer"
        ),
    ],
)
def test_a_broken_layer_stops_only_the_environments_that_use_it(
    files: dict[str, str | None], stops: set[str], spares: set[str], tmp_path: Path
) -> None:
    root = make_root(tmp_path, files)
    everything = faults(root)
    assert everything
    for name in spares:
        assert name in load(root, [name]).environments
    for name in stops:
        with pytest.raises(Exception, match=r"environments/") as caught:
            load(root, [name])
        assert {*str(caught.value).splitlines()[:-1]} <= {*everything}


def test_neighbours_on_the_same_cluster_are_read_and_others_are_not(tmp_path: Path) -> None:
    files = _files(
        qa="tier: test\ncluster: {context: one}\n",
        near="tier: test\ncluster: {context: one}\n",
        far="tier: test\ncluster: {context: two}\n",
        twin="tier: test\ncluster: {context: two, uid: 6a1ed2c8-0000-4000-8000-000000000000}\n",
        other="tier: test\ncluster: {context: one, uid: 6A1ED2C8-0000-4000-8000-000000000000}\n",
        bad="tier: test\ncluster: {context: one}\nteam: x\n",
        far_and_bad="tier: test\ncluster: {context: two}\nteam: x\n",
        unreadable="tier: [",
    )
    configuration = load(make_root(tmp_path, files), ["qa"])
    assert sorted(configuration.environments) == ["near", "other", "qa"]
    assert sorted(configuration.unread) == ["bad", "unreadable"]
    assert sorted(load(tmp_path, ["twin"]).environments) == ["far", "other", "twin"]


def test_an_environment_may_promote_from_one_that_is_not_read(tmp_path: Path) -> None:
    files = _files(
        qa="tier: test\ncluster: {context: one}\nteam: x\n",
        prod="tier: production\ncluster: {context: two}\npromotes: {from: qa}\n",
    )
    assert list(load(make_root(tmp_path, files), ["prod"]).environments) == ["prod"]
