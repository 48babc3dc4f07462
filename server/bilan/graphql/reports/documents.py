"""A report's document as the schema's types: the same figures that the page and the files render."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bilan.drilldown.addresses import Addresses
from bilan.graphql.presenting import as_type
from bilan.graphql.reports.blocks import (
    ChartType,
    CustomType,
    DefinitionType,
    DocumentType,
    GalleryType,
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
from bilan.i18n import LocaleFormatter
from bilan.rendering.about import subtitle
from bilan.rendering.tables import row_count
from bilan.sdk import document as sdk
from bilan.sdk.rendering import Rows
from bilan.sdk.walk import tables_of


class Presenter:
    """Turns documents into the schema's types for one reader."""

    def __init__(self, formatter: LocaleFormatter, rows: Rows) -> None:
        self._formatter, self._text = formatter, formatter.text
        self._rows = rows
        self._path: Callable[[sdk.Kpis | sdk.Chart | sdk.Table], str] = lambda _block: ""

    def document(self, document: sdk.Document) -> DocumentType:
        """The whole document."""
        self._path = Addresses(document).path
        return as_type(
            DocumentType,
            document,
            self._text,
            subtitle=subtitle(document, self._formatter) or None,
            blocks=[self._block(block) for block in document.blocks],
            tables=[self._table(table) for table in tables_of(document.blocks)],
            parameters=[as_type(GivenType, one, self._text, value=one.value) for one in document.parameters],
            definitions=[as_type(DefinitionType, one, self._text) for one in document.definitions],
            provenance=[as_type(ProvenanceType, one) for one in document.provenance],
        )

    def _block(self, block: sdk.Block) -> Any:
        match block:
            case sdk.Section():
                blocks = [self._block(inner) for inner in block.blocks]
                return as_type(SectionType, block, self._text, blocks=blocks)
            case sdk.Kpis():
                tiles = list(map(self._tile, block.tiles))
                return as_type(KpisType, block, self._text, path=self._path(block), tiles=tiles)
            case sdk.Chart():
                return as_type(
                    ChartType,
                    block,
                    self._text,
                    path=self._path(block),
                    names={key: self._text(name) for key, name in block.names.items()},
                    series=[as_type(SeriesType, one, self._text) for one in block.series],
                    previous=[as_type(SeriesType, one, self._text) for one in block.previous],
                    beside=[as_type(SeriesType, one, self._text) for one in block.beside],
                )
            case sdk.Table():
                return self._table(block)
            case sdk.Paragraph():
                return as_type(ParagraphType, block, self._text)
            case sdk.Notice():
                return as_type(NoticeType, block, self._text)
            case sdk.Gallery():
                return as_type(GalleryType, block, table=self._table(block.table))
            case sdk.Custom():
                return as_type(CustomType, block, data=block.data, table=self._table(block.table))

    def _tile(self, tile: sdk.Kpi) -> KpiType:
        beside = None if tile.beside is None else self._tile(tile.beside)
        return as_type(KpiType, tile, self._text, beside=beside)

    def _table(self, table: sdk.Table) -> TableType:
        totals = table.totals
        return as_type(
            TableType,
            table,
            self._text,
            path=self._path(table),
            columns=[self._column(one) for one in table.columns],
            totals=[figure(value, self._text) for value in totals] if totals is not None else None,
            row_count=row_count(table),
            table=table,
            all_rows=self._rows,
            text=self._text,
        )

    def _column(self, column: sdk.TableColumn) -> TableColumnType:
        names = {key: self._text(name) for key, name in column.names.items()}
        return as_type(TableColumnType, column, self._text, data_only=column.data, names=names)
