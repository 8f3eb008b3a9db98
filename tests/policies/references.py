"""Image references with what is expected of each: the class of the tag, and the verdict in either tier.

The verdict in tier test is that of an environment which asks for warnings about moving tags.
"""

from __future__ import annotations

from typing import NamedTuple

from policies.tags import Shape

DIGEST = "sha256:" + "0123456789abcdef" * 4

SHAPES = {
    "docker.io/library/postgres": Shape.MINOR,
    "quay.io/prometheus/node-exporter": Shape.MINOR,
    "registry.example.com/builds": Shape.BUILD,
    "registry.example.com/dates": Shape.DATE,
}
ENVIRONMENTS = frozenset({"qa", "e2e", "prod", "prod-eu", "blue"})


class Case(NamedTuple):
    """One reference; `tag_class` is empty where it cannot be parsed."""

    reference: str
    tag_class: str
    production: str
    test: str


ACCEPT, WARN, REFUSE = "accept", "warn", "refuse"

_UNIQUE = {
    "commit": (
        "app:0a1b2c3",
        "app:befacaad",
        "app:deadbeef",
        "app:1234567",
        "app:20241120",
        "app:0123456789abcdef0123456789abcdef01234567",
        "app:" + "ab" * 32,
        "app:1732000000",
        "registry.example.com/team/app:9fceb02",
        "localhost:5000/app:9fceb02d0ae598e95dc970b74767f19372d61af8",
    ),
    "semver": (
        "app:1.2.3",
        "app:v1.2.3",
        "app:0.0.0",
        "app:10.20.30",
        "app:1.2.3-alpha",
        "app:1.2.3-rc.1",
        "app:1.2.3-0",
        "app:1.2.3-alpine3.20",
        "app:1.27.3-bookworm",
        "app:3.13.1-dev",
        "app:3.12.7-slim-bookworm",
        "app:v1.2.3-4-g0a1b2c3",
        "app:2024.11.20",
        "app:8.0.20241105",
        "app:1.2.3-SNAPSHOT.20241120",
        "app:1.2.3-nightly-0a1b2c3",
        "Registry.Example.COM/app:1.2.3",
        "HOST/app:1.2.3",
        "localhost/app:1.2.3",
        "[::1]:5000/app:1.2.3",
        "[2001:db8::1]/app:1.2.3",
        "192.168.0.1:5000/app:1.2.3",
        "registry:5000/app:1.2.3",
        "index.docker.io/redis:7.4.1",
        "docker.io/redis:7.4.1",
        "library/redis:7.4.1",
        "a/b/c/d/e:1.2.3",
        "my_host.example.com/app:1.2.3",
        "app__one:1.2.3",
        "app---one:1.2.3",
        "a.b.c/app_name.part-x:1.2.3",
        "postgres:16.4",
        "postgres:16.4-alpine3.20",
        "docker.io/library/postgres:17.0-bookworm",
        "quay.io/prometheus/node-exporter:v1.8",
        "postgres:16.4.1",
    ),
    "build": (
        "registry.example.com/builds:4711",
        "registry.example.com/builds:v5",
        "registry.example.com/builds:b12",
        "registry.example.com/builds:7-arm64",
    ),
    "timestamp": (
        "app:2024-11-20",
        "app:2024_11_20",
        "app:2024.01.05",
        "app:20241120-101530",
        "app:20241120T101530Z",
        "app:20241120.1015",
        "app:2024-11-20T10-15-30Z",
        "app:v20241120.1",
        "app:20241120.2",
        "registry.example.com/dates:2024-11",
        "registry.example.com/dates:202411",
        "registry.example.com/dates:2024.11-slim",
    ),
    "compound": (
        "app:main-0a1b2c3",
        "app:sha-0a1b2c3",
        "app:dev-20241120",
        "app:latest-20241120",
        "app:nightly-2024-11-20",
        "app:release-1.2.3",
        "app:prod-1.2.3",
        "app:qa-0a1b2c3d",
        "app:1.2-0a1b2c3",
        "app:feature_x-0a1b2c3",
        "app:main.0a1b2c3",
        "app:g0a1b2c3-dirty",
        "debian:bookworm-20241111-slim",
        "ubuntu:noble-20241118.1",
        "minio:RELEASE.2024-11-07T00-52-20Z",
        "eclipse-temurin:21.0.5_11-jdk",
        "amazonlinux:2023.6.20241111.0",
        "app:1.2.3.4",
        "app:1.2.3_arm64",
        "app:1.02.3",
        "app:jdk-21.0.5",
        "app:1.2.3rc1",
        "app:sha256-" + "ab" * 32,
        "registry.example.com/builds:main-4711",
    ),
}

