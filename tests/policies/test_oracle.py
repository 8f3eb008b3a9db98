"""Our parser and our pod rules against the projects that define them, over generated cases."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from kube.image import ImageError, parse_image
from policies.check import check
from tests.kube.common_images import PINNED, SHAPED
from tests.policies.objects import Manifest, context, pod, pod_spec
from tests.policies.oracle import ask
from tests.policies.references import CASES
from tests.policies.rules.test_pod_rules import BREACHES, changed

pytestmark = pytest.mark.xdist_group("oracle")

REFERENCES, PODS = 20_000, 4_000
STANDARDS = ("pods-meet-baseline", "pods-meet-restricted")
APPARMOR = "container.apparmor.security.beta.kubernetes.io/web"

DOMAINS = (
    "", "localhost/", "Host/", "x.io/", "x.io:80/", "x.io:/", "[::1]/", "[::1]:5000/", "[fe80::1%eth0]/", "1.2.3.4/",
    "a/", "index.docker.io/", "docker.io/", "index.docker.io:443/", "-a.io/", "a_.io/", "registry:5000/", "/",
)  # fmt: skip
TAGS = ("", "", ":1.2.3", ":latest", ":_x", ":-x", ":", "::", ":A.b-c", ":" + "a" * 128, ":" + "a" * 129)
DIGESTS = (
    "", "", "", "@", "@sha256:" + "a" * 64, "@sha256:" + "A" * 64, "@sha256:" + "a" * 63, "@sha512:" + "1" * 128,
    "@sha384:" + "1" * 96, "@md5:" + "a" * 32, "@sha256+b64:" + "a" * 64, "@sha256:" + "a" * 65,
)  # fmt: skip
SEPARATORS = ("", ".", "_", "__", "___", "-", "--", "..", "/", "//")
CHARACTERS = "aA1-._/:@[] é\n$"


class References:
    """Makes references, most of them nearly right; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - cases, not secrets

    def one(self) -> str:
        """Make one."""
        if self._random.random() < 0.03:
            return self._long()
        parts = [
            self._random.choice(DOMAINS),
            self._path(),
            self._random.choice(TAGS),
            self._random.choice(DIGESTS),
        ]
        reference = "".join(parts)
        if self._random.random() < 0.3:
            at = self._random.randrange(len(reference) + 1)
            junk = "".join(self._random.choices(CHARACTERS, k=self._random.randrange(4)))
            reference = reference[:at] + junk + reference[at + self._random.randrange(2) :]
        return reference

    def _path(self) -> str:
        words = ["".join(self._random.choices("ab1", k=2)) for _ in range(self._random.randint(1, 4))]
        return "".join(word + self._random.choice(SEPARATORS) for word in words[:-1]) + words[-1]

    def _long(self) -> str:
        lengths = [63, 64, 65, 246, 247, 248, 254, 255, 256]
        return self._random.choice(["", "x.io/", "docker.io/", "a/"]) + "a" * self._random.choice(lengths)


def test_references_are_read_as_the_distribution_project_reads_them() -> None:
    made = References(20261)
    references = [
        *(case.reference for case in CASES),
        *PINNED,
        *SHAPED,
        *(made.one() for _ in range(REFERENCES)),
    ]

    answers = ask("references", references)

    assert len(answers) == len(references)
    ours = [_normalised(reference) for reference in references]
    assert [case for case in zip(references, ours, answers, strict=True) if case[1] != case[2]] == []
    assert 0.1 < sum(map(bool, answers)) / len(answers) < 0.9, "or the comparison would prove nothing"


def _normalised(reference: str) -> str:
    try:
        return str(parse_image(reference))
    except ImageError:
        return ""


