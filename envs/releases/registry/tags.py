"""The tags that a registry has of a repository.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
"""

from __future__ import annotations

import httpx2

from envs.errors import CommandError, Exit
from envs.releases.registry.client import Registry, mapping_of
from kube.image import is_tag

_LIST = "tags/list"
_FIRST = f"{_LIST}?n=1000"
_MOST_PAGES = 100
_MOST_TAGS = 100_000


def list_tags(registry: Registry) -> list[str]:
    """List all tags, page by page; what cannot be a tag is left out.

    Raises CommandError where the registry does not have the repository, and for answers that the specification does
    not allow.
    """
    tags: dict[str, None] = {}
    asked: set[str] = set()
    page: str | None = _FIRST
    while page is not None:
        if page in asked or len(asked) == _MOST_PAGES:
            raise _failure(registry, f"lists its tags without an end; it was asked for {len(asked)} pages")
        asked.add(page)
        answer = registry.ask("GET", page)
        if answer is None:
            message = f"{registry.domain} has no repository {registry.path}"
            raise CommandError(f"{message}; push an image first, or check its name", Exit.REFUSED)
        tags |= dict.fromkeys(_tags(answer, registry))
        if len(tags) > _MOST_TAGS:
            raise _failure(registry, f"has more than {_MOST_TAGS:,} tags; delete old ones")
        page = _next(answer)
    return list(tags)


def _tags(answer: httpx2.Response, registry: Registry) -> list[str]:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise _failure(registry, f"answers with {kind[:80]!r} instead of a list of tags in JSON")
    said = mapping_of(answer).get("tags", ())
    if said is None:  # of a repository without tags
        return []
    if not isinstance(said, list):
        raise _failure(registry, "answers without a list of tags")
    return [tag for tag in said if isinstance(tag, str) and is_tag(tag)]


def _next(answer: httpx2.Response) -> str | None:
    """Find the next page: https://www.rfc-editor.org/rfc/rfc5988#section-5.

    Only the query of the address counts, so that no answer leads to another server or repository.
    """
    address = answer.links.get("next", {}).get("url")
    return f"{_LIST}?{address.partition('?')[2]}" if address is not None else None


def _failure(registry: Registry, what: str) -> CommandError:
    return CommandError(f"{registry.domain}/{registry.path}: the registry {what}", Exit.OUTSIDE_FAILED)
