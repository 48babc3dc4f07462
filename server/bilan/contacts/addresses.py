"""Addresses of contacts: e-mail addresses, phone numbers, and names at a network."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from bilan.catalog.text import is_storable, unstorable
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

LONGEST = 320
E_MAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")
PHONE = re.compile(r"\+?[\d\s().\-/\u00a0\u202f]+")
FEWEST_DIGITS, MOST_DIGITS = 7, 20
SHORTEST = 4
"""Characters of an address that is neither: a shorter one stands in too many texts by chance."""
PREFIX = "erased-"
"""With this begins what stands in the place of an erased address."""


@dataclass(frozen=True, slots=True)
class ContactAddress:
    """An address in the form in which it is compared: in lower case; of a phone number the digits."""

    text: str
    phone: bool = False

    @property
    def written(self) -> tuple[str, ...]:
        """How columns of contacts hold it, in lower case."""
        return (self.text, f"+{self.text}", f"00{self.text}") if self.phone else (self.text,)


def read_address(given: str) -> ContactAddress:
    """An address as somebody wrote it. Raises ``Invalid`` where it is none."""
    text = given.strip().lower()
    if not is_storable(text):
        raise unstorable("address")
    digits = re.sub(r"\D", "", text).removeprefix("00")
    if PHONE.fullmatch(text) and FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return ContactAddress(digits, phone=True)
    if "@" in text.removeprefix("@") and not E_MAIL.fullmatch(text):
        raise Invalid(_("{address} is no e-mail address.", address=given.strip()), ("address",))
    if not SHORTEST <= len(text) <= LONGEST:
        raise Invalid(
            _("An address has {least} to {most} characters.", least=SHORTEST, most=LONGEST), ("address",)
        )
    if text.startswith(PREFIX):
        raise Invalid(_("{address} stands for a contact that was erased.", address=text), ("address",))
    return ContactAddress(text)


def tellable(given: str) -> str:
    """An address that tells people apart in every source. Raises ``Invalid`` for any other name."""
    found = read_address(given)
    if not (found.phone or E_MAIL.fullmatch(found.text)):
        raise Invalid(
            _("{address} is no e-mail address and no phone number, which alone name somebody everywhere.",
              address=given.strip()),
            ("address",),
        )  # fmt: skip
    return found.text


def normal(contact: str) -> str:
    """The address that a fact holds, in the form in which it is compared; as it is where it is none."""
    try:
        return read_address(contact).text
    except Invalid:
        return contact.strip().lower()


def pseudonym(key: str, text: str) -> str:
    """What stands in the place of a text that leads to an erased contact: the same for the same text."""
    return PREFIX + hashlib.sha256((key + text).encode()).hexdigest()[:32]
