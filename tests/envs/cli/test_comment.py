"""`envs comment`: one comment for all environments, rendered as GitHub renders it, and never too long."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.browser import markdown_as_html
from tests.command import commit, edit, envs, git, make_environments, make_repository

BASE, PROD = "environments/base.yaml", "environments/prod.yaml"
LIMIT = 65_536
PREVIEW = {
    "steps": [
        {"op": "same", "urn": "urn:pulumi:prod::p::kubernetes:core/v1:Namespace::n"},
        {
            "op": "delete",
            "urn": "urn:pulumi:prod::p::a$kubernetes:apps/v1:Deployment::shop-prod/Deployment/old",
        },
    ]
}
EVENTS = [
    {"sequence": 1, "preludeEvent": {"config": {}}},
    {"sequence": 2, "resourcePreEvent": {"metadata": {"op": "create", "urn": "urn:pulumi:qa::p::t::one"}}},
    {"sequence": 3, "resourcePreEvent": {"metadata": {"op": "update", "urn": "urn:pulumi:qa::p::t::two"}}},
]
STATUS = [
    {
        "environment": "prod",
        "error": None,
        "apps": [
            {
                "name": "shop",
                "sync": "OutOfSync",
                "health": "Degraded",
                "images": [{"workload": "server", "container": "server", "running": "a:1", "wanted": "a:2"}],
            }
        ],
    }
]
HOSTILE = "``` @everybody #1 <img src=x onerror=y> [a](https://evil.example) </details> ${{ x }} | *b* https://e.example"


def test_says_in_one_line_that_nothing_changes(checkout: Path) -> None:
    out = envs("comment", root=checkout).out
    assert out.startswith("<!-- envs comment . -->\n### Environments\n\nNothing changes.\n")


def test_names_each_effect_with_its_environments_and_places_and_nothing_else(checkout: Path) -> None:
    """One value in base, one in prod, and one flow."""
    edit(checkout / BASE, "server:1.2.3", "server:1.2.4")
    edit(checkout / PROD, "replicas: 2", "replicas: 4")
    with (checkout / BASE).open("a") as base:
        base.write("    flows:\n      out: {from: server, to: {cidr: 203.0.113.0/24}, port: 443}\n")
    text = envs("comment", root=checkout).out
    summary = text.partition("<details>")[0]
    assert "3 environments change; **production: prod**; **1 risky operation**; 6 pods restart" in summary
    everywhere = "in qa, e2e, prod — `environments/base.yaml:7`"
    flow = "in qa, e2e, prod — `environments/base.yaml:10`"
    assert re.findall(r"^- (.*)$", summary, re.MULTILINE) == [
        f"exposes: `shop/server → 203.0.113.0/24` is possible on TCP 443, {flow}",
        f"restarts: `shop/server` restarts its pods, 1 at a time (6 pods), {everywhere}",
        "resizes: `shop/server` pods 2 \\-\\> 4, in prod — `environments/prod.yaml:8`",
        f"releases: `shop/server` server 1.2.3 \\-\\> 1.2.4 \\(new everywhere\\), {everywhere}",
    ]
    assert "<td>prod</td>" in markdown_as_html(text)


def test_text_of_layers_cannot_become_markup(checkout: Path) -> None:
    """In a value, in the name of an environment that is gone, and in what Pulumi and `status` said."""
    edit(checkout / PROD, "replicas: 2", f"replicas: 2\n        env: {{A: {json.dumps(HOSTILE)}}}")
    stray = checkout / f"rendered/{HOSTILE.replace('/', '_')}/apps/a"
    stray.mkdir(parents=True)
    (stray / "x.yaml").write_text("kind: A\nmetadata: {name: b}\n")
    commit(checkout)
    git(checkout, "rm", "-rq", "--cached", "rendered")
    events, status = checkout / "events.json", checkout / "status.json"
    step = {"op": "delete", "urn": f"urn:pulumi:{HOSTILE}::p::t::{HOSTILE}"}
    events.write_text(json.dumps({"steps": [step]}))
    status.write_text(json.dumps([{"environment": HOSTILE, "error": HOSTILE, "apps": []}]))
    edit(checkout / PROD, "``` @", "```` @")
    words = ("comment", "--base", "HEAD", "--pulumi-events", str(events), "--status", str(status))
    result = envs(*words, root=checkout)
    assert result.code == 0, result.err
    out = result.out
    assert "@everybody" in out
    rendered = markdown_as_html(out)
    visible = re.sub(r"<code.*?</code>", "", rendered, flags=re.DOTALL)
    assert set(re.findall(r"</?(\w+)", visible)) <= {
        *(
            "h3",
            "p",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "ul",
            "li",
            "strong",
            "details",
            "summary",
            "pre",
        )
    }
    assert "@everybody" not in visible
    assert "#1" not in visible
    assert "https://" not in visible
    assert rendered.count("<details>") == rendered.count("</details>") == out.count("<details>")


def test_tells_steps_of_pulumi_in_both_forms_and_what_runs(checkout: Path) -> None:
    (checkout / "one.json").write_text(json.dumps(PREVIEW))
    (checkout / "two.json").write_text("\n".join(map(json.dumps, EVENTS)))
    (checkout / "status.json").write_text(json.dumps(STATUS))
    files = [word for name in ("one", "two") for word in ("--pulumi-events", str(checkout / f"{name}.json"))]
    out = envs("comment", *files, "--status", str(checkout / "status.json"), root=checkout).out
    assert "- Pulumi: delete `kubernetes:apps/v1:Deployment shop-prod/Deployment/old` in prod\n" in out
    assert "<summary>Pulumi: qa: 1 create, 1 update</summary>" in out
    assert "- prod/shop: OutOfSync, Degraded; server runs a:1, a:2 is wanted\n" in out


@pytest.mark.parametrize("option", ["--pulumi-events", "--status"])
@pytest.mark.parametrize("content", ["{", "[1]", '{"a": "b"}\n[2]', "é"])
def test_a_file_of_another_form_is_refused(checkout: Path, option: str, content: str) -> None:
    (checkout / "file").write_text(content)
    result = envs("comment", option, str(checkout / "file"), root=checkout)
    assert (result.code, result.out) == (2, "")
    assert "file is n" in result.err


def test_a_missing_file_is_named(checkout: Path) -> None:
    result = envs("comment", "--status", "absent.json", root=checkout)
    assert (result.code, result.err) == (5, "envs: absent.json: No such file or directory\n")


def test_stays_below_the_limit_and_keeps_the_summary(tmp_path: Path) -> None:
    """Fifty environments, each with changes of its own in many workloads."""
    names = [f"e{number}" for number in range(50)]
    workloads = "".join(
        f"      w{number}: {{image: registry.example.com/w:1.0.0, env: {{A: old}}}}\n" for number in range(12)
    )
    app = "    team: web\n    quota: {memory: 8Gi}\n"
    files: dict[str, str | bytes | None] = {
        "base.yaml": f"teams: {{web: {{}}}}\napps:\n  shop:\n{app}    workloads:\n{workloads}",
        "prod.yaml": None,
        "stacks/Pulumi.prod.yaml": None,
        "e2e.yaml": None,
        "stacks/Pulumi.e2e.yaml": None,
        **{f"{name}.yaml": "tier: test\n" for name in names},
        **{f"stacks/Pulumi.{name}.yaml": "config: {}\n" for name in names},
    }
    folder = make_environments(make_repository(tmp_path / "many"), files)
    assert envs("render", root=folder).code == 0
    commit(folder)
    for name in names:
        own = "".join(f"      w{number}: {{env: {{{name}_{number}: {'a' * 80}}}}}\n" for number in range(12))
        (folder / f"environments/{name}.yaml").write_text(
            f"tier: test\napps:\n  shop:\n    workloads:\n{own}"
        )
    out = envs("comment", root=folder).out
    assert len(out) < LIMIT
    assert "50 environments change" in out
    assert "`envs diff` and `envs check` show all of it" in out
    assert out.count("<details>") == out.count("</details>") == 1


def test_one_marker_for_each_root_of_a_repository(tmp_path: Path) -> None:
    top = make_repository(tmp_path / "top")
    folder = make_environments(top / "examples/shop")
    commit(top)
    assert envs("comment", root=folder).out.startswith("<!-- envs comment examples/shop -->\n")
