"""The CSV format: each exported table a file, several files in one archive. See docs/decisions/023."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from bilan.rendering.archives import Writer, write_gzip, write_tar_gz, write_zip
from bilan.rendering.delimited import Dialect, write_table
from bilan.rendering.options import option
from bilan.rendering.tables import row_count
from bilan.sdk.document import Document, Table
from bilan.sdk.errors import Invalid, NoTable
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.rendering import RenderContext, Renderer, Rows
from bilan.sdk.textdomain import _
from bilan.sdk.walk import tables_of

DELIMITERS = {"comma": ",", "semicolon": ";", "colon": ":", "pipe": "|", "tab": "\t"}
ZIP, GZIP, NONE = "zip", "gzip", "none"

OPTIONS = (
    Parameter(
        "compression", _("Compression"), ParameterKind.CHOICE, default=ZIP,
        choices=(
            Choice(ZIP, _("ZIP archive")), Choice(GZIP, _("gzip")), Choice(NONE, _("No compression")),
        ),
    ),
    Parameter(
        "delimiter", _("Delimiter"), ParameterKind.CHOICE, default="comma",
        choices=(
            Choice("comma", _("Comma")), Choice("semicolon", _("Semicolon")), Choice("colon", _("Colon")),
            Choice("pipe", _("Pipe")), Choice("tab", _("Tab")),
        ),
    ),
    Parameter(
        "machine", _("Raw values for programs"), ParameterKind.FLAG, default=False, advanced=True,
        help=_("No protection against formulas, column keys as header, lists as JSON, no byte order mark."),
    ),
    Parameter(
        "header", _("Header"), ParameterKind.CHOICE, advanced=True,
        choices=(Choice("labels", _("Labels")), Choice("keys", _("Column keys"))),
        help=_("Labels by default, in the reader's language; keys in files for programs."),
    ),
    Parameter(
        "bom", _("Byte order mark"), ParameterKind.FLAG, advanced=True,
        help=_("Tells Excel that the text is UTF-8. On by default; off in files for programs."),
    ),
)  # fmt: skip


def files_of(document: Document) -> dict[str, Table]:
    """The exported tables by file name, in order. Empty ones are left out unless all are empty."""
    exported = [table for table in tables_of(document.blocks) if table.file]
    if not exported:
        raise NoTable(_("This report has no table to export; choose another format than CSV."), ("format",))
    filled = [table for table in exported if row_count(table)] or exported[:1]
    found: dict[str, Table] = {}
    for table in filled:
        stem = re.sub(r"[^\w.-]+", "-", table.file or "").strip(".-") or "table"
        name, again = f"{stem}.csv", 2
        while name in found:
            name, again = f"{stem}-{again}.csv", again + 1
        found[name] = table
    return found


def render(document: Document, context: RenderContext, rows: Rows, out: BinaryIO) -> None:
    """Write the document's exported tables, streamed, in constant memory."""
    tables = files_of(document)
    dialect = dialect_of(document, context)
    files = list(_writers(tables, context, rows, dialect))
    match _kind(document, context):
        case "csv":
            files[0][1](out)
        case "csv.gz":
            write_gzip(files[0][1], out)
        case "tar.gz":
            write_tar_gz(files, out)
        case _:
            write_zip(files, out, compressed=_compression(document, context) != NONE)


def dialect_of(document: Document, context: RenderContext) -> Dialect:
    """How the files are written, after the options and the report's own parameters."""
    machine = bool(option(document, context, "machine", False))
    header = option(document, context, "header") or ("keys" if machine else "labels")
    return Dialect(
        delimiter=_one_of(DELIMITERS, option(document, context, "delimiter", "comma"), "delimiter"),
        keys=header == "keys",
        machine=machine,
        bom=bool(option(document, context, "bom", not machine)),
    )


def _writers(
    tables: dict[str, Table], context: RenderContext, rows: Rows, dialect: Dialect
) -> Iterator[tuple[str, Writer]]:
    for name, table in tables.items():
        yield name, partial(_write, table, context, rows, dialect)


def _write(table: Table, context: RenderContext, rows: Rows, dialect: Dialect, out: BinaryIO) -> None:
    write_table(table, rows, dialect, context.formatter, out)


def _compression(document: Document, context: RenderContext) -> str:
    known = {ZIP: ZIP, GZIP: GZIP, NONE: NONE}
    return _one_of(known, option(document, context, "compression", ZIP), "compression")


def _one_of(known: dict[str, str], wanted: object, key: str) -> str:
    if wanted in known:
        return known[str(wanted)]
    raise Invalid(
        _("{wanted} is not a {option}; choose one of {known}.",
          wanted=str(wanted), option=key, known=", ".join(known)),
        (key,),
    )  # fmt: skip


def _kind(document: Document, context: RenderContext) -> str:
    several = len(files_of(document)) > 1
    match _compression(document, context):
        case "gzip":
            return "tar.gz" if several else "csv.gz"
        case "none":
            # One artifact is one file: several go into a ZIP that stores them as they are.
            return "zip" if several else "csv"
        case _:
            return "zip"


_MEDIA_TYPES = {
    "zip": "application/zip",
    "csv.gz": "application/gzip",
    "tar.gz": "application/gzip",
    "csv": "text/csv; charset=utf-8",
}


def _media_type(document: Document, context: RenderContext) -> str:
    return _MEDIA_TYPES[_kind(document, context)]


CSV = Renderer(
    format="csv",
    label=_("CSV"),
    media_type=_media_type,
    extension=_kind,
    render=render,
    options=OPTIONS,
    data=True,
)
