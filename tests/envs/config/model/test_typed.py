"""Nulls and the word `none`: what holds when a layer takes back what a weaker one or the model says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envs.config.load import load
from tests.roots import in_server, in_shop, make_root

SERVER = ("workloads", "server")


@pytest.mark.parametrize(
    ("text", "lines", "path", "default"),
    [
        (in_shop, ("quota: {cpu: 7}", "quota: null"), ("quota", "cpu"), "2"),
        (in_shop, ("quota: {cpu: 7}", "quota: {cpu: null}"), ("quota", "cpu"), "2"),
        (in_shop, ("quota: none", "quota: null"), ("quota", "cpu"), "2"),
        (in_shop, ("isolation: namespace", "isolation:"), ("isolation",), "strict"),
        (in_shop, ("team: web", "team: ~"), ("team",), None),
        (in_server, ("grace: 7", "grace: ~"), (*SERVER, "grace"), 30),
        (in_server, ("budget: none", "budget: null"), (*SERVER, "budget", "max_unavailable"), "1"),
        (in_server, ("env: {A: b}", "env: {A: null}"), (*SERVER, "env"), {}),
    ],
)
def test_null_removes_what_a_weaker_layer_said_and_the_default_holds_again(
    text: Callable[..., str], lines: tuple[str, str], path: tuple[str, ...], default: object, tmp_path: Path
) -> None:
    weak, strong = lines
    middle = text(weak).replace("tier: test\n", "")
    root = make_root(tmp_path, {"middle.yaml": middle, "qa.yaml": text(strong) + "extends: middle\n"})
    assert _at(root, path) == default


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (in_shop("quota: none"), ("quota",)),
        (in_shop("limits: none"), ("limits",)),
        (in_server("probes: none"), (*SERVER, "probes")),
        (in_server("budget: none"), (*SERVER, "budget")),
        (in_server("placement: {spread: none}"), (*SERVER, "placement", "spread")),
    ],
)
def test_the_word_none_switches_a_default_off(text: str, path: tuple[str, ...], tmp_path: Path) -> None:
    assert _at(make_root(tmp_path / "default"), path) is not None
    assert _at(make_root(tmp_path / "changed", {"qa.yaml": text}), path) is None


def test_null_in_a_patch_stays_since_it_removes_a_field_of_the_object(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"qa.yaml": in_server("patch: {Deployment: {spec: {paused: null}}}")})
    assert _at(root, (*SERVER, "patch")) == {"Deployment": {"spec": {"paused": None}}}


def test_null_removes_a_whole_app(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"qa.yaml": "tier: test\napps: {shop: null}\n"})
    assert load(root).environments["qa"].apps == {}


def _at(root: Path, path: tuple[str, ...]) -> Any:
    value: Any = load(root).environments["qa"].apps["shop"]
    for step in path:
        value = value.get(step) if isinstance(value, dict) else getattr(value, step)
    return value
