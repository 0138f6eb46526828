"""Pure transforms of text: they know formats, not projects."""
