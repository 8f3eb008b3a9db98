"""The digest that a registry knows for a tag."""

from __future__ import annotations

import hashlib
import re

from envs.errors import CommandError, Exit
from envs.releases.registry.client import mapping_of
from envs.releases.registry.registries import Registries
from kube.image import Image

# https://github.com/opencontainers/image-spec/blob/main/media-types.md, and those of Docker.
_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_SCHEMA = 2  # of all these types
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}")


def find_digest(image: Image, registries: Registries) -> str:
    """Ask the registry what the tag of an image names; raises CommandError where it does not know."""
    registry = registries.of(image)
    answer = registry.ask("GET", f"manifests/{image.tag or 'latest'}", ", ".join(_TYPES))
    if answer is None:
        message = f"{registry.domain} has no image {image}; push it first, or check its name"
        raise CommandError(message, Exit.REFUSED)
    if mapping_of(answer).get("schemaVersion") != _SCHEMA:
        message = f"what {registry.domain} answers for {image} is not the manifest of an image; give --digest"
        raise CommandError(message, Exit.OUTSIDE_FAILED)
    computed = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
    said = answer.headers.get("Docker-Content-Digest", computed)
    if said != computed or not _DIGEST.fullmatch(said):
        message = f"{registry.domain} says that {image} has the digest {said[:80]!r}, and its manifest has {computed}"
        raise CommandError(f"{message}; give --digest", Exit.OUTSIDE_FAILED)
    return computed
