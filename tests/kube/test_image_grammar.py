"""The parser against the published regular grammar, both ways, and its messages."""

from __future__ import annotations

import re

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from kube.image import Image, ImageError, parse_image, parse_repository

# The grammar in the head of https://github.com/distribution/reference/blob/main/reference.go, term by term.
DOMAIN_COMPONENT = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
DOMAIN_NAME = rf"{DOMAIN_COMPONENT}(?:\.{DOMAIN_COMPONENT})*"
HOST = rf"(?:{DOMAIN_NAME}|\[[a-fA-F0-9:]+\])"
DOMAIN = rf"{HOST}(?::[0-9]+)?"
PATH_COMPONENT = r"[a-z0-9]+(?:(?:[_.]|__|-+)[a-z0-9]+)*"
REMOTE_NAME = rf"{PATH_COMPONENT}(?:/{PATH_COMPONENT})*"
TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
ALGORITHM = r"[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*"
DIGEST = rf"{ALGORITHM}:[0-9a-fA-F]{{32,}}"
REFERENCE = rf"(?:{DOMAIN}/)?{REMOTE_NAME}(?::{TAG})?(?:@{DIGEST})?"
SUPPORTED_DIGEST = r"(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})"


def matching(pattern: str) -> st.SearchStrategy[str]:
    """Texts that the whole pattern matches."""
    return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)


# Shrinking texts made from expressions takes minutes and explains little.
quick = settings(deadline=None, phases=[Phase.explicit, Phase.generate])

paths = matching(REMOTE_NAME).filter(lambda path: len(path) < 200)  # the grammar has no limit, names have
names = st.one_of(paths, st.builds("{}/{}".format, matching(DOMAIN), paths))
tags = st.one_of(st.none(), matching(TAG))
digests = st.one_of(st.none(), matching(SUPPORTED_DIGEST))


def write(name: str, tag: str | None, digest: str | None) -> str:
    """Put the parts together as the grammar does."""
    return name + (f":{tag}" if tag is not None else "") + (f"@{digest}" if digest is not None else "")


@pytest.mark.slow
@quick
@given(names, tags, digests)
def test_everything_of_the_grammar_is_read_back_as_it_was_put_together(
    name: str, tag: str | None, digest: str | None
) -> None:
    """Name, tag and digest survive; what Docker adds to short names is the only difference."""
    if re.fullmatch(r"[a-f0-9]{64}", write(name, tag, digest)):
        return  # an identifier: the next test
    image = parse_image(write(name, tag, digest))
    assert (image.tag, image.digest) == (tag, digest)
    short = name.removeprefix("index.docker.io/").removeprefix("docker.io/")
    assert image.repository in {name, f"docker.io/{short}", f"docker.io/library/{short}"}


@quick
@given(matching(r"[a-f0-9]{64}"))
def test_an_identifier_is_no_name(text: str) -> None:
    """64 hex digits name an image on one machine, not in a registry."""
    with pytest.raises(ImageError, match="identifier"):
        parse_image(text)


@quick
@given(st.text(alphabet="aB1.-_:/@[]${} \n\u00e9", max_size=40) | st.text(max_size=20))
@example("app:1.2.3\n")
@example("a/b:80/c")
@example("app@sha256:" + "0" * 64)
def test_nothing_outside_the_grammar_is_accepted(text: str) -> None:
    """Every accepted text matches the published expression, with a digest of a supported algorithm."""
    try:
        image = parse_image(text)
    except ImageError:
        return
    assert re.fullmatch(REFERENCE, text, re.ASCII)
    assert image.digest is None or re.fullmatch(SUPPORTED_DIGEST, image.digest)


@pytest.mark.slow
@quick
@given(names, tags, digests, st.data())
def test_a_changed_character_is_accepted_only_within_the_grammar(
    name: str, tag: str | None, digest: str | None, data: st.DataObject
) -> None:
    """Near misses, where a parser by hand goes wrong."""
    text = write(name, tag, digest)
    where = data.draw(st.integers(0, len(text) - 1))
    changed = (
        text[:where]
        + data.draw(st.sampled_from(["", "/", ":", "@", ".", "-", "_", "A", " ", "\n"]))
        + text[where + 1 :]
    )
    try:
        parse_image(changed)
    except ImageError:
        return
    assert re.fullmatch(REFERENCE, changed, re.ASCII)


@pytest.mark.slow
@quick
@given(names, tags, digests)
def test_what_was_read_is_written_so_that_it_reads_the_same(
    name: str, tag: str | None, digest: str | None
) -> None:
    """Normal forms are stable."""
    try:
        image = parse_image(write(name, tag, digest))
    except ImageError:
        return
    assert parse_image(str(image)) == image


@pytest.mark.parametrize(
    ("written", "repository"),
    [
        ("redis", "docker.io/library/redis"),
        ("library/redis", "docker.io/library/redis"),
        ("docker.io/redis", "docker.io/library/redis"),
        ("index.docker.io/library/redis", "docker.io/library/redis"),
        ("bitnami/redis", "docker.io/bitnami/redis"),
        ("docker.io/bitnami/redis", "docker.io/bitnami/redis"),
        ("localhost/redis", "localhost/redis"),
        ("redis:5000/redis", "redis:5000/redis"),
        ("Host/redis", "Host/redis"),
        ("[::1]:5000/a/b", "[::1]:5000/a/b"),
    ],
)
def test_short_names_are_written_out_as_docker_does(written: str, repository: str) -> None:
    """The first part is a registry only if it cannot be a path."""
    assert parse_repository(written) == repository


@pytest.mark.parametrize("length", [255, 256])
def test_the_path_may_have_255_characters(length: int) -> None:
    """The limit is that of the path, with what Docker adds."""
    path = "a" * (length - len("team/"))
    if length == 255:
        assert parse_image(f"example.com/team/{path}") == Image("example.com", f"team/{path}")
    else:
        with pytest.raises(ImageError, match="256 characters"):
            parse_image(f"example.com/team/{path}")
    with pytest.raises(ImageError, match="255 are allowed"):
        parse_image("a" * 248)  # library/ makes it 256


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("", "empty"),
        ("app:1 ", "white space"),
        ("app:${TAG}", "placeholder"),
        ("App:1", 'write "app"'),
        ("app:", "tag after the colon is empty"),
        ("app:" + "a" * 129, "129 characters"),
        ("app@sha256:abc", "64 lower-case hex digits"),
        ("app@md5:" + "0" * 32, "not a digest algorithm"),
        ("host:x/app", "not a registry"),
        ("a//b", "not a repository name"),
        ("a" * 5000, "4096"),
    ],
)
def test_each_fault_has_a_message_that_names_it(reference: str, message: str) -> None:
    """The message says which part is wrong."""
    with pytest.raises(ImageError, match=re.escape(message)):
        parse_image(reference)


def test_a_repository_has_neither_tag_nor_digest() -> None:
    """Shapes and exemptions are for all versions of an image."""
    with pytest.raises(ImageError, match="omit the tag"):
        parse_repository("redis:7")
