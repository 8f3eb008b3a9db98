"""Valid environments of all shapes, for property tests: texts of layers, drawn by hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

IMAGE = "registry.example.com/team/app:1.2.3"
NAMES = ("api", "cache", "worker", "web-2")
SERVING = ("deployment", "stateful", "site")
KINDS = (*SERVING, "daemon", "job", "cron")
PORTS = {"http": 8080, "admin": 9000, "syslog": {"number": 514, "protocol": "UDP"}}

_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)
_SECURITY = st.fixed_dictionaries(
    {},
    optional={
        "user": st.integers(1, 70_000),
        "group": st.integers(1, 70_000),
        "writableRoot": st.booleans(),
        "bindLowPorts": st.booleans(),
    },
)
_CONTAINER = st.fixed_dictionaries(
    {"image": st.just(IMAGE)}, optional={"security": _SECURITY, "mounts": st.just({"work": "/shared"})}
)
_RESOURCES = st.fixed_dictionaries(
    {}, optional={"cpu": st.sampled_from(["10m", "1", 2]), "memoryLimit": st.sampled_from(["64Mi", "1Gi"])}
)
_SECRETS = st.fixed_dictionaries(
    {},
    optional={
        "login": st.just({"existing": "made-elsewhere", "env": {"LOGIN": "login"}, "path": "/login"}),
        "keys": st.just({"sealed": {"a": "AgBy3i4OJSWK"}, "env": {"KEY_A": "a"}}),
    },
)
_PROBES = st.sampled_from([None, "none", {"ready": {"command": ["true"]}}, {"live": "none"}])


@st.composite
def workloads(draw: st.DrawFn) -> dict[str, Any]:
    """Draw one workload of any kind; `work` is a volume of all of them."""
    kind = draw(st.sampled_from(KINDS))
    item: dict[str, Any] = {"kind": kind, "image": IMAGE, "volumes": {"work": "/work"}}
    if kind == "site":
        item["content"] = "environments/site"
    if kind == "cron":
        item["schedule"] = "*/5 * * * *"
    if kind in SERVING:
        item |= draw(_sizes())
    item["ports"] = {name: PORTS[name] for name in draw(st.sets(st.sampled_from(sorted(PORTS))))}
    item["init"] = {"first": draw(_CONTAINER)} if draw(st.booleans()) else {}
    item["sidecars"] = {"beside": draw(_CONTAINER)} if draw(st.booleans()) else {}
    item["security"], item["resources"] = draw(_SECURITY), draw(_RESOURCES)
    item["config"] = {f"/etc/{n}.conf": text for n, text in enumerate(draw(st.lists(_TEXTS, max_size=2)))}
    item["env"] = {"TEXT": {"text": draw(_TEXTS)}, "ADDRESS": {"field": "status.podIP"}}
    item["probes"] = draw(_PROBES)
    return item


def _sizes() -> st.SearchStrategy[dict[str, Any]]:
    copies = st.fixed_dictionaries({"replicas": st.integers(0, 9)})
    autoscale = {"autoscale": {"min": 2, "max": 5, "cpu": "70%"}}
    return st.one_of(st.just({}), copies, st.just(autoscale))


@st.composite
def environments(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the layer of an environment with apps, flows between their workloads, and a GitOps job."""
    names = draw(st.lists(st.sampled_from(["shop", "till", "a-b"]), unique=True, min_size=1))
    apps = {name: draw(_apps()) for name in names}
    for name, app in apps.items():
        app["flows"] = {
            f"flow-{n}": flow for n, flow in enumerate(draw(st.lists(_flows(apps, name), max_size=3)))
        }
    first = next(iter(apps[names[0]]["workloads"].values()))
    first["secrets"] = draw(_SECRETS)
    return {
        "tier": draw(st.sampled_from(["test", "production"])),
        "cluster": {"apiServer": "10.0.0.1/32"},
        "gitops": {"image": IMAGE, "repo": "https://git.example.com/environments.git"},
        "apps": apps,
    }


@st.composite
def _apps(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "quota": "none",
        "isolation": draw(st.sampled_from(["strict", "namespace"])),
        "delivery": draw(st.sampled_from(["push", "pull"])),
        "workloads": draw(st.dictionaries(st.sampled_from(NAMES), workloads(), min_size=1, max_size=3)),
    }


@st.composite
def _flows(draw: st.DrawFn, apps: dict[str, Any], own: str) -> dict[str, Any]:
    other = draw(st.sampled_from(sorted(apps)))
    here = {"workload": draw(st.sampled_from(sorted(apps[own]["workloads"])))}
    there = {"app": other}
    if draw(st.booleans()):
        there["workload"] = draw(st.sampled_from(sorted(apps[other]["workloads"])))
    source, target = (here, there) if draw(st.booleans()) else (there, here)
    return {"from": source, "to": target, "port": draw(st.integers(1, 65535))}
