"""The PDF format: typeset by Typst, tagged for those who cannot see it, made to be kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

import structlog

from bilan.rendering.pdf.locking import locked
from bilan.rendering.pdf.options import OPTIONS, Wishes, wishes
from bilan.rendering.pdf.payload import Payload
from bilan.rendering.typesetting import (
    TypesetSource,
    Undrawable,
    families,
    typeset,
    typeset_apart,
    without_glyph,
)
from bilan.sdk.document import Document
from bilan.sdk.rendering import RenderContext, Renderer, Rows
from bilan.sdk.textdomain import _, ngettext

_log = structlog.get_logger(__name__)

BIG = 9_000
"""So many cells of tables are rendered in a process of their own."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_NAMED = 8
"""How many missing characters the file names."""


def render(document: Document, context: RenderContext, rows: Rows, out: BinaryIO) -> None:
    """Write the document as PDF/UA-1 and PDF/A at once; with a password as PDF/UA-1."""
    wanted = wishes(document, context)
    payload = Payload(document, context, rows, wanted)
    made = _made(
        payload, context, standards(wanted), datetime.fromisoformat(document.as_of).replace(microsecond=0)
    )
    out.write(locked(made, wanted.password) if wanted.password else made)


def standards(wanted: Wishes) -> tuple[str, ...]:
    """What the file conforms to. PDF/A forbids passwords; files inside it take its third part."""
    if wanted.password:
        return ("ua-1",)
    return ("ua-1", "a-3a" if wanted.attach_data else "a-2a")


def _made(payload: Payload, context: RenderContext, wanted: tuple[str, ...], timestamp: datetime) -> bytes:
    render = typeset_apart if payload.cells >= BIG else typeset
    inputs = {"data": _json(payload.data), "files": _json(payload.attachments())}
    setting = TypesetSource("pdf/templates/report.typ", inputs, wanted, timestamp)
    try:
        return render(setting)
    except Undrawable:
        pass
    # The standards refuse a file with a glyph that no font has: one emoji must not cost the report.
    missing = without_glyph(set(inputs["data"]), families(context.formatter.language))
    codes = [f"U+{ord(char):04X}" for char in sorted(missing)]
    _log.warning("characters_without_a_glyph", characters=codes)
    payload.warn(
        ngettext(
            "No font of the server has the character {codes}; {sign} stands in its place.",
            "No font of the server has {count} of the characters ({codes}); {sign} stands in their place.",
            count=len(codes),
            codes=", ".join(codes[:_NAMED]) + ("…" if len(codes) > _NAMED else ""),
            sign=REPLACEMENT,
        )
    )
    replaced = _json(payload.data).translate({ord(char): REPLACEMENT for char in missing})
    setting = replace(setting, inputs={**inputs, "data": replaced})
    try:
        return render(setting)
    except Undrawable as error:
        _log.warning("rendered_without_a_standard", text=error.text)
        return render(replace(setting, standards=()))


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


PDF = Renderer(
    format="pdf",
    label=_("PDF"),
    media_type=lambda _document, _context: "application/pdf",
    extension=lambda _document, _context: "pdf",
    render=render,
    options=OPTIONS,
)
