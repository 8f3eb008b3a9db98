"""The comment as a reader sees it: rendered to HTML and opened in a headless browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser import WIDTH, browse
from tests.command import commit, edit, envs, make_repository
from tests.roots import make_root

pytestmark = pytest.mark.slow

BASE, PROD = "environments/base.yaml", "environments/prod.yaml"
SCREEN = 800  # pixels
HOSTILE = (
    "``` @everybody #1 <img src=x onerror=alert(1)> <script>x</script> [a](https://evil.example) "
    "![b](https://evil.example/b.png) </details></code></pre> | *b* <!-- https://e.example"
)
ELEMENTS = {
    *("code", "details", "h3", "li", "p", "pre", "strong", "summary"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}


def test_a_reader_sees_the_effects_and_unfolds_the_fields(checkout: Path, tmp_path: Path) -> None:
    edit(checkout / BASE, "server:1.2.3", "server:1.2.4")
    edit(checkout / PROD, "replicas: 2", "replicas: 4")
    with (checkout / BASE).open("a") as base:
        base.write("    flows:\n      out: {from: server, to: {cidr: 203.0.113.0/24}, port: 443}\n")
    page = browse(envs("comment", root=checkout).out, tmp_path)
    assert page.text.splitlines()[0] == "Environments"
    assert "3 environments change; production: prod; 1 risky operation; 6 pods restart." in page.text
    assert (
        "exposes: shop/server → 203.0.113.0/24 is possible on TCP 443, in qa, e2e, prod — "
        "environments/base.yaml:10\n"
    ) in page.text
    assert "resizes: shop/server pods 2 -> 4, in prod — environments/prod.yaml:8\n" in page.text
    assert page.rows[0] == ["Environment", "Tier", "Created", "Changed", "Deleted", "Pods that restart"]
    assert page.rows[-1] == ["prod", "production", "1", "1", "0", "4"]
    assert page.summaries == ["All fields"]
    assert "spec.replicas: 2 -> 4" in page.folded[0]
    assert "spec.replicas" not in page.text
    assert page.text.rstrip().splitlines()[-1].startswith("compared with ")
    assert set(page.elements) <= ELEMENTS
    assert (page.open, page.width <= WIDTH, page.height < SCREEN) == (0, True, True)


def test_nothing_that_layers_branches_and_reports_say_becomes_an_element(
    checkout: Path, tmp_path: Path
) -> None:
    edit(checkout / PROD, "replicas: 2", f"replicas: 2\n        env: {{A: {json.dumps(HOSTILE)}}}")
    events, status = checkout / "events.json", checkout / "status.json"
    step = {"op": "delete", "urn": f"urn:pulumi:{HOSTILE}::p::t::{HOSTILE}"}
    events.write_text(json.dumps({"steps": [step]}))
    status.write_text(json.dumps([{"environment": HOSTILE, "error": HOSTILE, "apps": []}]))
    words = ("comment", "--pulumi-events", str(events), "--status", str(status))
    page = browse(envs(*words, root=checkout).out, tmp_path)
    assert set(page.elements) <= ELEMENTS
    assert set(page.attributes) <= {"class", "style"}  # the language of code, the alignment of cells
    assert len(page.summaries) == 2
    assert page.text.rstrip().splitlines()[-1].startswith("compared with ")


def test_one_decision_fits_a_screen_whatever_it_changes(tmp_path: Path) -> None:
    """A number changed in 1,500 Deployments, by one line of `defaults`."""
    rows = "".join(f"      w{number}: {{image: 'registry.example.com/a:1.2.3'}}\n" for number in range(1500))
    base = "apps:\n  shop:\n    quota: none\n    workloads:\n" + rows
    default = "defaults: {{deployment: {{replicas: {}}}}}\n"
    root = make_root(make_repository(tmp_path / "root"), {"base.yaml": default.format(2) + base})
    rendered = envs("render", root=root)
    assert rendered.code == 0, rendered.err
    commit(root)
    (root / BASE).write_text(default.format(3) + base)
    page = browse(envs("comment", root=root).out, tmp_path)
    assert "resizes: shop/w0, shop/w1, shop/w2 and 1,497 more pods 2 -> 3, in qa" in page.text
    assert page.height < SCREEN
    assert len(page.folded[0].splitlines()) < 24
