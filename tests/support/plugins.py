"""better-auth's plugins as a user adds them, and one call of each that writes.

A new one is a row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A plugin: what ``plugins`` gets, the calls that write, and what follows.

    ``calls`` are paths with bodies, made by a person who is signed in; ``stores`` are
    tables that have a row after them, ``fields`` what FastAPI's ``User`` then says.
    """

    name: str
    added: str
    is_imported: bool = True
    calls: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    stores: tuple[str, ...] = ()
    fields: Mapping[str, object] = field(default_factory=dict)


PASSWORD = "correct horse"  # noqa: S105 - of a test's user
TWO_FACTOR = Plugin(
    name="twoFactor",
    added="twoFactor()",
    calls=(("two-factor/enable", {"password": PASSWORD}),),
    stores=("auth_two_factor",),
)
PLUGINS = (
    Plugin(
        name="organization",
        added="organization({ teams: { enabled: true } })",
        calls=(("organization/create", {"name": "Acme", "slug": "acme"}),),
        stores=("auth_organization", "auth_member"),
    ),
    Plugin(name="admin", added="admin()", fields={"role": "user", "banned": False}),
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
    Plugin(name="anonymous", added="anonymous()", fields={"is_anonymous": False}),
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
    ),
    Plugin(name="multiSession", added="multiSession()"),
    # A plugin of the project's own: a reserved word, and a key that is no id.
    Plugin(
        name="shop",
        is_imported=False,
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
    Plugin(name="oneTap", added='oneTap({ clientId: "unused" })'),
)
# Every type of field, and a reserved word for a name.
FIELDS = """\
    additionalFields: {
      plan: { type: ["free", "pro"], defaultValue: "free", input: false },
      order: { type: "number", required: false, input: false },
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
    names = ", ".join(sorted(p.name for p in plugins if p.is_imported))
    for before, after in (
        (
            "import { inBackground",
            f'import {{ {names} }} from "better-auth/plugins";\nimport {{ inBackground',
        ),
        ("    ...schema.user,\n", f"    ...schema.user,\n{fields}"),
        (
            "  plugins: [\n",
            "  plugins: [\n" + "".join(f"    {p.added},\n" for p in plugins),
        ),
    ):
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    config.write_text(text)


CALLS = Path(__file__).with_name("plugin-calls.mjs").read_text()
ADA = {"name": "Ada", "email": "ada@example.com", "password": PASSWORD}


def calls_of(plugins: Iterable[Plugin] = PLUGINS) -> str:
    """Return the calls, after a sign-up and a sign-in, as the script reads them."""
    person = {"email": ADA["email"], "password": ADA["password"]}
    calls = [("sign-up/email", ADA), ("sign-in/email", person)]
    calls += [call for plugin in plugins for call in plugin.calls]
    return json.dumps(calls)
