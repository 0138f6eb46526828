"""BA006: every mail that sign-in depends on must have a sender, and a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalogue.mail import SENDER
from ..model import Status
from ..syntax.python import line, text
from ..syntax.typescript import (
    arguments,
    entry_of,
    is_open,
    literal,
    parse_script,
    unwrapped,
    value_at,
)
from ._check import Broken, Check, problem, repairable, skipped, warning
from ._probe import ask_server, unasked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from ..model import Finding
    from ..syntax.typescript import Script
    from ._project import Project

_VERIFICATION = "sendVerificationEmail"


class Email(Check):
    """A mail that is not sent locks people out, and nothing says so.

    better-auth looks for ``sendVerificationEmail`` under ``emailVerification`` and for
    ``sendMagicLink`` in the plugin; elsewhere they are never called. In production the
    service's variables must be set; in development, where they are empty, the mail is
    printed. Setting them is only yours to do, so that is a warning.
    """

    code = "BA006"
    name = "email"
    healthy = "every mail has a sender where better-auth looks for it"
    proof = (
        "senders in the configuration by syntax tree; variables in the env file; each "
        "mail of the started server reaches a stand-in"
    )
    example = "emailVerification: { sendOnSignUp: true, sendVerificationEmail: ... }"
    broken = (
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
        Broken(
            title="a password that cannot be reset",
            path="{server}/src/auth/auth.config.ts",
            before="sendResetPassword: async",
            after="sendNothing: async",
        ),
        Broken(
            title="magic links without a sender",
            path="{server}/src/auth/auth.config.ts",
            before="sendMagicLink: (",
            after="sendNothing: (",
            project="every method",
        ),
        Broken(
            title="a key that is none",
            path="{server}/.env",
            before="EMAIL_FROM=\nRESEND_API_KEY=",
            after="EMAIL_FROM=no-reply@example.com\nRESEND_API_KEY=sk_live_123",
        ),
        Broken(
            title="a sender without an address",
            path="{server}/.env",
            before="EMAIL_FROM=\nRESEND_API_KEY=",
            after="EMAIL_FROM=Example\nRESEND_API_KEY=re_123",
        ),
        Broken(
            title="half of the settings",
            path="{server}/.env",
            before="RESEND_API_KEY=",
            after="RESEND_API_KEY=re_123456789",
            severity=Status.WARN,
        ),
        Broken(
            title="a server that is no SMTP server",
            path="{server}/.env",
            before="EMAIL_FROM=\nSMTP_URL=",
            after="EMAIL_FROM=no-reply@example.com\nSMTP_URL=https://smtp.example.com",
            project="every method",
        ),
    )

    def detect(self, project: Project) -> Iterator[Finding]:
        """Look for each sender, then at the service's variables."""
        if not project.answers.sends_mail:
            return
        if project.options is not None:
            path, script, options = project.options
            yield from _verification(path, script, options)
            yield from _others(project, path, script, options)
        yield from _variables(project)

    def probe(self, project: Project) -> Iterator[Finding]:
        """Ask the started server for each mail; a stand-in receives them."""
        if not project.answers.sends_mail:
            return
        server = ask_server(project)
        reason = server.reason or server.unwritten
        if reason or server.broken:
            yield unasked(project, reason or "the auth server does not start")
            return
        # Another sender than the template's may print where this one would deliver.
        ours = f"{project.server}/src/mail/transport.ts" in project.scripts
        for mail in server.mails:
            if mail.elsewhere and not mail.arrived:
                yield skipped(f"mail goes through {mail.elsewhere}")
            elif not mail.arrived:
                found = problem if ours else warning
                yield found(
                    f"{mail.way} brought no mail to the service",
                    project.options[0] if project.options else project.server,
                    remedy="see what the sender logs: npm run dev, and do the same",
                )


def _verification(path: str, script: Script, options: Node) -> Iterator[Finding]:
    password = value_at(options, "emailAndPassword")
    holder = value_at(options, "emailVerification")
    required = literal(value_at(password, "requireEmailVerification")) is True
    misplaced = entry_of(password, _VERIFICATION)
    if misplaced is not None:
        message = f"{_VERIFICATION} under emailAndPassword is never called"
        after = _moved(script, options, misplaced)
        if after is None:
            remedy = "move it into emailVerification: { ... }"
            yield problem(message, path, line(misplaced), remedy=remedy)
        else:
            yield repairable(
                message,
                path,
                line(misplaced),
                title=f"moved {_VERIFICATION} to emailVerification",
                before=script.source,
                after=after,
            )
    elif required and not is_open(holder) and entry_of(holder, _VERIFICATION) is None:
        yield problem(
            "an address must be confirmed, and no mail with the link is ever sent",
            path,
            line(password) if password is not None else 0,
            remedy=f"add emailVerification: {{ sendOnSignUp: true, {_VERIFICATION} }}",
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
    elif entry_of(holder, _VERIFICATION) is None and holder.named_children:
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


def _others(
    project: Project, path: str, script: Script, options: Node
) -> Iterator[Finding]:
    password = value_at(options, "emailAndPassword")
    resets = is_open(password) or entry_of(password, "sendResetPassword") is not None
    if password is not None and not resets:
        yield problem(
            "a forgotten password cannot be reset: sendResetPassword is missing",
            path,
            line(password),
            remedy="add sendResetPassword to emailAndPassword",
        )
    links = [
        unwrapped(next(iter(arguments(c)), None)) for c in script.calls("magicLink")
    ]
    for given in links:
        if not is_open(given) and entry_of(given, "sendMagicLink") is None:
            yield problem(
                "magicLink() has no sendMagicLink, and fails at its first use",
                path,
                line(given) if given is not None else 0,
                remedy="give it sendMagicLink: ({ email, url }) => ...",
            )
    plugins = value_at(options, "plugins")
    elsewhere = is_open(options) or (plugins is not None and plugins.type != "array")
    wanted = "magic_link" in project.answers.auth_methods
    if wanted and not links and not elsewhere:
        yield problem(
            "magic links were chosen, and the plugin magicLink is missing",
            path,
            line(options),
            remedy="add magicLink({ sendMagicLink }) to plugins",
        )


def _variables(project: Project) -> Iterator[Finding]:
    path, given = project.env_path, project.variables
    service = project.answers.mail_service
    if service is None:
        return
    key, example = service.credential.name, service.credential.example
    sender, value = given.get("EMAIL_FROM", ""), given.get(key, "")
    if sender and "@" not in sender:
        remedy = f"for example: {SENDER.example}"
        yield problem("EMAIL_FROM holds no address", path, remedy=remedy)
    if value and not value.startswith(service.credential.beginnings):
        remedy = f"for example: {example}"
        yield problem(f"{key} is malformed", path, remedy=remedy)
    if bool(sender) != bool(value):
        missing = service.credential if sender else SENDER
        yield warning(
            f"{missing.name} is empty, so mail is printed and not sent",
            path,
            remedy=f"set it, for example: {missing.example}",
        )
    elif not sender and project.answers.auth_deployment != "local":
        yield warning(
            f"EMAIL_FROM and {key} must be set before the deployment",
            path,
            remedy=f"set them in its settings, for example {key}={example}",
        )
