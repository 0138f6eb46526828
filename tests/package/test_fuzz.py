"""Cookies and tokens of any shape: read or refused, never a failure of ours."""

from __future__ import annotations

import asyncio
import base64
import importlib
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.sessions import SECRET, signed
from support.tokens import AuthServer, serving_keys, unpadded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from support.sessions import Rendered

# The machine's load must not decide; a hundred examples of each take about a second.
settings.register_profile(
    "package",
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
HEADER = st.text(st.characters(max_codepoint=0xFF), max_size=700)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
CLAIMS = ("iat", "exp", "iss", "aud", "sub", "sid", "email", "email_verified", "name")


@pytest.fixture(scope="module", params=["database", "cached"])
def cookies(request: pytest.FixtureRequest, packages: Mapping[str, str]) -> Rendered:
    """The module that reads cookies."""
    return importlib.import_module(f"{packages[request.param]}.cookies")


@pytest.fixture(scope="module")
def keys() -> Iterator[AuthServer]:
    """An auth server's keys."""
    with serving_keys() as served:
        yield served


@pytest.fixture
def verify(
    packages: Mapping[str, str], keys: AuthServer, monkeypatch: pytest.MonkeyPatch
) -> Rendered:
    """Verify a token as a request does."""
    monkeypatch.setenv("BETTER_AUTH_URL", keys.url)
    config = importlib.import_module(f"{packages['jwt']}.config")
    config.get_auth_settings.cache_clear()
    tokens = importlib.import_module(f"{packages['jwt']}.tokens")
    strategy = tokens.TokenStrategy()
    with asyncio.Runner() as runner:
        assert runner.run(strategy.find(keys.token())) is not None
        yield lambda token: runner.run(strategy.find(token))


@settings(settings.get_profile("package"))
@given(value=HEADER)
def test_any_cookie_is_read_or_refused(cookies: Rendered, value: str) -> None:
    """No one without the secret makes one that counts."""
    assert cookies.signed_token(value, (SECRET.encode(),)) is None
    assert cookies.signed_token(quote(value), (SECRET.encode(),)) is None


@settings(settings.get_profile("package"))
@given(token=st.from_regex(r"\A[A-Za-z0-9]{32}\Z"), data=st.data())
def test_a_cookie_counts_as_it_was_signed(
    cookies: Rendered, token: str, data: st.DataObject
) -> None:
    """The token comes back; with any one character changed nothing does."""
    secrets = (b"new-" * 8, SECRET.encode())
    cookie = signed(token)
    assert cookies.signed_token(cookie, secrets) == token
    plain = unquote(cookie)
    # The last character before the padding holds two bits that mean nothing.
    place = data.draw(st.integers(0, len(plain) - 3))
    other = data.draw(
        st.characters(max_codepoint=0xFF, exclude_characters=plain[place])
    )
    changed = plain[:place] + other + plain[place + 1 :]
    assert cookies.signed_token(quote(changed), secrets) is None


@settings(settings.get_profile("package"))
@given(value=HEADER | st.binary(max_size=300).map(unpadded))
def test_any_token_is_read_or_refused(verify: Rendered, value: str) -> None:
    """Bytes that are no token at all, whole or in each of the three places."""
    for token in (value, f"{value}.e30.e30", f"e30.{value}.", f"e30.e30.{value}"):
        assert verify(token) is None


@settings(settings.get_profile("package"))
@given(header=st.dictionaries(st.sampled_from(["alg", "kid", "typ", "b64"]), JSON))
def test_any_header_is_read_or_refused(
    verify: Rendered, keys: AuthServer, header: dict[str, object]
) -> None:
    """A header of any values, over a body that is good and a signature that is not."""
    _, body, signature = keys.token().split(".")
    forged = {"alg": "EdDSA", "kid": "one", "made": "up", **header}
    token = f"{unpadded(json.dumps(forged).encode())}.{body}.{signature}"
    assert verify(token) is None


@settings(settings.get_profile("package"))
@given(claims=st.dictionaries(st.sampled_from(CLAIMS), JSON, min_size=1))
def test_any_claims_are_read_or_refused(
    verify: Rendered, keys: AuthServer, claims: dict[str, object]
) -> None:
    """Even signed with the right key, values of any type are no failure of ours."""
    session = verify(keys.token(**claims))
    if session is not None:
        assert set(claims) <= {"email", "email_verified", "name", "iat", "exp"}


def test_a_base64_alphabet_of_its_own() -> None:
    """The signature's alphabet has + and /, which the URL's encoding hides."""
    cookie = next(
        cookie
        for cookie in (signed(f"{n:032}") for n in range(1000))
        if "%2B" in cookie and "%2F" in cookie
    )
    assert base64.b64decode(unquote(cookie).rpartition(".")[2], validate=True)
