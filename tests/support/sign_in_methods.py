"""The sign-in methods of the catalogue, as tests name them."""

from __future__ import annotations

from copier_better_auth.answers.choices import METHODS
from copier_better_auth.catalogue.methods import SOCIAL_PROVIDERS

SOCIAL = tuple(provider.name for provider in SOCIAL_PROVIDERS)
EVERY_METHOD = f"auth_methods=[{', '.join(METHODS)}]"


def credentials(*providers: str) -> dict[str, str]:
    """Return the environment of these providers, as their stand-in knows them."""
    return {
        variable.name: f"{provider.name}-{part}"
        for provider in SOCIAL_PROVIDERS
        if provider.name in providers
        for part, variable in zip(("id", "secret"), provider.variables, strict=True)
    }
