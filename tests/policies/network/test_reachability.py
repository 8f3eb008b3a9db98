"""Reachability compared with an independent analyser over generated worlds, and rule by rule."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.carriers import pods
from policies.network.port_set import PROTOCOLS, PortSet
from policies.network.reachability import Policy, World, endpoint
from policies.subject import subjects
from tests.tree import TREE

LOCK = Path(__file__).with_name("analyzer.lock")
HOME = TREE / ".tools" / "analyzer"
WORLDS = 12
SPACE_KEYS, POD_KEYS = ("team", "zone"), ("app", "tier")


@pytest.fixture(scope="session")
def analyzer() -> Path:
    """Install the analyser once, by its hashes, into an environment of its own."""
    program = HOME / "bin" / "nca"
    if not (HOME / "ready").exists():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--clear", str(HOME)], check=True)
        install = [
            *uv,
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--python",
            str(HOME),
            "-r",
            str(LOCK),
        ]
        if subprocess.run(install, check=False).returncode:
            pytest.skip("the package index cannot be reached, and the analyser is not installed yet")
        (HOME / "ready").touch()
    return program


class Generator:
    """Makes worlds of a few namespaces, pods and policies, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - cases, not secrets

    def world(self) -> list[dict[str, Any]]:
        """Make namespaces, pods and policies."""
        spaces = ["a", "b", "c"]
        made = [self._namespace(name) for name in spaces]
        made += [self._pod(f"p{number}", spaces[number % 3]) for number in range(7)]
        made += [
            self._policy(f"np{number}", self.random.choice(spaces))
            for number in range(self.random.randint(1, 7))
        ]
        return made

    def _namespace(self, name: str) -> dict[str, Any]:
        labels = {"kubernetes.io/metadata.name": name, **self._labels(SPACE_KEYS)}
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}

    def _labels(self, keys: tuple[str, str]) -> dict[str, str]:
        return {key: self.random.choice("xyz") for key in keys if self.random.random() < 0.8}

    def _pod(self, name: str, namespace: str) -> dict[str, Any]:
        # The analyser leaves a pod out of other rules, too, where a named port has another protocol there.
        ports = [
            {"name": port, "containerPort": self.random.choice([80, 443, 8080]), "protocol": protocol}
            for port, protocol in (("http", "TCP"), ("dns", "UDP"))
            if self.random.random() < 0.7
        ]
        spec = {"containers": [{"name": "c", "image": "app:1.2.3", "ports": ports}]}
        metadata = {"name": name, "namespace": namespace, "labels": self._labels(POD_KEYS)}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}

    def _selector(self, keys: tuple[str, str]) -> dict[str, Any]:
        key = self.random.choice(keys)
        return self.random.choice(
            [
                {},
                {"matchLabels": {key: self.random.choice("xyz")}},
                {"matchExpressions": [{"key": key, "operator": "In", "values": ["x", "y"]}]},
                {"matchExpressions": [{"key": key, "operator": "NotIn", "values": ["x"]}]},
                {"matchExpressions": [{"key": key, "operator": "Exists"}]},
                {"matchExpressions": [{"key": key, "operator": "DoesNotExist"}]},
                {
                    "matchLabels": {keys[0]: self.random.choice("xyz")},
                    "matchExpressions": [{"key": keys[1], "operator": "NotIn", "values": ["z"]}],
                },
            ]
        )

    def _labelled(self) -> dict[str, Any]:
        """Select by values: beside a namespaceSelector the analyser takes Exists for the policy's own namespace."""
        key = self.random.choice(POD_KEYS)
        operator = self.random.choice(["In", "NotIn"])
        return {"matchExpressions": [{"key": key, "operator": operator, "values": ["x", "z"]}]}

    def _space_selector(self) -> dict[str, Any]:
        if self.random.random() < 0.5:
            return {"matchLabels": {"kubernetes.io/metadata.name": self.random.choice("abc")}}
        return self._selector(SPACE_KEYS)

    def _peer(self) -> dict[str, Any]:
        return self.random.choice(
            [
                {"podSelector": self._selector(POD_KEYS)},
                {"namespaceSelector": self._space_selector()},
                {"namespaceSelector": self._space_selector(), "podSelector": self._labelled()},
                {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
            ]
        )

    def _port(self) -> dict[str, Any]:
        return self.random.choice(
            [
                {"port": 80},
                {"port": 8080, "protocol": "TCP"},
                {"port": 53, "protocol": "UDP"},
                {"port": "http"},
                {"port": "dns", "protocol": "UDP"},
                {"port": 70, "endPort": 90},
                {"port": 400, "endPort": 9000, "protocol": "UDP"},
                {"protocol": "SCTP"},
                {"protocol": "TCP"},
            ]
        )

    def _rule(self, side: str) -> dict[str, Any]:
        rule: dict[str, Any] = {}
        if self.random.random() < 0.9:
            rule[side] = [self._peer() for _ in range(self.random.randint(0, 2))]
        if self.random.random() < 0.7:
            rule["ports"] = [self._port() for _ in range(self.random.randint(1, 3))]
        return rule

    def _policy(self, name: str, namespace: str) -> dict[str, Any]:
        # The analyser refuses rules of a direction that policyTypes leaves out, which Kubernetes ignores.
        types = self.random.choice([None, ["Ingress"], ["Egress"], ["Ingress", "Egress"]])
        spec: dict[str, Any] = {"podSelector": self._selector(POD_KEYS)}
        if "Ingress" in (types or ["Ingress"]) and self.random.random() < 0.8:
            spec["ingress"] = [self._rule("from") for _ in range(self.random.randint(0, 2))]
        if "Egress" in (types or ["Egress"]) and self.random.random() < 0.6:
            # Without policyTypes the analyser takes `egress: []` for a deny; Kubernetes does not, see below.
            spec["egress"] = [self._rule("to") for _ in range(self.random.randint(0 if types else 1, 2))]
        if types:
            spec["policyTypes"] = types
        metadata = {"name": name, "namespace": namespace}
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": metadata,
            "spec": spec,
        }


