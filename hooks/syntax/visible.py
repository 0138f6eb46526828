"""Text of strangers as people may see it: every character that acts is written out.

The names of files, branches, authors and folders come from repositories. A terminal
obeys what some characters say (colours, titles, links, the cursor), others change the
order of what is read, or cannot be seen. They are shown as Python writes them.
"""

from __future__ import annotations

# Invisible, although they count as printable: joiners, fillers, variation selectors.
_UNSEEN = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0))
) | frozenset(
    chr(code)
    for first, last in ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for code in range(first, last + 1)
)


def visible(text: str) -> str:
    """Return one line of text, its control characters written out; tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if _is_plain(c) else c.encode("unicode_escape").decode() for c in text
    )


def visible_lines(text: str) -> str:
    """Return a text of several lines, each with its control characters written out."""
    return "\n".join(map(visible, text.split("\n")))


def _is_plain(character: str) -> bool:
    return character == "\t" or (character.isprintable() and character not in _UNSEEN)
