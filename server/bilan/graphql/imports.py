"""Files that are read into sources, in GraphQL. Their bytes come over another way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, cast

import strawberry

from bilan.graphql.context import Info
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.graphql.scalars import BigInt, Raw
from bilan.ingest.previews import PreviewRow
from bilan.ingest.uploads import Upload
from bilan.sdk.messages import Message

Ident = Annotated[strawberry.ID, strawberry.argument(description="The import's id.")]


@strawberry.type(name="Reject", description="A row that was not taken, or is there at another time.")
class RejectType:
    number: int = strawberry.field(description="The row's number in its file, from 1.")
    reason: str = strawberry.field(description="Why it was not taken.")
    known: bool = strawberry.field(
        name="alreadyThere",
        description="Whether it counts as already there, with another time, and not as rejected.",
    )


@strawberry.type(name="ImportColumn", description="A column of a file, and what it is put to use for.")
class ImportColumnType:
    column: str = strawberry.field(description="Its heading.")
    target: str = strawberry.field(description="The column of the dataset; empty where it is left aside.")
    sample: str = strawberry.field(description="The first value in it.")
    written: str = strawberry.field(description="How its dates or numbers are written, if somebody said so.")


@strawberry.type(name="ImportPreviewRow", description="A row as it would be stored.")
class PreviewRowType:
    number: int = strawberry.field(description="The row's number in its file, from 1.")
    values: Raw = strawberry.field(description="The values it has, by the dataset's columns.")
    reason: str | None = strawberry.field(description="Why it would not be taken.")


@strawberry.type(name="ImportPreview", description="The beginning of a file as it would be read.")
class PreviewType:
    rows: list[PreviewRowType] = strawberry.field(description="The first rows that would be taken.")
    refused: list[PreviewRowType] = strawberry.field(description="The first that would not.")
    accepted: int = strawberry.field(description="How many of those looked at would be taken.")
    rejected: int = strawberry.field(description="How many would not.")
    totals: Raw = strawberry.field(description="The sums of whole numbers, by the dataset's columns.")
    first: datetime | None = strawberry.field(description="The earliest time of a fact.")
    last: datetime | None = strawberry.field(description="The latest.")
    complete: bool = strawberry.field(description="Whether the whole file was looked at.")


@strawberry.type(name="Import", description="A file that is read into a source.")
class ImportType:
    id: strawberry.ID = strawberry.field(description="The import's id.")
    source: strawberry.ID = strawberry.field(description="The source's id.")
    name: str = strawberry.field(description="What the file is called.")
    size: BigInt = strawberry.field(description="Its size in bytes.")
    reader: str = strawberry.field(description="How it is read.")
    job: strawberry.ID | None = strawberry.field(description="The job that reads it; run follows it.")
    accepted: BigInt = strawberry.field(description="How many rows could be used so far: new or not.")
    new: BigInt | None = strawberry.field(
        description="How many of them brought something new. With those already there and those rejected "
        "they are the rows of the file; null where an earlier release read it."
    )
    known: BigInt | None = strawberry.field(
        name="alreadyThere", description="How many of them were there already, row for row."
    )
    rejected: BigInt = strawberry.field(description="How many could not be used.")
    upload: strawberry.Private[Upload]

    @strawberry.field(description="The dataset that its rows go to, where its columns can be chosen.")
    def dataset(self) -> str | None:
        return self.upload.mapping.dataset if self.upload.mapping else None

    @strawberry.field(description="The encoding that its text is read in, where that is told and not UTF-8.")
    def encoding(self) -> str | None:
        return (self.upload.mapping.encoding or None) if self.upload.mapping else None

    @strawberry.field(description="Its columns and their uses, where they can be chosen.")
    def columns(self) -> list[ImportColumnType]:
        mapping = self.upload.mapping
        return [as_type(ImportColumnType, one) for one in mapping.columns] if mapping else []

    @strawberry.field(description="Its first rows as they would be read, before anything is stored.")
    async def preview(self, info: Info) -> PreviewType:
        context = info.context
        context.spend(PAGE_COST)
        found = await context.services.imports.preview(context.actor, self.upload.id)
        say = context.formatter.text
        return as_type(
            PreviewType,
            found,
            rows=[_row(row, say) for row in found.rows],
            refused=[_row(row, say) for row in found.refused],
            totals=dict(found.totals),
        )

    @strawberry.field(description="The latest rows that were not taken, as far as they are kept.")
    async def rejects(self, info: Info) -> list[RejectType]:
        context, upload = info.context, self.upload
        context.spend(PAGE_COST)
        page = await context.services.rejects.list(context.actor, upload.source, upload=upload.id)
        return [as_type(RejectType, row, context.formatter.text) for row in page.rows]


@strawberry.type
class ImportQueries:
    """The fields of the query."""

    @strawberry.field(name="import", description="One import.")
    async def one_import(self, info: Info, id: Ident) -> ImportType:  # noqa: A002
        return _import(await info.context.services.imports.get(info.context.actor, uuid(id)))


@strawberry.type
class ImportMutations:
    """The fields of the mutation."""

    @strawberry.mutation(description="Have an uploaded file read; one that stopped goes on where it did.")
    async def start_import(self, info: Info, id: Ident) -> ImportType:  # noqa: A002
        return _import(await info.context.services.imports.start(info.context.actor, uuid(id)))


def _row(row: PreviewRow, say: Callable[[Message], str]) -> PreviewRowType:
    values = {
        name: value.isoformat() if isinstance(value, date) else value for name, value in row.values.items()
    }
    return PreviewRowType(
        number=row.number, values=cast("Raw", values), reason=say(row.reason) if row.reason else None
    )


def _import(upload: Upload) -> ImportType:
    return as_type(ImportType, upload, upload=upload)
