"""What is a credential and what only looks like one: one table for layers, objects and reports."""

from __future__ import annotations

import pytest

from kube.credentials import credential, looks_secret

KEY = "3q2+7w4tLq9s8d7f6g5h4j3k2l1m0n9b8v7c6x5z4a3="
SLACK = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
DISCORD = f"https://discord.com/api/webhooks/123456789012345678/{'aB3-_' * 13}"
CREDENTIALS = [
    ("DB_PASS", "hunter2"),
    ("URL", "jdbc:postgresql://db/web?user=web&password=hunter2"),
    ("AWS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("HOOK", SLACK),
    ("H", DISCORD),
    ("N", "npm_abcdefghijklmnopqrstuvwxyz0123456789"),
    ("F", "//registry.npmjs.org/:_authToken=abcdefgh1234"),
    ("F", '{"db": {"password": "hunter2"}}'),
    ("F", "<db><password>hunter2</password></db>"),
    ("F", '<user name="web" password="hunter2"/>'),
    ("F", "#!/bin/sh\nexport DB_PASSWORD=hunter2\n"),
    ("F", "export API_TOKEN='a1b2c3d4'"),
    ("K", "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFcEFJQkFBS0NBUUVB"),
    ("key", KEY),
    ("F", "host=db user=web password=hunter2"),
    ("F", "db:\n  password: hunter2\n"),
    ("F", "spring.datasource.password=hunter2"),
    ("U", "postgres://web:hunter2@db/web"),
    ("U", "redis://:hunter2@cache:6379"),
    ("F", "Server=db;Database=web;User Id=web;Password=hunter2;"),
    ("", "--password=hunter2"),
    ("SECRET_KEY_BASE", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    ("TOKEN", "x1y2"),
    ("F", "password: 'hunter2' # old"),
    ("F", '{"key":"3q2+7w4tLq9s8d7f6g5h4j3k2l1m0n9b8v7c6x5z4a3="}'),
]
HARMLESS = [
    ("EXISTING_SECRET", "my-db"),
    ("CSRF_TOKEN", "header"),
    ("CSRF_TOKEN", "X-CSRF-Token-1"),
    ("password", "${DB_PASSWORD}"),
    ("token_url", "https://id.example.com/token"),
    ("tokenizer", "standard"),
    ("monkey", "business"),
    ("F", "password: ${DB_PASSWORD}\ntoken_url: https://id.example.com/token\n"),
    ("PASSWORD_FILE", "/run/db"),
    ("max_token", "4096"),
    (
        "IMAGE",
        "registry.example.com/app@sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ),
    ("url", "https://example.com:8443/a@b"),
    ("U", "postgres://web:$(PASSWORD)@db/web"),
    ("TOKEN_TTL", "3600"),
    ("passwordKey", "password"),
    ("secretKey", "db-password"),
    ("TOKEN", "header"),
    ("CERT", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJxVENDQVUrZ0F3SUJBZ0lVQ"),
    ("F", "if token == expected: pass"),
    ("F", 'keyword="value"'),
    ("F", "monkeys = 1"),
    ("public_key", KEY),
    ("F", "passthrough: enabled-1"),
    ("F", "proxy_pass http://web-1:8080;"),
    ("F", "fastcgi_pass unix:/var/run/php7-fpm.sock;"),
    ("F", "proxy_set_header X-Token $http_x_token;"),
    ("F", "secretName: db-1"),
    ("F", "# password: see the runbook"),
    ("F", "password="),
    ("F", 'password: ""'),
    ("K", "sha256~abc"),
    ("PASSWORD_POLICY", "min8"),
    ("F", "tokens: 12"),
    ("F", "requirepass $(PASSWORD)"),
    ("F", "--token-file=/run/t --key=/run/key.pem"),
    ("F", "ssl_certificate_key /etc/tls/tls.key;"),
]


@pytest.mark.parametrize(("name", "value"), CREDENTIALS, ids=str)
def test_a_credential_is_recognised(name: str, value: str) -> None:
    assert looks_secret(name, value)


@pytest.mark.parametrize(("name", "value"), HARMLESS, ids=str)
def test_what_only_looks_like_a_credential_is_none(name: str, value: str) -> None:
    assert credential(name, value) == ""


@pytest.mark.parametrize(("name", "value"), CREDENTIALS, ids=str)
def test_no_message_repeats_a_credential(name: str, value: str) -> None:
    said = credential(name, value)

    assert said
    assert value not in said
    assert "hunter2" not in said
