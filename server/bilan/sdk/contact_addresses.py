"""A contact as somebody types it: read as the datasets name it, or refused."""

from __future__ import annotations

import re
from typing import Any

from email_validator import EmailNotValidError, validate_email

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

LONGEST = 320
"""Characters of a contact."""
PHONE = re.compile(r"\+?[\d\s().\-/]{6,30}")
"""A phone number as people write it."""
IDENT = re.compile(r"(?=.*\d)[\w.:\-]+(?: [\w.:\-]+)?")
"""What a tool calls a contact by: a word or two with a figure in it."""


def read_contact(raw: Any) -> str:
    """The contact. Raises ``Invalid`` for what is no address, phone number or id of one."""
    if not isinstance(raw, str):
        raise Invalid(_("Here a text is expected."))
    written = raw.strip()
    if not written or len(written) > LONGEST:
        raise malformed(written)
    if "@" in written:
        try:
            found = validate_email(written, check_deliverability=False, globally_deliverable=False)
        except EmailNotValidError:
            raise malformed(written) from None
        return found.normalized.lower()
    if PHONE.fullmatch(written):
        return re.sub(r"\D", "", written).removeprefix("00")
    if IDENT.fullmatch(written):
        return written
    raise malformed(written)


def malformed(written: str) -> Invalid:
    """What is said of what names no contact."""
    return Invalid(
        _(
            "{text} is no contact’s address; write an e-mail address like name@example.org, or a phone "
            "number with its country’s code.",
            text=written[:80],
        )
    )
