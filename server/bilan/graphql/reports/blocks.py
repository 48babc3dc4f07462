"""The types of a report's document."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Annotated, Any

import anyio.to_thread
import strawberry

from bilan.graphql.enums import ChartKind, Mark, Unit
from bilan.graphql.scalars import BigInt, Figure, Raw
from bilan.sdk import document as sdk
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.sdk.rendering import Rows
from bilan.sdk.textdomain import _

MAX_ROWS = 10_000
Words = Callable[[Message | str | None], str]
"""Translates what is a message."""


@strawberry.type(name="DocumentColumn", description="A column of a table.")
class TableColumnType:
    key: str = strawberry.field(description="Stable name, also in data files.")
    label: str = strawberry.field(description="What people read.")
    unit: Unit = strawberry.field(description="What its values are.")
    metric: str | None = strawberry.field(description="The key of the definition behind its figures.")
    data_only: bool = strawberry.field(description="In data files only: people read another column.")
    names: Raw = strawberry.field(description="What people read for values that are codes, by these.")


@strawberry.type(name="DocumentTable", description="Rows under columns.")
class TableType:
    key: str = strawberry.field(description="Stable name in the document.")
    path: str = strawberry.field(description="Where it stands: the start of its figures' addresses.")
    title: str = strawberry.field(description="What people read.")
    columns: list[TableColumnType] = strawberry.field(description="The columns.")
    totals: list[Figure | None] | None = strawberry.field(description="Counted anew over the whole period.")
    row_count: BigInt = strawberry.field(description="How many rows the table has.")
    note: str | None = strawberry.field(description="What to know about the table.")
    headline: str | None = strawberry.field(description="What it says, in a sentence.")
    file: str | None = strawberry.field(description="Its name in data files, without an ending.")
    hidden: bool = strawberry.field(description="In data files only, not shown on the page.")
    detail: bool = strawberry.field(description="To be looked up: slides name it and leave it to data files.")
    table: strawberry.Private[sdk.Table]
    all_rows: strawberry.Private[Rows]
    text: strawberry.Private[Words]

    @strawberry.field(description="A part of the rows, one value a column.")
    async def rows(
        self,
        first: Annotated[int, strawberry.argument(description="How many, up to 10,000.")] = 1000,
        offset: Annotated[int, strawberry.argument(description="How many to pass over.")] = 0,
    ) -> list[list[Figure | None]]:
        if not 0 <= first <= MAX_ROWS:
            raise Invalid(_("A part holds at most {most} rows.", most=MAX_ROWS), ("first",))
        if offset < 0:
            raise Invalid(_("An offset is zero or more rows."), ("offset",))
        if self.table.part is None:
            return self._part(first, offset)
        return await anyio.to_thread.run_sync(self._part, first, offset)

    def _part(self, first: int, offset: int) -> list[list[Any]]:
        found = islice(self.all_rows(self.table), offset, offset + first)
        return [[figure(value, self.text) for value in row] for row in found]


@strawberry.type(name="DocumentKpi", description="One figure with its change.")
class KpiType:
    key: str = strawberry.field(description="Stable name.")
    label: str = strawberry.field(description="What people read.")
    value: Figure | None = strawberry.field(description="The figure.")
    unit: Unit = strawberry.field(description="What it is.")
    previous: float | None = strawberry.field(description="The figure compared with.")
    alike: float | None = strawberry.field(
        description="What of the value is held against it, where that is not all: sources with a past."
    )
    compared: bool = strawberry.field(description="Whether there was something to compare with.")
    higher_is_better: bool | None = strawberry.field(description="Whether a rise is welcome, if either is.")
    mark: Mark | None = strawberry.field(description="What to know about it.")
    metric: str | None = strawberry.field(description="The key of its definition.")
    note: str | None = strawberry.field(description="What else to know about it.")
    lead: bool = strawberry.field(description="Whether it is one of the few that tell the story.")
    beside: KpiType | None = strawberry.field(description="How many rows a mean is made of.")


@strawberry.type(name="DocumentKpis", description="A row of tiles.")
class KpisType:
    key: str = strawberry.field(description="Stable name.")
    path: str = strawberry.field(description="Where it stands: the start of its figures' addresses.")
    tiles: list[KpiType] = strawberry.field(description="The tiles.")
    headline: str | None = strawberry.field(description="What they say, in a sentence.")


@strawberry.type(name="DocumentSeries", description="One line or one set of bars.")
class SeriesType:
    key: str = strawberry.field(description="Stable name.")
    label: str = strawberry.field(description="What people read.")
    values: list[float | None] = strawberry.field(description="One value a category.")
    metric: str | None = strawberry.field(description="The key of the definition behind it.")


@strawberry.type(name="DocumentChart", description="Figures as a picture.")
class ChartType:
    key: str = strawberry.field(description="Stable name.")
    path: str = strawberry.field(description="Where it stands: the start of its figures' addresses.")
    kind: ChartKind = strawberry.field(description="How it is rendered.")
    title: str = strawberry.field(description="What people read.")
    description: str = strawberry.field(description="The picture in words.")
    unit: Unit = strawberry.field(description="What its values are.")
    category_unit: Unit = strawberry.field(description="What its categories are.")
    categories: list[str] = strawberry.field(description="Along the axis; days and moments as ISO 8601.")
    names: Raw = strawberry.field(description="What people read for categories that are codes, by these.")
    series: list[SeriesType] = strawberry.field(description="The figures.")
    previous: list[SeriesType] = strawberry.field(description="The figures compared with.")
    beside: list[SeriesType] = strawberry.field(description="How many rows the means are made of; not drawn.")
    headline: str | None = strawberry.field(description="What it shows, in a sentence.")


@strawberry.type(name="DocumentText", description="A sentence or two between the figures.")
class ParagraphType:
    text: str = strawberry.field(description="The sentences.")


@strawberry.type(name="DocumentNotice", description="Something to know before trusting a figure.")
class NoticeType:
    text: str = strawberry.field(description="The sentence.")
    level: str = strawberry.field(description="info, warning or error.")


@strawberry.type(name="DocumentGallery", description="The first rows of a table as cards.")
class GalleryType:
    key: str = strawberry.field(description="Stable name in the document.")
    table: TableType = strawberry.field(description="All rows. The others name columns of it by their keys.")
    picture: str = strawberry.field(description="Keys of pictures, which the server has below /pictures/.")
    text: str = strawberry.field(description="What each says.")
    time: str = strawberry.field(description="When it was.")
    link: str = strawberry.field(description="Its address.")
    caption: list[str] = strawberry.field(description="Whose it is.")
    figures: list[str] = strawberry.field(description="Numbers, the most important first.")


@strawberry.type(name="DocumentCustom", description="A block of a plugin with a look of its own.")
class CustomType:
    key: str = strawberry.field(description="Stable name.")
    kind: str = strawberry.field(description="Which rendering belongs to it.")
    data: Raw = strawberry.field(description="What the plugin put into it.")
    table: TableType = strawberry.field(description="The same as a table.")


@strawberry.type(name="DocumentSection", description="Blocks under a heading.")
class SectionType:
    key: str = strawberry.field(description="Stable name.")
    title: str = strawberry.field(description="The heading.")
    blocks: list[BlockType] = strawberry.field(description="What stands under it.")


BlockType = Annotated[
    SectionType | KpisType | ChartType | TableType | GalleryType | ParagraphType | NoticeType | CustomType,
    strawberry.union(name="DocumentBlock", description="A part of a report."),
]


@strawberry.type(name="Definition", description="What a metric meant when the report was built.")
class DefinitionType:
    key: str = strawberry.field(description="The metric's key.")
    label: str = strawberry.field(description="What people read.")
    description: str = strawberry.field(description="The meaning in a sentence.")
    formula: str = strawberry.field(description="How it is computed.")
    version: int = strawberry.field(description="Goes up when the meaning changes.")
    unit: Unit = strawberry.field(description="What it is.")


@strawberry.type(name="Provenance", description="Where figures came from.")
class ProvenanceType:
    dataset: str = strawberry.field(description="The dataset's key.")
    source: str = strawberry.field(description="The source's name.")
    rows: BigInt = strawberry.field(description="How many of its facts the report could see.")
    watermark: str | None = strawberry.field(description="When the last of them happened, in UTC.")


@strawberry.type(name="DocumentParameter", description="A parameter as it was understood.")
class GivenType:
    key: str = strawberry.field(description="Its name in inputs.")
    label: str = strawberry.field(description="What people read.")
    value: Raw | None = strawberry.field(description="What it was.")
    shown: list[str] = strawberry.field(description="The same in words, where they say more.")


@strawberry.type(name="Document", description="A finished report before it is rendered.")
class DocumentType:
    kind: str = strawberry.field(description="The report kind's key.")
    title: str = strawberry.field(description="The report's title.")
    subtitle: str | None = strawberry.field(description="What stands below the title.")
    as_of: str = strawberry.field(description="Facts that arrived later are not counted. ISO 8601, UTC.")
    zone: str = strawberry.field(description="The zone that cuts days.")
    period: list[str] | None = strawberry.field(description="The first and the last day, both included.")
    compared: list[str] | None = strawberry.field(description="The days compared with.")
    blocks: list[BlockType] = strawberry.field(description="The report itself.")
    tables: list[TableType] = strawberry.field(description="Every table, wherever it stands.")
    parameters: list[GivenType] = strawberry.field(description="What it was built with.")
    definitions: list[DefinitionType] = strawberry.field(description="The metrics used.")
    provenance: list[ProvenanceType] = strawberry.field(description="Where the figures came from.")
    notes: list[str] = strawberry.field(description="What to know before trusting a figure.")


def figure(value: sdk.Value, text: Words) -> Any:
    """A cell as JSON: one with a mark or a note becomes an object, any other its value."""
    if not isinstance(value, sdk.Cell):
        return value
    plain = text(value.value) if isinstance(value.value, Message) else value.value
    if value.mark is None and value.note is None:
        return plain
    return {
        "value": plain,
        "mark": value.mark.value if value.mark else None,
        "note": text(value.note) if value.note else None,
    }
