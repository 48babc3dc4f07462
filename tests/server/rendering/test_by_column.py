"""Rows that are written column by column are the same as those written cell by cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bilan.i18n import Translator, formatter_for
from bilan.rendering.delimited import BATCH, Dialect, by_column, pieces
from bilan.rendering.guard import guarded
from bilan.sdk.document import Cell, TableColumn
from bilan.sdk.messages import messages
from bilan.sdk.units import Unit

_ = messages("bilan")[0]
ENGLISH = formatter_for(Translator.of(), "en", "UTC")
COLUMNS = tuple(
    TableColumn(key=unit.value, label=_("A number"), unit=unit)
    for unit in (Unit.TEXT, Unit.TEXTS, Unit.COUNT, Unit.BOOLEAN, Unit.INSTANT)
)
TEXTS = st.text(st.sampled_from('=+-@\t\r\n;, "%|:12ab＝'), max_size=12)
ROWS = st.lists(
    st.tuples(
        st.none() | TEXTS,
        st.lists(TEXTS, max_size=3),
        st.none() | st.integers(-9, 9),
        st.none() | st.booleans(),
        st.sampled_from([None, "2026-03-01T10:00:00Z"]),
    ),
    max_size=5,
)


def written(rows: Sequence[tuple[object, ...]], *, machine: bool) -> list[list[str]]:
    dialect = Dialect(keys=True, machine=machine, bom=False)
    text = b"".join(pieces(COLUMNS, rows, dialect, ENGLISH)).decode()
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


@given(ROWS)
def test_what_a_spreadsheet_would_run_is_guarded_in_each_cell(rows: list[tuple[object, ...]]) -> None:
    expected = [
        [
            guarded(text) if isinstance(text, str) else "",
            guarded("; ".join(texts)),  # type: ignore[arg-type]
            "" if count is None else str(count),
            "" if flag is None else str(flag).lower(),
            instant or "",
        ]
        for text, texts, count, flag, instant in rows
    ]
    assert written(rows, machine=False) == expected


def test_programs_get_values_as_they_are() -> None:
    rows = [("=1+1", ["a;b", "-2"], -3, True, None), (None, [], None, None, "2026-03-01T10:00:00Z")]
    assert written(rows, machine=True) == [
        ["=1+1", '["a;b","-2"]', "-3", "true", ""],
        ["", "[]", "", "", "2026-03-01T10:00:00Z"],
    ]


def test_words_of_the_server_are_said_in_the_readers_language() -> None:
    assert (
        written([(Cell(_("A number")), [], 1, False, None)] * 2, machine=False)
        == [["A number", "", "1", "false", ""]] * 2
    )


def test_functions_are_called_for_their_own_columns_over_all_batches() -> None:
    rows = [(number, str(number), number) for number in range(2 * BATCH + 1)]
    changed = list(by_column(rows, [None, int, lambda value: value + 1]))
    assert changed == [(number, number, number + 1) for number in range(2 * BATCH + 1)]
    assert list(by_column([], [None])) == []
