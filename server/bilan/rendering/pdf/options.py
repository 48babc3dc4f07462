"""What a PDF can be asked, and what a document's own wishes and the reader's country make of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from babel import Locale

from bilan.rendering.options import option
from bilan.sdk.document import Document
from bilan.sdk.errors import Invalid
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.rendering import RenderContext
from bilan.sdk.textdomain import _

A4, LETTER = "a4", "us-letter"
NONE, TEST, PROVISIONAL = "none", "test", "provisional"
ROWS, MOST_ROWS = 2_000, 5_000
CELLS = 60_000
"""About as many cells are rendered of all tables together unless a number of rows is asked for."""
_LETTER_COUNTRIES = frozenset({"US", "CA", "MX", "PH", "CL", "CO", "VE"})

STAMPS = {TEST: _("Test"), PROVISIONAL: _("Provisional")}

OPTIONS = (
    Parameter(
        "paper", _("Paper"), ParameterKind.CHOICE, choices=(Choice(A4, "A4"), Choice(LETTER, "Letter")),
        help=_("The reader's country decides by default."),
    ),
    Parameter(
        "stamp", _("Stamp"), ParameterKind.CHOICE, default=NONE,
        choices=(Choice(NONE, _("None")), *(Choice(key, label) for key, label in STAMPS.items())),
        help=_("Stands across every page."),
    ),
    Parameter(
        "attach_data", _("Put the CSV files into the PDF"), ParameterKind.FLAG, default=False,
        help=_("They are listed as attachments by most programs that show PDF files."),
    ),
    Parameter(
        "password", _("Password"), ParameterKind.SECRET,
        help=_("The file opens with it alone, and is then no archive file (PDF/A forbids passwords)."),
    ),
    Parameter(
        "table_rows", _("Rows shown of a table"), ParameterKind.NUMBER, default=ROWS, advanced=True,
        help=_("At most 5,000. Longer tables say how many rows they leave out; the CSV has all."),
    ),
    Parameter(
        "chart_data", _("Figures of the charts as tables"), ParameterKind.FLAG, advanced=True,
        help=_("At the end of the file. On by default where everything is asked for."),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options, settled. ``table_rows`` is a number that was asked for, or nothing."""

    paper: str
    stamp: str
    attach_data: bool
    chart_data: bool
    table_rows: int | None
    password: str = field(repr=False)


def wishes(document: Document, context: RenderContext) -> Wishes:
    """What is to be rendered. Raises ``Invalid`` for more rows than a PDF holds."""
    return Wishes(
        paper=option(document, context, "paper") or _paper(context.formatter.language),
        stamp=option(document, context, "stamp", NONE),
        attach_data=bool(option(document, context, "attach_data", False)),
        chart_data=bool(option(document, context, "chart_data", context.options.get("content") == "global")),
        table_rows=_rows(option(document, context, "table_rows")),
        password=context.options.get("password") or "",
    )


def _rows(asked: int | None) -> int | None:
    if asked is not None and not 0 <= int(asked) <= MOST_ROWS:
        raise Invalid(
            _("A table of a PDF shows at most {count} rows; the CSV has all.", count=MOST_ROWS),
            ("table_rows",),
        )
    return None if asked is None else int(asked)


def _paper(language: str) -> str:
    # English without a country is written for everybody, and most of the world has A4.
    return LETTER if Locale.parse(language, sep="-").territory in _LETTER_COUNTRIES else A4
