"""A job under test: a real Git repository, two real namespaces and the command itself."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from gitops.__main__ import main
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Body = dict[str, Any]


@dataclass
class Repository:
    """A Git repository with a work tree."""

    folder: Path

    def git(self, *arguments: str) -> str:
        """Run git in the work tree."""
        identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")
        command = ["git", *identity, "-C", str(self.folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, files: dict[str, Any]) -> str:
        """Write files (None removes one; anything but text becomes YAML) and commit them."""
        for name, content in files.items():
            path = self.folder / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            documents = content if isinstance(content, list) else [content]
            text = content if isinstance(content, str) else yaml.safe_dump_all(documents)
            path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        return self.git("rev-parse", "HEAD")


def make_repository(folder: Path) -> Repository:
    """Create an empty repository with the branch main."""
    folder.mkdir(parents=True)
    found = Repository(folder)
    found.git("init", "--quiet", "--initial-branch=main")
    return found


@dataclass
class Result:
    """What a command printed and returned."""

    code: int
    lines: list[Body]
    errors: str

    @property
    def changes(self) -> dict[str, str]:
        """Map objects, without their namespace, to what was done to them."""
        return {_short(line["object"]): line["action"] for line in self.lines if line["event"] == "change"}

    @property
    def messages(self) -> str:
        """Return all that the report says in words."""
        return "\n".join(str(line.get("message", "")) for line in self.lines)

    def summary(self, application: str = "app") -> Body:
        """Return the summary of an application."""
        return next(x for x in self.lines if x["event"] == "summary" and x["application"] == application)


def _short(name: str) -> str:
    parts = name.split("/")
    return f"{parts[0]}/{parts[-1]}"


@dataclass
class Job:
    """The settings of a job and the commands run with them."""

    kubeconfig: str
    folder: Path
    repository: Repository
    namespace: str  # destination
    home: str
    read_output: Callable[[], tuple[str, str]]
    options: Body = field(default_factory=dict)
    extra: Body = field(default_factory=dict)
    applications: Body | None = None
    kinds: tuple[str, ...] = ("*", "apps/*", "autoscaling/*", "batch/*", "networking.k8s.io/*")

    def settings(self) -> Body:
        """Return the settings: one application `app` below `app/` unless the test says otherwise."""
        url = f"file://{self.repository.folder}"
        project = {"repositories": [url], "namespaces": [self.namespace], "kinds": list(self.kinds)}
        standard = {"app": self.application(options=self.options)}
        return {
            "environment": "qa",
            "namespace": self.home,
            "projects": {"all": project},
            "applications": standard if self.applications is None else self.applications,
        } | self.extra

    def application(self, path: str = "app", options: Body | None = None) -> Body:
        """Return an application of this repository."""
        url = f"file://{self.repository.folder}"
        source = {"repository": url, "path": path, "revision": "main"}
        return {"project": "all", "source": source, "namespace": self.namespace, "options": options or {}}

    def sync(self, *arguments: str) -> Result:
        """Run `sync`."""
        return self.run("sync", *arguments)

    def rest(self) -> dict[str, list[str]]:
        """Run `sync` until it has nothing to do; return all that was done, in order, by object."""
        done: dict[str, list[str]] = {}

        def quiet() -> bool:
            changes = self.sync().changes
            for name, action in changes.items():
                done.setdefault(name, []).append(action)
            return not changes

        wait_until(quiet, "the job has nothing to do")
        return done

    def diff(self, *arguments: str) -> Result:
        """Run `diff`."""
        return self.run("diff", *arguments)

    def command(self, verb: str, *arguments: str) -> list[str]:
        """Write the settings and return the command line."""
        file = self.folder / "settings.yaml"
        file.write_text(yaml.safe_dump(self.settings()), encoding="utf-8")
        flags = ["--settings", str(file), "--kubeconfig", self.kubeconfig, "--format", "json"]
        folder = str(self.folder / "sources")
        return [sys.executable, "-m", "gitops", verb, *flags, "--folder", folder, *arguments]

    def run(self, verb: str, *arguments: str) -> Result:
        """Run a command in this process and read its JSON lines."""
        command = self.command(verb, *arguments)
        self.read_output()
        code = main(command[3:])
        output, errors = self.read_output()
        return Result(code, [json.loads(line) for line in output.splitlines()], errors)


def config_map(name: str, **data: str) -> Body:
    """Return a ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def pod_spec(image: str = "registry.example.com/web:1.0.0") -> Body:
    """Return the spec of a pod that no policy has anything against."""
    container: Body = {
        "name": "web",
        "image": image,
        "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "16Mi"}},
        "readinessProbe": {"tcpSocket": {"port": 8080}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }
    return {
        "serviceAccountName": "web",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }


def deployment(name: str, replicas: int | None = 2, image: str = "registry.example.com/web:1.0.0") -> Body:
    """Return a Deployment of one container that no policy has anything against."""
    spec: Body = {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec(image)},
    }
    if replicas is not None:
        spec["replicas"] = replicas
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def network_policy(name: str) -> Body:
    """Return a NetworkPolicy with one rule."""
    spec = {"podSelector": {}, "ingress": [{"from": [{"podSelector": {"matchLabels": {"a": "b"}}}]}]}
    meta = {"name": name}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec}


def annotated(body: Body, **annotations: str) -> Body:
    """Return an object with annotations of this project: `wave="1"` becomes environments.internal/wave."""
    marks = {f"environments.internal/{name}": value for name, value in annotations.items()}
    return body | {"metadata": body["metadata"] | {"annotations": marks}}
