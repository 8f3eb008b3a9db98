"""Builds the components of the control plane from their official Go modules, once per version.

In: the Go sources beside this file. Out: a folder of binaries outside the checkout, named by what it was
built from, so that another version of either never finds the wrong ones.
"""

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from localkube.errors import ClusterError
from localkube.folders import exclusively
from localkube.gobuild import Program, build

SOURCES = Path(__file__).parent
_COMPONENTS = (
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "kubectl",
)
_KWOK = "sigs.k8s.io/kwok"
_STAGES = ("node/fast", "node/heartbeat-with-lease", "pod/fast")

Report = Callable[[str], None]


def ensure_built(report: Report) -> Path:
    """Return the folder of the binaries, building them first if need be (minutes)."""
    cache = cache_folder()
    folder = cache / _fingerprint()
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    report(f"localkube: building Kubernetes into {folder}, once for this version; this takes minutes")
    with exclusively(cache / "lock"):
        if not folder.is_dir():
            _build_all(folder, report)
    return folder


def cache_folder() -> Path:
    """Return the folder that holds every version's binaries (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gitops-environments" / "localkube"


def _build_all(folder: Path, report: Report) -> None:
    started = time.monotonic()
    unfinished = folder.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    for program in _programs():
        build(program, unfinished, report)
    for component in _COMPONENTS:
        (unfinished / component).symlink_to("kube")
    (unfinished / "stages.yaml").write_text(_kwok_stages())
    unfinished.rename(folder)
    size = sum(path.stat().st_size for path in folder.iterdir() if not path.is_symlink())
    report(f"localkube: built in {time.monotonic() - started:.0f} s, {size / 1e6:.0f} MB in {folder}")


def _programs() -> list[Program]:
    version = _go("list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes", module="kube")
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    stamps = " ".join(f"-X {package}.gitVersion={version}" for package in packages)
    return [
        Program("etcd", SOURCES / "etcd", "."),
        Program("kwok", SOURCES / "kwok", f"{_KWOK}/cmd/kwok"),
        Program("kube", SOURCES / "kube", ".", stamps),
    ]


def _kwok_stages() -> str:
    """Join the stages that let nodes heartbeat and pods run and complete; kwok has none built in."""
    module = Path(_go("list", "-m", "-f", "{{.Dir}}", _KWOK, module="kwok"))
    stages = [path for part in _STAGES for path in sorted((module / "kustomize/stage" / part).glob("*.yaml"))]
    documents = [text for path in stages if "kind: Stage" in (text := path.read_text())]
    return "\n---\n".join(documents)


def _fingerprint() -> str:
    digest = hashlib.sha256(_go("env", "GOVERSION", "GOOS", "GOARCH", module="kube").encode())
    sources = [path for path in SOURCES.glob("*/*") if path.suffix in {".go", ".mod", ".sum"}]
    for path in sorted([*sources, SOURCES / "binaries.py", SOURCES / "gobuild.py"]):
        digest.update(f"\0{path.relative_to(SOURCES)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _go(*arguments: str, module: str) -> str:
    try:
        done = subprocess.run(
            ["go", *arguments], cwd=SOURCES / module, capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise ClusterError(
            "No cluster: install Go 1.26 or newer (https://go.dev/dl) so that one can be built here, "
            "or start Docker and install kind, or set TEST_KUBECONFIG."
        ) from None
    except subprocess.CalledProcessError as failed:
        raise ClusterError(
            f"go {' '.join(arguments)} in localkube/{module}: {failed.stderr.strip()}"
        ) from None
    return done.stdout.strip()
