"""Files of any size, addressed by the SHA-256 of what they hold, and references to them."""

from bilan.files.store import Content, Files, Stored

__all__ = ["Content", "Files", "Stored"]
