"""A workbook as a spreadsheet reads it: typed values, their formats, and what stays in sight."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_FIRST_DAY = datetime.fromisoformat("1899-12-30")


@dataclass(frozen=True)
class Entry:
    """A cell: its value, and the format that it is shown in."""

    value: Any
    shown_as: str = "General"

    @property
    def moment(self) -> str:
        """The value as a spreadsheet takes it under a format of dates: ISO 8601 to the millisecond."""
        return (_FIRST_DAY + timedelta(days=self.value, microseconds=500)).isoformat(timespec="milliseconds")


@dataclass
class Sheet:
    """A sheet by its rows."""

    rows: list[list[Entry | None]] = field(default_factory=list[list[Entry | None]])
    frozen: str = ""
    filtered: str = ""
    widths: list[float] = field(default_factory=list[float])
    rtl: bool = False
    formulas: int = 0
    pictures: int = 0

    @property
    def values(self) -> list[list[Any]]:
        """The values alone; ``None`` where nothing is."""
        return [[one and one.value for one in row] for row in self.rows]


def read(data: bytes) -> dict[str, Sheet]:
    """The sheets by their names, in order."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        book = ET.fromstring(archive.read("xl/workbook.xml"))
        relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        targets = {one.attrib["Id"]: one.attrib["Target"] for one in relations}
        formats = _formats(ET.fromstring(archive.read("xl/styles.xml")))
        return {
            one.attrib["name"]: _sheet(
                ET.fromstring(archive.read(f"xl/{targets[one.attrib[_RELATION]]}")), formats
            )
            for one in book.iter(f"{_MAIN}sheet")
        }


def _formats(styles: ET.Element) -> list[str]:
    known = {"0": "General", "3": "#,##0"}
    known |= {one.attrib["numFmtId"]: one.attrib["formatCode"] for one in styles.iter(f"{_MAIN}numFmt")}
    cells = styles.find(f"{_MAIN}cellXfs")
    assert cells is not None
    return [known.get(one.attrib["numFmtId"], one.attrib["numFmtId"]) for one in cells]


def _sheet(root: ET.Element, formats: list[str]) -> Sheet:
    sheet = Sheet()
    for pane in root.iter(f"{_MAIN}pane"):
        sheet.frozen = pane.attrib["topLeftCell"]
    for one in root.iter(f"{_MAIN}autoFilter"):
        sheet.filtered = one.attrib["ref"]
    for one in root.iter(f"{_MAIN}col"):
        sheet.widths += [float(one.attrib["width"])] * (int(one.attrib["max"]) - int(one.attrib["min"]) + 1)
    sheet.rtl = any(view.get("rightToLeft") == "1" for view in root.iter(f"{_MAIN}sheetView"))
    sheet.formulas = sum(1 for _one in root.iter(f"{_MAIN}f"))
    sheet.pictures = sum(1 for _one in root.iter(f"{_MAIN}drawing"))
    for row in root.iter(f"{_MAIN}row"):
        sheet.rows += [[] for _one in range(int(row.attrib["r"]) - len(sheet.rows))]
        for cell in row:
            place = _place(cell.attrib["r"])
            line = sheet.rows[-1]
            line += [None] * (place - len(line))
            line.append(_entry(cell, formats))
    return sheet


def _place(name: str) -> int:
    place = 0
    for letter in name.rstrip("0123456789"):
        place = place * 26 + ord(letter) - 64
    return place - 1


def _entry(cell: ET.Element, formats: list[str]) -> Entry | None:
    shown_as = formats[int(cell.get("s", "0"))]
    value = cell.findtext(f"{_MAIN}v")
    match cell.get("t"):
        case "inlineStr":
            text = "".join(one.text or "" for one in cell.iter(f"{_MAIN}t"))
            return Entry(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text), shown_as)
        case "b":
            return Entry(value == "1", shown_as)
        case _ if value is None:
            return None
        case _:
            return Entry(float(value) if "." in value or "e" in value else int(value), shown_as)
