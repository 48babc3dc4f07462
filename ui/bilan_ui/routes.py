"""Which address shows which view."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bilan.sdk.errors import NotFound
from bilan.sdk.messages import messages
from bilan.sdk.plugins import Routes
from bilan_ui.pages import STATIC, Visit, failure
from bilan_ui.views import account, entrance, imports, people, reports, runs, sources, tokens

_, n_ = messages("ui")

GET, POST = ["GET"], ["POST"]


async def missing(request: Request, error: Exception) -> Response:  # noqa: ARG001 - Starlette's shape
    """A page for people, JSON for programs."""
    refusal = NotFound(_("There is no page at this address."))
    if "text/html" not in request.headers.get("accept", "") or not hasattr(request.state, "actor"):
        return JSONResponse({"error": {"code": refusal.code, "message": str(refusal)}}, status_code=404)
    return failure(Visit(request), refusal)


ROUTES = Routes(
    routes=(
        Route("/", entrance.start, methods=GET),
        Route("/sign-in", entrance.sign_in_form, methods=GET),
        Route("/sign-in", entrance.sign_in, methods=POST),
        Route("/sign-out", entrance.sign_out, methods=POST),
        Route("/language", entrance.language, methods=POST),
        Route("/reports", reports.reports, methods=GET),
        Route("/reports/new", reports.kinds, methods=GET),
        Route("/reports/new/{kind}", reports.new, methods=GET),
        Route("/reports/new/{kind}", reports.create, methods=POST),
        Route("/reports/{id}", reports.report, methods=GET),
        Route("/reports/{id}/edit", reports.edit, methods=GET),
        Route("/reports/{id}/edit", reports.change, methods=POST),
        Route("/reports/{id}/copy", reports.copy, methods=POST),
        Route("/reports/{id}/delete", reports.delete, methods=POST),
        Route("/reports/{id}/run", reports.run, methods=POST),
        Route("/runs", runs.runs, methods=GET),
        Route("/runs/{id}", runs.run, methods=GET),
        Route("/runs/{id}/cancel", runs.cancel, methods=POST),
        Route("/runs/{id}/again", runs.again, methods=POST),
        Route("/runs/{id}/files/{format}", runs.download, methods=GET),
        Route("/sources", sources.sources, methods=GET),
        Route("/sources/new", sources.kinds, methods=GET),
        Route("/sources/new/{plugin}/{kind}", sources.new, methods=GET),
        Route("/sources/new/{plugin}/{kind}", sources.add, methods=POST),
        Route("/sources/{id}", sources.source, methods=GET),
        Route("/sources/{id}/edit", sources.edit, methods=GET),
        Route("/sources/{id}/edit", sources.change, methods=POST),
        Route("/sources/{id}/rotate", sources.rotate, methods=POST),
        Route("/sources/{id}/remove", sources.remove, methods=POST),
        Route("/sources/{id}/rejects", sources.rejects, methods=GET),
        Route("/sources/{id}/rejects.{format}", sources.rejects_file, methods=GET),
        Route("/sources/{id}/import", imports.new, methods=GET),
        Route("/sources/{id}/import", imports.upload, methods=POST),
        Route("/imports/{id}", imports.mapping, methods=GET),
        Route("/imports/{id}/start", imports.start, methods=POST),
        Route("/people", people.people, methods=GET),
        Route("/people", people.add, methods=POST),
        Route("/people/{id}", people.person, methods=GET),
        Route("/people/{id}", people.change, methods=POST),
        Route("/people/{id}/close", people.close, methods=POST),
        Route("/tokens", tokens.tokens, methods=GET),
        Route("/tokens", tokens.create, methods=POST),
        Route("/tokens/{id}/revoke", tokens.revoke, methods=POST),
        Route("/account", account.account, methods=GET),
        Route("/account", account.change, methods=POST),
        Route("/account/password", account.password, methods=POST),
        Route("/account/sign-out-everywhere", account.sign_out_everywhere, methods=POST),
        Mount("/static", StaticFiles(directory=STATIC, packages=[("bilan.rendering", "static")]), name="static"),
    ),
    errors={404: missing},
)
