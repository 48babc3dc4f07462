"""Words of the program's own in a cell are translated like every other sentence."""

from __future__ import annotations

from io import BytesIO

from bilan.rendering.delimited import Dialect, write_table
from bilan.sdk.document import Cell, Mark, Table, TableColumn
from bilan.sdk.messages import Message
from fixtures.documents import Contexts

YES = Message("Yes")
TABLE = Table(
    key="t",
    title="T",
    columns=(TableColumn(key="a", label="A"), TableColumn(key="b", label="B")),
    rows=[[Cell(YES), 1], [Cell(YES, Mark.RED_FLAG), 2]],
)


def written(contexts: Contexts, rows: int) -> str:
    out = BytesIO()
    context = contexts("fr")
    write_table(TABLE, lambda table: iter(table.rows[:rows]), Dialect(bom=False), context.formatter, out)
    return out.getvalue().decode()


def test_a_message_in_a_cell_is_written_in_the_readers_language(contexts: Contexts) -> None:
    assert written(contexts, 1).splitlines()[1] == f"{contexts('fr').formatter.text(YES)},1"


def test_a_marked_message_is_too(contexts: Contexts) -> None:
    assert written(contexts, 2).splitlines()[2].startswith(f"{contexts('fr').formatter.text(YES)},")
