"""better-auth's plugins as a user adds them, and one call of each that writes.

A new one is a row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.passkey import register_passkey
from support.template import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import httpx

# The template's packages, and those that plugins come in.
PACKAGES = ROOT / "tests" / "plugins"


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A plugin: what ``plugins`` gets, the calls that write, and what follows.

    ``package`` exports it, and ``before`` is what it takes above the configuration.
    ``calls`` are paths with bodies, made by a person who is signed in, and ``call`` is
    what takes more than that; ``stores`` are tables that have more rows after them,
    ``fields`` what FastAPI's ``User`` then says. One without a call says in
    ``without_calls`` why there is none.
    """

    name: str
    added: str
    package: str = "better-auth/plugins"
    before: str = ""
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    call: Callable[[httpx.Client], None] | None = None
    stores: tuple[str, ...] = ()
    fields: Mapping[str, object] = field(default_factory=dict)
    without_calls: str = ""


PASSWORD = "correct horse"  # noqa: S105 - of a test's user
TWO_FACTOR = Plugin(
    name="twoFactor",
    added="twoFactor()",
    calls=(("two-factor/enable", {"password": PASSWORD}),),
    stores=("auth_two_factor",),
)


def _post(browser: httpx.Client, path: str, body: Mapping[str, Any]) -> None:
    answer = browser.post(f"/api/auth/{path}", json=body)
    assert answer.status_code in {200, 201}, f"{path}: {answer.text}"


def _use_teams_and_roles(browser: httpx.Client) -> None:
    _post(browser, "organization/create-team", {"name": "Sales"})
    role = {"role": "seller", "permission": {"member": ["update"]}}
    _post(browser, "organization/create-role", role)


_LOGIN = "https://login.example.com"
OIDC_PROVIDER = {
    "providerId": "acme",
    "issuer": _LOGIN,
    "domain": "acme.example",
    "oidcConfig": {
        "clientId": "ours",
        "clientSecret": "theirs",
        "skipDiscovery": True,
        "authorizationEndpoint": f"{_LOGIN}/authorize",
        "tokenEndpoint": f"{_LOGIN}/token",
        "jwksEndpoint": f"{_LOGIN}/keys",
    },
}
PLUGINS = (
    Plugin(
        name="organization",
        added="""organization({
      ac: createAccessControl(defaultStatements),
      teams: { enabled: true },
      dynamicAccessControl: { enabled: true },
    })""",
        before="""\
import { createAccessControl } from "better-auth/plugins/access";
import { defaultStatements } from "better-auth/plugins/organization/access";
""",
        calls=(("organization/create", {"name": "Acme", "slug": "acme"}),),
        call=_use_teams_and_roles,
        stores=(
            *("auth_organization", "auth_member", "auth_team"),
            "auth_organization_role",
        ),
    ),
    Plugin(
        name="admin",
        added="admin()",
        fields={"role": "user", "banned": False},
        without_calls="an administrator makes them; the sign-up fills the fields",
    ),
    TWO_FACTOR,
    Plugin(
        name="username",
        added="username()",
        calls=(("update-user", {"username": "ada_l"}),),
        fields={"username": "ada_l"},
    ),
    Plugin(
        name="phoneNumber",
        added="phoneNumber({ sendOTP: () => undefined })",
        calls=(("phone-number/send-otp", {"phoneNumber": "+4912345678"}),),
        stores=("auth_verification",),
        fields={"phone_number": None},
    ),
    Plugin(
        name="anonymous",
        added="anonymous()",
        fields={"is_anonymous": False},
        without_calls="it signs in another person; the sign-up fills the field",
    ),
    Plugin(
        name="deviceAuthorization",
        added='deviceAuthorization({ verificationUri: "/device" })',
        calls=(("device/code", {"client_id": "a-television"}),),
        stores=("auth_device_code",),
    ),
    Plugin(
        name="lastLoginMethod",
        added="lastLoginMethod({ storeInDatabase: true })",
        fields={"last_login_method": "email"},
        without_calls="the sign-in fills the field",
    ),
    Plugin(
        name="multiSession",
        added="multiSession()",
        without_calls="it stores nothing: its sessions are in cookies",
    ),
    # A plugin of the project's own: a reserved word, and a key that is no id.
    Plugin(
        name="shop",
        package="",
        without_calls="it has tables alone",
        added="""{
      id: "shop",
      schema: {
        shopItem: {
          fields: {
            articleCode: { type: "string", unique: true },
            details: { type: "json", required: false },
            weight: { type: "number", bigint: true, defaultValue: 0 },
          },
        },
        order: {
          modelName: "order",
          fields: {
            itemCode: {
              type: "string",
              required: false,
              references: {
                model: "shopItem", field: "articleCode", onDelete: "set null",
              },
            },
            buyer: { type: "string", references: { model: "user", field: "id" } },
            group: { type: ["a", "b"], defaultValue: "a", index: true },
          },
        },
      },
    }""",
    ),
    Plugin(
        name="oneTap",
        added='oneTap({ clientId: "unused" })',
        without_calls="it takes a token that Google has signed, and stores nothing",
    ),
    Plugin(
        name="siwe",
        added="""siwe({
      domain: "example.com",
      getNonce: async () => "anonce1234567890",
      verifyMessage: async () => true,
    })""",
        calls=(("siwe/nonce", {}),),
        stores=("auth_verification",),
    ),
    Plugin(
        name="passkey",
        added="passkey()",
        package="@better-auth/passkey",
        call=register_passkey,
        stores=("auth_passkey",),
    ),
    Plugin(
        name="apiKey",
        added="apiKey()",
        package="@better-auth/api-key",
        calls=(("api-key/create", {"name": "deploys"}),),
        stores=("auth_apikey",),
    ),
    Plugin(
        name="sso",
        added="sso()",
        package="@better-auth/sso",
        calls=(("sso/register", OIDC_PROVIDER),),
        stores=("auth_sso_provider",),
    ),
    Plugin(
        name="oauthProvider",
        added="""oauthProvider({
      loginPage: "/sign-in", consentPage: "/consent", disableJwtPlugin: true,
    })""",
        package="@better-auth/oauth-provider",
        calls=(
            ("oauth2/create-client", {"redirect_uris": ["https://app.example.com/cb"]}),
        ),
        stores=("auth_oauth_client",),
    ),
    # Nothing is asked of Stripe until there is a customer.
    Plugin(
        name="stripe",
        added="""stripe({
      stripeClient: new Stripe("sk_test_unused"),
      stripeWebhookSecret: "whsec_unused",
      subscription: { enabled: true, plans: [{ name: "pro", priceId: "price_1" }] },
    })""",
        package="@better-auth/stripe",
        before='import Stripe from "stripe";\n',
        fields={"stripe_customer_id": None},
        without_calls="each asks Stripe",
    ),
)
# Where sessions are looked up; tokens have it already.
JWT = Plugin(
    name="jwt",
    added="jwt()",
    without_calls="its one reads: the token that FastAPI is given",
)
# Every type of field, and a reserved word for a name.
FIELDS = """\
    additionalFields: {
      plan: { type: ["free", "pro"], defaultValue: "free", input: false },
      order: { type: "number", required: false, input: false },
      nickName: {
        type: "string", required: false, input: false, fieldName: "nickName",
      },
      isPartner: { type: "boolean", defaultValue: true, input: false },
      joinedAt: {
        type: "date", required: false, input: false, defaultValue: () => new Date(0),
      },
      hobbies: {
        type: "string[]", required: false, input: false, defaultValue: ["chess"],
      },
      scores: { type: "number[]", required: false, input: false },
      inner: { type: "string", required: false, input: false, returned: false },
    },
"""
FIELD_VALUES = {
    "plan": "free",
    "order": None,
    "nick_name": None,
    "is_partner": True,
    "joined_at": "1970-01-01T00:00:00+00:00",
    "hobbies": ["chess"],
    "scores": None,
}


