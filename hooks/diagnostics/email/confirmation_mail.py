"""An address that must be confirmed, and no mail with which it could be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...syntax.python import line, text
from ...syntax.typescript import entry_of, is_open, literal, parse_script, value_at
from .._check import Broken, problem, repairable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ...model import Finding
    from ...syntax.typescript import Script

_SENDER = "sendVerificationEmail"

BROKEN = (
    Broken(
        title="the sender under emailAndPassword, where it is never called",
        path="{server}/src/auth/auth.config.ts",
        before="revokeSessionsOnPasswordReset: true,",
        after=(
            "revokeSessionsOnPasswordReset: true,\n"
            "    sendVerificationEmail: async ({ user, url }) => sendLater({ to: "
            'user.email, subject: "Confirm", intro: "", action: "Confirm", url }),'
        ),
        fixed=True,
    ),
    Broken(
        title="verification demanded, and no sender",
        path="{server}/src/auth/auth.config.ts",
        before="sendVerificationEmail: async",
        after="sendNothing: async",
    ),
    Broken(
        title="no mail when signing up",
        path="{server}/src/auth/auth.config.ts",
        before="    sendOnSignUp: true,\n    sendOnSignIn: true,",
        after="    sendOnSignUp: false,",
        fixed=True,
    ),
)


def find(path: str, script: Script, options: Node) -> Iterator[Finding]:
    """Look where the sender is, and whether it is called at sign-up."""
    password = value_at(options, "emailAndPassword")
    holder = value_at(options, "emailVerification")
    required = literal(value_at(password, "requireEmailVerification")) is True
    misplaced = entry_of(password, _SENDER)
    if misplaced is not None:
        message = f"{_SENDER} under emailAndPassword is never called"
        after = _moved(script, options, misplaced)
        if after is None:
            remedy = "move it into emailVerification: { ... }"
            yield problem(message, path, line(misplaced), remedy=remedy)
        else:
            yield repairable(
                message,
                path,
                line(misplaced),
                title=f"moved {_SENDER} to emailVerification",
                before=script.source,
                after=after,
            )
    elif required and not is_open(holder) and entry_of(holder, _SENDER) is None:
        yield problem(
            "an address must be confirmed, and no mail with the link is ever sent",
            path,
            line(password) if password is not None else 0,
            remedy=f"add emailVerification: {{ sendOnSignUp: true, {_SENDER} }}",
        )
    on_sign_up = value_at(holder, "sendOnSignUp")
    on_sign_in = literal(value_at(holder, "sendOnSignIn")) is True
    if required and literal(on_sign_up) is False and not on_sign_in and on_sign_up:
        yield repairable(
            "no mail is sent at sign-up, so new users cannot sign in",
            path,
            line(on_sign_up),
            title="set sendOnSignUp to true",
            before=script.source,
            after=script.replaced(on_sign_up, "true"),
        )


def _moved(script: Script, options: Node, entry: Node) -> bytes | None:
    """Put an entry into ``emailVerification``, made where there is none."""
    holder = value_at(options, "emailVerification")
    source, sender = script.source, text(entry)
    start, end = source.rfind(b"\n", 0, entry.start_byte), entry.end_byte
    if source[end : end + 1] == b",":
        end += 1
    if holder is None:
        first = options.named_children[0]
        at = first.start_byte
        indent = source[source.rfind(b"\n", 0, at) + 1 : at].decode()
        new = (
            f"emailVerification: {{\n{indent}  sendOnSignUp: true,\n"
            f"{indent}  {sender},\n{indent}}},\n{indent}"
        )
    elif entry_of(holder, _SENDER) is None and holder.named_children:
        at = holder.named_children[0].start_byte
        indent = source[source.rfind(b"\n", 0, at) : at].decode()
        new = f"{sender},{indent if not indent.strip() else ' '}"
    else:
        return source[:start] + source[end:]
    if at < start:
        after = source[:at] + new.encode() + source[at:start] + source[end:]
    else:
        after = source[:start] + source[end:at] + new.encode() + source[at:]
    return None if parse_script(after).tree.has_error else after
