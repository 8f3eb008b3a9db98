"""`python -m bench.gitops [--job] [networkpolicies] [applications]`: the job beside `kubectl apply --server-side`.

Each set gets a fresh control plane, because creating gets slower with what a cluster already holds. Every
row is a whole process from start to exit: wall and processor seconds, and peak memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from localkube.clusters import start, stop

if TYPE_CHECKING:
    from collections.abc import Callable

Body = dict[str, Any]

NAMESPACE, HOME = "bench", "gitops-bench"
SAMPLED = 50  # files that the naive loop gets: it starts kubectl for each
RUNS = 5  # of what can be repeated
ATTEMPTS, PAUSE = 60, 3  # seconds


def policies() -> dict[str, list[Body]]:
    """Return 1,500 NetworkPolicies in 150 files."""
    return {f"p{number}.yaml": [_policy(number * 10 + item) for item in range(10)] for number in range(150)}


def _policy(number: int) -> Body:
    peer = {"podSelector": {"matchLabels": {"app": f"client-{number}"}}}
    rule = {"from": [peer], "ports": [{"port": 8080, "protocol": "TCP"}]}
    spec = {
        "podSelector": {"matchLabels": {"app": f"app-{number}"}},
        "policyTypes": ["Ingress"],
        "ingress": [rule],
    }
    return _object("networking.k8s.io/v1", "NetworkPolicy", f"policy-{number}", {"spec": spec})


def applications() -> dict[str, list[Body]]:
    """Return 1,000 Deployments at 0 replicas, each with ServiceAccount, Service and Ingress: 4,000 objects."""
    return {f"a{number}.yaml": _application(f"app-{number}") for number in range(1000)}


def _application(name: str) -> list[Body]:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": _pod(name)}
    backend = {"service": {"name": name, "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    rules = [{"host": f"{name}.example.com", "http": {"paths": [path]}}]
    workload = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    ports = [{"port": 80, "targetPort": 8080}]
    return [
        _object("v1", "ServiceAccount", name, {"automountServiceAccountToken": False}),
        _object("v1", "Service", name, {"spec": {"selector": labels, "ports": ports}}),
        _object("apps/v1", "Deployment", name, {"spec": workload}),
        _object("networking.k8s.io/v1", "Ingress", name, {"spec": {"rules": rules}}),
    ]


def _pod(account: str) -> Body:
    """Describe a pod that the job's policies let pass."""
    probe = {"httpGet": {"path": "/", "port": 8080}}
    container = {
        "name": "main",
        "image": "registry.example.com/app:1.0.0",
        "ports": [{"containerPort": 8080}],
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "16Mi"}},
        "readinessProbe": probe,
        "livenessProbe": probe,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }
    return {
        "serviceAccountName": account,
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }


def _object(version: str, kind: str, name: str, rest: Body) -> Body:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": {"app": name}}, **rest}


SETS: dict[str, Callable[[], dict[str, list[Body]]]] = {
    "networkpolicies": policies,
    "applications": applications,
}


class Sample(NamedTuple):
    """One process: wall and processor seconds, and peak memory in MiB."""

    seconds: float
    processor: float
    memory: int


