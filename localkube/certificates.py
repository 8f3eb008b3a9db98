"""Makes a certificate authority and the certificates of a cluster's components.

They are PEM files made by openssl (EC P-256, valid for two days).
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from localkube.errors import ClusterError

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")
_DAYS = "2"


@dataclass(frozen=True)
class Authority:
    """A certificate authority whose files are `ca.crt` and `ca.key` in its folder."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> "Authority":
        """Make the authority and a key pair that signs ServiceAccount tokens (`sa.key`, `sa.pub`)."""
        folder.mkdir(mode=0o700)
        self = cls(folder)
        self._request(
            "ca", "/CN=localkube", "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"
        )
        curve = ("-pkeyopt", "ec_paramgen_curve:P-256")
        _openssl("genpkey", "-algorithm", "EC", *curve, "-out", str(folder / "sa.key"))
        _openssl("pkey", "-in", str(folder / "sa.key"), "-pubout", "-out", str(folder / "sa.pub"))
        return self

    def client(self, name: str, user: str, group: str = "") -> None:
        """Make `<name>.crt` for a Kubernetes user; the group is an organization (x509 authentication)."""
        subject = f"/O={group}/CN={user}" if group else f"/CN={user}"
        self._leaf(name, subject, "extendedKeyUsage=clientAuth")

    def server(self, name: str, addresses: Sequence[str], user: str = "", group: str = "") -> None:
        """Make `<name>.crt` that serves the addresses, and is also a client when a user is named."""
        usage = "extendedKeyUsage=serverAuth" + (",clientAuth" if user else "")
        subject = f"/O={group}/CN={user}" if group else f"/CN={user or name}"
        kinds = ("IP" if address.replace(".", "").isdigit() else "DNS" for address in addresses)
        names = ",".join(f"{kind}:{address}" for kind, address in zip(kinds, addresses, strict=True))
        self._leaf(name, subject, usage, f"subjectAltName={names}")

    def _leaf(self, name: str, subject: str, *extensions: str) -> None:
        issuer = ("-CA", str(self.folder / "ca.crt"), "-CAkey", str(self.folder / "ca.key"))
        plain = ("basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature")
        self._request(name, subject, *plain, *extensions, issuer=issuer)

    def _request(self, name: str, subject: str, *extensions: str, issuer: Sequence[str] = ()) -> None:
        files = ("-keyout", str(self.folder / f"{name}.key"), "-out", str(self.folder / f"{name}.crt"))
        added = [word for extension in extensions for word in ("-addext", extension)]
        subject_and_time = ("-subj", subject, "-days", _DAYS)
        _openssl("req", "-x509", *_NEW_KEY, *issuer, *files, *subject_and_time, *added)


def _openssl(*arguments: str) -> None:
    try:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise ClusterError("No cluster: install openssl 3, which makes its certificates.") from None
    except subprocess.CalledProcessError as failed:
        raise ClusterError(f"openssl {arguments[0]} failed: {failed.stderr.strip()}") from None
