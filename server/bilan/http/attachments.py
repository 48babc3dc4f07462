"""What a download is called, for every browser."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

_LETTERS = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
    | dict.fromkeys("·–—‐‑−", "-")
    | dict.fromkeys("‘’“”«»", "'")
)
"""What does not come apart into an ASCII letter and its accent."""
EDGES = " -"


def attachment(name: str) -> str:
    """The header Content-Disposition of a file, as RFC 6266 says.

    Browsers take the whole name, written as RFC 8187 says; what knows only
    ASCII gets the nearest letters ("Livres 27 aout.csv"), without anything
    that would end the quotes or be taken for an escape.
    """
    return (
        f"attachment; filename=\"{_ascii(name)}\"; filename*=UTF-8''{quote(name, safe='', errors='replace')}"
    )


def _ascii(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.translate(_LETTERS)).encode("ascii", "ignore").decode()
    plain = " ".join(re.sub(r'[\x00-\x1f\x7f"\\%/]', " ", folded).split())
    # Nothing but the extension may be left of a name in another script.
    stem, dot, extension = plain.rpartition(".")
    if not dot:
        return plain.strip(EDGES) or "file"
    return f"{stem.strip(EDGES) or 'file'}.{extension.strip()}"
