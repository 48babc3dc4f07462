"""Addresses that people type and services give: the host and the query of one, or a sentence."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from bilan.sdk import Invalid
from bilan_social_profiles.textdomain import _


def host_of(written: str) -> str:
    """The name of a host, also where it was given as an address; empty where that is none."""
    text = written.strip().lower()
    if "://" not in text:
        return text.rstrip("/")
    try:
        return urlsplit(text).hostname or ""
    except ValueError:
        return ""


def query_of(address: str) -> dict[str, str]:
    """What the address of a next page asks for. Raises ``Invalid`` where it is none."""
    try:
        return dict(parse_qsl(urlsplit(address).query))
    except ValueError as error:
        raise Invalid(_("The service names a next page whose address is none.")) from error
