"""The first visit to an empty server: workspace and owner on one page."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import available_timezones

from starlette.responses import Response

from bilan.first_owner import FirstOwner, is_awaited, make_first_owner
from bilan.http.problems import retry_headers
from bilan.sdk.errors import BilanError
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import LANGUAGES, PageRequest
from bilan_ui.pages import QUIET, open_view
from bilan_ui.textdomain import _
from bilan_ui.views.login import let_in

FIELDS = ("code", "workspace", "name", "email", "zone", "language")


@open_view
async def first_owner(request: PageRequest) -> Response:
    """The page, as long as there is nobody; whoever comes later signs in."""
    if not await is_awaited(request.services):
        return request.go("/sign-in")
    code = request.http.query_params.get("code", "")
    reads, _dash, _territory = request.formatter.language.partition("-")
    language = reads if reads in dict(LANGUAGES) else "en"
    return _page(request, dict.fromkeys(FIELDS, "") | {"code": code, "zone": "UTC", "language": language})


@open_view
async def make(request: PageRequest) -> Response:
    """Make workspace and owner, and sign them in."""
    form = await request.form()
    filled = {field: text(form, field) for field in FIELDS}
    password = text(form, "password")
    agent = request.http.headers.get("user-agent", "")
    try:
        given = FirstOwner(
            workspace=filled["workspace"],
            name=filled["name"],
            email=filled["email"],
            password=password,
            zone=filled["zone"],
            language=filled["language"],
        )
        member = await make_first_owner(request.services, filled["code"], given, ip=request.ip)
        signed = await request.services.sessions.sign_in(
            member.email, password, ip=request.ip, user_agent=agent
        )
    except BilanError as error:
        return _page(request, filled, error)
    return let_in(
        request, signed, "/sources/new", say=_("Welcome. Begin with a source: where your figures come from.")
    )


def _page(request: PageRequest, given: Mapping[str, str], error: BilanError | None = None) -> Response:
    shown = {
        "given": given,
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
        "zones": sorted(available_timezones()),
        "language_choices": dict(LANGUAGES),
    }
    answer = request.page("first_owner.html", shown, status=error.status if error else 200)
    answer.headers.update(QUIET)
    if error is not None:
        answer.headers.update(retry_headers(error))
    return answer
