"""What only the Go types of Kubernetes' API tell: enumerations, and which kinds have no namespace.

The Go module k8s.io/api marks them with `+enum` and `+genclient:nonNamespaced`.
Source: https://github.com/kubernetes/kube-openapi/tree/master/pkg/generators (enum.go)
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

Enumerations = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Values by definition, such as core.v1.Container, and field."""

_MODULE = "k8s.io/api"
_NON_NAMESPACED = re.compile(
    r"^// \+genclient:nonNamespaced\n(?:(?://.*)?\n)*type (\w+) struct", re.MULTILINE
)
_IMPORT = re.compile(r'^\s*(?:(\w+) )?"k8s\.io/api/([\w/]+)"', re.MULTILINE)
_MARKED = re.compile(r"^// \+enum\n(?:// .*\n)*type (\w+) string$", re.MULTILINE)
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r'^\s*\w+\s+(?:\*|\[\])*(?:(\w+)\.)?(\w+)\s+`json:"(\w+)', re.MULTILINE)


def enumerations(version: str) -> Enumerations:
    """Read the enumerations of a minor version of Kubernetes; needs `go`, which downloads the module once."""
    packages = _packages(version)
    values = {package: dict(_values(text)) for package, text in packages.items()}
    return {
        f"{package}.{struct}": dict(found)
        for package, text in packages.items()
        for struct, body in _STRUCT.findall(text)
        if (found := list(_fields(body, values, package, _imports(text))))
    }


def cluster_scoped(version: str) -> list[str]:
    """List the definitions of kinds without a namespace, such as core.v1.Node; needs `go`."""
    return [
        f"{package}.{struct}"
        for package, text in _packages(version).items()
        for struct in _NON_NAMESPACED.findall(text)
    ]


@cache
def _packages(version: str) -> dict[str, str]:
    """Read the types of each package of the module, such as core.v1."""
    folder = _download(f"v0.{version.partition('.')[2]}.0")
    files = sorted(folder.glob("*/*/types.go"))
    return {file.parent.relative_to(folder).as_posix().replace("/", "."): file.read_text() for file in files}


def _download(version: str) -> Path:
    command = ["go", "mod", "download", "-json", f"{_MODULE}@{version}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd="/")
    return Path(json.loads(done.stdout)["Dir"])


def _values(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each marked type with its constants; one whose constants come from elsewhere is left out."""
    for name in _MARKED.findall(text):
        constant = re.compile(rf'^\s*\w+\s+(?:{name}\s+=\s+"([^"]*)"|=\s+{name}\("([^"]*)"\))', re.MULTILINE)
        foreign = re.compile(rf'^\s*\w+\s+(?:{name}\s+=\s+[^"]|=\s+{name}\([^"])', re.MULTILINE)
        values = {one or other for one, other in constant.findall(text)}
        if values and not foreign.search(text):
            yield name, tuple(sorted(values))


def _imports(text: str) -> dict[str, str]:
    """Map the names by which a file knows other packages of the module to these packages."""
    return {alias or path.rpartition("/")[2]: path.replace("/", ".") for alias, path in _IMPORT.findall(text)}


def _fields(
    body: str, values: Mapping[str, Mapping[str, tuple[str, ...]]], own: str, imports: Mapping[str, str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for alias, kind, field in _FIELD.findall(body):
        found = values.get(imports.get(alias, "") if alias else own, {}).get(kind)
        if found:
            yield field, found
