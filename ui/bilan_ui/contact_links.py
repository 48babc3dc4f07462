"""Contact links: from whatever names a contact to what they did. Built nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bilan.sdk.contact_addresses import read_contact
from bilan.sdk.errors import Invalid
from bilan.sdk.parameters import ParameterKind

if TYPE_CHECKING:
    from bilan.sdk.reports import ReportKind
    from bilan_ui.page_request import PageRequest


def contact_href(request: PageRequest, contact: Any) -> str:
    """Where a contact's timeline is shown; empty for whoever may not see it, and for what names nobody."""
    if not isinstance(contact, str):
        return ""
    address = request.services.contact_timelines.address(request.actor, contact)
    return f"/contacts/{address}" if address else ""


def subject_href(request: PageRequest, kind: ReportKind | None, values: Mapping[str, Any]) -> str:
    """The same for the contact whom a report is about, however they were written; empty where it has none."""
    for one in kind.parameters if kind is not None else ():
        if one.kind is ParameterKind.CONTACT:
            with suppress(Invalid):
                return contact_href(request, read_contact(values.get(one.key)))
    return ""
