"""Hosts of a copy: which ones, and where its layer says them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envs.config.model.environment import Environment
from envs.scaffold.hosts import Host, derived, derived_hosts, with_hosts
from kube.yaml.origin import Origin

PATH = ("apps", "shop", "workloads", "server", "host")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("shop.example.com", "new.shop.example.com"),
        ("shop.prod.example.com", "shop.new.example.com"),
        ("prod.example.com", "new.example.com"),
        ("shop-prod.example.com", "shop-new.example.com"),
        ("prod-shop.prod.example.com", "new-shop.prod.example.com"),
        ("products.example.com", "new.products.example.com"),
        ("shop.example.prod", "new.shop.example.prod"),
        ("*.shop.example.com", "*.new.shop.example.com"),
        ("*.prod.example.com", "*.new.example.com"),
    ],
)
def test_the_name_of_the_source_gives_way_else_the_copy_comes_first(host: str, expected: str) -> None:
    assert derived(host, "prod", "new") == expected


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (  # the document has nothing on the way
            "tier: test\n# end",
            "tier: test\n# end\napps: {shop: {workloads: {server: {host: b.example.com}}}}\n",
        ),
        (  # a block mapping
            "apps:\n  shop:\n    workloads:\n      server: # here\n        replicas: 2\n",
            "apps:\n  shop:\n    workloads:\n      server: # here\n        host: b.example.com\n        replicas: 2\n",
        ),
        (  # a flow mapping
            "apps: {shop: {workloads: {other: {}}}}\n",
            "apps: {shop: {workloads: {server: {host: b.example.com}, other: {}}}}\n",
        ),
        ("apps: {shop: {}}\n", "apps: {shop: {workloads: {server: {host: b.example.com}}}}\n"),
        (  # line ends of others
            "apps:\r\n  shop:\r\n    team: a\r\n",
            "apps:\r\n  shop:\r\n    workloads: {server: {host: b.example.com}}\r\n    team: a\r\n",
        ),
        ("apps:\n  shop:\n", "apps:\n  shop:\n"),  # a null cannot take an entry
        ("apps:\n  shop: &a\n    team: a\n", "apps:\n  shop: &a\n    team: a\n"),
    ],
)
def test_a_host_of_a_weaker_layer_is_overridden(layer: str, expected: str) -> None:
    host = Host(PATH, "a.example.com", "b.example.com", Origin("base.yaml", 3, 7))
    assert with_hosts(layer.encode(), "prod.yaml", [host]).decode() == expected


def test_each_host_of_a_workload_is_derived_and_can_be_overridden() -> None:
    server = {
        "image": "registry.example.com/server:1.2.3",
        "host": "shop.example.com",
        "hosts": {"tenants": "*.prod.example.com", "short": "docs"},
    }
    prod = Environment.model_validate(
        {"name": "prod", "tier": "production", "apps": {"shop": {"workloads": {"server": server}}}}
    )
    hosts = list(derived_hosts(prod, "new"))
    assert [(host.path[4:], host.new) for host in hosts] == [
        (("host",), "new.shop.example.com"),
        (("hosts", "tenants", "host"), "*.new.example.com"),
    ]
    elsewhere = Origin("base.yaml", 3, 7)
    written = with_hosts(b"tier: test\n", "prod.yaml", [replace(hosts[1], origin=elsewhere)]).decode()
    assert written == (
        'tier: test\napps: {shop: {workloads: {server: {hosts: {tenants: {host: "*.new.example.com"}}}}}}\n'
    )


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_host_of_the_layer_itself_is_replaced_in_place(quote: str) -> None:
    """Also behind a byte order mark; several hosts at once."""
    layer = f"\ufeffhost: {quote}a.example.com{quote} # a.example.com\nother: {{host: a.example.com}}\n"
    hosts = [
        Host(PATH, "a.example.com", "bb.example.com", Origin("prod.yaml", 1, 7)),
        Host((*PATH[:3], "other", "host"), "a.example.com", "c.example.com", Origin("prod.yaml", 2, 15)),
    ]
    assert with_hosts(layer.encode(), "prod.yaml", hosts).decode() == (
        f"\ufeffhost: {quote}bb.example.com{quote} # a.example.com\nother: {{host: c.example.com}}\n"
    )
