"""When nodes fetch an image again: where its tag may name another one by now."""

from pathlib import Path

import pytest

from tests.components.rendering import render_text

IMAGE = "registry.example.com/server:main"
RELAXED = "policies: {levels: {images-are-pinned: advisory}}"
EXEMPTED = (
    "policies: {exemptions: {a: {rule: images-are-pinned, repository: registry.example.com/server,"
    " because: it moves, until: 2027-01-01}}}"
)


@pytest.mark.parametrize(
    ("policies", "server", "expected"),
    [
        ("", f"image: {IMAGE}", "IfNotPresent"),
        (RELAXED, f"image: {IMAGE}", "Always"),
        (EXEMPTED, f"image: {IMAGE}", "Always"),
        (EXEMPTED, "image: registry.example.com/other:main", "IfNotPresent"),
        (RELAXED, f"image: {IMAGE}@sha256:{'a' * 64}", "IfNotPresent"),
        (RELAXED, f"image: {IMAGE}, pullPolicy: IfNotPresent", "IfNotPresent"),
    ],
)
def test_an_image_that_may_move_is_fetched_at_each_start(
    tmp_path: Path, policies: str, server: str, expected: str
) -> None:
    """Unless the layers set another policy; a node would always run the image that it has for this tag."""
    sidecar = f"sidecars: {{beside: {{{server}}}}}"
    text = f"tier: test\n{policies}\napps: {{shop: {{workloads: {{server: {{{server}, {sidecar}}}}}}}}}\n"
    pod = render_text(tmp_path, text)["Deployment/shop-qa/server"]["spec"]["template"]["spec"]
    containers = [*pod["containers"], *pod["initContainers"]]
    assert [container["imagePullPolicy"] for container in containers] == [expected, expected]