_DIGESTED = {
    "none": ("app@" + DIGEST, "registry.example.com/app@" + DIGEST, "app@sha512:" + "ab" * 64),
    "semver": ("app:1.2.3@" + DIGEST, "host:5000/app:1.2.3@" + DIGEST, "app:v1.2.3@sha384:" + "0" * 96),
    "moving": ("app:latest@" + DIGEST, "app:stable@" + DIGEST),
    "partial": ("app:16@" + DIGEST, "redis:7.4@" + DIGEST),
    "unknown": ("app:jammy@" + DIGEST,),
}

_FLOATING = {
    "none": (
        "app",
        "host:5000/app",
        "redis",
        "library/redis",
        "[::1]:5000/app",
        "registry.example.com/a/b",
        "localhost/app",
    ),
    "moving": (
        "app:latest",
        "app:LATEST",
        "app:Latest",
        "app:stable",
        "app:Stable",
        "app:main",
        "app:master",
        "app:dev",
        "app:develop",
        "app:edge",
        "app:nightly",
        "app:lts",
        "app:canary",
        "app:prod",
        "app:production",
        "app:staging",
        "app:qa",
        "app:QA",
        "app:e2e",
        "app:blue",
        "app:prod-eu",
        "app:latest-alpine",
        "app:stable-slim",
        "app:lts-bookworm",
        "app:1.2.3-SNAPSHOT",
        "app:1.2.3-latest",
        "app:1.2-nightly",
        "app:main-4711",
        "host:5000/app:latest",
        "postgres:latest",
        "postgres:16.4-latest",
        "registry.example.com/builds:latest",
    ),
    "partial": (
        "app:1",
        "app:v1",
        "app:1.2",
        "app:v1.2",
        "app:16-alpine",
        "app:1.27-alpine",
        "app:3.12-slim-bookworm",
        "app:1.x",
        "app:1.2.x",
        "app:4711",
        "app:123456",
        "app:24.04",
        "app:2024.11",
        "app:alpine-3.20",
        "postgres:16",
        "postgres-evil:16.4",
        "example.com/postgres:16.4",
        "node:22",
    ),
    "unknown": (
        "app:jammy",
        "app:bookworm-slim",
        "app:alpine",
        "app:feature-login",
        "app:pr-x",
        "app:abcdef",
        "app:_",
        "app:x",
        "app:noble",
        "app:bullseye",
    ),
}

_INVALID = (
    "",
    " ",
    "app:",
    "app:latest ",
    " app:1.2.3",
    "app: 1.2.3",
    "app:1.2.3\n",
    "App:1.2.3",
    "library/App:1.2.3",
    "host/App:1.2.3",
    "app:-x",
    "app:.x",
    "app:a/b",
    "app:a:b",
    "app:a+b",
    "app:ä",
    "äpp:1.2.3",
    "app:" + "a" * 129,
    "a" * 256 + ":1.2.3",
    "app:${TAG}",
    "${REGISTRY}/app:1.2.3",
    "app:{{ .Values.tag }}",
    "app:$(TAG)",
    "app@",
    "app@sha256",
    "app@sha256:",
    "app@sha256:abc",
    "app@sha256:" + "0" * 63,
    "app@sha256:" + "0" * 65,
    "app@sha256:" + "A" * 64,
    "app@sha256:" + "g" * 64,
    "app@md5:" + "0" * 32,
    "app@sha512:" + "0" * 64,
    "app@SHA256:" + "0" * 64,
    "app@" + DIGEST + ":1.2.3",
    "app@" + DIGEST + "@" + DIGEST,
    "app:@" + DIGEST,
    "ab" * 32,
    "/app:1.2.3",
    "host//app:1.2.3",
    "host/app/:1.2.3",
    "-app:1.2.3",
    "app-:1.2.3",
    "a..b:1.2.3",
    "a___b:1.2.3",
    "a._b:1.2.3",
    "host:port/app:1.2.3",
    "host:/app:1.2.3",
    "-host.com/app:1.2.3",
    "[::1/app:1.2.3",
    "[fe80::1%eth0]/app:1.2.3",
    "https://host/app:1.2.3",
    "docker://app:1.2.3",
    "app:1.2.3#x",
    "app\\x:1.2.3",
    "user@host/app:1.2.3",
)

CASES = (
    *(
        Case(text, of, ACCEPT, ACCEPT)
        for group in (_UNIQUE, _DIGESTED)
        for of, texts in group.items()
        for text in texts
    ),
    *(Case(text, of, REFUSE, WARN) for of, texts in _FLOATING.items() for text in texts),
    *(Case(text, "", REFUSE, REFUSE) for text in _INVALID),
)
