"""Config files and site content: ConfigMaps, mounts, and pods that restart when content changes."""

import base64
from pathlib import Path

import pytest

from components.errors import ComponentError
from envs.config.reading.faults import ConfigurationError
from tests.components.rendering import Objects, main, pod, render_server, render_shop, server, template

SITE = 'workloads: {www: {kind: site, image: "a:1", content: environments/site}}'


def _files(objects: Objects, config_map: str, workload: str) -> dict[str, bytes]:
    """Collect what the main container sees: bytes by path."""
    found = objects[f"ConfigMap/shop-qa/{config_map}"]
    data = {key: text.encode() for key, text in found.get("data", {}).items()}
    data |= {key: base64.b64decode(text) for key, text in found.get("binaryData", {}).items()}
    item = objects[f"Deployment/shop-qa/{workload}"]
    volume = next(v for v in pod(item)["volumes"] if v.get("configMap", {}).get("name") == config_map)
    mounts = [mount for mount in main(item)["volumeMounts"] if mount["name"] == volume["name"]]
    if "items" in volume["configMap"]:
        paths = {
            one["key"]: f"{mounts[0]['mountPath']}/{one['path']}" for one in volume["configMap"]["items"]
        }
    else:
        paths = {mount["subPath"]: mount["mountPath"] for mount in mounts}
    assert all(mount["readOnly"] for mount in mounts)
    return {paths[key]: content for key, content in data.items()}


def _digest(objects: Objects, workload: str = "server") -> str:
    item = objects[f"Deployment/shop-qa/{workload}"]
    return str(template(item)["metadata"]["annotations"]["environments.internal/content-hash"])


def test_files_come_from_text_files_and_templates(tmp_path: Path) -> None:
    template_text = (
        "{{ environment }} {{ tier }} {{ app }} {{ workload }} {{ namespace }} {{ values.size }}\n"
    )
    objects = render_server(
        tmp_path,
        "config:",
        "  /etc/app/plain.conf: 'a: b'",
        "  /etc/app/file.conf: {file: environments/files/app.conf}",
        "  /etc/other/file.conf: {template: environments/files/app.j2, values: {size: 7}}",
        files={"files/app.conf": "from a file\n", "files/app.j2": template_text},
    )
    assert _files(objects, "server-config", "server") == {
        "/etc/app/plain.conf": b"a: b",
        "/etc/app/file.conf": b"from a file\n",
        "/etc/other/file.conf": b"qa test shop server shop-qa 7\n",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ valuse.x }}", "'valuse' is undefined"),
        ("a\n{% if %}", "line 2"),
        ("{{ 1 / 0 }}", "division by zero"),
    ],
)
def test_a_template_that_does_not_render_is_a_fault_of_the_layer(
    tmp_path: Path, text: str, message: str
) -> None:
    lines = ("config: {/etc/a: {template: environments/a.j2}}",)
    with pytest.raises(ConfigurationError, match=message) as caught:
        render_server(tmp_path, *lines, files={"a.j2": text})
    assert "environments/qa.yaml:6:" in str(caught.value)


def test_a_template_reaches_nothing_of_python(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"unsafe|undefined"):
        render_server(
            tmp_path,
            "config: {/etc/a: {template: environments/a.j2}}",
            files={"a.j2": "{{ values.__class__.__mro__ }}"},
        )


def test_content_that_is_not_text_is_kept_to_the_byte(tmp_path: Path) -> None:
    picture = bytes(range(256))
    objects = render_shop(tmp_path, SITE, files={"site/a.png": picture, "site/index.html": "hello"})
    assert _files(objects, "www-content", "www") == {
        "/usr/share/nginx/html/a.png": picture,
        "/usr/share/nginx/html/index.html": b"hello",
    }


def test_a_site_keeps_files_of_equal_and_similar_names_apart(tmp_path: Path) -> None:
    site = {
        "index.html": "1", "a/index.html": "2", "b/index.html": "3", "a b.html": "4", "a-b.html": "5",
        "ä.html": "6", "..html": "7", ".hidden": "8",
    }  # fmt: skip
    objects = render_shop(tmp_path, SITE, files={f"site/{name}": text for name, text in site.items()})
    assert _files(objects, "www-content", "www") == {
        f"/usr/share/nginx/html/{name}": text.encode() for name, text in site.items()
    }


def test_pods_restart_when_and_only_when_content_changes(tmp_path: Path) -> None:
    def digest(folder: str, content: str, *more: str) -> str:
        return _digest(render_server(tmp_path / folder, f"config: {{/etc/a: {content}}}", *more))

    first = digest("1", "x")
    assert digest("2", "x", "replicas: 2") == first
    assert digest("3", "y") != first


def test_the_place_of_content_counts_too(tmp_path: Path) -> None:
    there, elsewhere = (
        _digest(render_server(tmp_path / name, f"config: {{/etc/{name}: x}}")) for name in ("a", "b")
    )
    assert there != elsewhere


def test_files_that_a_config_map_cannot_hold_are_refused_with_their_size(tmp_path: Path) -> None:
    half = "x" * 600_000
    with pytest.raises(
        ConfigurationError, match=r"config: 1,200,000 bytes in all; a ConfigMap holds at most"
    ):
        render_server(
            tmp_path,
            "config: {/a: {file: environments/a.txt}, /b: {file: environments/b.txt}}",
            files={"a.txt": half, "b.txt": half},
        )


def test_a_site_over_the_limit_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"environments/site.*1,048,576"):
        render_shop(tmp_path, SITE, files={"site/a.bin": b"x" * 600_000, "site/b.bin": b"x" * 600_000})


def test_a_workload_without_files_has_neither_config_map_nor_hash(tmp_path: Path) -> None:
    objects = render_server(tmp_path)
    assert not [key for key in objects if key.startswith("ConfigMap/")]
    assert "annotations" not in template(server(objects))["metadata"]


def test_errors_of_components_name_the_path() -> None:
    assert str(ComponentError(("apps", "shop"), "is odd")) == "apps.shop: is odd"
