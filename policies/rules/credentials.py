"""Rules over literals that look like credentials, which no manifest may contain. Messages never repeat a value."""

from __future__ import annotations

from collections.abc import Iterator

from kube.credentials import credential, looks_secret
from policies.context import Context, Level
from policies.pods import Pod
from policies.rule import Area, ObjectRule, PodRule, Rule, Violation
from policies.rules.baseline import entries_of_text
from policies.subject import Subject, mapping, named_entries

_FIX = "put it into a Secret made from a secret store, and refer to it"


def check_environment(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find credentials among the literal environment variables and arguments of containers."""
    for container in pod.containers:
        for step, variable in named_entries("env", container.spec.get("env")):
            name, value = variable.get("name"), variable.get("value")
            if isinstance(name, str) and isinstance(value, str) and (kind := credential(name, value)):
                yield Violation(f"{container.path}.{step}.value", f"{name} is or holds {kind}; {_FIX}")
        for field in ("command", "args"):
            for index in _secret_arguments(entries_of_text(container.spec.get(field))):
                yield Violation(f"{container.path}.{field}[{index}]", f"this looks like a credential; {_FIX}")


def _secret_arguments(arguments: list[str]) -> Iterator[int]:
    """Find `--password=…`, `--password …` and values with the shape of a credential."""
    flag = ""
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if equals and name.startswith("-") and " " not in name:
            flag = name
        else:
            value = argument
        if looks_secret(flag, value) and argument != flag:
            yield index
        flag = argument if argument.startswith("-") and not equals else ""


def check_config(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find credentials among the values of a ConfigMap: whole values, and what files hold."""
    for key, value in mapping(subject.manifest.get("data")).items():
        if isinstance(value, str) and (kind := credential("" if "\n" in value else key, value)):
            yield Violation(f"data[{key}]", f"{key} is or holds {kind}; {_FIX}")


def check_literal(subject: Subject, _context: Context) -> Iterator[Violation]:
    """Find Secrets whose values are in the manifest."""
    for field in ("data", "stringData"):
        if subject.manifest.get(field):
            message = "everyone who can read the manifest can read the values; use an ExternalSecret or a SealedSecret"
            yield Violation(field, message)


LAYERS_HOLD_NO_CREDENTIALS = Rule(
    id="layers-hold-no-credentials",
    area=Area.SECRETS,
    law="No literal of a layer is a credential; an exemption names `Layer/` and its dotted path.",
    why="Git forgets nothing, and everyone who can read the repository can read it.",
    test=Level.MANDATORY,
    production=Level.MANDATORY,
)
RULES = (
    LAYERS_HOLD_NO_CREDENTIALS,
    PodRule(
        id="containers-get-credentials-by-reference",
        area=Area.SECRETS,
        law="No environment variable or argument holds a credential.",
        why="Everyone who can read the manifest, the pod or a crash report could read it.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        check=check_environment,
    ),
    ObjectRule(
        id="config-holds-no-credentials",
        area=Area.SECRETS,
        law="No ConfigMap holds a credential.",
        why="Everyone with read access to the namespace can read its ConfigMaps.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"ConfigMap"}),
        check=check_config,
    ),
    ObjectRule(
        id="secrets-are-references",
        area=Area.SECRETS,
        law="Secrets are made from references, not from values in manifests.",
        why="Base64 is not encryption, and Git forgets nothing.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        kinds=frozenset({"Secret"}),
        check=check_literal,
    ),
)
