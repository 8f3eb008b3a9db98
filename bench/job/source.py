"""The Git repository of a set, and the settings of a job that follows it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

from bench.job.sets import Files

NAMESPACE, HOME = "bench", "gitops-bench"
APP = "app"  # the folder in the repository
_KINDS = ["*", "apps/*", "networking.k8s.io/*"]
_IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false")


def write_repository(top: Path, files: Files) -> None:
    """Commit the files of a set to a new repository."""
    (top / APP).mkdir(parents=True)
    for name, bodies in files.items():
        (top / APP / name).write_text(yaml.dump_all(bodies, Dumper=yaml.CSafeDumper), encoding="utf-8")
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "bench"]):
        subprocess.run(["git", *_IDENTITY, "-C", str(top), *words], check=True)


def write_settings(path: Path, repository: Path) -> None:
    """Write the settings of a job with one application."""
    url = f"file://{repository}"
    source = {"repository": url, "path": APP, "revision": "main"}
    settings = {
        "environment": "bench",
        "projects": {"all": {"repositories": [url], "namespaces": [NAMESPACE], "kinds": _KINDS}},
        "applications": {"app": {"project": "all", "namespace": NAMESPACE, "source": source}},
    }
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
