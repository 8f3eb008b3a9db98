"""A release is installed whole and only with the pinned checksum."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from tools.install_pulumi import CHECKSUMS, InstallError, install, target


def _archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        entry = tarfile.TarInfo("pulumi/pulumi")
        entry.mode = 0o755
        entry.size = 2
        tar.addfile(entry, io.BytesIO(b"#!"))
    return buffer.getvalue()


@pytest.mark.filterwarnings("ignore:Python 3.14 will:DeprecationWarning")
def test_a_release_with_its_checksum_replaces_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "pulumi").mkdir()
    (tmp_path / "pulumi/old").touch()
    archive = _archive()

    installed = install(archive, hashlib.sha256(archive).hexdigest(), tmp_path)

    assert [path.name for path in installed.iterdir()] == ["pulumi"]
    assert (installed / "pulumi").stat().st_mode & 0o100
    assert [path.name for path in tmp_path.iterdir()] == ["pulumi"]


def test_another_checksum_installs_nothing(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="nothing was installed"):
        install(_archive(), CHECKSUMS["linux-x64"], tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("Linux", "x86_64", "linux-x64"),
        ("Darwin", "arm64", "darwin-arm64"),
        ("Linux", "aarch64", "linux-arm64"),
    ],
)
def test_machines_are_named_as_the_release_names_them(system: str, machine: str, name: str) -> None:
    assert target(system, machine) == name


def test_a_machine_without_a_release_is_told_which_ones_have_one() -> None:
    with pytest.raises(InstallError, match=r"no pinned release for freebsd-x64, only for darwin-arm64"):
        target("FreeBSD", "amd64")
