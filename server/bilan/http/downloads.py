"""Files of runs, for browsers and programs alike."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bilan.accounts.policy import signed_in
from bilan.http.attachments import attachment
from bilan.sdk.errors import Conflict, NotFound
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.runs.values import Artifact
    from bilan.services import Services


def download_route(services: Services) -> Route:
    """``/files/{run}/{file}``: a file that was rendered, to those who may see the run."""

    async def download(request: Request) -> Response:
        run = await services.runs.get(signed_in(request.state.actor), _uuid(request.path_params["run"]))
        wanted = _uuid(request.path_params["file"])
        if run.erasure is not None:
            raise Conflict(run.erasure, ("run",))
        for artifact in run.artifacts:
            if artifact.id == wanted:
                return send_file(services, artifact)
        raise NotFound(_("This run has no such file."))

    return Route("/files/{run}/{file}", download, name="files")


def send_file(services: Services, artifact: Artifact) -> Response:
    """The file as a download, streamed from where files are kept."""
    return StreamingResponse(
        services.files.stream(artifact.sha256),
        media_type=artifact.media_type,
        headers={
            "content-disposition": attachment(artifact.file_name),
            "content-length": str(artifact.size),
            "etag": f'"{artifact.sha256}"',
            "cache-control": "no-store",
        },
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound(_("There is no such file.")) from error
