"""`envs schema`."""

from __future__ import annotations

from pathlib import Path

from tests.command import envs
from tests.tree import TREE


def test_writes_the_schema_that_editors_read(root: Path) -> None:
    """The same bytes as those that are committed here."""
    assert envs("schema", root=root).code == 0
    for name in ("schema.json", "app.schema.json"):
        assert (root / "environments" / name).read_bytes() == (TREE / "environments" / name).read_bytes()


def test_check_writes_nothing(root: Path) -> None:
    """Exit code 1 while the file is missing or stale, 0 and silence when it is fresh."""
    path = root / "environments/schema.json"
    stale = envs("schema", "--check", root=root)
    assert (stale.code, stale.out) == (1, "environments/schema.json\nenvironments/app.schema.json\n")
    assert not path.exists()
    path.write_bytes(b"\xff")
    assert envs("schema", "--check", root=root).code == 1
    envs("schema", root=root)
    fresh = envs("schema", "--check", root=root)
    assert (fresh.code, fresh.out, fresh.err) == (0, "", "")


def test_a_root_without_layers_is_no_place_for_a_schema(tmp_path: Path) -> None:
    """It would be written where nobody looks for it."""
    result = envs("schema", root=tmp_path)
    assert result.code == 2
    assert result.err == f"envs: {tmp_path} has no folder environments/; is it the right --root?\n"
    assert not [*tmp_path.iterdir()]
