"""Layers with mistakes in them, by the number of the mistake, and what comes of them: python -m … FIRST COUNT.

In: roots that say all that the language has. Out: what is not as it should be: an exception that is no report of
faults, or a fault whose place is not in the root.
"""

from __future__ import annotations

import copy
import random
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from envs.config.reading.faults import ConfigurationError
from envs.gates.judgement import judge
from envs.gates.load import load, load_sound
from envs.gates.rendering import render_around
from kube.yaml.faults import Fault
from tests.components.language import ROWS
from tests.roots import make_root
from tests.tree import SAMPLE, TREE

TODAY = date(2026, 1, 1)
_MOST = 3  # mistakes in one file
_IN_TREE = 0.75  # share of the mistakes that are in what a file says, not in how it is written
_WHOLE = 0.1  # share of the numbers for which all environments are read, not one of them
_ODD: tuple[Any, ...] = (
    *(None, True, "", " ", -1, 0, 1e300, 10**20, "x" * 300, "none", "null", [], {}, [None], {"a": None}),
    *("${A}", "{{ x }}", "@", "1e3", "0o17", "12:30", "ä", "\u202e", "a\nb", "../..", "/", "*", "80%", "-5%"),
    *(
        "1Gi",
        "500m",
        "2026-13-45",
        "latest",
        "registry.example.com/a:1.0.0@sha256:zz",
        "ingress",
        "main",
        "base",
    ),
    *(
        {"peer": "nobody"},
        {"cidr": "0.0.0.0/0"},
        {"app": "x", "workload": "y"},
        {"kind": "cache"},
        ["prod", "eu"],
    ),
)
_DEFAULTS = """
defaults:
  app: {pullSecrets: registry}
  workload: {env: {TZ: Etc/UTC}, labels: {cost-centre: "42"}, placement: {tolerations: {spot: {operator: Exists}}}}
  stateful: {grace: 120}
"""
_OWN_DEFAULTS = "\ndefaults:\n  cache: {megabytes: 32}\n"


@dataclass(frozen=True, slots=True)
class Source:
    """A root that is spoiled and mended again, and its environments."""

    root: Path
    names: list[str]
    files: list[Path]

    @classmethod
    def of(cls, root: Path) -> Source:
        """List what can be spoiled: layers, files of apps and releases."""
        layers = root / "environments"
        files = [path for path in sorted(layers.rglob("*.yaml")) if path.parent.name != "stacks"]
        names = [path.stem for path in layers.glob("*.yaml") if "\ntier:" in f"\n{path.read_text()}"]
        return cls(root, sorted(names), files)


def sources(folder: Path) -> list[Source]:
    """Write the roots: a platform with defaults, components of its own, the sample, and each row of the language."""
    for name, origin, more in (
        ("platform", TREE / "examples/platform", _DEFAULTS),
        ("components", TREE / "examples/components", _OWN_DEFAULTS),
        ("sample", SAMPLE, ""),
    ):
        shutil.copytree(origin, folder / name, ignore=shutil.ignore_patterns("rendered"))
        base = folder / name / "environments/base.yaml"
        base.write_text(base.read_text() + more)
    rows = [make_root(folder / f"row-{number}", row.files) for number, row in enumerate(ROWS)]
    return [
        Source.of(root) for root in (*(folder / name for name in ("platform", "components", "sample")), *rows)
    ]


def spoil(text: str, chance: random.Random) -> str:
    """Make one to three mistakes in a file: in what it says, else in how it is written."""
    for _ in range(chance.randint(1, _MOST)):
        text = _in_tree(text, chance) if chance.random() < _IN_TREE else _in_text(text, chance)
    return text


def _in_tree(text: str, chance: random.Random) -> str:
    try:
        data = copy.deepcopy(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError):
        return _in_text(text, chance)
    places = list(_places(data))
    if not places:
        return _in_text(text, chance)
    holder, key = chance.choice(places)
    mistake: Callable[..., None] = chance.choice((_delete, _rename, _replace, _wrap, _transplant, _add))
    mistake(holder, key, places, chance)
    try:
        return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    except (yaml.YAMLError, RecursionError):
        return text


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    items: Iterable[tuple[Any, Any]] = (
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    )
    for key, value in list(items):
        yield data, key
        yield from _places(value)


def _delete(holder: Any, key: Any, _places: Any, _chance: random.Random) -> None:
    del holder[key]


