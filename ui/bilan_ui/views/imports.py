"""Files: handed over, looked at, corrected and read."""

from __future__ import annotations

from uuid import UUID

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from bilan.ingest.imports import NewUpload
from bilan.ingest.uploads import Upload
from bilan.sdk.errors import BilanError, Invalid, NotFound
from bilan.sdk.messages import messages
from bilan.sdk.sources import ColumnMapping, Mapped
from bilan.sources import Source
from bilan_ui.forms import mistakes
from bilan_ui.pages import Visit, view

_, n_ = messages("ui")


@view
async def new(visit: Visit) -> Response:
    """Where a file is handed over."""
    return await _new(visit, await _source(visit))


@view
async def upload(visit: Visit) -> Response:
    """Store the file and show how it would be read."""
    source, form = await _source(visit), await visit.form()
    try:
        stored = await visit.services.imports.upload(visit.actor, source.id, _handed_over(form))
    except BilanError as error:
        return await _new(visit, source, error)
    return visit.go(f"/imports/{stored.id}")


def _handed_over(form: FormData) -> NewUpload:
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Invalid(_("Choose a file."), ("file",))
    return NewUpload(file.filename, file.file, str(form.get("reader", "")) or None)


async def _new(visit: Visit, source: Source, error: BilanError | None = None) -> Response:
    shown = {"source": source, "readers": visit.services.imports.readers(source), "mistakes": mistakes(error)}
    return visit.page("import_new.html", shown, status=error.status if error else 200)


@view
async def mapping(visit: Visit) -> Response:
    """How the file's columns are read, to be corrected."""
    stored = await visit.services.imports.get(visit.actor, _id(visit))
    return await _mapping(visit, stored)


@view
async def start(visit: Visit) -> Response:
    """Take the corrections and have the file read."""
    imports = visit.services.imports
    stored = await imports.get(visit.actor, _id(visit))
    try:
        if stored.mapping is not None:
            await imports.correct(visit.actor, stored.id, _corrected(stored.mapping, await visit.form()))
        started = await imports.start(visit.actor, stored.id)
    except BilanError as error:
        return await _mapping(visit, stored, error)
    return visit.go(f"/runs/{started.run}")


def _corrected(proposed: ColumnMapping, form: FormData) -> ColumnMapping:
    columns = tuple(
        Mapped(one.column, str(form.get(f"column.{place}", one.target)), one.sample)
        for place, one in enumerate(proposed.columns)
    )
    constants = {
        key.removeprefix("constant."): str(value)
        for key, value in form.items()
        if key.startswith("constant.") and value
    }
    taken = {one.target for one in columns}
    kept = {name: value for name, value in proposed.constants.items() if name not in taken}
    return ColumnMapping(proposed.dataset, columns, {**kept, **constants})


async def _mapping(visit: Visit, stored: Upload, error: BilanError | None = None) -> Response:
    services = visit.services
    source = await services.sources.get(visit.actor, stored.source)
    reader = next(one for one in services.imports.readers(source) if one.key == stored.reader)
    dataset = services.registry.datasets.get(stored.mapping.dataset) if stored.mapping else None
    columns = dataset.columns if dataset else ()
    found = {one.target for one in stored.mapping.columns} if stored.mapping else set[str]()
    shown = {
        "source": source,
        "upload": stored,
        "reader": reader,
        "mapping": stored.mapping,
        "targets": columns,
        "missing": [one for one in columns if one.dimension and one.name not in found],
        "mistakes": mistakes(error),
    }
    return visit.page("import_map.html", shown, status=error.status if error else 200)


async def _source(visit: Visit) -> Source:
    return await visit.services.sources.get(visit.actor, visit.request.path_params["id"])


def _id(visit: Visit) -> UUID:
    try:
        return UUID(visit.request.path_params["id"])
    except ValueError as error:
        raise NotFound(_("There is no such import.")) from error
