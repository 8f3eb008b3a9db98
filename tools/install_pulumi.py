"""Installs the pinned official release of Pulumi into .tools/, after checking its checksum."""

import hashlib
import platform
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path

FOLDER = Path(".tools")
VERSION = "3.259.0"
# SHA256 of the release's archives, as Pulumi publishes them in
# https://github.com/pulumi/homebrew-tap/blob/51fb494/Formula/pulumi.rb
CHECKSUMS = {
    "darwin-arm64": "57c27f179e527e2cf9f62b841a448af72a020e44b2fb4ee0d9bd85556c00c864",
    "darwin-x64": "eaca4c3b8277bfa3ab061fa3b270d1c66358a0b2e613da8c5587a04b7226c534",
    "linux-arm64": "edc8327463a72160bb36cf82cf5062da9c8a244290a706d9980988e7bf486853",
    "linux-x64": "94ba357acac23d01474084c4b00098dc0f7bc70ce13f34c777459254a5f718e5",
}
_URL = f"https://github.com/pulumi/pulumi/releases/download/v{VERSION}/pulumi-v{VERSION}-"
_PROCESSORS = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


class InstallError(Exception):
    """Says why nothing was installed."""


def target(system: str, machine: str) -> str:
    """Return the release's name for a machine; raises InstallError if there is no archive for it."""
    name = f"{system.lower()}-{_PROCESSORS.get(machine.lower(), machine)}"
    if name not in CHECKSUMS:
        raise InstallError(f"there is no pinned release for {name}, only for {', '.join(CHECKSUMS)}")
    return name


def install(archive: bytes, checksum: str, folder: Path) -> Path:
    """Unpack a release whose SHA256 is `checksum` as folder/pulumi, atomically."""
    found = hashlib.sha256(archive).hexdigest()
    if found != checksum:
        raise InstallError(f"the archive has SHA256 {found}, not {checksum}; nothing was installed")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as unpacked:
        file = Path(unpacked) / "pulumi.tar.gz"
        file.write_bytes(archive)
        shutil.unpack_archive(file, unpacked)
        shutil.rmtree(folder / "pulumi", ignore_errors=True)
        return (Path(unpacked) / "pulumi").rename(folder / "pulumi")


def main() -> None:
    """Download, check and install the release for this machine."""
    try:
        name = target(platform.system(), platform.machine())
        url = f"{_URL}{name}.tar.gz"
        print(f"downloading {url}")
        with urllib.request.urlopen(url, timeout=60) as response:  # noqa: S310 the address is ours, and https
            archive = response.read()
        installed = install(archive, CHECKSUMS[name], FOLDER)
    except (InstallError, OSError) as error:
        sys.exit(f"pulumi {VERSION} was not installed: {error}")
    print(f"pulumi {VERSION} is in {installed}; the targets of the Makefile find it there")


if __name__ == "__main__":
    main()