Reach = dict[tuple[str, str], dict[str, set[int]]]


def ours(manifests: list[dict[str, Any]]) -> Reach:
    """Tell what our World says of every pair of pods."""
    opened = [subject for manifest in manifests for subject in subjects(manifest)]
    namespaces = {subject.name: subject.labels for subject in opened if subject.kind == "Namespace"}
    world = World(namespaces, [Policy(subject) for subject in opened if subject.kind == "NetworkPolicy"], ())
    ends = [endpoint(subject, pod) for subject in opened for pod in pods(subject)]
    return {
        (source.subject.name, target.subject.name): _numbers(world.allowed(source, target))
        for source in ends
        for target in ends
        if source is not target
    }


def _numbers(allowed: PortSet) -> dict[str, set[int]]:
    return {protocol: numbers for protocol in PROTOCOLS if (numbers := allowed.numbers(protocol))}


def theirs(program: Path, folder: Path, manifests: list[dict[str, Any]]) -> Reach:
    """Tell what the analyser says of every pair of pods."""
    file = folder / "world.yaml"
    file.write_text(yaml.safe_dump_all(manifests))
    form = ["--output_format", "txt_no_fw_rules", "--output_endpoints", "pods"]
    command = [str(program), "--connectivity", "-r", str(file), *form]
    output = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder).stdout
    assert "unique endpoints" in output, output
    everyone = [manifest["metadata"]["name"] for manifest in manifests if manifest["kind"] == "Pod"]
    reach: Reach = {(source, target): {} for source in everyone for target in everyone if source != target}
    for line in output.splitlines():
        if found := LINE.fullmatch(line):
            source, target = found["source"], found["target"]
            _add(reach[source, target], found["protocols"], found["ports"])
    return reach


LINE = re.compile(
    r"\w+/(?P<source>\w+) => \w+/(?P<target>\w+) : "
    r"(?:All connections|\{protocols:(?P<protocols>\w+(?:, \w+)*)(?:,dst_ports:(?P<ports>[\d,-]+))?\})"
)


def _add(reach: dict[str, set[int]], protocols: str | None, ports: str | None) -> None:
    for each in protocols.split(", ") if protocols else PROTOCOLS:
        for span in (ports or "1-65535").split(","):
            low, _, high = span.partition("-")
            reach.setdefault(each, set()).update(range(int(low), int(high or low) + 1))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(WORLDS))
def test_an_independent_analyser_agrees_on_every_pair_of_pods(
    seed: int, analyzer: Path, tmp_path: Path
) -> None:
    """Same ports of the same protocols, pair by pair."""
    manifests = Generator(seed).world()
    assert ours(manifests) == theirs(analyzer, tmp_path, manifests)


@pytest.mark.slow
def test_the_generated_worlds_are_neither_open_nor_closed() -> None:
    """Otherwise the comparison would prove nothing."""
    verdicts = [bool(allowed) for seed in range(WORLDS) for allowed in ours(Generator(seed).world()).values()]
    assert 0.2 < sum(verdicts) / len(verdicts) < 0.9


def test_an_empty_egress_isolates_nothing_unless_the_policy_types_say_so() -> None:
    """Kubernetes adds the type Egress only where there are egress rules (pkg/apis/networking/v1/defaults.go)."""
    spec: dict[str, Any] = {"podSelector": {}, "egress": []}
    assert Policy(next(subjects({"kind": "NetworkPolicy", "spec": spec}))).types == {"Ingress"}
    spec["policyTypes"] = ["Egress"]
    assert Policy(next(subjects({"kind": "NetworkPolicy", "spec": spec}))).types == {"Egress"}
