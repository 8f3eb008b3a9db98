"""Applications that leave, are renamed or exchange objects: nothing is deleted that another one wants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.gitops.jobs import annotated, config_map

if TYPE_CHECKING:
    from tests.gitops.jobs import Job
    from tests.gitops.person import Person

MARK = "environments.internal/application"
BROKEN = "apiVersion: v1\nkind: 3\n"


def _uid(person: Person, name: str) -> str:
    return str(person.live("ConfigMap", name)["metadata"]["uid"])


def _owner(person: Person, name: str) -> str:
    return str(person.live("ConfigMap", name)["metadata"]["labels"][MARK])


def _two(job: Job) -> None:
    job.applications = {name: job.application(name) for name in ("first", "second")}


@pytest.mark.parametrize(("prune", "action"), [(True, "deleted"), (False, "orphaned")])
def test_an_application_that_left_the_settings_is_pruned_when_confirmed_or_orphaned_by_its_last_option(
    job: Job, person: Person, prune: bool, action: str
) -> None:
    """Deleting all of it is guarded as for a source that became empty; leaving it is not."""
    job.repository.commit({"app/one.yaml": config_map("one"), "other/two.yaml": config_map("two")})
    job.options = {"prune": prune}
    job.applications = {"app": job.application(options=job.options), "other": job.application("other")}
    job.sync()
    job.applications = {"other": job.application("other")}
    if prune:
        refused = job.sync()
        assert (refused.code, refused.changes) == (3, {})
        assert "write `mayRetire: app` below gitops in a layer" in refused.messages
        assert person.get("ConfigMap", "one") is not None
        job.extra = {"mayRetire": ["app"]}
    result = job.sync()
    assert result.changes == {"ConfigMap/one": action}
    assert f"is no longer in the settings and was {'pruned' if prune else 'orphaned'}" in result.messages
    assert (person.get("ConfigMap", "one") is None) is prune
    assert [line["application"] for line in job.sync().lines] == ["other"]


def test_settings_without_any_application_retire_nothing(job: Job, person: Person) -> None:
    """They are more likely broken than meant, even if they say that the application may go."""
    job.repository.commit({"app/one.yaml": config_map("one")})
    job.sync()
    job.applications, job.extra = {}, {"mayRetire": ["app"]}
    result = job.sync()
    assert (result.code, result.changes) == (3, {})
    assert "the settings hold no application" in result.messages
    assert person.get("ConfigMap", "one") is not None


def test_a_renamed_application_takes_all_objects_with_it(job: Job, person: Person) -> None:
    """Nothing is refused, nothing deleted, and each object is the same as before."""
    job.repository.commit({"app/all.yaml": [config_map(f"m{number}") for number in range(20)]})
    job.sync()
    before = {f"m{number}": _uid(person, f"m{number}") for number in range(20)}
    job.applications = {"renamed": job.application()}
    result = job.sync()
    actions = {line["action"] for line in result.lines if line["event"] == "change"}
    assert (result.code, actions) == (0, {"changed", "released"})
    assert {name: _uid(person, name) for name in before} == before
    assert _owner(person, "m0") == "qa.renamed"
    assert [line["application"] for line in job.sync().lines] == ["renamed"]
    job.repository.commit({"app/all.yaml": config_map("m0")})
    job.applications = {
        "renamed": job.application(options={"mayDelete": job.repository.git("rev-parse", "HEAD")})
    }
    assert set(job.sync().changes.values()) == {"deleted"}


@pytest.mark.parametrize(("giver", "taker"), [("first", "second"), ("second", "first")])
def test_an_object_that_moves_between_applications_stays_the_same(
    job: Job, person: Person, giver: str, taker: str
) -> None:
    """In one run, with its label and its record, whichever application comes first."""
    _two(job)
    files = {f"{name}/{name}.yaml": config_map(name) for name in ("first", "second")}
    job.repository.commit({**files, f"{giver}/moves.yaml": config_map("moves", a="1")})
    job.sync()
    uid = _uid(person, "moves")
    job.repository.commit({f"{giver}/moves.yaml": None, f"{taker}/moves.yaml": config_map("moves", a="2")})
    result = job.sync()
    assert (result.code, result.summary(giver)["sync"], result.summary(taker)["sync"]) == (
        0,
        "InSync",
        "InSync",
    )
    assert (_uid(person, "moves"), _owner(person, "moves")) == (uid, f"qa.{taker}")
    assert person.live("ConfigMap", "moves")["data"] == {"a": "2"}
    assert job.sync().changes == {}
    job.repository.commit({f"{taker}/moves.yaml": None})
    assert job.sync().changes == {"ConfigMap/moves": "deleted"}


def test_applications_that_swap_objects_keep_both(job: Job, person: Person) -> None:
    """One of them cannot be first; the second run ends what the first began."""
    _two(job)
    job.repository.commit({"first/a.yaml": [config_map("a"), config_map("x")],
                           "second/b.yaml": [config_map("b"), config_map("z")]})  # fmt: skip
    job.sync()
    before = _uid(person, "a"), _uid(person, "b")
    job.repository.commit({"first/a.yaml": [config_map("b"), config_map("x")],
                           "second/b.yaml": [config_map("a"), config_map("z")]})  # fmt: skip
    assert "deleted" not in job.sync().changes.values()
    job.sync()
    assert (_uid(person, "a"), _uid(person, "b")) == before
    assert (_owner(person, "a"), _owner(person, "b")) == ("qa.second", "qa.first")
    assert job.sync().changes == {}


def test_an_object_is_not_deleted_before_the_application_that_wants_it_has_it(
    job: Job, person: Person
) -> None:
    """The taker is stopped by an object of its own; the giver keeps the object and its record until then."""
    _two(job)
    fixed, wrong = (config_map("z", a=value) | {"immutable": True} for value in ("1", "2"))
    job.repository.commit({"first/a.yaml": [config_map("moves"), config_map("x")], "second/b.yaml": fixed})
    job.sync()
    uid = _uid(person, "moves")
    job.repository.commit({"first/a.yaml": config_map("x"), "second/b.yaml": [config_map("moves"), wrong]})
    result = job.sync()
    assert (result.code, result.changes["ConfigMap/z"]) == (2, "failed")
    assert result.changes["ConfigMap/moves"] == "held"
    assert "stays until the application qa.second has taken it over" in result.messages
    job.repository.commit({"second/b.yaml": [config_map("moves"), fixed]})
    job.sync()
    assert (_uid(person, "moves"), _owner(person, "moves")) == (uid, "qa.second")


@pytest.mark.parametrize("unreadable", ["broken", "damaged", "suspended"])
def test_nothing_is_pruned_that_an_application_nobody_can_read_may_want(
    job: Job, person: Person, unreadable: str
) -> None:
    """It might have moved there; what concerns nobody else goes on, and the rest follows once all is known."""
    _two(job)
    files = {"first/a.yaml": [config_map("moves"), config_map("x", a="1")], "second/b.yaml": config_map("z")}
    job.repository.commit(files)
    job.sync()
    change = {"first/a.yaml": config_map("x", a="2")}
    if unreadable == "broken":
        change["second/b.yaml"] = BROKEN  # type: ignore[assignment]
    elif unreadable == "suspended":
        job.applications = {
            "first": job.application("first"),
            "second": job.application("second", {"suspend": True}),
        }
    else:
        home = replace(person, namespace=job.home)
        home.patch("ConfigMap", "inventory-second", {"binaryData": {"inventory": "AAAA"}})
    job.repository.commit(change)
    result = job.sync()
    assert result.changes == {"ConfigMap/moves": "held", "ConfigMap/x": "changed"}
    assert "the application qa.second, which may want it, cannot be read" in result.messages
    assert person.get("ConfigMap", "moves") is not None
    if unreadable == "broken":
        job.repository.commit({"second/b.yaml": config_map("z")})
        assert job.sync().changes == {"ConfigMap/moves": "deleted"}


def test_an_application_of_other_namespaces_holds_nothing_up(job: Job, person: Person) -> None:
    """Its project does not let it want the object."""
    rules = {"repositories": [f"file://{job.repository.folder}"], "kinds": ["*"]}
    job.applications = {"app": job.application(), "other": job.application("other") | {
        "project": "elsewhere", "namespace": f"{job.namespace}-x"}}  # fmt: skip
    job.extra = {
        "projects": {
            **job.settings()["projects"],
            "elsewhere": rules | {"namespaces": [f"{job.namespace}-x"]},
        }
    }
    job.repository.commit({"app/a.yaml": [config_map("one"), config_map("two")], "other/b.yaml": BROKEN})
    job.sync()
    job.repository.commit({"app/a.yaml": config_map("one")})
    result = job.sync()
    assert (result.code, result.changes) == (2, {"ConfigMap/two": "deleted"})
    assert person.get("ConfigMap", "two") is None


def test_the_damaged_inventory_of_a_removed_application_is_reported(job: Job, person: Person) -> None:
    """Its objects are not forgotten without a word."""
    job.repository.commit({"app/one.yaml": config_map("one"), "other/two.yaml": config_map("two")})
    job.applications = {"app": job.application(), "other": job.application("other")}
    job.sync()
    home = replace(person, namespace=job.home)
    home.patch("ConfigMap", "inventory-app", {"binaryData": {"inventory": "AAAA"}})
    job.applications = {"other": job.application("other")}
    result = job.sync()
    assert result.code == 3
    assert (
        "is no longer in the settings, and the inventory cannot be read" in result.summary("app")["message"]
    )
    assert "ConfigMap inventory-app" in result.summary("app")["message"]
    assert person.get("ConfigMap", "one") is not None


def test_what_an_application_still_wants_is_not_taken_from_it(job: Job, person: Person) -> None:
    """Two applications want one object: the one that has it keeps it, also while it is not changed itself."""
    _two(job)
    job.repository.commit({"second/one.yaml": config_map("one", a="1"), "first/x.yaml": config_map("x")})
    job.sync()
    job.repository.commit({"first/one.yaml": annotated(config_map("one", a="2"))})
    result = job.sync()
    assert (result.code, result.changes) == (3, {"ConfigMap/one": "refused"})
    assert "belongs to the application qa.second" in result.messages
    assert person.live("ConfigMap", "one")["data"] == {"a": "1"}
