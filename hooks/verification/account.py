"""The test user, as the auth server's own configuration sees and removes it.

better-auth itself is asked, in the auth server's folder, with its packages and its
``.env``: whatever tables, hooks and databases are configured, they are the right ones.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 30
_MARK = "copier-better-auth:"
_SCRIPT = """
const [wish, email] = process.argv.slice(1);
const { auth } = await import("./src/auth/auth.config.ts");
const { internalAdapter } = await auth.$context;
const found = await internalAdapter.findUserByEmail(email);
if (found) {
  if (wish === "remove") await internalAdapter.deleteUser(found.user.id);
  else await internalAdapter.updateUser(found.user.id, { emailVerified: true });
}
const said = found ? "done" : "unknown";
process.stdout.write(`\\n%(mark)s${said}\\n`, () => process.exit(0));
"""


def ask(server: Path, wish: Literal["confirm", "remove"], email: str) -> bool:
    """Confirm the address or remove its user; ``False`` where that is not possible.

    It is not where the packages are missing, the database does not answer, or the
    database of ``.env`` is not that of the server where the user signed up.
    """
    script = _SCRIPT % {"mark": _MARK}
    command = ["node", "--import", "tsx", "--input-type=module", "--eval", script]
    try:
        done = subprocess.run(
            [*command, "--", wish, email],
            cwd=server,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return f"{_MARK}done" in done.stdout
