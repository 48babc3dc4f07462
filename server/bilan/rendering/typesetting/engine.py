"""Typst, called in one place: a template of ours, data as JSON, bytes out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bilan.rendering.typesetting.fonts import fonts

if TYPE_CHECKING:
    from typst import PDFStandard

_UNDRAWABLE = re.compile(
    r'the text `"(?P<text>.*?)"` could not be displayed|contains the codepoint `"(?P<code>.*?)"`', re.DOTALL
)
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)", re.DOTALL)


class Undrawable(Exception):
    """A text that no font has, or of private characters, which a standard does not let pass."""

    def __init__(self, text: str) -> None:
        super().__init__(f"No font has {text!r}.")
        self.text = text


@dataclass(frozen=True, slots=True)
class TypesetSource:
    """What is set: a template of ``bilan.rendering``, and what it reads as ``sys.inputs``.

    Inputs are data and never run: a template reads them, nothing is formatted into it.
    """

    template: str
    inputs: Mapping[str, str] = field(repr=False)
    standards: Sequence[str] = ()
    timestamp: datetime | None = None
    """The time of making that the file states; the clock's without one."""


@cache
def root() -> Path:
    """The folder that templates may read, and nothing outside of it."""
    return Path(str(resources.files("bilan.rendering")))


def typeset(setting: TypesetSource) -> bytes:
    """A PDF. Raises :class:`Undrawable` for a glyph that no font has where a standard forbids it."""
    import typst  # noqa: PLC0415 - loaded by what renders alone

    compiler = typst.Compiler(
        root() / setting.template, root=root(), font_paths=fonts(), sys_inputs=dict(setting.inputs)
    )
    try:
        made = compiler.compile(
            format="pdf",
            pdf_standards=cast("list[PDFStandard]", list(setting.standards)),
            timestamp=setting.timestamp,
        )
    except typst.TypstError as error:
        if found := _UNDRAWABLE.search(error.message):
            raise Undrawable(_unescaped(found["text"] or found["code"])) from error
        raise
    return cast("bytes", made)


def picture(template: str, inputs: Mapping[str, str], *, scale: float) -> bytes:
    """A PNG of ``scale`` pixels a point."""
    import typst  # noqa: PLC0415 - loaded by what renders alone

    compiler = typst.Compiler(root() / template, root=root(), font_paths=fonts(), sys_inputs=dict(inputs))
    return cast("bytes", compiler.compile(format="png", ppi=72 * scale))


def drawable(data: bytes, kind: str) -> bool:
    """Whether a picture that came from outside can be set. ``kind``: ``png``, ``jpg`` or ``svg``."""
    import typst  # noqa: PLC0415 - loaded by what renders alone

    try:
        picture("typesetting/probe.typ", {"data": json.dumps(list(data)), "kind": kind}, scale=0.2)
    except typst.TypstError:
        return False
    return True


def _unescaped(text: str) -> str:
    """A text as Rust writes it in messages, read back."""

    def plain(found: re.Match[str]) -> str:
        return (
            chr(int(found[1], 16)) if found[1] else {"n": "\n", "t": "\t", "r": "\r"}.get(found[2], found[2])
        )

    return _ESCAPED.sub(plain, text)
