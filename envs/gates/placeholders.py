"""Values of layers that still name what is reserved for examples: nothing there answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from envs.config.layers.folder import FOLDER
from envs.config.load import Configuration
from envs.config.model.environment import Environment
from envs.config.validation.validate import place
from kube.yaml.faults import quoted
from kube.yaml.origin import origin_of
from kube.yaml.paths import dotted
from policies.context import Level
from policies.rule import Finding

RULE = "placeholders-are-filled"
# RFC 2606, sections 2 and 3: names for documentation. `.test` is left out: people do run tests under it.
_NAME = re.compile(
    r"(?<![\w-])(example\.(com|net|org)|[\w-]+\.(example|invalid))(?![\w-]|\.\w)", re.IGNORECASE
)
_NETWORKS = tuple(  # RFC 5737 and RFC 3849
    map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
)
PLACEHOLDER_UID = UUID(int=0)
"""The nil UUID of RFC 9562, section 5.9: no cluster has it, so every cluster is refused until it is replaced."""
_Path = tuple[str, ...]


def placeholders(configuration: Configuration, names: Iterable[str]) -> list[Finding]:
    """Find what is still to be filled in of clusters, repositories, hosts and the job's image; each place once.

    They are of the layers, not of the objects: the context of a cluster is in no object, and what the base
    says would be found in each environment. So there is no rule for them in policies/.
    """
    found: dict[str, Finding] = {}
    for name in names:
        for path, text in _texts(configuration.environments[name]):
            origin = str(origin_of(text))
            if is_placeholder(text) and origin_of(text) is not None:
                found.setdefault(origin, _finding(path, text, origin))
        if configuration.environments[name].cluster.uid == PLACEHOLDER_UID:
            path = ("cluster", "uid")
            origin = str(place(configuration.trees[name], path))
            found.setdefault(origin, _finding(path, str(PLACEHOLDER_UID), origin))
    return list(found.values())


def is_placeholder(text: str) -> bool:
    """Whether a text holds a name or network that is reserved for documentation: example.com, 192.0.2.0/24."""
    return _NAME.search(text) is not None or _is_documentation(text)


def _finding(path: _Path, text: str, origin: str) -> Finding:
    message = f"{quoted(text)} is a placeholder, reserved for documentation; write your own"
    layer = origin.partition(":")[0].removeprefix(f"{FOLDER}/").removesuffix(".yaml")
    return Finding(RULE, Level.ADVISORY, "", f"Layer/{layer}", dotted(path), message, origin)


def _texts(environment: Environment) -> Iterator[tuple[_Path, str]]:
    """Yield what the world outside must know: an example in a variable or a file may stay one."""
    yield from _below(("cluster",), environment.cluster)
    if environment.gitops is not None:
        yield from _below(("gitops",), environment.gitops)
    for name, app in environment.apps.items():
        yield from _below(("apps", name, "source"), app.source)
        for workload_name, workload in app.workloads.items():
            for field in ("host", "hosts"):
                path = ("apps", name, "workloads", workload_name, field)
                yield from _below(path, getattr(workload, field, None))


def _below(path: _Path, value: Any) -> Iterator[tuple[_Path, str]]:
    match value:
        case str():
            yield path, value
        case BaseModel():
            for name, field in type(value).model_fields.items():
                yield from _below((*path, field.alias or name), getattr(value, name))
        case Mapping():
            for key, child in value.items():
                yield from _below((*path, str(key)), child)
        case tuple():
            for number, child in enumerate(value):
                yield from _below((*path, str(number)), child)


def _is_documentation(text: str) -> bool:
    network = _network(text)
    return network is not None and any(
        network.version == reserved.version and network.subnet_of(reserved)  # type: ignore[arg-type]  # of one version
        for reserved in _NETWORKS
    )


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
