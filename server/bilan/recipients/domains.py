"""Domains that external addresses may have, and hosts that targets may be at."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from bilan.recipients.values import RecipientRules
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

MOST = 200


def checked_domains(given: Iterable[str]) -> tuple[str, ...]:
    """Domains as they are kept, each once. Raises ``Invalid`` for what is none."""
    found = tuple(dict.fromkeys(_checked(one) for one in given if one.strip()))
    if len(found) > MOST:
        raise Invalid(_("At most {most} domains can be listed.", most=MOST), ("domains",))
    return found


def in_domains(rules: RecipientRules, address: str) -> bool:
    """Whether external recipients may have this address. A domain says nothing of those below it."""
    return not rules.domains or _domain_of(address) in rules.domains


def require_domain(rules: RecipientRules, address: str, field: str) -> None:
    """Let the address pass, or raise ``Invalid`` with the domains that would be right."""
    if not in_domains(rules, address):
        raise Invalid(
            _(
                "Reports of this workspace go to addresses of these domains alone: {domains}.",
                domains=", ".join(rules.domains),
            ),
            (field,),
        )


def _domain_of(address: str) -> str:
    """The domain of an e-mail address, or the host of a target, as :func:`checked_domains` writes them."""
    # What stands before the sign of an e-mail address may hold slashes, and looks like a host then.
    if "://" not in address:
        return address.rpartition("@")[2]
    host = urlsplit(address).hostname or ""
    try:
        return _checked(host)
    except Invalid:  # an address of the network, which no domain is
        return host


def _checked(domain: str) -> str:
    try:
        found = validate_email(
            f"a@{domain.strip().removeprefix('@')}", check_deliverability=False, globally_deliverable=False
        )
    except EmailNotValidError:
        raise Invalid(
            _("{domain} is no domain; write one like example.org.", domain=domain), ("domains",)
        ) from None
    return found.domain.lower()
