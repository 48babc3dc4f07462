"""Checking a file: anybody is told whether it was made here and is unchanged. See docs/decisions/121."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

import anyio.to_thread
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from bilan.delivery.public_check import CheckedHash
from bilan.sdk.errors import BilanError
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import open_view

if TYPE_CHECKING:
    import io

LARGEST = 20_000_000
"""Bytes of a file that anybody may send; of a larger one they give the hash."""
FRAME = 64 * 1024
"""What a form adds to its file."""


@open_view
async def check(request: PageRequest) -> Response:
    """The form."""
    return _page(request)


@open_view
async def checked(request: PageRequest) -> Response:
    """What is known of a file, or of a hash. Nothing of either is kept."""
    check = request.services.public_check
    await check.admit(request.ip)
    form = await request.form(files=1, size=LARGEST + FRAME)
    given = text(form, "sha256")
    try:
        found = await check.check(await _hash(form) or given)
    except BilanError as error:
        return _page(request, error=error, given=given)
    return _page(request, found, given=given)


async def _hash(form: FormData) -> str:
    """That of the file, where one was sent."""
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return ""
    sent = cast("io.BufferedIOBase", file.file)
    return (await anyio.to_thread.run_sync(hashlib.file_digest, sent, "sha256")).hexdigest()


def _page(
    request: PageRequest,
    found: CheckedHash | None = None,
    *,
    error: BilanError | None = None,
    given: str = "",
) -> Response:
    shown = {
        "found": found,
        "given": given,
        "largest": LARGEST,
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
    }
    return request.page("check.html", shown, status=error.status if error else 200)
