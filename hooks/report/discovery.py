"""Interim."""


def render_report(facts: object) -> str:
    """Interim."""
    return "Project structure discovered\n"
