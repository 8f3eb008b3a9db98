"""The settings file: what it accepts, and how it names what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitops.errors import SettingsError
from gitops.settings import load, parse

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = """\
environment: qa
cluster: {uid: 6a1e2f00-0000-0000-0000-000000000000}
repositories:
  https://git.example.com/platform/environments.git:
    token: /credentials/environments/token
  git@git.example.com:web/sample-app.git:
    sshKey: /credentials/sample-app/identity
    knownHosts: /credentials/sample-app/known_hosts
projects:
  site:
    repositories: ["https://git.example.com/platform/environments.git"]
    namespaces: [site-qa]
    kinds: [ConfigMap, Service, ServiceAccount, apps/Deployment, networking.k8s.io/Ingress]
  sample-app:
    repositories: ["git@git.example.com:web/*"]
    namespaces: [sample-app-qa]
    kinds: [ConfigMap, Service, apps/*]
applications:
  site:
    project: site
    source:
      repository: https://git.example.com/platform/environments.git
      path: rendered/qa/apps/site
      revision: env/qa
    namespace: site-qa
  sample-app:
    project: sample-app
    source:
      repository: git@git.example.com:web/sample-app.git
      path: deploy
      revision: main
      exclude: ["ci/**"]
    namespace: sample-app-qa
    options:
      ignore: [{kind: Deployment, name: frontend, pointers: [/spec/replicas]}]
      coOwners: [cert-manager-cainjector]
      retry: {attempts: 3, seconds: 1}
policies:
  tier: test
  images:
    us-docker.pkg.dev/samples/frontend: {tags: build, because: "upstream numbers its builds"}
pushgateway: http://pushgateway.monitoring:9091
"""


def test_the_example_is_read_with_its_defaults() -> None:
    """Absent options have safe defaults and the job's namespace follows the environment."""
    settings = parse(EXAMPLE, "settings.yaml")
    assert settings.home == "gitops-qa"
    site = settings.applications["site"]
    assert (site.options.prune, site.options.suspend, site.source.recurse) == (True, False, True)
    assert settings.applications["sample-app"].options.co_owners == ("cert-manager-cainjector",)
    assert settings.projects["site"].kinds[3] == "apps/Deployment"


def test_what_is_dumped_is_read_back() -> None:
    """A renderer may build the model and write its dump as the ConfigMap."""
    settings = parse(EXAMPLE, "settings.yaml")
    text = settings.model_dump_json(by_alias=True, exclude_defaults=True)
    assert parse(text, "settings.json") == settings


def test_every_fault_is_reported_with_its_line() -> None:
    """Two faults in two places are one report."""
    text = EXAMPLE.replace("namespace: site-qa\n  sample", "namespace: Site\n  sample").replace(
        "seconds: 1", "secnds: 1"
    )
    with pytest.raises(SettingsError) as caught:
        parse(text, "settings.yaml")
    lines = [str(fault) for fault in caught.value.faults]
    assert lines[0].startswith("settings.yaml:25:5: applications.site.namespace: ")
    assert lines[1].startswith("settings.yaml:37:28: applications.sample-app.options.retry.secnds: ")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("path: rendered/qa/apps/site", "path: ../other", "leaves the repository"),
        ("path: rendered/qa/apps/site", "path: /etc", "leaves the repository"),
        ("revision: env/qa", "revision: --upload-pack=x", "is not a branch, tag, ref or full commit id"),
        ("revision: env/qa", "revision: a..b", "is not a branch, tag, ref or full commit id"),
        ("    project: site\n", "    project: nothing\n", "there is no project nothing"),
        ("    knownHosts: /credentials/sample-app/known_hosts\n", "", "sshKey needs knownHosts"),
        ("    token: /c", "    sshKey: /k\n    knownHosts: /h\n    token: /c", "several credentials"),
        ("    token: /credentials", "    username: /credentials", "needs both username and password"),
        ("    token: /c", "    revokedSigners: /r\n    token: /c", "revokedSigners needs allowedSigners"),
        ("[/spec/replicas]", "[spec.replicas]", "is not a JSON pointer"),
        (
            "      repository: https://git",
            "      repository: https://user:secret@git",
            "Git address without credentials",
        ),
        (
            "  https://git.example.com/platform/e",
            "  ssh://git@git.example.com/platform/e",
            "over https:// only",
        ),
        ("      repository: https://git", "      repository: http://git", "Git address without credentials"),
        (
            "environments.git\n      path",
            "environments.git?token=x\n      path",
            "Git address without credentials",
        ),
        ("repository: git@git.example.com:", "repository: ssh://git:x@git.example.com/", "Git address"),
        ("namespace: site-qa\n  sample", "namespace: kube-system\n  sample", "belongs to Kubernetes"),
        ("namespace: site-qa\n  sample", "namespace: gitops-qa\n  sample", "the job's own records"),
        ("http://pushgateway.monitoring:9091", "http://pushgateway.monitoring:9091?token=x", "pushgateway"),
        ("  tier: test\n", "  tier: staging\n", "policies.tier: "),
        ("  tier: test\n", "  teir: test\n", "policies.teir: "),
        ("environment: qa\n", "environment: [qa\n", "is not YAML"),
    ],
)
def test_what_is_unsafe_or_unclear_is_refused(before: str, after: str, says: str) -> None:
    """Each of these would leave the repository, leak a secret or trust an unknown host."""
    assert before in EXAMPLE
    with pytest.raises(SettingsError, match=says):
        parse(EXAMPLE.replace(before, after, 1), "settings.yaml")


@pytest.mark.parametrize("text", ["", "[]", "applications: 3"])
def test_what_is_no_mapping_is_a_fault_and_no_traceback(text: str) -> None:
    """An empty or wrong file is bad input."""
    with pytest.raises(SettingsError):
        parse(text, "settings.yaml")


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(SettingsError, match=r"none\.yaml: cannot be read"):
        load(tmp_path / "none.yaml")
