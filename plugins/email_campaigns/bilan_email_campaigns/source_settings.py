"""What several kinds of source have in common: their settings, and the reader of any table."""

from __future__ import annotations

from bilan.sdk import DATES, DECIMALS, ZONE, Parameter, ParameterKind
from bilan_email_campaigns.readers.generic import GenericReader
from bilan_email_campaigns.textdomain import _

CAMPAIGN_FIELD = Parameter(
    "campaign_field", _("Field of the campaign"), ParameterKind.TEXT, default="campaign",
    help=_("The name of the custom argument, variable or metadata that holds the campaign's key."),
)  # fmt: skip

CURRENCY = Parameter(
    "currency", _("Currency"), ParameterKind.TEXT, default="", advanced=True,
    help=_("The currency of amounts that come without one in a file, such as EUR."),
)  # fmt: skip

USERNAME = Parameter(
    "username", _("User name"), ParameterKind.TEXT, default="",
    help=_("With a user name the secret is its password; without one it is a header or a token."),
)  # fmt: skip

TABLE = GenericReader()
TABLE_SETTINGS = (ZONE, DATES, DECIMALS, CURRENCY)
"""How files are read."""
