"""The file environments/parity.yaml in, the places where environments may differ out, each with its reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from envs.config.layers.folder import FOLDER, read_layer
from envs.config.reading.faults import ConfigurationError
from kube.yaml.faults import DocumentError, Fault
from kube.yaml.origin import Origin
from policies.subject import steps

FILE = f"{FOLDER}/parity.yaml"
_ANY = "**"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A glob over dotted paths, and why environments differ there.

    `*` stands for any part of one segment, `**` for any number of segments.
    """

    glob: str
    because: str
    origin: Origin

    @property
    def pattern(self) -> re.Pattern[str]:
        """The glob as an expression over segments that each end with a NUL."""
        return re.compile("".join(map(_segment, steps(self.glob))))

    def __str__(self) -> str:
        return self.glob


def _segment(glob: str) -> str:
    if glob == _ANY:
        return r"(?:[^\0]*\0)*"
    return re.escape(glob).replace(r"\*", r"[^\0]*") + r"\0"


def joined(segments: Sequence[str]) -> str:
    """Write segments as the patterns of declarations read them."""
    return "".join(f"{segment}\0" for segment in segments)


def declared(root: Path) -> list[Declaration] | None:
    """Read the declarations of a root; None without the file. Raises ConfigurationError with all faults."""
    path = root / FILE
    if not path.exists():
        return None
    try:
        tree = read_layer(root, path)
    except DocumentError as error:
        raise ConfigurationError(error.faults) from error
    found, faults = [], []
    for glob, node in tree.value.items() if isinstance(tree.value, dict) else ():
        if isinstance(node.value, str) and node.value.strip():
            found.append(Declaration(glob, str(node.value), node.key))
        else:
            faults.append(Fault(node.key, glob, "has no reason; say why environments differ here"))
    if faults:
        raise ConfigurationError(faults)
    return found
