"""Files: handed over, looked at, corrected and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import anyio.to_thread
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from bilan.accounts.policy import Action, allowed, require
from bilan.ingest.imports import OPEN, NewUpload
from bilan.ingest.previews import Preview
from bilan.ingest.uploads import Upload, UploadState
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.sources import ColumnMapping, Mapped
from bilan.sdk.written_dates import DateOrder
from bilan.sdk.written_numbers import DecimalMark
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.views.sources import the_source

if TYPE_CHECKING:
    from bilan.sources import Source


ORDERS = {
    DateOrder.DAY_FIRST.value: _("day first: 31/01/2026"),
    DateOrder.MONTH_FIRST.value: _("month first: 01/31/2026"),
    DateOrder.YEAR_FIRST.value: _("year first: 26/01/31"),
}
MARKS = {
    DecimalMark.POINT.value: _("point before decimals: 1,234.50"),
    DecimalMark.COMMA.value: _("comma before decimals: 1.234,50"),
}
ENVELOPE = 64 * 1024
"""Bytes of a form around the file in it."""


@view
async def new(request: PageRequest) -> Response:
    """Where a file is handed over."""
    source = await the_source(request)
    require(request.actor, Action.IMPORT, sources=(source.id,))
    return await _new(request, source)


@view
async def upload(request: PageRequest) -> Response:
    """Store the file and show how it would be read."""
    source = await the_source(request)
    require(request.actor, Action.IMPORT, sources=(source.id,))  # before the file is read
    form = await request.form(files=1, size=request.services.settings.max_upload_bytes + ENVELOPE)
    try:
        stored = await request.services.imports.upload(request.actor, source.id, _handed_over(form))
    except BilanError as error:
        given = {key: text(form, key) for key in ("reader", "sheet", "encoding")}
        return await _new(request, source, error, given)
    return request.go(f"/imports/{stored.id}")


def _handed_over(form: FormData) -> NewUpload:
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Invalid(_("Choose a file."), ("file",))
    return NewUpload(
        file.filename,
        file.file,
        text(form, "reader") or None,
        sheet=text(form, "sheet").strip(),
        encoding=text(form, "encoding").strip(),
    )


async def _new(
    request: PageRequest,
    source: Source,
    error: BilanError | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    shown = {
        "source": source,
        "readers": request.services.imports.readers(source),
        "given": given or {},
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
    }
    return request.page("import_new.html", shown, status=error.status if error else 200)


@view
async def mapping(request: PageRequest) -> Response:
    """How the file's columns are read, to be corrected. One that is being read shows its run."""
    stored = await _stored(request)
    if stored.job is not None and stored.state not in OPEN:
        return request.go(f"/runs/{stored.job}")
    return await _mapping(request, stored)


@view
async def start(request: PageRequest) -> Response:
    """Take the corrections and have the file read, or go on where it stopped."""
    imports, stored, form = request.services.imports, await _stored(request), await request.form()
    try:
        if stored.mapping is not None and stored.state is UploadState.WAITING:
            stored = replace(stored, mapping=_corrected(stored.mapping, form))
            await imports.correct(request.actor, stored.id, stored.mapping or ColumnMapping("", ()))
        if text(form, "action") == "preview":
            return request.go(f"/imports/{stored.id}")
        if stored.mapping is not None and stored.state is UploadState.WAITING:
            await imports.preview(request.actor, stored.id)  # what cannot be read so is said here
        started = await imports.start(request.actor, stored.id)
    except BilanError as error:
        return await _mapping(request, stored, error)
    return request.go(f"/runs/{started.job}")


def _corrected(proposed: ColumnMapping, form: FormData) -> ColumnMapping:
    columns = tuple(
        Mapped(
            one.column,
            text(form, f"column.{place}", one.target),
            one.sample,
            text(form, f"written.{place}", one.written),
        )
        for place, one in enumerate(proposed.columns)
    )
    taken = {one.target for one in columns}
    given = {
        key.removeprefix("constant."): text(form, key).strip() for key in form if key.startswith("constant.")
    }
    constants = {**proposed.constants, **given}
    left = {key: one for key, one in constants.items() if one and key not in taken}
    return replace(proposed, columns=columns, constants=left)


async def _mapping(request: PageRequest, stored: Upload, error: BilanError | None = None) -> Response:
    services, proposed = request.services, stored.mapping
    source = await services.sources.get(request.actor, stored.source)
    reader = next((one for one in services.imports.readers(source) if one.key == stored.reader), None)
    dataset = services.registry.datasets.get(proposed.dataset) if proposed else None
    columns = dataset.columns if dataset else ()
    mapped = {one.target for one in proposed.columns} if proposed else set[str]()
    status = error.status if error else 200
    preview, error = await _preview(request, stored, error)
    shown = {
        "source": source,
        "upload": stored,
        "reader": reader.label if reader else stored.reader,
        "dataset": dataset.label if dataset else "",
        "mapping": proposed,
        "targets": columns,
        "orders": ORDERS,
        "marks": MARKS,
        "types": {one.name: one.type.value for one in columns},
        "labels": {one.name: one.label for one in columns},
        "preview": preview,
        "personal": allowed(request.actor, Action.IMPORT, sources=(source.id,), personal=True),
        "missing": [one for one in columns if one.dimension and one.name not in mapped],
        "mistakes": mistakes(error),
        "wrong": error.path[1] if error and error.path[:1] == ("mapping",) and len(error.path) > 1 else None,
    }
    # Hundreds of columns with a list of choices each: long enough to let others pass.
    return await anyio.to_thread.run_sync(partial(request.page, "import_map.html", shown, status=status))


async def _preview(
    request: PageRequest, stored: Upload, error: BilanError | None
) -> tuple[Preview | None, BilanError | None]:
    """What would be taken in; or the reason that the file cannot be read as it is mapped."""
    if error is not None or stored.state is not UploadState.WAITING:
        return None, error
    try:
        return await request.services.imports.preview(request.actor, stored.id), None
    except BilanError as refusal:
        return None, refusal


async def _stored(request: PageRequest) -> Upload:
    return await request.services.imports.get(request.actor, request.ident(_("There is no such import.")))
