"""Files that are read into sources, in GraphQL. Their bytes come over another way."""

from __future__ import annotations

from typing import Annotated

import strawberry

from bilan.graphql.context import Info
from bilan.graphql.ids import uuid
from bilan.graphql.limits import PAGE_COST
from bilan.graphql.presenting import as_type
from bilan.graphql.scalars import BigInt
from bilan.ingest.uploads import Upload

Ident = Annotated[strawberry.ID, strawberry.argument(description="The import's id.")]


@strawberry.type(name="Reject", description="A row that was not taken.")
class RejectType:
    number: int = strawberry.field(description="The row's number in its file, from 1.")
    reason: str = strawberry.field(description="Why it was not taken.")


@strawberry.type(name="Import", description="A file that is read into a source.")
class ImportType:
    id: strawberry.ID = strawberry.field(description="The import's id.")
    source: strawberry.ID = strawberry.field(description="The source's id.")
    name: str = strawberry.field(description="What the file is called.")
    size: BigInt = strawberry.field(description="Its size in bytes.")
    reader: str = strawberry.field(description="How it is read.")
    job: strawberry.ID | None = strawberry.field(description="The job that reads it; run follows it.")
    accepted: BigInt = strawberry.field(description="How many rows were taken so far.")
    rejected: BigInt = strawberry.field(description="How many were not.")
    upload: strawberry.Private[Upload]

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


def _import(upload: Upload) -> ImportType:
    return as_type(ImportType, upload, upload=upload)
