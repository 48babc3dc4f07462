"""The Filter of the reports over conversations: contact tags, conversation tags, agents' e-mail addresses."""

from __future__ import annotations

from bilan.sdk import (
    Choice,
    Choices,
    FilterValue,
    Parameter,
    ParameterKind,
    QueryClient,
    ReportRequest,
    Values,
)
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, NAMESPACE


def _known(column: str) -> Choices:
    """What conversations have in the column, to be suggested."""

    def choices(client: QueryClient, _values: Values) -> tuple[Choice, ...]:
        return tuple(Choice(value, value) for value in client.values(CONVERSATIONS, column))

    return choices


FILTER = tuple(
    Parameter(column, label, ParameterKind.TAGS, default=(), choices=_known(column), help=_("Any of these."))
    for column, label in (
        ("contact_tags", _("Contact tags")),
        ("conversation_tags", _("Conversation tags")),
        ("agents", _("Agents' e-mail addresses")),
    )
)
"""The date range is a common parameter."""


def filters_of(request: ReportRequest) -> tuple[FilterValue, ...]:
    """What somebody filled in, as filters of a question over conversations."""
    keys = [one.key for one in FILTER]
    return tuple(FilterValue(f"{NAMESPACE}.{key}", any=tuple(request[key])) for key in keys if request[key])
