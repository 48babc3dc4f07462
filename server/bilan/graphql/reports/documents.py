"""A report's document as types: the same figures that the page and the files draw."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import strawberry

from bilan.graphql.scalars import BigInt, Figure, Raw
from bilan.i18n import LocaleFormatter
from bilan.sdk import document as sdk
from bilan.sdk.rendering import Rows
from bilan.sdk.units import Unit

strawberry.enum(Unit, name="Unit", description="What a number is.")
strawberry.enum(sdk.Mark, name="Mark", description="What a reader must know about a figure.")
strawberry.enum(sdk.ChartKind, name="ChartKind", description="The kind of a chart.")


@strawberry.type(name="DocumentColumn", description="A column of a table.")
class ColumnType:
    key: str = strawberry.field(description="Stable name, also in data files.")
    label: str = strawberry.field(description="What people read.")
    unit: Unit = strawberry.field(description="What its values are.")
    metric: str | None = strawberry.field(description="The key of the definition behind its figures.")


@strawberry.type(name="DocumentTable", description="Rows under columns.")
class TableType:
    key: str = strawberry.field(description="Stable name in the document.")
    title: str = strawberry.field(description="What people read.")
    columns: list[ColumnType] = strawberry.field(description="The columns.")
    totals: list[Figure] | None = strawberry.field(description="Counted anew over the whole period.")
    row_count: BigInt = strawberry.field(description="How many rows the table has.")
    note: str | None = strawberry.field(description="What to know about the table.")
    file: str | None = strawberry.field(description="Its name in data files, without an ending.")
    hidden: bool = strawberry.field(description="In data files only, not shown on the page.")
    table: strawberry.Private[sdk.Table]
    all_rows: strawberry.Private[Rows]

    @strawberry.field(description="A part of the rows, one value a column.")
    def rows(
        self,
        first: Annotated[int, strawberry.argument(description="How many, up to 10,000.")] = 1000,
        offset: Annotated[int, strawberry.argument(description="How many to pass over.")] = 0,
    ) -> list[list[Figure]]:
        found: list[list[Any]] = []
        for index, row in enumerate(self.all_rows(self.table)):
            if index >= offset + min(first, 10_000):
                break
            if index >= offset:
                found.append(_plain(row))
        return found


@strawberry.type(name="DocumentKpi", description="One figure with its change.")
class KpiType:
    key: str = strawberry.field(description="Stable name.")
    label: str = strawberry.field(description="What people read.")
    value: Figure | None = strawberry.field(description="The figure.")
    unit: Unit = strawberry.field(description="What it is.")
    previous: float | None = strawberry.field(description="The figure compared with.")
    mark: sdk.Mark | None = strawberry.field(description="What to know about it.")
    metric: str | None = strawberry.field(description="The key of its definition.")
    note: str | None = strawberry.field(description="What else to know about it.")


@strawberry.type(name="DocumentKpis", description="A row of tiles.")
class KpisType:
    key: str = strawberry.field(description="Stable name.")
    tiles: list[KpiType] = strawberry.field(description="The tiles.")


@strawberry.type(name="DocumentSeries", description="One line or one set of bars.")
class SeriesType:
    key: str = strawberry.field(description="Stable name.")
    label: str = strawberry.field(description="What people read.")
    values: list[float | None] = strawberry.field(description="One value a category.")


@strawberry.type(name="DocumentChart", description="Figures as a picture.")
class ChartType:
    key: str = strawberry.field(description="Stable name.")
    kind: sdk.ChartKind = strawberry.field(description="How it is drawn.")
    title: str = strawberry.field(description="What people read.")
    description: str = strawberry.field(description="The picture in words.")
    unit: Unit = strawberry.field(description="What its values are.")
    categories: list[str] = strawberry.field(description="Along the axis; days as ISO 8601.")
    series: list[SeriesType] = strawberry.field(description="The figures.")
    previous: list[SeriesType] = strawberry.field(description="The figures compared with.")


@strawberry.type(name="DocumentText", description="A sentence or two between the figures.")
class ParagraphType:
    text: str = strawberry.field(description="The sentences.")


@strawberry.type(name="DocumentNotice", description="Something to know before trusting a figure.")
class NoticeType:
    text: str = strawberry.field(description="The sentence.")
    level: str = strawberry.field(description="info, warning or error.")


@strawberry.type(name="DocumentCustom", description="A block of a plugin with a look of its own.")
class CustomType:
    key: str = strawberry.field(description="Stable name.")
    kind: str = strawberry.field(description="Which drawing belongs to it.")
    data: Raw = strawberry.field(description="What the plugin put into it.")
    table: TableType = strawberry.field(description="The same as a table.")


@strawberry.type(name="DocumentSection", description="Blocks under a heading.")
class SectionType:
    key: str = strawberry.field(description="Stable name.")
    title: str = strawberry.field(description="The heading.")
    blocks: list[BlockType] = strawberry.field(description="What stands under it.")


BlockType = Annotated[
    SectionType | KpisType | ChartType | TableType | ParagraphType | NoticeType | CustomType,
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


@strawberry.type(name="Document", description="A finished report before it is drawn.")
class DocumentType:
    kind: str = strawberry.field(description="The report kind's key.")
    title: str = strawberry.field(description="The report's title.")
    as_of: str = strawberry.field(description="Facts that arrived later are not counted. ISO 8601, UTC.")
    zone: str = strawberry.field(description="The zone that cuts days.")
    period: list[str] | None = strawberry.field(description="The first and the last day, both included.")
    compared: list[str] | None = strawberry.field(description="The days compared with.")
    blocks: list[BlockType] = strawberry.field(description="The report itself.")
    tables: list[TableType] = strawberry.field(description="Every table, wherever it stands.")
    definitions: list[DefinitionType] = strawberry.field(description="The metrics used.")
    provenance: list[ProvenanceType] = strawberry.field(description="Where the figures came from.")
    notes: list[str] = strawberry.field(description="What to know before trusting a figure.")


class Presenter:
    """Turns documents into the schema's types for one reader."""

    def __init__(self, formatter: LocaleFormatter, rows: Rows) -> None:
        self._text = formatter.text
        self._rows = rows

    def document(self, document: sdk.Document) -> DocumentType:
        """The whole document."""
        return DocumentType(
            kind=document.kind,
            title=self._text(document.title),
            as_of=document.as_of,
            zone=document.zone,
            period=list(document.period) if document.period else None,
            compared=list(document.compared) if document.compared else None,
            blocks=[self._block(block) for block in document.blocks],
            tables=[self._table(table) for table in _tables(document.blocks)],
            definitions=[
                DefinitionType(
                    key=one.key, label=self._text(one.label), description=self._text(one.description),
                    formula=self._text(one.formula), version=one.version, unit=one.unit,
                )
                for one in document.definitions
            ],
            provenance=[
                ProvenanceType(
                    dataset=one.dataset, source=one.source, rows=BigInt(one.rows), watermark=one.watermark
                )
                for one in document.provenance
            ],
            notes=[self._text(note) for note in document.notes],
        )  # fmt: skip

    def _block(self, block: sdk.Block) -> Any:
        match block:
            case sdk.Section():
                blocks = [self._block(inner) for inner in block.blocks]
                return SectionType(key=block.key, title=self._text(block.title), blocks=blocks)
            case sdk.Kpis():
                return KpisType(key=block.key, tiles=[self._kpi(tile) for tile in block.tiles])
            case sdk.Chart():
                return self._chart(block)
            case sdk.Table():
                return self._table(block)
            case sdk.Paragraph():
                return ParagraphType(text=self._text(block.text))
            case sdk.Notice():
                return NoticeType(text=self._text(block.text), level=block.level)
            case sdk.Custom():
                table = self._table(block.table)
                return CustomType(key=block.key, kind=block.kind, data=Raw(block.data), table=table)

    def _kpi(self, tile: sdk.Kpi) -> KpiType:
        return KpiType(
            key=tile.key, label=self._text(tile.label), value=Figure(tile.value), unit=tile.unit,
            previous=tile.previous, mark=tile.mark, metric=tile.metric,
            note=self._text(tile.note) if tile.note else None,
        )  # fmt: skip

    def _chart(self, chart: sdk.Chart) -> ChartType:
        return ChartType(
            key=chart.key, kind=chart.kind, title=self._text(chart.title),
            description=self._text(chart.description), unit=chart.unit, categories=chart.categories,
            series=[self._series(one) for one in chart.series],
            previous=[self._series(one) for one in chart.previous],
        )  # fmt: skip

    def _series(self, series: sdk.Series) -> SeriesType:
        return SeriesType(key=series.key, label=self._text(series.label), values=list(series.values))

    def _table(self, table: sdk.Table) -> TableType:
        return TableType(
            key=table.key,
            title=self._text(table.title),
            columns=[
                ColumnType(key=one.key, label=self._text(one.label), unit=one.unit, metric=one.metric)
                for one in table.columns
            ],
            totals=[Figure(value) for value in _plain(table.totals)] if table.totals is not None else None,
            row_count=BigInt(table.part.rows if table.part else len(table.rows)),
            note=self._text(table.note) if table.note else None,
            file=table.file,
            hidden=table.hidden,
            table=table,
            all_rows=self._rows,
        )


def _tables(blocks: tuple[sdk.Block, ...]) -> list[sdk.Table]:
    found: list[sdk.Table] = []
    for block in blocks:
        if isinstance(block, sdk.Table):
            found.append(block)
        elif isinstance(block, sdk.Section):
            found += _tables(block.blocks)
        elif isinstance(block, sdk.Custom):
            found.append(block.table)
    return found


def _plain(row: list[Any]) -> list[Any]:
    """Cells as JSON: marked ones become objects, plain ones stay themselves."""
    return [msgspec.to_builtins(cell) if isinstance(cell, msgspec.Struct) else cell for cell in row]
