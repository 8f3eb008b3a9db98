"""The types of single values about Git, its commits and the files that the GitOps job reads from them."""

from __future__ import annotations

from typing import Annotated

from envs.config.model.checking import KEEP, Like, checked
from envs.config.model.formats import address_problem, subject_problem

Repository = Annotated[
    str,
    checked(address_problem),
    Like(
        r"https://[^\s/@?#]+/[^\s?#]+|ssh://([A-Za-z0-9._-]+@)?[^\s/:@?#]+(:[^\s/@?#]*)?/[^\s?#]+"
        r"|[a-z0-9_.-]+@[A-Za-z0-9.-]+:[^\s?#]+",
        "the address of a Git repository",
        "https://… or ssh://… (without a user or token in it)",
        limit=2000,
    ),
    KEEP,
]
HttpAddress = Annotated[
    str,
    checked(address_problem),
    Like(
        r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[^\s?#@]*)?",
        "an HTTP address",
        "it like http://pushgateway.monitoring:9091",
        limit=2000,
    ),
    KEEP,
]
CompareAddress = Annotated[
    str,
    checked(address_problem),
    Like(
        r"(?=.*\{old\})(?=.*\{new\})https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[^\s?#@]+",
        "an address that compares two commits",
        "it like https://github.com/acme/server/compare/{old}...{new}",
        limit=500,
    ),
    KEEP,
]
# ssh-keygen(1), ALLOWED SIGNERS: principals, options, type of the key, key, comment.
Signer = Annotated[
    str,
    Like(
        r"([^\s#@][^\s#]*( [^\s]+)?|@revoked) (ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}( [^\n\r]*)?"
        r"|-----BEGIN PGP PUBLIC KEY BLOCK-----\n[^-]+\n-----END PGP PUBLIC KEY BLOCK-----\n?",
        "an allowed signer",
        "it like dev@example.com ssh-ed25519 AAAA…",
        limit=20_000,
    ),
    KEEP,
]
Glob = Annotated[
    str, Like(r"(?!/)[^\0\s]+", "a pattern of files", "it below `path`, like **/*.yaml", limit=200), KEEP
]
Pointer = Annotated[
    str, Like(r"(/([^~/\s]|~[01])*)+", "a JSON pointer", "it like /spec/replicas", limit=500), KEEP
]
ObjectName = Annotated[
    str,
    Like(r"[0-9a-f]{40}|[0-9a-f]{64}", "the id of a commit or tree", "all of its 40 or 64 hex digits"),
    KEEP,
]
Seconds = Annotated[
    str,
    Like(
        r"(?=[0-9.]*[1-9])([0-5]?[0-9](\.[0-9]{1,3})?|60)", "a number of seconds", "it like 0.5; at most 60"
    ),
    KEEP,
]
Revision = Annotated[
    str,
    Like(r"(?!-)(?!.*\.\.)[A-Za-z0-9._/-]+", "a Git revision", "a branch, tag, ref or commit"),
    KEEP,
]
Author = Annotated[
    str,
    Like(
        r"[^<>\n\r]+ <[^<>@\s]+@[^<>@\s]+>", "an author", "it like Web pipeline <web@example.com>", limit=200
    ),
    KEEP,
]
CommitSubject = Annotated[
    str,
    Like(r"[^\n\r]*\S[^\n\r]*", "one line of text", "some words", limit=200),
    checked(subject_problem),
    KEEP,
]
Build = Annotated[str, Like(r"[A-Za-z0-9._-]+", "the id of a build", "it like 4711", limit=128), KEEP]