def _rename(holder: Any, key: Any, _places: Any, chance: random.Random) -> None:
    word = str(key)
    at = chance.randrange(len(word) + 1)
    wrong = chance.choice(
        (word[:at] + word[at + 1 :], f"{word[:at]}x{word[at:]}", word.upper(), f"{word}.{word}")
    )
    if isinstance(holder, dict):
        holder[wrong] = holder.pop(key)


def _replace(holder: Any, key: Any, _places: Any, chance: random.Random) -> None:
    holder[key] = copy.deepcopy(chance.choice(_ODD))


def _wrap(holder: Any, key: Any, _places: Any, chance: random.Random) -> None:
    value = holder[key]
    holder[key] = chance.choice(([value], {"a": value}, [value, value], str(value)))


def _transplant(holder: Any, key: Any, places: list[tuple[Any, Any]], chance: random.Random) -> None:
    other, where = chance.choice(places)
    if isinstance(other, dict) or (isinstance(other, list) and where < len(other)):
        other[where] = copy.deepcopy(holder[key])


def _add(holder: Any, key: Any, places: list[tuple[Any, Any]], chance: random.Random) -> None:
    other, where = chance.choice(places)
    if isinstance(holder, dict) and isinstance(where, str) and where in other:
        holder[where] = copy.deepcopy(other[where])
    elif isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))


def _in_text(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or ["\n"]
    at = chance.randrange(len(lines))
    column = chance.randrange(len(lines[at]) + 1)
    line = lines[at]
    lines[at] = chance.choice(
        (
            "",
            line * 2,
            f" {line}",
            line[:column] + chance.choice(":{}[],&*#|>'\"\t\0é") + line[column:],
            line[:column] + line[column + 1 :],
            line[:column] + "\n",
        )
    )
    return "".join(lines)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one spoiled file."""

    faults: int
    problems: list[str]
    """What is not as it should be."""


def outcome(source: Source, seed: int) -> Outcome:
    """Spoil one file of a root as this number says, and read the root, which is mended then."""
    chance = random.Random(seed)  # noqa: S311 it shall come again
    path = chance.choice(source.files)
    name = chance.choice(source.names)
    before = path.read_bytes()
    try:
        path.write_text(spoil(before.decode(), chance), encoding="utf-8", errors="surrogatepass")
        whole = chance.random() < _WHOLE
        faults = list(_faults(source.root, None if whole else name))
        return Outcome(
            len(faults), [f"{fault} has no place" for fault in faults if not _has_place(source.root, fault)]
        )
    except Exception:  # noqa: BLE001 what is looked for
        return Outcome(0, [traceback.format_exc()])
    finally:
        path.write_bytes(before)


def _faults(root: Path, name: str | None) -> Iterator[Fault]:
    """Load, render and judge; yield all faults on the way."""
    try:
        configuration, faults = load_sound(root) if name is None else (load(root, [name]), [])
        around = render_around(configuration, ())
        judge(configuration, around, [*around.objects], TODAY)
    except ConfigurationError as error:
        yield from error.faults
        return
    yield from faults
    for several in around.broken.values():
        yield from several


def _has_place(root: Path, fault: Fault) -> bool:
    """Whether a fault points to a line of a file, its end, or a whole file, one that is missing included."""
    place, origin = root / fault.origin.file, fault.origin
    if not (origin.file and fault.message and origin.line >= 1 and origin.column >= 1):
        return False
    whole = (origin.line, origin.column) == (1, 1)
    return whole or (place.is_file() and origin.line <= place.read_bytes().count(b"\n") + 1)


def main(first: int, count: int) -> int:
    """Try so many numbers; print the problems and return how many numbers have one."""
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        roots = sources(Path(folder))
        for seed in range(first, first + count):
            found = outcome(source_of(roots, seed), seed).problems
            if found:
                bad += 1
                sys.stdout.write(f"--- {seed}\n" + "\n".join([*found, ""]))
    sys.stdout.write(f"{count} spoiled layers, {bad} with problems\n")
    return bad


def source_of(roots: list[Source], seed: int) -> Source:
    """Choose a root: each of the three whole ones for a fifth of the numbers, the rows for the rest."""
    whole, rows = roots[:3], roots[3:]
    return whole[seed % 5] if seed % 5 < len(whole) else rows[(seed // 5) % len(rows)]


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]), int(sys.argv[2]))))
