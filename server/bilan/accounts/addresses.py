"""E-mail addresses as people's names for themselves."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

LONGEST = 320
"""Characters of an address: 64 before the sign, 255 behind it."""


def lower(email: str) -> str:
    """The address as it is looked up: capitals do not count. Empty for what no database could hold."""
    address = email.strip().lower()
    return "" if len(address) > LONGEST or "\0" in address else address


def checked(email: str) -> str:
    """The address as it is kept, in lower case. Raises ``Invalid`` where it cannot be one.

    Addresses inside a house, such as ``anna@intranet``, are fine.
    """
    try:
        found = validate_email(email.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise Invalid(
            _("{email} is no e-mail address; write one like name@example.org.", email=email), ("email",)
        ) from None
    return lower(found.normalized)
