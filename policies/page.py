"""Prints docs/policies.md from the rules: `python -m policies.page`."""

from __future__ import annotations

import sys
from itertools import groupby

from kube.pods import TEMPLATES
from policies.admission.objects import LIMITS
from policies.admission.pod_checks import CHECKS
from policies.carriers import INSTALLERS
from policies.context import Level, wire_schema
from policies.rule import Area, EnvironmentRule, ObjectRule, PodRule, Rule
from policies.rules import RULES
from policies.rules.images import IMAGES_ARE_PINNED, IMAGES_ARE_VALID
from policies.tags import MOVING_WORDS, Shape, TagClass

_CLASSES = {
    TagClass.COMMIT: (
        "7 to 40, or 64, hex digits; a decimal number of that many digits is unique, too",
        "`0a1b2c3`",
    ),
    TagClass.SEMVER: (
        "a full semantic version, or `major.minor` where the repository declares `minor`",
        "`1.2.3`, `v1.2.3-alpine`",
    ),
    TagClass.BUILD: ("a number, where the repository declares `build`", "`4711`, `v5`"),
    TagClass.TIMESTAMP: ("a date, with or without a time", "`2026-11-20`, `20261120-101530`"),
    TagClass.COMPOUND: (
        "several parts, at least one of them unique",
        "`main-0a1b2c3`, `bookworm-20261111-slim`",
    ),
    TagClass.PARTIAL: ("a part of a version", "`1`, `1.2`, `16-alpine`"),
    TagClass.MOVING: (
        "a word that publishers move, in upper or lower case, or the name of an environment",
        "`latest`, `Stable`, `1.2.3-SNAPSHOT`",
    ),
    TagClass.UNKNOWN: ("anything else", "`jammy`"),
    TagClass.NONE: ("no tag", "`redis`"),
}
_SHAPES = {Shape.MINOR: "`16.4`", Shape.BUILD: "`4711` or `v5`", Shape.DATE: "`2026-11-20`, `2026.11`"}
_AREAS = {
    Area.IMAGES: "Images and releases",
    Area.PODS: "Pods and containers",
    Area.ACCESS: "Identities and rights",
    Area.NETWORK: "Network",
    Area.SECRETS: "Secrets",
    Area.ENVIRONMENT: "Namespaces and exemptions",
}
_HEAD = """\
<!-- Made from the rules by `python -m policies.page`; change them, not this file. -->

# Policies

A rule judges manifests, wherever they come from: `envs check` offline, the Pulumi program and the policy pack in a
preview, the GitOps job before it applies. A mandatory finding blocks, an advisory one warns. `policies.levels` of a
layer changes levels: production can only be made stricter, and an environment of tier test can lower the rules marked
*relaxable*. A level that names no rule, or that a rule cannot have, is a fault of the layer.
"""
_CUSTOM = """\
## Pods in custom resources

The rules over pods search custom resources. A list `containers`, `initContainers` or `ephemeralContainers` makes a
pod; a mapping with `image`, `imageName`, `securityContext` or `env` describes a container, as in the steps of Tekton;
`hostNetwork`, `hostPID`, `hostIPC` and `hostPath` are judged wherever they are written. Only a pod template whose
containers all have images must be complete; of anything else, what is written is judged, since a controller adds the
rest. What a controller fetches from elsewhere is an unknown image (`images-are-known`): {installers}.
"""
_EXEMPTIONS = """\
## Exemptions

An exemption names a rule, an object (`Kind/namespace/name`) or the repository of an image, a reason, and the last day
on which it holds; each rule above says which of the two it knows. Names are compared whole. Layers hold exemptions:

```yaml
policies:
  longestExemption: 365d # 180d by default
  exemptions:
    jammy: # a name of your choice
      rule: images-are-pinned
      repository: registry.example.com/base/ubuntu
      because: its publisher has no versions; asked for them on 2026-05-04
      until: "2026-12-31"
```

An expired exemption is a mandatory finding, and so is one whose last day is more than `longestExemption` from today.
Advisory are one that ends within 14 days and one that excuses nothing. An exemption by object holds at every gate
but the API server; the policy pack knows the workloads that the GitOps job applies by their objects and images.

## One form at every gate

What an environment declares travels in one form, with the keys of the layers: as inputs of the stack's resource
`environments:index:Environment`, as `policies:` of the job's settings, and as configuration of the policy pack. Its
keys are {keys}.
"""
_ADMISSION = """\
## In the API server

Where an environment says `policies: {{admission: true}}`, its fence has a ValidatingAdmissionPolicy for each of these
rules: {rules}. The API server then refuses what a mandatory rule refuses, and warns of what an advisory one finds,
from whoever sends it, `kubectl` too, in
{kinds},
and in ephemeral containers that are added to a running pod. An update that does not change the pods passes. A refusal
names the rule, the containers and what to do. This gate cannot

{limits}
"""


def document() -> str:
    """Return the whole page."""
    parts = [_HEAD, _tags()]
    for area, rules in groupby(
        sorted(RULES, key=lambda rule: tuple(Area).index(rule.area)), lambda rule: rule.area
    ):
        parts.append(f"## {_AREAS[area]}\n\n" + "\n".join(_rule(rule) for rule in rules))
    return "\n".join([*parts, _custom(), _exemptions(), _admission()])


def _tags() -> str:
    rows = "\n".join(f"| {name} | {meaning} | {example} |" for name, (meaning, example) in _CLASSES.items())
    shapes = "; ".join(f"`{shape}`: {example}" for shape, example in _SHAPES.items())
    return (
        "## What makes a tag unique\n\n"
        "A digest always passes. Otherwise the class of the tag decides: commit, semver, build, timestamp and compound "
        "are unique; partial, moving, unknown and none are not.\n\n"
        f"| Class | The tag is | Examples |\n|---|---|---|\n{rows}\n\n"
        f"`images:` declares shapes of versions by repository: {shapes}. The declared shape has precedence.\n\n"
        f"Moving words: {', '.join(sorted(MOVING_WORDS))}.\n"
    )


def _custom() -> str:
    names = sorted({f"{kind} ({group})" for group, kind in INSTALLERS})
    return _CUSTOM.format(installers=", ".join(names))


def _exemptions() -> str:
    keys = ", ".join(f"`{key}`" for key in wire_schema())
    return _EXEMPTIONS.replace("{keys}", keys)


def _admission() -> str:
    kinds = ", ".join(sorted(TEMPLATES))
    rules = ", ".join(f"`{rule}`" for rule in (IMAGES_ARE_VALID.id, IMAGES_ARE_PINNED.id, *CHECKS))
    return _ADMISSION.format(
        rules=rules, kinds=kinds, limits="\n".join(f"- {limit}" for limit in LIMITS.values())
    )


def _rule(rule: Rule) -> str:
    relaxable = ", relaxable" if rule.relaxable else ""
    levels = _levels(rule.production, rule.test)
    exempt = f"exempt by {' or '.join(rule.exempt_by)}" if rule.exempt_by else "no exemption"
    return f"### {rule.id}\n\n{rule.law} {rule.why}\n\n*{levels}{relaxable}; judges {_judges(rule)}; {exempt}.*\n"


def _levels(production: Level, test: Level) -> str:
    return f"{production}" if production is test else f"{production} in production, {test} in test"


def _judges(rule: Rule) -> str:
    match rule:
        case PodRule():
            return "every pod, pod template, and custom resource that embeds one"
        case ObjectRule():
            return ", ".join(sorted(rule.kinds))
        case EnvironmentRule():
            return "all objects of an environment together"
    return "what the layers say"


if __name__ == "__main__":
    sys.stdout.write(document())
