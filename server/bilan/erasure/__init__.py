"""Erasing a contact: from facts, texts, files and reports, by a job of its own. See docs/decisions/111."""

from bilan.erasure.kinds import ERASE
from bilan.erasure.service import ContactErasures
from bilan.erasure.steps import EraseStep

__all__ = ["ERASE", "ContactErasures", "EraseStep"]