# What a pod and a container can say that the standards look at, and what they must not look at.
EITHER: dict[str, tuple[Any, ...]] = {
    "runAsNonRoot": (True, False),
    "runAsUser": (0, 1000),
    "seccompProfile": ({"type": "Unconfined"}, {"type": "RuntimeDefault"}, {"type": "Localhost"}, {}),
    "appArmorProfile": ({"type": "Unconfined"}, {"type": "RuntimeDefault"}),
    "seLinuxOptions": (
        {"type": "spc_t"},
        {"type": "container_t"},
        {"user": "u"},
        {"role": "r"},
        {"level": "s0"},
    ),
    "windowsOptions": ({"hostProcess": True}, {"hostProcess": False}),
}
ONLY_POD: dict[str, tuple[Any, ...]] = {
    "sysctls": ([{"name": "net.ipv4.tcp_rmem", "value": "1"}], [{"name": "kernel.msgmax", "value": "1"}], []),
}
ONLY_CONTAINER: dict[str, tuple[Any, ...]] = {
    "allowPrivilegeEscalation": (True, False),
    "privileged": (True, False),
    "procMount": ("Default", "Unmasked"),
    "capabilities": (
        {"drop": ["ALL"]},
        {"drop": ["all"]},
        {"drop": ["ALL", "KILL"], "add": ["NET_BIND_SERVICE"]},
        {"drop": ["ALL"], "add": ["CHOWN"]},
        {"add": ["SYS_ADMIN"], "drop": ["ALL"]},
        {"drop": ["NET_RAW"]},
        {},
    ),
}
SPEC: dict[str, tuple[Any, ...]] = {
    "hostNetwork": (True, False),
    "hostPID": (True, False),
    "hostIPC": (True, False),
    "hostUsers": (True, False),
    "os": ({"name": "windows"}, {"name": "linux"}),
    "volumes": (
        [{"name": "v", "hostPath": {"path": "/"}}],
        [{"name": "v", "nfs": {"server": "x", "path": "/"}}],
        [{"name": "v", "image": {"reference": "a:1.2.3"}}],
        [
            {"name": "a", "csi": {"driver": "x"}},
            {"name": "b", "ephemeral": {}},
            {"name": "c", "projected": {}},
        ],
        [{"name": "v", "gitRepo": {"repository": "x"}}, {"name": "w", "emptyDir": {}}],
    ),
}
CONTAINER: dict[str, tuple[Any, ...]] = {
    "ports": ([{"containerPort": 80, "hostPort": 80}], [{"containerPort": 80, "hostPort": 0}]),
    "livenessProbe": ({"httpGet": {"port": 80, "host": "x"}}, {"tcpSocket": {"port": 80}}),
    "startupProbe": ({"tcpSocket": {"port": 80, "host": "y"}}, {"exec": {"command": ["x"]}}),
    "lifecycle": (
        {"preStop": {"httpGet": {"port": 1, "host": "a"}}},
        {"postStart": {"tcpSocket": {"port": 1}}},
    ),
}


class Pods:
    """Makes pods that differ from a clean one in a few of these fields; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - cases, not secrets

    def one(self) -> Manifest:
        """Make one."""
        spec = pod_spec()
        self._change(spec, SPEC, 0.05)
        self._change(spec["securityContext"], {**EITHER, **ONLY_POD}, 0.08)
        for name in ("containers", "initContainers", "ephemeralContainers"):
            if name != "containers" and self._random.random() < 0.5:
                del spec[name]
            for entry in spec.get(name, []):
                self._change(entry["securityContext"], {**EITHER, **ONLY_CONTAINER}, 0.08)
                if name != "ephemeralContainers":
                    self._change(entry, CONTAINER, 0.03)
        made = pod(spec)
        if self._random.random() < 0.05:
            value = self._random.choice(["unconfined", "runtime/default", "localhost/x", ""])
            made["metadata"]["annotations"] = {APPARMOR: value}
        return made

    def _change(self, node: Manifest, choices: dict[str, tuple[Any, ...]], likely: float) -> None:
        for key, values in choices.items():
            if self._random.random() < likely:
                node[key] = copy.deepcopy(self._random.choice(values))
            elif self._random.random() < likely / 4:
                node.pop(key, None)


def test_pods_are_judged_as_the_admission_plugin_judges_them() -> None:
    made = Pods(20261)
    known = [pod(changed(change)) for rule, change, _ in BREACHES if rule in STANDARDS]
    pods = [pod(pod_spec()), *known, *(made.one() for _ in range(PODS))]

    answers = ask("pods", pods)

    # Windows pods: restricted forgives Linux profiles that baseline does not, and the API server takes neither.
    answers = ["false false" if answer == "false true" else answer for answer in answers]
    ours = [_passes(one) for one in pods]
    assert [case for case in zip(pods, ours, answers, strict=True) if case[1] != case[2]] == []
    for answer in ("true true", "true false", "false false"):
        assert answers.count(answer) > PODS / 20, "or the comparison would prove nothing"


def _passes(manifest: Manifest) -> str:
    """Write what both standards say; restricted includes baseline."""
    rules = {finding.rule for finding in check([manifest], context(), complete=False)}
    baseline = STANDARDS[0] not in rules
    return f"{baseline} {baseline and STANDARDS[1] not in rules}".lower()
