"""A report's document as the schema's types: the same figures that the page and the files draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bilan.drilldown.addresses import Addresses
from bilan.graphql.reports.blocks import (
    ChartType,
    CustomType,
    DefinitionType,
    DocumentType,
    GivenType,
    KpisType,
    KpiType,
    NoticeType,
    ParagraphType,
    ProvenanceType,
    SectionType,
    SeriesType,
    TableColumnType,
    TableType,
    figure,
)
from bilan.graphql.scalars import BigInt, Figure, Raw
from bilan.i18n import LocaleFormatter
from bilan.rendering.tables import row_count
from bilan.sdk import document as sdk
from bilan.sdk.rendering import Rows
from bilan.sdk.walk import tables_of


class Presenter:
    """Turns documents into the schema's types for one reader."""

    def __init__(self, formatter: LocaleFormatter, rows: Rows) -> None:
        self._text = formatter.text
        self._maybe: Callable[[sdk.Text | None], str | None] = lambda text: (
            formatter.text(text) if text else None
        )
        self._rows = rows
        self._path: Callable[[sdk.Kpis | sdk.Chart | sdk.Table], str] = lambda _block: ""

    def document(self, document: sdk.Document) -> DocumentType:
        """The whole document."""
        self._path = Addresses(document).path
        return DocumentType(
            kind=document.kind,
            title=self._text(document.title),
            subtitle=self._maybe(document.subtitle),
            as_of=document.as_of,
            zone=document.zone,
            period=list(document.period) if document.period else None,
            compared=list(document.compared) if document.compared else None,
            blocks=[self._block(block) for block in document.blocks],
            tables=[self._table(table) for table in tables_of(document.blocks)],
            parameters=[
                GivenType(
                    key=one.key, label=self._text(one.label), value=Raw(one.value),
                    shown=[self._text(word) for word in one.shown],
                )
                for one in document.parameters
            ],
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
                return KpisType(
                    key=block.key,
                    path=self._path(block),
                    tiles=[self._kpi(tile) for tile in block.tiles],
                    headline=self._maybe(block.headline),
                )
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
            previous=tile.previous, compared=tile.compared, higher_is_better=tile.higher_is_better,
            mark=tile.mark, metric=tile.metric,
            note=self._maybe(tile.note), lead=tile.lead,
        )  # fmt: skip

    def _chart(self, chart: sdk.Chart) -> ChartType:
        return ChartType(
            key=chart.key, path=self._path(chart), kind=chart.kind, title=self._text(chart.title),
            description=self._text(chart.description), unit=chart.unit,
            category_unit=chart.category_unit, categories=chart.categories,
            series=[self._series(one) for one in chart.series],
            previous=[self._series(one) for one in chart.previous],
            headline=self._maybe(chart.headline),
        )  # fmt: skip

    def _series(self, series: sdk.Series) -> SeriesType:
        return SeriesType(
            key=series.key, label=self._text(series.label), values=list(series.values), metric=series.metric
        )

    def _figures(self, values: list[sdk.Value]) -> list[Figure | None]:
        return [figure(value, self._text) for value in values]

    def _table(self, table: sdk.Table) -> TableType:
        return TableType(
            key=table.key,
            path=self._path(table),
            title=self._text(table.title),
            columns=[
                TableColumnType(
                    key=one.key,
                    label=self._text(one.label),
                    unit=one.unit,
                    metric=one.metric,
                    data_only=one.data,
                    names=Raw({key: self._text(name) for key, name in one.names.items()}),
                )
                for one in table.columns
            ],
            totals=self._figures(table.totals) if table.totals is not None else None,
            row_count=BigInt(row_count(table)),
            note=self._maybe(table.note),
            headline=self._maybe(table.headline),
            file=table.file,
            hidden=table.hidden,
            table=table,
            all_rows=self._rows,
            text=self._text,
        )
