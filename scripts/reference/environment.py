"""The rows of the environment's page that follow from the catalogue.

The rest of the page is written by hand; a test knows every variable that there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from copier_better_auth.catalogue.mail import MAIL_SERVICES, SENDER
from copier_better_auth.catalogue.methods import METHODS, social_providers
from reference.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterator

_BEGIN, _END = "<!-- services -->", "<!-- end of services -->"


def page(written: str) -> str:
    """Return the page as it is written, with these rows in their place."""
    before, _, rest = written.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    rows = "\n".join(table(("variable", "for", "an example"), _services()))
    return f"{before}{_BEGIN}\n\n{rows}\n\n{_END}{after}"


def _services() -> Iterator[tuple[str, str, str]]:
    for provider in social_providers([method.name for method in METHODS]):
        for variable in provider.variables:
            yield f"`{variable.name}`", provider.choice, f"`{variable.example}`"
    yield f"`{SENDER.name}`", "mail", f"`{SENDER.example}`"
    for service in MAIL_SERVICES:
        variable = service.credential
        yield f"`{variable.name}`", service.choice, f"`{variable.example}`"
