"""The kinds of source people can add."""

from __future__ import annotations

from dataclasses import replace

from bilan.sdk import DATES, DECIMALS, ZONE, Parameter, ParameterKind, SourceKind
from bilan_social_profiles.networks.kinds import NETWORK_KINDS
from bilan_social_profiles.readers.connector.reader import ConnectorReader
from bilan_social_profiles.readers.sections import SectionsReader
from bilan_social_profiles.readers.tables import TablesReader
from bilan_social_profiles.textdomain import _

NETWORK = Parameter(
    "network", _("Network"), ParameterKind.TEXT, default="",
    help=_("Such as facebook or linkedin, where a file does not say it row by row."),
)  # fmt: skip
PROFILE = Parameter(
    "profile", _("Profile"), ParameterKind.TEXT, default="",
    help=_("The name of the profile, where a file does not say it row by row."),
)  # fmt: skip

FILE = SourceKind(
    key="file",
    label=_("File"),
    description=_(
        "Posts, days of profiles or community of any network, such as LinkedIn, X and TikTok: exports of "
        "the networks and of tools, as CSV, Excel, JSON or Parquet, with columns that are matched by name."
    ),
    settings=(NETWORK, PROFILE, ZONE, DATES, DECIMALS),
    readers=(SectionsReader(), TablesReader()),
)

CONNECTOR = SourceKind(
    key="connector",
    label=_("Connector"),
    description=_(
        "Facebook pages, Instagram professional accounts, LinkedIn pages and YouTube channels, as a "
        "connector copies their tables; together in a ZIP archive, or one by one."
    ),
    settings=(
        replace(PROFILE, help=_("The name of the profile, where its tables give no more than its id.")),
    ),
    readers=(ConnectorReader(),),
)

SOURCES: tuple[SourceKind, ...] = (*NETWORK_KINDS, CONNECTOR, FILE)
