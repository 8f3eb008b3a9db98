"""Components of a root's own: their fields in layers, their objects, and faults that name their file and line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jsonschema
import pytest

from envs.config.explain import explain
from envs.config.load import load
from envs.config.reading.document import parse_document
from envs.config.reading.faults import ConfigurationError
from envs.config.schema import schema_files
from envs.config.validation.verbatim import untyped
from envs.gates.rendering import render_environment
from tests.roots import faults, make_root

NOTE = """\
from __future__ import annotations

from envs.config.model.fields import Count
from envs.config.model.typed import Model


class Part(Model):
    size: Count = 1
    \"\"\"How large.\"\"\"


class Spec(Model):
    text: str
    \"\"\"What it says.\"\"\"
    times: Count = 1
    \"\"\"How often.\"\"\"
    parts: dict[str, Part] = {}
    \"\"\"Parts.\"\"\"


def manifests(scope, name, spec):
    data = {"text": spec.text * spec.times}
    yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
"""
USE = "tier: test\napps: {shop: {components: {hello: {kind: note, text: Hi, times: 2}}}}\n"


def _root(folder: Path, code: str = NOTE, qa: str = USE) -> Path:
    return make_root(folder, {"components/note.py": code, "qa.yaml": qa})


def test_a_component_makes_objects_of_the_app(tmp_path: Path) -> None:
    (made,) = (each for each in render_environment(load(_root(tmp_path)), "qa") if each.kind == "ConfigMap")
    assert made.object["data"] == {"text": "HiHi"}
    assert made.namespace == "shop-qa"
    assert (made.app, made.maker) == ("shop", "environments/components/note.py")
    assert made.source == ("apps", "shop", "components", "hello")


def test_its_values_are_explained_and_merged_like_all_others(tmp_path: Path) -> None:
    base = "teams: {web: {}}\napps: {shop: {components: {hello: {kind: note, text: Hi}}}}\n"
    qa = "tier: test\napps: {shop: {components: {hello: {text: Ho}}}}\n"
    root = make_root(tmp_path, {"components/note.py": NOTE, "base.yaml": base, "qa.yaml": qa})
    explanation = explain(load(root), "qa", "apps.shop.components.hello.text")
    assert (explanation.value, str(explanation.origin)) == ("Ho", "environments/qa.yaml:2:42")
    assert explanation.meaning == "What it says."


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "{kind: note, txt: Hi}",
            "2:48: apps.shop.components.hello.txt: unknown field; did you mean `text`?",
        ),
        (
            "{kind: note, text: Hi, times: x}",
            '2:65: apps.shop.components.hello.times: "x" is not a whole number; write decimal digits, like 3',
        ),
        (
            "{kind: note, text: Hi, parts: {a: {sice: 1}}}",
            "2:70: apps.shop.components.hello.parts.a.sice: unknown field; did you mean `size`?",
        ),
        ("{kind: note}", "2:28: apps.shop.components.hello.text: is missing: What it says"),
        (
            "{kind: nite}",
            (
                "2:42: apps.shop.components.hello.kind: there is no environments/components/nite.py; there are note; "
                "did you mean `note`?"
            ),
        ),
        (
            "{text: Hi}",
            (
                "2:28: apps.shop.components.hello.kind: is missing: write the name of one of the root's own components "
                "(note)"
            ),
        ),
        ("[]", "2:35: apps.shop.components.hello: is not a mapping; write key: value"),
    ],
)
def test_a_mistake_in_a_layer_is_told_like_any_other(said: str, expected: str, tmp_path: Path) -> None:
    qa = f"tier: test\napps: {{shop: {{components: {{hello: {said}}}}}}}\n"
    found = [
        line
        for line in faults(_root(tmp_path, qa=qa))
        if "text: is missing" not in line or "text" in expected
    ]
    assert f"environments/qa.yaml:{expected}" in found


DEFAULTS = """\
tier: test
defaults: {note: {text: Hi, times: 3, parts: {a: {size: 2}}}}
apps: {shop: {components: {hello: {kind: note}, ho: {kind: note, text: Ho, times: null, parts: {b: {}}}}}}
"""


def test_defaults_of_its_kind_are_beneath_what_apps_say(tmp_path: Path) -> None:
    configuration = load(_root(tmp_path, qa=DEFAULTS))
    hello, ho = (
        spec.model_dump() for spec in configuration.environments["qa"].apps["shop"].components.values()
    )
    assert (hello["text"], hello["times"], hello["parts"]) == ("Hi", 3, {"a": {"size": 2}})
    assert (ho["text"], ho["times"], ho["parts"]) == ("Ho", 1, {"a": {"size": 2}, "b": {"size": 1}})
    explanation = explain(configuration, "qa", "apps.shop.components.hello.times")
    assert str(explanation.origin) == "environments/qa.yaml:2:36"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("{note: {txt: Hi}}", "2:19: defaults.note.txt: unknown field; did you mean `text`?"),
        (
            "{note: {kind: note}}",
            (
                "2:19: defaults.note.kind: belongs to one component; "
                "write it in `apps.<app>.components.<component>.kind`"
            ),
        ),
        ("{note: []}", "2:18: defaults.note: is not a mapping; write key: value"),
        ("{notes: {}}", "2:12: defaults.notes: unknown field; did you mean `note`?"),
        (
            "{note: {text: Hi, times: x}}",
            '2:36: defaults.note.times: "x" is not a whole number; write decimal digits, like 3',
        ),
    ],
)
def test_a_mistake_in_the_defaults_of_its_kind_is_told_once(said: str, expected: str, tmp_path: Path) -> None:
    used = "apps: {shop: {components: {a: {kind: note, text: A}, b: {kind: note, text: B}}}}\n"
    qa = f"tier: test\ndefaults: {said}\n{used}"
    assert faults(_root(tmp_path, qa=qa)) == [f"environments/qa.yaml:{expected}"]


def test_defaults_of_a_component_that_cannot_be_loaded_are_no_second_fault(tmp_path: Path) -> None:
    qa = DEFAULTS.replace("times: 3", "never: heard")
    (fault,) = faults(_root(tmp_path, code="import nowhere_to_be_found\n", qa=qa))
    assert fault.startswith("environments/components/note.py:1:1: cannot be loaded")


def test_a_kind_of_ours_hides_one_of_the_same_name_from_defaults(tmp_path: Path) -> None:
    qa = (
        "tier: test\ndefaults: {job: {deadline: 60}}\napps: {shop: {components: {a: {kind: job, text: A}}}}\n"
    )
    root = make_root(tmp_path, {"components/job.py": NOTE, "qa.yaml": qa})
    assert load(root).environments["qa"].apps["shop"].components["a"].model_dump()["text"] == "A"


def _with(line: str) -> str:
    return NOTE.replace("    data =", f"    {line}\n    data =")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("class Spec(:\n", "1:12: is not Python: "),
        ("\n\nimport nothing_of_this_name\n", "3:1: cannot be loaded: ModuleNotFoundError: No module named "),
        ("raise SystemExit(3)\n", "1:1: cannot be loaded: SystemExit: 3"),
        ("def f():\n    return 1 / 0\n\nf()\n", "2:1: cannot be loaded: ZeroDivisionError: division by zero"),
        ("x = 1\n", "1:1: defines no `class Spec(Model)`, what a layer can say; "),
        (
            NOTE.replace("def manifests", "def others"),
            "1:1: defines no function `manifests(scope, name, spec)`, ",
        ),
        (
            NOTE.replace("text: str", "kind: str"),
            "1:1: Spec has a field `kind`, which names the file; rename the field",
        ),
        ("a\0b", "1:1: "),
    ],
)
def test_a_file_that_makes_no_component_is_told_with_its_line(
    code: str, expected: str, tmp_path: Path
) -> None:
    root = _root(tmp_path, code)
    assert [line for line in faults(root) if line.startswith(f"environments/components/note.py:{expected}")]
    with pytest.raises(ConfigurationError, match=r"environments/components/note\.py"):
        load(root, ["qa"])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("spec.nothing", "22:1: apps.shop.components.hello: fails: AttributeError: "),
        ("raise SystemExit", "22:1: apps.shop.components.hello: fails: SystemExit: "),
        ("yield 5", "1:1: apps.shop.components.hello: yields int, not an object; "),
        (
            'yield {"a": object()}',
            "1:1: apps.shop.components.hello: fails: TypeError: a manifest cannot hold a object",
        ),
    ],
)
def test_a_function_that_fails_is_told_with_its_line(line: str, expected: str, tmp_path: Path) -> None:
    configuration = load(_root(tmp_path, _with(line)))
    with pytest.raises(ConfigurationError) as caught:
        render_environment(configuration, "qa")
    assert str(caught.value).startswith(f"environments/components/note.py:{expected}")


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("v1", "Secret"),
        ("networking.k8s.io/v1", "NetworkPolicy"),
        ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ],
)
def test_it_makes_only_what_an_app_may_have(version: str, kind: str, tmp_path: Path) -> None:
    text = NOTE.replace('"v1"', f'"{version}"').replace('"ConfigMap"', f'"{kind}"')
    configuration = load(_root(tmp_path, text))
    with pytest.raises(ConfigurationError, match=kind):
        render_environment(configuration, "qa")


def test_a_broken_component_stops_only_the_environments_that_use_it(tmp_path: Path) -> None:
    root = _root(tmp_path, "x = 1\n")
    for name, text in {"e2e.yaml": "tier: test\n", "stacks/Pulumi.e2e.yaml": ""}.items():
        (root / "environments" / name).write_text(text)
    assert list(load(root, ["e2e"]).unread) == ["qa"]


def test_a_component_out_of_the_root_is_not_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "outside.py").write_text(f"open({str(ran)!r}, 'w')\n")
    root = make_root(tmp_path / "root", {"components/other.py": "x = 1\n"})
    link = root / "environments/components/note.py"
    link.symlink_to(tmp_path / "outside.py")
    assert (
        "environments/components/note.py:1:1: is a link out of the root; put the file itself here"
        in faults(root)
    )
    assert not ran.exists()


def test_roots_do_not_share_components_and_get_no_files(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    texts = []
    for root, code in ((one, NOTE), (other, NOTE.replace('"text": ', '"other": '))):
        _root(root, code)
    before, path = sorted(tmp_path.rglob("*")), list(sys.path)
    for root in (one, other):
        made = render_environment(load(root), "qa")
        texts += [each.object["data"] for each in made if each.kind == "ConfigMap"]
    assert texts == [{"text": "HiHi"}, {"other": "HiHi"}]
    assert (sorted(tmp_path.rglob("*")), sys.path) == (before, path)
    assert "note" not in sys.modules


def test_it_has_a_place_in_the_schema_of_its_root_alone(tmp_path: Path) -> None:
    document = json.loads(schema_files(_root(tmp_path / "one"))["environments/schema.json"])
    schema = jsonschema.Draft7Validator(document)
    texts = (USE, USE.replace("text", "txt"), DEFAULTS, DEFAULTS.replace("size", "sice"))
    valid = [schema.is_valid(untyped(parse_document(text.encode(), "qa.yaml"))) for text in texts]
    assert valid == [True, False, True, False]
    assert b"What it says." not in schema_files(make_root(tmp_path / "two"))["environments/schema.json"]
