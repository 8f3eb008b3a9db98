"""Recognises credentials in any text, for layers, objects and reports alike; nothing here repeats a value.

Three questions: does a text have a shape that only a credential has, does its name say that it is one, and does a
longer text (a file, an address, arguments) hold such a name with its value. Names of properties of a credential, such
as `TOKEN_TTL`, and values that refer to one, such as `$(PASSWORD)`, are no credentials.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple


class Shape(NamedTuple):
    """What a credential is, texts of which one is in it (they are found quickly), and the pattern of its issuer."""

    kind: str
    parts: tuple[str, ...]
    pattern: str


_SHAPES = (
    Shape(
        "a private key",
        ("PRIVATE KEY", "AGE-SECRET-KEY-1"),
        r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\bAGE-SECRET-KEY-1[0-9A-Z]{58}",
    ),
    # The same in base64: `PRIVATE KEY` after the words RSA, EC, OPENSSH, ENCRYPTED or none.
    Shape(
        "a private key",
        ("LS0tLS1CRUdJTi",),
        r"LS0tLS1CRUdJTi(?:BSU0EgUFJJVkFURSBLRVk|BQUklWQVRFIEtFWS|BFQyBQUklWQVRFIEtFWS"
        r"|BPUEVOU1NIIFBSSVZBVEUgS0VZ|BFTkNSWVBURUQgUFJJVkFURSBLRVk)",
    ),
    Shape("an AWS access key", ("AKIA", "ASIA"), r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    Shape(
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{22}",
    ),
    Shape("a GitLab token", ("gl",), r"\bgl(?:pat|rt|dt|ptt|ft)-[A-Za-z0-9_-]{20}"),
    Shape("a Slack token", ("xox", "xapp-"), r"\bxox[abeprs]-[A-Za-z0-9-]{10}|\bxapp-[0-9]-[A-Za-z0-9-]{10}"),
    Shape(
        "the address of a chat webhook",
        ("hooks.slack.com/", "/api/webhooks/", "/webhookb2/", "chat.googleapis.com/"),
        r"\bhooks\.slack\.com/(?:services|workflows)/[A-Z0-9]+/[A-Z0-9]+/[A-Za-z0-9]{8}"
        r"|\bdiscord(?:app)?\.com/api/webhooks/[0-9]{6,20}/[\w-]{20}|\.webhook\.office\.com/webhookb2/[0-9a-f-]{36}@"
        r"|\bchat\.googleapis\.com/v1/spaces/[\w-]+/messages\?key=",
    ),
    Shape("a Telegram token", (":AA",), r"\b[0-9]{8,10}:AA[\w-]{33}\b"),
    Shape(
        "an npm token", ("npm_", ":_"), r"\bnpm_[A-Za-z0-9]{36}\b|:_(?:authToken|password)\s*=\s*[^\s$]{8}"
    ),
    Shape("a PyPI token", ("pypi-",), r"\bpypi-AgEIcHlwaS5vcmc[\w-]{20}"),
    Shape("a Docker token", ("dckr_pat_",), r"\bdckr_pat_[\w-]{20}"),
    Shape("a Stripe key", ("k_live_",), r"\b[rs]k_live_[A-Za-z0-9]{16}"),
    Shape("a Google API key", ("AIza", "GOCSPX-"), r"\bAIza[0-9A-Za-z_-]{35}|\bGOCSPX-[\w-]{20}"),
    Shape("a SendGrid key", ("SG.",), r"\bSG\.[\w-]{16,32}\.[\w-]{16,64}"),
    Shape("an API key of a model", ("sk-",), r"\bsk-(?:ant-|proj-)[\w-]{20}"),
    Shape("a Vault token", ("hvs.", "hvb."), r"\bhv[sb]\.[\w-]{20}"),
    Shape("an Azure key", ("Key=",), r"\b(?:Account|SharedAccess)Key=[A-Za-z0-9+/]{40,}=?"),
    Shape(
        "a signed token",
        ("eyJ",),
        r"\beyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,}",
    ),
)
SHAPES = "|".join(shape.pattern for shape in _SHAPES)
_SHORTEST = 16  # no shape is shorter

# A name with one of these words says that its value opens something; the weak ones also have harmless values.
_STRONG = frozenset({"password", "passwd", "passphrase", "pwd", "credential", "credentials", "passcode"})
_WEAK = frozenset({"secret", "token"})
_BEFORE_KEY_LINE = (
    "api access private encryption signing secret master auth aws account storage shared session license"
)
_BEFORE_KEY = frozenset(_BEFORE_KEY_LINE.split())
_JOINED = frozenset(f"{word}key" for word in _BEFORE_KEY)
# A name with such an ending describes the credential: where it is, how long it is valid.
_ABOUT_LINES = (
    "file path dir name names ref url uri endpoint host issuer audience id type format header prefix",
    "ttl expiry expires expiration lifetime timeout ms seconds minutes hours days interval bytes",
    "length size count min max limit enabled disabled required policy mode algorithm alg version",
)
_ABOUT = frozenset(word for line in _ABOUT_LINES for word in line.split())
# EXISTING_SECRET names a Secret, CSRF_TOKEN a header; a public key is public.
_REFERRING = frozenset({"existing", "public", "csrf"})
_WORD = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+"
_HARMLESS = (
    r"(?i)true|false|yes|no|on|off|none|null|[0-9.]{0,5}[smhd]?|[x*.]+|/.*|<[^>]*>|%\(?\w+\)?s?|\[?redacted\]?"
    r"|\$\w+|\$\(.*\)|\$\{.*\}|\{\{.*\}\}|(?:file|env|vault|op|ref\+\w+|arn|secretref|awssm|gcpsm):.*|projects/.*"
)
# Of the weak ones: where a token is expected (`header`), or under which name something is found (`db-password`).
_NAMING = (
    r"(?i)(?:[a-z]{1,12}[-_.])*"
    r"(?:header|cookie|query|bearer|basic|oauth|jwt|password|token|secret|key|credentials)"
)
_RANDOM = r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9+/_-]{32,}={0,2}"
_ADDRESS = r"\b[A-Za-z][A-Za-z0-9+.-]{0,20}://[^/\s:@]*:(?P<password>[^/\s@]+)@"

# In a longer text: `name: value` of YAML, JSON and properties, `name=value` anywhere, an element of XML.
_TELLING = r"(?i)pass|pwd|secret|token|credential|key"
_VALUE = r"""(?:"(?P<{0}d>[^"\n]*)"|'(?P<{0}s>[^'\n]*)'|(?P<{0}b>[^\s"'&;,<>{{}}\[\]#=][^\s"'&;,<>]*))"""


@cache
def _pair_patterns() -> tuple[re.Pattern[str], ...]:
    """Compile the patterns of pairs when the first text asks for them."""
    return (
        re.compile(
            rf"""(?m)^[ \t]*(?:-[ \t]+)?(?P<name>[A-Za-z_][\w.-]*)[ \t]*:[ \t]+{_VALUE.format("y")}[ \t]*(?:\#.*)?$"""
        ),
        re.compile(rf"""["'](?P<name>[A-Za-z_][\w.-]*)["']\s*:\s*{_VALUE.format("j")}"""),
        re.compile(rf"""(?<![\w.$-])-{{0,2}}(?P<name>[A-Za-z_][\w.-]*)[ \t]*=[ \t]*{_VALUE.format("e")}"""),
        re.compile(r"<(?P<name>[A-Za-z_][\w.-]*)>(?P<xd>[^<\s][^<]*)</(?P=name)>"),
    )


