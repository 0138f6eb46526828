"""From an error's text, or a whole log, to what happened, why, and what to type."""

from .match import Match, matches
from .redaction import redacted

__all__ = ["Match", "matches", "redacted"]
