"""The rules over pods as CEL expressions; `tests/api/test_pod_admission.py` holds them equal to the rules in Python.

Source: https://kubernetes.io/docs/reference/using-api/cel/; `.?field` reads a field that may be missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policies.pods import LONG_RUNNING
from policies.rules.baseline import (
    APPARMOR_ANNOTATION,
    DEFAULT_CAPABILITIES,
    HANDLERS,
    PROFILES,
    SAFE_SYSCTLS,
    SELINUX_TYPES,
)
from policies.rules.restricted import VOLUMES
from policies.rules.sysctls import NUMBERS

ALL, BOUNDED, RUNNING = "containers", "bounded", "running"
"""Variables with containers: all of a pod, those but ephemeral ones, and ordinary ones."""


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that must hold, of the pod or of each container `one` among some, and what to do otherwise."""

    condition: str
    fix: str
    among: str = ""


def _texts(values: Iterable[str]) -> str:
    return f"[{', '.join(json.dumps(value) for value in sorted(values))}]"


def _security(field: str, otherwise: str) -> str:
    return f"one.?securityContext.?{field}.orValue({otherwise})"


def _profile(field: str) -> str:
    path = f"context.?{field}"
    return f"(!{path}.hasValue() || {path}.?type.orValue('') in {_texts(PROFILES)})"


_SPEC = "variables.spec"
_USERS = f"{_SPEC}.?hostUsers.orValue(true)"  # without a user namespace of its own, root is root of the node
_LINUX = f"{_SPEC}.?os.?name.orValue('linux') != 'windows'"
_POD = f"{_SPEC}.?securityContext"
_SELINUX = "context.?seLinuxOptions"
_MASKED = f"{_security('procMount', repr('Default'))} == 'Default'"
_HOSTS = " && ".join(
    f"one.?{'.?'.join(keys)}.?{action}.?host.orValue('') == ''"
    for keys in HANDLERS
    for action in ("httpGet", "tcpSocket")
)
_LIMITED = " && ".join(
    f"(one.?resources.?requests.?{name}.hasValue() || one.?resources.?limits.?{name}.hasValue())"
    for name in ("cpu", "memory")
)
_LONG_RUNNING = (
    f"(object.kind in {_texts(LONG_RUNNING)}"
    f" || (object.kind == 'Pod' && {_SPEC}.?restartPolicy.orValue('Always') == 'Always'))"
)

