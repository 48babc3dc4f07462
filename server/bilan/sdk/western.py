"""Whether bytes that were read as windows-1252 are the text of a Western language.

Every byte means something in windows-1252, so a Russian or Polish file reads
without an error, and wrong. What cannot be told from its letters is not guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

ALPHABETS = (
    frozenset("àâæçéèêëîïôœùûüäößìòåøñ"),  # French, German, Italian, Dutch, the Nordic languages
    frozenset("áâãàçéêíóôõúüñäöß"),  # Spanish, Portuguese, German
    frozenset("àçèéíïòóúü"),  # Catalan
)
"""The letters beyond ASCII of languages that stand together in files."""
FOREIGN = 0.05
"""The part of these letters that may belong to none of the alphabets: single names of elsewhere."""
_HIGH = r"[\u0080-\U0010ffff]"
_LETTER = r"[^\W\d_]"
_UNLIKELY = re.compile(
    "|".join((
        r"(?:(?![\x00-\x7f])[^\W\d_]){3}",  # three letters in a row beyond ASCII
        _HIGH + "{4}",
        r"œ(?![eiu])", r"ã(?![oesni]|\W)", r"õ(?!e)",
        rf"{_LETTER}[€‚ƒ„†‡ˆ‰‹“”˜™›¡¢£¤¥¦§¨©ª«¬®¯°±²³µ¶¸¹º»¼½¾¿×÷]{_LETTER}",
        rf"{_LETTER}[ƒ†‡ˆ‰˜¡¢¤¥¦¨¬¯¶¸¹¼¾¿£µ×÷]",
        r"[×÷]{2}",
        r"(?![mM])[^\W\d_][²³]",
        rf"[¢£¤¥¦¨¬¯¶¸¹³¼½¾×÷]{_LETTER}",
    ))
)  # fmt: skip
"""What no Western text has, and what letters of other encodings look like."""


def is_western(parts: Iterable[str]) -> bool:
    """Whether a text is surely what it looks like."""
    letters = Counter[str]()
    for part in parts:
        text = part.lower()
        if _UNLIKELY.search(text):
            return False
        letters.update(one for one in text if one > "\x7f" and one.isalpha() and one not in "ªºµ")
    if not letters:
        return True
    known = max(sum(letters[one] for one in alphabet) for alphabet in ALPHABETS)
    return letters.total() - known <= FOREIGN * letters.total()
