"""What stands in a table for programs: people read words for codes, and no keys that a name repeats."""

from __future__ import annotations

from bilan.i18n import LocaleFormatter
from bilan.rendering.tables import rows_within
from bilan.rendering.views import shown_table
from bilan.rendering.xlsx_format import XLSX
from bilan.sdk.document import Cell, Mark, Table, TableColumn, Value
from bilan.sdk.messages import Message
from bilan.sdk.units import Unit
from fixtures.documents import Contexts, report
from support.alike.seen import rendered
from support.decks import slides
from support.rendered import as_csv, through_graphql
from support.sheets import read as read_sheets

YES, NO = Message("Yes"), Message("No")
ROWS: list[list[Value]] = [
    ["c-1", "Sale", "yes", ["yes", "no", "else"], 3],
    ["c-2", "Journal", Cell("no", Mark.RED_FLAG), [], 4],
]
TABLE = Table(
    key="t",
    title="Table",
    file="t",
    columns=(
        TableColumn(key="key", label="Key", data=True),
        TableColumn(key="name", label="Name"),
        TableColumn(key="code", label="Code", names={"yes": YES, "no": NO}),
        TableColumn(key="codes", label="Codes", unit=Unit.TEXTS, names={"yes": YES, "no": NO}),
        TableColumn(key="n", label="Number", unit=Unit.COUNT),
    ),
    rows=ROWS,
    totals=[None, None, None, None, 7],
)


def test_people_read_words_for_codes_and_no_keys(contexts: Contexts) -> None:
    shown = shown_table(TABLE, contexts("fr"), rows_within, limit=10)
    assert [column.label for column in shown.columns] == ["Name", "Code", "Codes", "Number"]
    assert [[cell.text for cell in row] for row in shown.rows] == [
        ["Sale", "Oui", "Oui, Non, else", "3"],
        ["Journal", "Non", "–", "4"],
    ]
    assert [cell.text for cell in shown.totals] == ["", "", "", "7"]


def test_a_figure_keeps_its_address_behind_a_column_that_is_not_shown(contexts: Contexts) -> None:
    places: list[str] = []

    def links(_block: object, place: str, _value: object) -> tuple[str, str]:
        places.append(place)
        return "", ""

    shown_table(TABLE, contexts(), rows_within, limit=1, links=links)  # type: ignore[arg-type]
    assert places == ["r0c1", "r0c2", "r0c3", "r0c4", "sc1", "sc2", "sc3", "sc4"]


def test_data_files_keep_codes_and_keys_in_every_language(contexts: Contexts) -> None:
    (lines,) = as_csv(report(blocks=(TABLE,)), rows_within, contexts("fr")).values()
    head, first, *_others = lines
    assert [line[0] for line in lines[1:]] == ["c-1", "c-2"]
    assert (head[0], first[2]) == ("Key", "yes")
    assert first[4] == "yes; no; else"


def test_a_workbook_has_every_column_with_the_words(contexts: Contexts) -> None:
    _summary, sheet, *_rest = read_sheets(
        rendered(XLSX, report(blocks=(TABLE,)), rows_within, contexts("fr"))
    ).values()
    assert sheet.values[0][0] == "Key"
    # The flag of the other row has a column of its own.
    assert sheet.values[1][:5] == ["c-1", "Sale", "Oui", None, "Oui; Non; else"]


def test_slides_leave_keys_to_the_files(contexts: Contexts) -> None:
    (slide,) = slides(contexts("fr"), TABLE)
    assert slide.tables[0][0] == ["Name", "Code", "Codes", "Number"]
    assert slide.tables[0][1] == ["Sale", "Oui", "Oui, Non, else", "3"]


async def test_programs_are_told_both(contexts: Contexts) -> None:
    document = await through_graphql(
        report(blocks=(TABLE,)), rows_within, LocaleFormatter(contexts.translator, "fr", "UTC")
    )
    (table,) = document["tables"]
    assert [column["dataOnly"] for column in table["columns"]] == [True, False, False, False, False]
    assert table["columns"][2]["names"] == {"yes": "Oui", "no": "Non"}
    assert table["rows"][0] == ["c-1", "Sale", "yes", ["yes", "no", "else"], 3]


def test_a_column_without_words_shows_its_values_as_they_are(contexts: Contexts) -> None:
    plain = Table(key="p", title="P", columns=(TableColumn(key="a", label="A"),), rows=[["yes"]])
    assert shown_table(plain, contexts("fr"), rows_within, limit=1).rows[0][0].text == "yes"
