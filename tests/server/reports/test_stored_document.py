"""What is stored with a run is what every format renders."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk.document import (
    Block,
    Cell,
    Chart,
    ChartKind,
    Custom,
    Document,
    Gallery,
    Kpi,
    Kpis,
    Mark,
    Notice,
    Paragraph,
    Section,
    Series,
    Table,
    TableColumn,
    Value,
    decode,
    encode,
)
from bilan.sdk.messages import Message

words = st.text(max_size=8)
numbers = st.none() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
sentences = st.builds(Message, words, args=st.dictionaries(words, numbers | words, max_size=2))
nested = st.builds(Message, words, args=st.dictionaries(words, sentences, max_size=2))
plain = numbers | words | st.booleans() | st.lists(words, max_size=3)
cells: st.SearchStrategy[Value] = plain | st.builds(
    Cell, plain | nested, st.none() | st.sampled_from(Mark), st.none() | nested
)
columns = st.lists(st.builds(TableColumn, key=words, label=words | nested), max_size=3).map(tuple)
tables = st.builds(
    Table,
    key=words,
    title=words | nested,
    columns=columns,
    rows=st.lists(st.lists(cells, max_size=3), max_size=3),
    totals=st.none() | st.lists(cells, max_size=3),
)
leaves: st.SearchStrategy[Any] = st.one_of(
    tables,
    st.builds(Kpi, key=words, label=words, value=numbers, previous=numbers).map(lambda k: Kpis("k", (k,))),
    st.builds(
        Chart,
        key=words,
        kind=st.sampled_from(ChartKind),
        title=words,
        description=sentences,
        categories=st.lists(words, max_size=3),
        series=st.builds(Series, words, words, st.lists(numbers, max_size=3)).map(lambda s: (s,)),
    ),
    st.builds(Paragraph, words | nested),
    st.builds(Notice, nested),
    tables.map(lambda table: Gallery(table=table, text="".join(c.key for c in table.columns[:1]))),
    st.builds(Custom, kind=words, key=words, data=st.dictionaries(words, plain, max_size=2), table=tables),
)
blocks: st.SearchStrategy[Block] = leaves | st.builds(Section, words, words, st.lists(leaves).map(tuple))
documents = st.builds(
    Document,
    kind=words,
    title=words | nested,
    as_of=words,
    zone=words,
    blocks=st.lists(blocks, max_size=4).map(tuple),
    notes=st.lists(nested, max_size=2).map(tuple),
)


@pytest.mark.requirement("GO-03")
@given(documents)
def test_a_document_read_back_is_the_document_that_was_stored(document: Document) -> None:
    assert decode(encode(document)) == document


@pytest.mark.requirement("GO-03")
@given(documents)
def test_storing_again_gives_the_same_bytes(document: Document) -> None:
    assert encode(decode(encode(document))) == encode(document)


def test_a_document_of_another_shape_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(b'{"kind": "email.engagement"}')
