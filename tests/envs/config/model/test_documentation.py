"""The documentation of fields, read from the source of models as pydantic reads it."""

from __future__ import annotations

from pydantic import Field, create_model

from envs.config.model.documentation import documentation
from envs.config.model.typed import Model


class Above(Model):
    """A model."""

    kept: int = 1
    """Kept below."""
    replaced: int = 1
    """Replaced below."""
    dropped: int = 1
    """Not said below."""
    plain: int = 1
    given: int = Field(1, description="In the field.")
    """In the string."""


class Below(Above):
    """A model derived from another one."""

    replaced: int = 2
    """Two lines,
    the second one indented.
    """
    dropped: int = 2
    method: int = 3

    def run(self) -> None:
        """Not documentation of a field."""


def test_a_field_is_documented_by_the_string_below_it() -> None:
    assert documentation(Below) == {
        "kept": "Kept below.",
        "replaced": "Two lines,\nthe second one indented.",
        "given": "In the field.",
    }


def test_it_is_what_pydantic_itself_would_read() -> None:
    class Documented(Below, use_attribute_docstrings=True):
        replaced: int = 2
        """Two lines,
        the second one indented.
        """

    described = {name: field.description for name, field in Documented.model_fields.items()}
    assert documentation(Documented)["replaced"] == described["replaced"] == documentation(Below)["replaced"]


def test_a_model_that_the_program_makes_has_the_documentation_of_its_base() -> None:
    made = create_model("Made", __base__=Below, more=(int, Field(1, description="More.")))
    assert documentation(made) == {**documentation(Below), "more": "More."}


def test_the_schema_of_a_model_says_it() -> None:
    properties = Below.model_json_schema()["properties"]
    assert {name: each.get("description") for name, each in properties.items()} == {
        **documentation(Below),
        "dropped": None,
        "plain": None,
        "method": None,
    }
