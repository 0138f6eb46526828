"""A text without what must not be pasted into a public issue."""

from __future__ import annotations

import re

_GONE = "[redacted]"
_CONFIDENTIAL = (
    r"[\w.-]{0,80}(?:(?:secret|token|passw(?:or)?d|api[_-]?key|private[_-]?key)s?"
    r"|passwd|passphrase|[_-]pass|pwd)"
)

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"(?is)-----BEGIN[^-]{0,80}PRIVATE KEY-----"
            r".*?(?:-----END[^-]{0,80}-----|\Z)"
        ),
        _GONE,
    ),
    # Whole headers: everything that a cookie or a credential carries.
    (
        re.compile(
            r"""(?im)(["']?\b(?:set-cookie|cookie|(?:proxy-)?authorization|x-api-key
            |set-auth-(?:token|jwt))["']?\s{0,99}[:=]\s{0,99}).+$""",
            re.VERBOSE,
        ),
        rf"\1{_GONE}",
    ),
    # The password, and the user with it, of any URL; it may hold what URLs may not.
    (
        re.compile(
            r"(?i)(\b[a-z][a-z0-9+.-]{0,40}://)[^\s/@:\"']{0,200}:[^\s\"']{0,999}@"
        ),
        rf"\1{_GONE}@",
    ),
    # The token in a path, and token=... in queries.
    (re.compile(r"(?i)(/reset-password/)[^\s/?\"']+"), rf"\1{_GONE}"),
    (
        re.compile(r"(?i)([?&](?:token|code|state|secret|key|password)=)[^&\s\"']+"),
        rf"\1{_GONE}",
    ),
    # NAME=value, NAME=1:value,2:value, "name": "value", name: value; JSON within JSON.
    (
        re.compile(
            rf"(?i)([\"']?\b{_CONFIDENTIAL}\\*[\"']?\s{{0,99}}[:=]\s{{0,99}})"
            r"(?:\\*\"[^\"\n]*\"|'[^'\n]*'|(?:[^\s,;}\"']|,(?=[^\s\"'\\]))+)"
        ),
        rf"\1{_GONE}",
    ),
    (re.compile(r"(?i)(better-auth\.[a-z_]+=)[^;\s\"']+"), rf"\1{_GONE}"),
    (re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]+(?:\.[\w-]*){0,3}"), _GONE),
    (re.compile(r"(?i)\bbearer\s{1,99}[\w.~+/%-]{8,}=*"), f"Bearer {_GONE}"),
    (
        re.compile(
            r"\b(?:re_|gh[pousr]_|GOCSPX-|sk-|sk_(?:live|test)_|npg_|xox[abp]-)[\w-]{8,}"
        ),
        _GONE,
    ),
    (
        re.compile(r"(?<![\w.+-])[\w.+-]{1,99}@[\w-]{1,99}(?:\.[\w-]{1,99}){1,9}"),
        "[e-mail]",
    ),
    (re.compile(r"(?i)(/home/|/Users/|\\Users\\)[^/\\\s:\"']+"), r"\1[user]"),
)
# What looks random: long, and mixed of letters and digits.
_RANDOM = re.compile(
    r"(?<![\w/.-])[A-Za-z0-9+/_-]{28,}={0,2}(?:\.[A-Za-z0-9+/%]{20,}=*)?"
)


def redacted(text: str) -> str:
    """Return ``text`` without secrets, tokens, cookies, passwords and addresses."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return _RANDOM.sub(_unless_a_name, text)


def _unless_a_name(found: re.Match[str]) -> str:
    """Keep words joined by dashes and paths: they are no secrets."""
    value = found[0]
    digits = sum(character.isdigit() for character in value)
    words = re.fullmatch(r"[A-Za-z]+(?:[/_-][A-Za-z0-9]{1,12})+", value)
    return value if digits == 0 or (words and digits < len(value) // 8) else _GONE