def measure(command: list[str], environment: dict[str, str]) -> Sample:
    """Run a command; what it says is shown only when it fails."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{output.read()[-3000:].decode(errors='replace')}")
    return Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024)


def _row(what: str, samples: list[Sample]) -> None:
    walls = sorted(sample.seconds for sample in samples)
    processor = min(sample.processor for sample in samples)
    memory = max(sample.memory for sample in samples)
    figures = f"min {walls[0]:6.2f}  median {walls[len(walls) // 2]:6.2f}  processor {processor:6.2f} s"
    print(f"{what:<64} {figures}  {memory:4d} MiB  load {os.getloadavg()[0]:.1f}", flush=True)


def _repository(folder: Path, files: dict[str, list[Body]]) -> Path:
    top = folder / "repository"
    (top / "app").mkdir(parents=True)
    for name, bodies in files.items():
        (top / "app" / name).write_text(yaml.dump_all(bodies, Dumper=yaml.CSafeDumper), encoding="utf-8")
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "bench"]):
        identity = ["-c", "user.name=bench", "-c", "user.email=bench@example.com"]
        subprocess.run(["git", *identity, "-C", str(top), *arguments], check=True)
    return top


def _settings(folder: Path, repository: Path) -> Path:
    url = f"file://{repository}"
    kinds = ["*", "apps/*", "networking.k8s.io/*"]
    value = {
        "environment": "bench",
        "projects": {"all": {"repositories": [url], "namespaces": [NAMESPACE], "kinds": kinds}},
        "applications": {
            "app": {
                "project": "all",
                "namespace": NAMESPACE,
                "source": {"repository": url, "path": "app", "revision": "main"},
            }
        },
    }
    path = folder / "settings.yaml"
    path.write_text(yaml.safe_dump(value), encoding="utf-8")
    return path


def _with_cluster(name: str, work: Callable[[dict[str, str]], None]) -> None:
    """Give the work a fresh control plane with the two namespaces."""
    cluster = start(name, "api", owner=os.getpid(), report=lambda _: None)
    environment = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig)}
    try:
        for namespace in (NAMESPACE, HOME):
            subprocess.run(["kubectl", "create", "namespace", namespace], env=environment, check=True,
                           capture_output=True)  # fmt: skip
        work(environment)
    finally:
        stop(name)


def run(name: str, folder: Path, *, peers: bool) -> None:
    """Print the rows of one set, those of the peers where asked for."""
    repository = _repository(folder, SETS[name]())
    settings = _settings(folder, repository)
    sources = str(folder / "sources")
    job = [sys.executable, "-m", "gitops", "sync", "--settings", str(settings), "--folder", sources]
    kubectl = ["kubectl", "apply", "--server-side", "-R", "-n", NAMESPACE, "-f", str(repository / "app")]

    def with_job(environment: dict[str, str]) -> None:
        _row(f"{name}: gitops, first apply", [measure(job, environment)])
        _settle(job, environment)
        _row(f"{name}: gitops, nothing changed", [measure(job, environment) for _ in range(RUNS)])
        if name == "networkpolicies":
            _row(f"{name}: gitops, 10 drifted", [_drifted(job, environment) for _ in range(RUNS)])

    def with_kubectl(environment: dict[str, str]) -> None:
        _row(f"{name}: kubectl apply --server-side, first", [measure(kubectl, environment)])
        _row(f"{name}: kubectl apply --server-side, nothing changed",
             [measure(kubectl, environment) for _ in range(3)])  # fmt: skip

    def with_loop(environment: dict[str, str]) -> None:
        what = f"{name}: clone and kubectl apply for each of {SAMPLED} files"
        _row(f"{what}, first", [measure(_loop(folder, name), environment)])
        _row(f"{what}, nothing changed", [measure(_loop(folder, name), environment)])

    _with_cluster(f"bench-{name}-job", with_job)
    if peers:
        _with_cluster(f"bench-{name}-kubectl", with_kubectl)
        _with_cluster(f"bench-{name}-loop", with_loop)


def _settle(job: list[str], environment: dict[str, str]) -> None:
    """Sync until the controllers have had their say: while they write, objects do change."""
    for _ in range(ATTEMPTS):
        done = subprocess.run(job, env=environment, capture_output=True, text=True, check=True)
        if "its controller has not seen it" not in done.stdout:
            return
        time.sleep(PAUSE)
    print("the controllers have not finished; what follows is not a run without a change", flush=True)


def _loop(folder: Path, name: str) -> list[str]:
    """Make the naive job: a fresh clone, then kubectl once a file; some of the files, since it takes minutes."""
    few = folder / "few"
    if not few.exists():
        few.mkdir()
        _repository(few, dict(list(SETS[name]().items())[:SAMPLED]))
    clone = Path(tempfile.mkdtemp(dir=folder))
    script = 'git clone -q "$1" "$2" && find "$2/app" -name "*.yaml" -exec kubectl apply -n "$3" -f {} \\;'
    return ["sh", "-c", script, "loop", f"file://{few / 'repository'}", str(clone / "clone"), NAMESPACE]


def _drifted(job: list[str], environment: dict[str, str]) -> Sample:
    names = [f"networkpolicy/policy-{number * 100}" for number in range(10)]
    patch = [
        "patch",
        "-n",
        NAMESPACE,
        "--type=json",
        "-p",
        '[{"op":"add","path":"/spec/ingress/-","value":{}}]',
    ]
    for name in names:
        subprocess.run(["kubectl", *patch, name], env=environment, check=True, capture_output=True)
    return measure(job, environment)


def main() -> None:
    """Run the sets that are named, all without a name; `--job` leaves the peers out, which take minutes."""
    names = [word for word in sys.argv[1:] if word != "--job"]
    for name in names or SETS:
        with tempfile.TemporaryDirectory() as folder:
            run(name, Path(folder), peers="--job" not in sys.argv)


if __name__ == "__main__":
    main()