def add_plugins(
    server: Path, plugins: Iterable[Plugin] = PLUGINS, fields: str = FIELDS
) -> None:
    """Add plugins and fields to a project's configuration, as its owner would."""
    plugins = tuple(plugins)
    config = server / "src/auth/auth.config.ts"
    text = config.read_text()
    packages = dict.fromkeys(p.package for p in plugins if p.package)
    imports = "".join(
        f'import {{ {names_of(plugins, package)} }} from "{package}";\n'
        for package in packages
    )
    imports += "".join(p.before for p in plugins)
    for before, after in (
        ("import { inBackground", f"{imports}import {{ inBackground"),
        ("    ...schema.user,\n", f"    ...schema.user,\n{fields}"),
        (
            "  plugins: [\n",
            "  plugins: [\n" + "".join(f"    {p.added},\n" for p in plugins),
        ),
    ):
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    config.write_text(text)


def names_of(plugins: Iterable[Plugin], package: str) -> str:
    """Return what is imported from a package."""
    return ", ".join(sorted(p.name for p in plugins if p.package == package))


CALLS = Path(__file__).with_name("plugin-calls.mjs").read_text()
ADA = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD}
_PERSON = {"email": ADA["email"], "password": ADA["password"]}
_SIGNING_IN = (("sign-up/email", ADA), ("sign-in/email", _PERSON))


def calls_of(plugins: Iterable[Plugin]) -> str:
    """Return the calls, after a sign-up and a sign-in, as the script reads them."""
    return json.dumps([*_SIGNING_IN, *(c for plugin in plugins for c in plugin.calls)])


def use(
    browser: httpx.Client, plugins: Iterable[Plugin], rows: Callable[[str], int]
) -> None:
    """Sign up and in, and make the calls of each plugin over HTTP.

    ``rows`` counts those of a table: each call leaves more in the tables that the
    plugin ``stores`` in, which another one may have written to before.
    """
    for path, body in _SIGNING_IN:
        _post(browser, path, body)
    for plugin in plugins:
        before = {table: rows(table) for table in plugin.stores}
        for path, body in plugin.calls:
            _post(browser, path, body)
        if plugin.call:
            plugin.call(browser)
        for table, count in before.items():
            assert rows(table) > count, f"{plugin.name} writes nothing to {table}"
