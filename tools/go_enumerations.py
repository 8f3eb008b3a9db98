"""The enumerations of Kubernetes' API: the values of types that the Go module k8s.io/api marks with `+enum`.

Source: https://github.com/kubernetes/kube-openapi/tree/master/pkg/generators (enum.go)
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

Enumerations = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Values by definition, such as core.v1.Container, and field."""

_MODULE = "k8s.io/api"
_IMPORT = re.compile(r'^\s*(?:(\w+) )?"k8s\.io/api/([\w/]+)"', re.MULTILINE)
_MARKED = re.compile(r"^// \+enum\n(?:// .*\n)*type (\w+) string$", re.MULTILINE)
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r'^\s*\w+\s+(?:\*|\[\])*(?:(\w+)\.)?(\w+)\s+`json:"(\w+)', re.MULTILINE)


def enumerations(version: str) -> Enumerations:
    """Read the enumerations of a minor version of Kubernetes; needs `go`, which downloads the module once."""
    folder = _download(f"v0.{version.partition('.')[2]}.0")
    packages = {file.parent: file.read_text() for file in sorted(folder.glob("*/*/types.go"))}
    names = {path: path.relative_to(folder).as_posix().replace("/", ".") for path in packages}
    values = {names[path]: dict(_values(text)) for path, text in packages.items()}
    return {
        f"{names[path]}.{struct}": dict(found)
        for path, text in packages.items()
        for struct, body in _STRUCT.findall(text)
        if (found := list(_fields(body, values, names[path], _imports(text))))
    }


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
