"""What a reader sees of a text that somebody else wrote: which signs hide, and which text hides nothing."""

from __future__ import annotations

import unicodedata

# Control and format characters, unpaired surrogates, line and paragraph separators: they move the cursor, recolour,
# hide, or turn text around. The two joiners do none of it, and Persian and Kurdish names are written with them.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
JOINERS = "\u200c\u200d"

# Letters and marks that Unicode draws as nothing (Default_Ignorable_Code_Point), and the blank Braille pattern.
_BLANK = frozenset(
    {
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        *(*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),
    }
)


def is_seen(sign: str) -> bool:
    """Whether the sign neither moves the cursor, nor hides, nor turns text around."""
    return sign in JOINERS or unicodedata.category(sign) not in _UNSEEN


def is_plain(text: str) -> bool:
    """Whether the text is one line that reads as it is: nothing unseen, nothing blank but single spaces."""
    spaced = any(sign.isspace() and sign != " " for sign in text) or "  " in text
    return not spaced and all(is_seen(sign) and ord(sign) not in _BLANK for sign in text)
