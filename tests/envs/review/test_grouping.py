"""Equal changes are shown once, even if the names in them differ; other changes stay apart."""

from __future__ import annotations

from rich.text import Text

from envs.review.grouping import GroupedChange, GroupedField, grouped
from envs.review.layout import append_group


def told(*changes: GroupedChange) -> list[str]:
    """Write changes as people read them."""
    text = Text()
    for group in grouped(changes):
        append_group(text, group, f"  {group.first.action}", "")
    return text.plain.splitlines()


def change(name: str, *fields: GroupedField, action: str = "~", kind: str = "Deployment") -> GroupedChange:
    """Make a change in one environment."""
    return GroupedChange(action, kind, name, "qa", fields)


def value(path: str, old: str, new: str, origin: str = "base.yaml:1") -> GroupedField:
    """Make a field that gets another value."""
    return GroupedField(path, (("-", old), ("+", new)), origin)


def test_equal_changes_are_one_with_the_first_three_names() -> None:
    assert told(*(change(f"a/w{n}", value("spec.replicas", "2", "3")) for n in range(1500))) == [
        "  ~ 1,500 Deployments: a/w0, a/w1, a/w2 and 1,497 more",
        "      spec.replicas: 2 -> 3  base.yaml:1",
    ]


def test_a_container_with_the_name_of_its_workload_makes_no_difference() -> None:
    changes = [change(f"a/w{n}", value(f"containers[w{n}].cpu", "1", "2", f"base.yaml:{n}")) for n in (1, 2)]
    assert told(*changes) == [
        "  ~ 2 Deployments: a/w1, a/w2",
        "      containers[*].cpu: 1 -> 2  base.yaml:1 and 1 other place",
    ]


def test_a_few_different_values_are_told_apart_and_many_as_one() -> None:
    """As hashes of contents, which differ in each object."""
    changes = [change(f"a/w{n}", value("hash", str(n), str(-n))) for n in range(1, 9)]
    assert len(told(*changes[:6])) == 12
    assert told(*changes) == [
        "  ~ 8 Deployments: a/w1, a/w2, a/w3 and 5 more",
        "      hash: 8 different values in 8 objects, such as 1 -> -1  base.yaml:1",
    ]


def test_objects_that_appear_are_counted_by_kind_once_there_are_many() -> None:
    def created(number: int) -> list[GroupedChange]:
        return [change(f"a/p{n}", action="+", kind="NetworkPolicy") for n in range(number)]

    assert told(*created(2)) == ["  + NetworkPolicy/a/p0", "  + NetworkPolicy/a/p1"]
    assert told(*created(31)) == ["  + 31 NetworkPolicies: a/p0, a/p1, a/p2 and 28 more"]


def test_other_kinds_and_other_fields_stay_apart() -> None:
    changes = [
        change("a/one", value("spec.replicas", "2", "3")),
        change("a/one", value("spec.replicas", "2", "3"), kind="StatefulSet"),
        change("a/two", value("spec.replicas", "2", "3"), value("spec.paused", "false", "true")),
    ]
    assert [line for line in told(*changes) if "~" in line] == [
        "  ~ Deployment/a/one",
        "  ~ StatefulSet/a/one",
        "  ~ Deployment/a/two",
    ]


def test_a_long_text_is_cut_after_some_lines() -> None:
    field = GroupedField("data[a]", tuple(("+", f"line {n}") for n in range(1000)), "base.yaml:1")
    lines = told(change("a/c", field, kind="ConfigMap"))
    assert len(lines) == 14
    assert lines[-1] == "        and 989 more lines  base.yaml:1"