def credential(name: str, value: str) -> str:
    """Say what a named value looks like, for a message: "a GitHub token"; empty where it is no credential."""
    return shape_of(value) or _by_name(name, value.strip()) or _within(value)


def looks_secret(name: str, value: str) -> bool:
    """Tell whether a named value is or holds a credential."""
    return bool(credential(name, value))


def shape_of(value: str) -> str:
    """Say what a text has the shape of, wherever in it; empty where it has none."""
    for shape in _SHAPES if len(value) >= _SHORTEST else ():
        for part in shape.parts:
            if part in value and re.search(shape.pattern, value):
                return shape.kind
    if "://" in value:
        for found in re.finditer(_ADDRESS, value):
            if not re.fullmatch(_HARMLESS, found["password"]):
                return "an address with a password in it"
    return ""


def _within(text: str) -> str:
    """Say what a longer text holds."""
    if ("=" not in text and ":" not in text and "<" not in text) or not re.search(_TELLING, text):
        return ""
    return next((kind for name, value in _pairs(text) if (kind := _by_name(name, value))), "")


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pattern in _pair_patterns():
        for found in pattern.finditer(text):
            value = next((each for key, each in found.groupdict().items() if key != "name" and each), "")
            yield found["name"], value.strip()


def _by_name(name: str, value: str) -> str:
    """Judge a value by its name."""
    if not name or not value or re.fullmatch(_HARMLESS, value):
        return ""
    words = [word.lower() for word in re.findall(_WORD, name)]
    if not words or words[-1] in _ABOUT or _REFERRING & {*words}:
        return ""
    if _is_strong(words) or (_is_weak(words, value) and not re.fullmatch(_NAMING, value)):
        return f"the value of a credential, by the name {name}"
    return ""


def _is_strong(words: list[str]) -> bool:
    return words[-1] != "key" and (words[-1] == "pass" or bool(_STRONG & {*words}))


def _is_weak(words: list[str], value: str) -> bool:
    if words[-1] == "key" and re.fullmatch(_RANDOM, value):
        return True
    keys = any(first in _BEFORE_KEY and second == "key" for first, second in pairwise(words))
    return keys or bool((_STRONG | _WEAK | _JOINED) & {*words})