_BASELINE = (
    Check(
        " && ".join(f"!{_SPEC}.?{field}.orValue(false)" for field in ("hostNetwork", "hostPID", "hostIPC")),
        "remove hostNetwork, hostPID and hostIPC",
    ),
    Check(
        f"{_SPEC}.?volumes.orValue([]).all(volume, !has(volume.hostPath))",
        "use another kind of volume than hostPath",
    ),
    Check(
        f"variables.annotations.all(key, !key.startsWith({json.dumps(APPARMOR_ANNOTATION)})"
        " || variables.annotations[key] in ['', 'runtime/default']"
        " || variables.annotations[key].startsWith('localhost/'))",
        "remove the annotation that switches AppArmor off",
    ),
    Check(
        f"{_POD}.?sysctls.orValue([]).all(sysctl, sysctl.name in {_texts(SAFE_SYSCTLS)})",
        "remove sysctls that are not in the safe set",
    ),
    Check(
        f"variables.contexts.all(context, {_profile('seccompProfile')} && {_profile('appArmorProfile')})",
        "set seccompProfile and appArmorProfile to RuntimeDefault or Localhost",
    ),
    Check(
        f"variables.contexts.all(context, {_SELINUX}.?type.orValue('') in {_texts(SELINUX_TYPES)}"
        f" && {_SELINUX}.?user.orValue('') == '' && {_SELINUX}.?role.orValue('') == '')",
        "remove the type, the user and the role of seLinuxOptions",
    ),
    Check(
        "variables.contexts.all(context, !context.?windowsOptions.?hostProcess.orValue(false))",
        "remove hostProcess",
    ),
    Check(f"!{_security('privileged', 'false')}", "remove privileged", ALL),
    Check(
        f"one.?securityContext.?capabilities.?add.orValue([]).all(name, name in {_texts(DEFAULT_CAPABILITIES)})",
        "remove the capabilities beyond the default set",
        ALL,
    ),
    Check(f"!({_USERS}) || {_MASKED}", "remove procMount", ALL),
    Check(
        "one.?ports.orValue([]).all(port, port.?hostPort.orValue(0) == 0)", "use a Service, not hostPort", ALL
    ),
    Check(_HOSTS, "remove the host of probes and hooks", ALL),
)
_RESTRICTED = (
    Check(
        f"{_SPEC}.?volumes.orValue([]).all(volume, "
        + " || ".join(f"has(volume.{kind})" for kind in (*sorted(VOLUMES), "hostPath"))
        + ")",
        f"use volumes of the kinds {', '.join(sorted(VOLUMES))}",
    ),
    Check(
        f"!({_USERS}) || ({_POD}.?runAsNonRoot.orValue(true) && {_POD}.?runAsUser.orValue(1) != 0)",
        "set runAsNonRoot: true on the pod, and a runAsUser other than 0",
    ),
    Check(
        f"!({_USERS}) || (one.?securityContext.?runAsNonRoot.orValue({_POD}.?runAsNonRoot.hasValue())"
        f" && {_security('runAsUser', '1')} != 0)",
        "set runAsNonRoot: true on the pod, and a runAsUser other than 0",
        ALL,
    ),
    Check(
        f"!({_LINUX}) || !{_security('allowPrivilegeEscalation', 'true')}",
        "set allowPrivilegeEscalation: false",
        ALL,
    ),
    Check(
        f"!({_LINUX}) || 'ALL' in one.?securityContext.?capabilities.?drop.orValue([])",
        "set capabilities.drop: [ALL]",
        ALL,
    ),
    Check(
        f"!({_LINUX}) || one.?securityContext.?capabilities.?add.orValue([]).all(name, name == 'NET_BIND_SERVICE'"
        f" || !(name in {_texts(DEFAULT_CAPABILITIES)}))",
        "add no capability but NET_BIND_SERVICE",
        ALL,
    ),
    Check(
        f"!({_LINUX}) || one.?securityContext.?seccompProfile.hasValue()"
        f" || {_POD}.?seccompProfile.?type.orValue('') in {_texts(PROFILES)}",
        "set seccompProfile: {type: RuntimeDefault} on the pod",
        ALL,
    ),
    Check(f"{_USERS} || {_MASKED}", "remove procMount", ALL),
)

CHECKS: Mapping[str, tuple[Check, ...]] = {
    "pods-meet-baseline": _BASELINE,
    "pods-meet-restricted": _RESTRICTED,
    "sysctls-hold-numbers": (
        Check(
            f"{_POD}.?sysctls.orValue([]).all(sysctl,"
            f" sysctl.?value.orValue('').matches({json.dumps(f'^(?:{NUMBERS.pattern})$')}))",
            "write numbers alone as values of sysctls",
        ),
    ),
    "containers-declare-resources": (
        Check(
            f"{_SPEC}.?resources.?limits.?memory.hasValue()"
            f" || (one.?resources.?limits.?memory.hasValue() && {_LIMITED})",
            "set resources.requests of cpu and memory, and resources.limits.memory",
            BOUNDED,
        ),
    ),
    "servers-tell-when-ready": (
        Check(
            f"!{_LONG_RUNNING} || size(one.?ports.orValue([])) == 0 || has(one.readinessProbe)",
            "add a readinessProbe",
            RUNNING,
        ),
    ),
    "servers-tell-when-alive": (
        Check(
            f"!{_LONG_RUNNING} || size(one.?ports.orValue([])) == 0 || has(one.livenessProbe)",
            "add a livenessProbe",
            RUNNING,
        ),
    ),
    "root-file-systems-are-read-only": (
        Check(
            f"!({_LINUX}) || {_security('readOnlyRootFilesystem', 'false')}",
            "set readOnlyRootFilesystem: true, and mount an emptyDir where it must write",
            ALL,
        ),
    ),
    "pods-have-their-own-account": (
        Check(
            f"!({_SPEC}.?serviceAccountName.orValue({_SPEC}.?serviceAccount.orValue('')) in ['', 'default'])",
            "create a ServiceAccount for it and name it in serviceAccountName",
        ),
    ),
}
"""Checks by rule; a pod breaks the rule where one of them does not hold."""
