"""What a plugin imports, and all it imports: every name stands here.

The modules below are the areas of this contract. A name that goes is kept for
two minor releases and warns with what takes its place; see the page
"Writing a plugin". See docs/decisions/054.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bilan.sdk.answers import answer_table, tiles, timeline
from bilan.sdk.channels import (
    BeforeSend,
    Channel,
    ChannelContext,
    DeliveryStatus,
    OutboxWriter,
    OutgoingReport,
    RawMessage,
    Receipt,
    Recipient,
    ReportFile,
    Transport,
)
from bilan.sdk.columns import ArrowValues, DictionaryColumn, FactColumns, constant, encode, row_by_row
from bilan.sdk.conditions import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Contains,
    HasAll,
    HasAny,
    In,
    Is,
    Not,
    Present,
)
from bilan.sdk.containers import open_bytes
from bilan.sdk.conventions import Conventions
from bilan.sdk.datasets import (
    Activity,
    Column,
    ColumnType,
    Dataset,
    DistinctKey,
    Fact,
    Keep,
    Reject,
    Retract,
    Rollup,
    Row,
    RowFacts,
)
from bilan.sdk.document import (
    Block,
    Cell,
    Chart,
    ChartKind,
    Custom,
    Document,
    Kpi,
    Kpis,
    Mark,
    Notice,
    Paragraph,
    Part,
    Section,
    Series,
    Table,
    TableColumn,
    Text,
    Value,
    plain_value,
)
from bilan.sdk.encodings import open_text
from bilan.sdk.errors import (
    BilanError,
    Cancelled,
    Conflict,
    Expired,
    Forbidden,
    Gone,
    Invalid,
    Misdeclared,
    NotFound,
    StaleSignature,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from bilan.sdk.filters import Filter, FilterKind, FilterValue
from bilan.sdk.instants import date_order, read_instant, read_instants
from bilan.sdk.json_tables import load_json_file
from bilan.sdk.messages import Message, messages
from bilan.sdk.metrics import Count, Distinct, Max, Mean, Metric, Min, Quantile, Ratio, Sum
from bilan.sdk.origins import Origin
from bilan.sdk.packing import packed
from bilan.sdk.parameters import Choice, Choices, Parameter, ParameterKind, Values
from bilan.sdk.payloads import json_body, json_items, raw, read_each
from bilan.sdk.periods import Bucket, Compare, Interval, IntervalUnit, Period, Preset, Span
from bilan.sdk.plugins import Argument, ConnectionPage, Plugin, QueryField, Routes
from bilan.sdk.query import Answer, AnswerRow, Order, QueryClient, Question
from bilan.sdk.readers import JsonWebhook, ReadFact, TableReader
from bilan.sdk.reading import each, each_text, refusals
from bilan.sdk.rendering import BlockRenderer, Brand, Formatter, RenderContext, Renderer, Rows
from bilan.sdk.reports import Building, Example, Report, ReportKind, ReportRequest
from bilan.sdk.sections import section
from bilan.sdk.signatures import (
    MAX_AGE,
    SECRET,
    SECRET_HEADER,
    HmacSignature,
    check_age,
    check_basic,
    check_secret,
    equal_secrets,
    max_age,
    require_setting,
)
from bilan.sdk.sources import (
    ColumnMapping,
    ImportFile,
    Mapped,
    Post,
    Proof,
    Reader,
    Sample,
    Settings,
    SourceKind,
    Webhook,
    WebhookRequest,
)
from bilan.sdk.table_batches import TableBatch, TableFile, TableRow, UnreadableRow
from bilan.sdk.tables import open_table
from bilan.sdk.units import Unit
from bilan.sdk.unreadable import Unreadable
from bilan.sdk.values import (
    JsonObject,
    digest,
    first_value,
    read_count,
    read_flag,
    read_integer,
    read_number,
    read_object,
    read_text,
    read_texts,
    zone_setting,
)
from bilan.sdk.walk import charts_of, tables_of
from bilan.sdk.written_amounts import read_currency, split_amount, split_heading
from bilan.sdk.written_dates import DateOrder
from bilan.sdk.written_numbers import DecimalMark, decimal_mark

if TYPE_CHECKING:
    from bilan.sdk.hooks import CONTRACT, hookimpl

LAZY = frozenset({"CONTRACT", "hookimpl"})
"""Names that load pluggy: when somebody takes them, not with every command."""


def __getattr__(name: str) -> Any:
    if name in LAZY:
        return getattr(import_module("bilan.sdk.hooks"), name)
    raise AttributeError(f"bilan.sdk has no {name}")


__all__ = [
    "CONTRACT",
    "MAX_AGE",
    "SECRET",
    "SECRET_HEADER",
    "Activity",
    "AllOf",
    "Answer",
    "AnswerRow",
    "AnyOf",
    "Argument",
    "ArrowValues",
    "BeforeSend",
    "Between",
    "BilanError",
    "Block",
    "BlockRenderer",
    "Brand",
    "Bucket",
    "Building",
    "Cancelled",
    "Cell",
    "Channel",
    "ChannelContext",
    "Chart",
    "ChartKind",
    "Choice",
    "Choices",
    "Column",
    "ColumnMapping",
    "ColumnType",
    "Compare",
    "Condition",
    "Conflict",
    "ConnectionPage",
    "Contains",
    "Conventions",
    "Count",
    "Custom",
    "Dataset",
    "DateOrder",
    "DecimalMark",
    "DeliveryStatus",
    "DictionaryColumn",
    "Distinct",
    "DistinctKey",
    "Document",
    "Example",
    "Expired",
    "Fact",
    "FactColumns",
    "Filter",
    "FilterKind",
    "FilterValue",
    "Forbidden",
    "Formatter",
    "Gone",
    "HasAll",
    "HasAny",
    "HmacSignature",
    "ImportFile",
    "In",
    "Interval",
    "IntervalUnit",
    "Invalid",
    "Is",
    "JsonObject",
    "JsonWebhook",
    "Keep",
    "Kpi",
    "Kpis",
    "Mapped",
    "Mark",
    "Max",
    "Mean",
    "Message",
    "Metric",
    "Min",
    "Misdeclared",
    "Not",
    "NotFound",
    "Notice",
    "Order",
    "Origin",
    "OutboxWriter",
    "OutgoingReport",
    "Paragraph",
    "Parameter",
    "ParameterKind",
    "Part",
    "Period",
    "Plugin",
    "Post",
    "Present",
    "Preset",
    "Proof",
    "Quantile",
    "QueryClient",
    "QueryField",
    "Question",
    "Ratio",
    "RawMessage",
    "ReadFact",
    "Reader",
    "Receipt",
    "Recipient",
    "Reject",
    "RenderContext",
    "Renderer",
    "Report",
    "ReportFile",
    "ReportKind",
    "ReportRequest",
    "Retract",
    "Rollup",
    "Routes",
    "Row",
    "RowFacts",
    "Rows",
    "Sample",
    "Section",
    "Series",
    "Settings",
    "SourceKind",
    "Span",
    "StaleSignature",
    "Sum",
    "Table",
    "TableBatch",
    "TableColumn",
    "TableFile",
    "TableReader",
    "TableRow",
    "Text",
    "TooLarge",
    "TooMany",
    "Transport",
    "Unauthenticated",
    "Unavailable",
    "Unit",
    "Unreadable",
    "UnreadableRow",
    "Value",
    "Values",
    "Webhook",
    "WebhookRequest",
    "answer_table",
    "charts_of",
    "check_age",
    "check_basic",
    "check_secret",
    "constant",
    "date_order",
    "decimal_mark",
    "digest",
    "each",
    "each_text",
    "encode",
    "equal_secrets",
    "first_value",
    "hookimpl",
    "json_body",
    "json_items",
    "load_json_file",
    "max_age",
    "messages",
    "open_bytes",
    "open_table",
    "open_text",
    "packed",
    "plain_value",
    "raw",
    "read_count",
    "read_currency",
    "read_each",
    "read_flag",
    "read_instant",
    "read_instants",
    "read_integer",
    "read_number",
    "read_object",
    "read_text",
    "read_texts",
    "refusals",
    "require_setting",
    "row_by_row",
    "section",
    "split_amount",
    "split_heading",
    "tables_of",
    "tiles",
    "timeline",
    "zone_setting",
]
