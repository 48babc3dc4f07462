"""Sending a report by e-mail: the form, the e-mail as it will look, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID, uuid4

from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from bilan.delivery.values import Mode, NewSending
from bilan.recipients import RecipientInfo
from bilan.runs.values import Purpose, Run
from bilan.sdk.errors import BilanError, Conflict
from bilan.sdk.parameters import Choice
from bilan_ui.fields import Field
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import LANGUAGES, PageRequest
from bilan_ui.pages import view
from bilan_ui.recipient_groups import offered
from bilan_ui.textdomain import _

FRAME = {
    "content-security-policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
    ),
    "x-frame-options": "SAMEORIGIN",
    "cache-control": "no-store",
}
"""An e-mail shown inside a page: rendered, and able to do nothing."""
MODES = (
    Choice(Mode.LINK, _("as links that expire")),
    Choice(Mode.ATTACH, _("attached, as long as they are small enough")),
)

USUAL = ("pdf",)
"""What goes along unless somebody chooses otherwise."""


@dataclass(frozen=True)
class _Target:
    """What is sent: a run, or a saved report that is run first."""

    title: str
    back: str
    action: str
    kind: str
    people: tuple[RecipientInfo, ...]
    run: UUID | None = None
    report: UUID | None = None


@view
async def run_form(request: PageRequest) -> Response:
    """The form for a run that has been built."""
    target = await _run(request)
    return await _form(request, target, _new(request, target))


@view
async def send_run(request: PageRequest) -> Response:
    """Send the run, or show the e-mail first."""
    return await _take(request, await _run(request))


@view
async def report_form(request: PageRequest) -> Response:
    """The form for a saved report."""
    target = await _report(request)
    return await _form(request, target, _new(request, target))


@view
async def send_report(request: PageRequest) -> Response:
    """Run the report, and send it as soon as it is built."""
    return await _take(request, await _report(request))


@view
async def preview(request: PageRequest) -> Response:
    """The e-mail as it will look, to be shown inside the form's page."""
    query = request.http.query_params
    new = NewSending(
        to=(),
        key="preview",
        mode=_mode(query.get("mode", "")),
        formats=tuple(query.getlist("formats")),
        language=query.get("language") or None,
        days=request.number("days") or 7,
        message=query.get("message", ""),
    )
    ident = request.ident(_("There is no such run."))
    html = await request.services.deliveries.preview(request.actor, ident, new)
    return HTMLResponse(html, headers=FRAME)


@view
async def arrived(request: PageRequest) -> Response:
    """An e-mail that nobody knew the end of did arrive."""
    settled = await request.services.resolve_unknown.mark_delivered(
        request.actor, request.ident(_("There is no such delivery."))
    )
    return request.go(f"/runs/{settled.run}#deliveries")


@view
async def again(request: PageRequest) -> Response:
    """An e-mail that nobody knows the end of is sent once more."""
    sent = await request.services.resolve_unknown.resend(
        request.actor, request.ident(_("There is no such delivery."))
    )
    return request.go(f"/runs/{sent.deliveries[0].run}#deliveries", say=_("It is on its way."))


async def _run(request: PageRequest) -> _Target:
    run = await request.services.runs.get(request.actor, request.ident(_("There is no such run.")))
    if run.purpose is not Purpose.REPORT or run.document_sha256 is None:
        raise Conflict(_("This run has no report to send."))
    if run.erasure is not None:
        raise Conflict(run.erasure)
    people = await request.services.deliveries.eligible(request.actor, run.id)
    here = f"/runs/{run.id}"
    return _Target(_title(request, run), here, f"{here}/send", run.kind, people, run=run.id)


async def _report(request: PageRequest) -> _Target:
    services, actor = request.services, request.actor
    saved = await services.reports.get(actor, request.ident(_("There is no such report.")))
    people = await services.deliveries.eligible_for_report(actor, saved.id)
    here = f"/reports/{saved.id}"
    return _Target(saved.name, here, f"{here}/send", saved.kind, people, report=saved.id)


def _new(request: PageRequest, target: _Target) -> NewSending:
    own = (request.actor.email,) if request.actor.person else ()
    usual = tuple(one for one in USUAL if one in request.services.registry.renderers_of(target.kind))
    return NewSending(to=own, key=uuid4().hex, formats=usual)


async def _take(request: PageRequest, target: _Target) -> Response:
    new = _read(await request.form())
    if text(await request.form(), "then") == "preview":
        return await _form(request, target, new)
    deliveries, actor = request.services.deliveries, request.actor
    try:
        if target.run is not None:
            sent = await deliveries.send_run(actor, target.run, new)
            return request.go(f"/runs/{target.run}#deliveries", say=_("It is on its way."))
        assert target.report is not None  # noqa: S101 - one of the two is there
        sent = await deliveries.send_report(actor, target.report, new)
    except BilanError as error:
        return await _form(request, target, new, error)
    return request.go(f"/runs/{sent.run.id}", say=_("It is sent as soon as it is built."))


def _read(form: FormData) -> NewSending:
    days = text(form, "days")
    return NewSending(
        to=_texts(form, "to"),
        key=text(form, "key"),
        mode=_mode(text(form, "mode")),
        formats=_texts(form, "formats"),
        language=text(form, "language") or None,
        days=int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0,
        message=text(form, "message"),
    )


def _texts(form: FormData, key: str) -> tuple[str, ...]:
    return tuple(one for one in form.getlist(key) if isinstance(one, str))


def _mode(given: str) -> Mode:
    return Mode.ATTACH if given == Mode.ATTACH else Mode.LINK


async def _form(
    request: PageRequest, target: _Target, new: NewSending, error: BilanError | None = None
) -> Response:
    shown = {
        "title": target.title,
        "back": {"href": target.back, "label": target.title},
        "action": target.action,
        "new": new,
        "fields": _fields(request, target, new, error),
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
        "preview": _preview(target, new),
        "outbox": not request.services.settings.mail_url,
    }
    return request.page("send.html", shown, status=error.status if error else 200)


def _preview(target: _Target, new: NewSending) -> str | None:
    if target.run is None:
        return None
    asked = [("mode", new.mode), ("days", str(new.days)), ("message", new.message)]
    asked += [("language", new.language or ""), *(("formats", one) for one in new.formats)]
    return f"/runs/{target.run}/send/preview?{urlencode(asked)}"


def _fields(request: PageRequest, target: _Target, new: NewSending, error: BilanError | None) -> list[Field]:
    wrong = wrong_in(error)
    people = offered(target.people)
    renderers = request.services.registry.renderers_of(target.kind)
    formats = tuple(Choice(one.format, one.label) for one in renderers.values())
    languages = (Choice("", _("that of each recipient")), *(Choice(code, name) for code, name in LANGUAGES))
    return [
        Field(
            "to", _("To"), "checks", list(new.to), error=wrong.get("to"), options=people, required=True,
            help=_(
                "People of this workspace, whatever their roles, and external recipients of its address"
                " book. Who has not confirmed an external address is asked to first."
            ),
        ),
        Field("formats", _("Files"), "checks", list(new.formats), error=wrong.get("format"), options=formats),
        Field("mode", _("How files arrive"), "radios", new.mode, options=MODES),
        Field(
            "days", _("Days that links last"), "number", new.days, error=wrong.get("days"),
            help=_("An expired link offers to send a fresh one to the same address."),
        ),
        Field("language", _("Language"), "select", new.language or "", options=languages),
    ]  # fmt: skip


def _title(request: PageRequest, found: Run) -> str:
    return found.title or request.formatter.text(request.services.registry.report_label(found.kind))
