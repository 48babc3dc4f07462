"""The file itself, with the same bytes each time: python-pptx and its workbooks write down the clock."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import BinaryIO

from bilan.rendering.archives import Writer, write_zip

_MOMENT = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")


def pack(package: bytes, moment: str, out: BinaryIO) -> None:
    """Write an office file anew, dated by a moment (``2026-08-01T06:00:00Z``), and all files in it."""
    write_zip(_members(package, moment), out)


def _members(package: bytes, moment: str) -> Iterator[tuple[str, Writer]]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for name in archive.namelist():
            yield name, partial(_write, _settled(name, archive.read(name), moment))


def _settled(name: str, data: bytes, moment: str) -> bytes:
    if name == "docProps/core.xml":
        return _MOMENT.sub(rb"\g<1>" + moment.encode() + rb"\g<3>", data)
    if name.endswith(".xlsx"):
        inner = io.BytesIO()
        pack(data, moment, inner)
        return inner.getvalue()
    return data


def _write(data: bytes, sink: BinaryIO) -> None:
    sink.write(data)
