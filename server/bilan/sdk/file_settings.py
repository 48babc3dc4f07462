"""Settings of sources that read files: what times, dates and numbers leave open.

:class:`~bilan.sdk.Conventions` and ``zone_setting`` read them by these keys.
"""

from __future__ import annotations

from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.textdomain import _

ZONE = Parameter(
    "zone", _("Time zone"), ParameterKind.ZONE, default="UTC",
    help=_("Times that come without a zone are read in this one."),
)  # fmt: skip
DATES = Parameter(
    "dates", _("Written dates"), ParameterKind.CHOICE, default="ask",
    choices=(
        Choice("ask", _("Ask where a column leaves it open")),
        Choice("day_first", _("Day first: 31/01/2026")),
        Choice("month_first", _("Month first: 01/31/2026")),
        Choice("year_first", _("Year first: 26/01/31")),
    ),
    help=_("How to read a column in which all dates leave it open, such as 01/02/2026."),
)  # fmt: skip
DECIMALS = Parameter(
    "decimals", _("Written numbers"), ParameterKind.CHOICE, default="ask",
    choices=(
        Choice("ask", _("Ask where a column leaves it open")),
        Choice("point", _("Point before decimals: 1,234.50")),
        Choice("comma", _("Comma before decimals: 1.234,50")),
    ),
    help=_("How to read a column in which all numbers leave it open, such as 120.000."),
)  # fmt: skip
