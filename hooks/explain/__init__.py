"""From an error's text, or a whole log, to what happened, why, and what to type."""
