"""Sharing a report: with whom and how, who can see it, and what became of it. See docs/sharing.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from starlette.datastructures import FormData
from starlette.responses import Response

from bilan.accounts.passwords import generated
from bilan.runs.values import Run
from bilan.sdk.errors import BilanError, Conflict, NotFound
from bilan.sdk.parameters import Choice
from bilan.shares import NewShare, Share, ShareDraft, ShareOptions
from bilan_ui.fields import Field
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import LANGUAGES, PageRequest
from bilan_ui.pages import view
from bilan_ui.recipient_groups import offered
from bilan_ui.textdomain import _
from bilan_ui.views.history import full_title

PAGE = 50
"""Shares on a page."""
NAMED = re.compile(r"<([^<>]*)>")
"""An address behind a name, as mail programs copy it."""


@view
async def form(request: PageRequest) -> Response:
    """The form for a run."""
    draft = ShareDraft(viewers=(), key=uuid4().hex, password=generated())
    return await _form(request, draft, await _run(request))


@view
async def of_report(request: PageRequest) -> Response:
    """The form for the last run of a saved report."""
    saved = await request.services.reports.get(request.actor, request.ident(_("There is no such report.")))
    found = (await request.services.runs.latest(request.actor, [saved.id])).get(saved.id)
    if found is None or found.shown is None:
        raise Conflict(_("Run this report first; then it can be shared."))
    return request.go(f"/runs/{found.shown.id}/share")


@view
async def create(request: PageRequest) -> Response:
    """Share the run; its password is shown this once."""
    run, given = await _run(request), await request.form()
    draft = _read(given)
    try:
        made = await request.services.shares.create(request.actor, run.id, draft)
    except BilanError as error:
        return await _form(request, draft, run, error)
    return await _share(request, made)


@view
async def shares(request: PageRequest) -> Response:
    """The shares of the workspace; those that are over only where they are asked for."""
    offset, over = request.number("from"), "over" in request.http.query_params
    page = await request.services.shares.of_workspace(
        request.actor, running=not over, offset=offset, limit=PAGE
    )
    base = "/shares?over=1&from=" if over else "/shares?from="
    shown = {
        "shares": page.shares,
        "over": over,
        "pages": {
            "previous": f"{base}{max(offset - PAGE, 0)}" if offset else None,
            "next": f"{base}{offset + PAGE}" if offset + PAGE < page.total else None,
        },
    }
    return request.page("all_shares.html", shown)


@view
async def share(request: PageRequest) -> Response:
    """Who can see the report, and who opened what and when."""
    found = await request.services.shares.get(request.actor, _id(request))
    return await _share(request, NewShare(found, ""))


@view
async def add(request: PageRequest) -> Response:
    """Share it with more viewers, who get the password that the others have."""
    given, shares = await request.form(), request.services.shares
    viewers, password = _viewers(given), text(given, "password")
    try:
        found = await shares.add_viewers(
            request.actor,
            _id(request),
            viewers,
            password,
            separately=bool(given.get("separately")),
            key=await request.key(),
        )
    except BilanError as error:
        return await _wrong(request, error, given, ", ".join(viewers))
    return request.go(f"/shares/{found.id}", say=_("The e-mails are on their way."))


@view
async def revoke(request: PageRequest) -> Response:
    """Take a viewer's access away."""
    try:
        viewer = UUID(request.http.path_params["viewer"])
    except ValueError as error:
        raise NotFound(_("There is no such share.")) from error
    found = await request.services.shares.revoke(request.actor, _id(request), viewer)
    return request.go(f"/shares/{found.id}", say=_("The access is revoked."))


@view
async def password(request: PageRequest) -> Response:
    """Set another password, which is shown this once."""
    given = await request.form()
    try:
        made = await request.services.shares.change_password(
            request.actor,
            _id(request),
            # The page brings one, so that the form sent twice sets and shows the same.
            text(given, "new") or text(given, "made"),
            tell=bool(given.get("tell")),
            key=await request.key(),
        )
    except BilanError as error:
        # The field of a new password has a name of its own on this page.
        error = type(error)(error.message, ("new",)) if error.path == ("password",) else error
        return await _wrong(request, error, given)
    return await _share(request, made, changed="told" if given.get("tell") else "untold")


@view
async def change(request: PageRequest) -> Response:
    """Change until when and how it opens."""
    given = await request.form()
    days = text(given, "days").strip()
    options = ShareOptions(
        days=_number(given, "days") if days else None,
        views=_number(given, "views") if text(given, "views").strip() else None,
        downloads=bool(given.get("downloads")),
        language=text(given, "language") or None,
        origins=tuple(text(given, "origins").split()),
    )
    try:
        found = await request.services.shares.edit(request.actor, _id(request), options)
    except BilanError as error:
        return await _wrong(request, error, given, options=options)
    return request.go(f"/shares/{found.id}", say=_("The options are changed."))


@view
async def stop(request: PageRequest) -> Response:
    """End the share for everybody."""
    found = await request.services.shares.stop(request.actor, _id(request))
    return request.go(f"/shares/{found.id}", say=_("The report is no longer shared."))


async def _wrong(
    request: PageRequest,
    error: BilanError,
    given: FormData,
    viewers: str = "",
    options: ShareOptions | None = None,
) -> Response:
    if not error.path or error.path[0] not in ("viewers", "password", "new", "days", "views", "origins"):
        raise error
    found = await request.services.shares.get(request.actor, _id(request))
    return await _share(
        request, NewShare(found, ""), error=error, viewers=viewers, given=given, options=options
    )


async def _run(request: PageRequest) -> Run:
    return await request.services.runs.get(request.actor, request.ident(_("There is no such run.")))


def _id(request: PageRequest) -> UUID:
    return request.ident(_("There is no such share."))


def _viewers(given: FormData) -> tuple[str, ...]:
    """The addresses that were typed, pasted or ticked, each once."""
    typed = [one for part in re.split(r"[,;\n]", text(given, "viewers")) for one in _addresses(part)]
    ticked = [one for one in given.getlist("people") if isinstance(one, str)]
    return tuple(dict.fromkeys([*typed, *ticked]))


def _addresses(part: str) -> list[str]:
    named = NAMED.findall(part)
    return [one.strip() for one in named] if named else part.split()


def _number(given: FormData, key: str) -> int:
    found = text(given, key).strip()
    return int(found) if found.isascii() and found.isdigit() and len(found) < 7 else 0


def _read(given: FormData) -> ShareDraft:
    return ShareDraft(
        viewers=_viewers(given),
        key=text(given, "key"),
        latest=text(given, "shows") == "latest",
        password=text(given, "password"),
        message=text(given, "message"),
        days=_number(given, "days"),
        views=_number(given, "views") if text(given, "views").strip() else None,
        downloads=bool(given.get("downloads")),
        language=text(given, "language") or None,
        origins=tuple(text(given, "origins").split()),
        separately=bool(given.get("separately")),
    )


async def _form(
    request: PageRequest, draft: ShareDraft, run: Run, error: BilanError | None = None
) -> Response:
    people = offered(await request.services.shares.eligible(request.actor, run.id))
    title, wrong = await full_title(request, run), wrong_in(error)
    addresses = {one.value for one in people}
    shown = {
        "title": title,
        "back": {"href": f"/runs/{run.id}", "label": title},
        "action": f"/runs/{run.id}/share",
        "draft": draft if draft.password else replace(draft, password=generated()),
        "typed": ", ".join(one for one in draft.viewers if one not in addresses),
        "fields": _fields(draft, people, wrong),
        "may_follow": run.report is not None,
        "mistakes": mistakes(error),
        "wrong": wrong,
        "outbox": not request.services.settings.mail_url,
    }
    return request.page("share.html", shown, status=error.status if error else 200)


def _fields(draft: ShareDraft, people: tuple[Choice, ...], wrong: Mapping[str, Any]) -> dict[str, Field]:
    picked = Field("people", _("People and address book"), "checks", list(draft.viewers), options=people)
    days = Field("days", _("Days until it ends"), "number", draft.days, error=wrong.get("days"))
    return {"people": picked, "days": days} | _options(draft, wrong)


def _options(given: ShareDraft | ShareOptions, wrong: Mapping[str, Any]) -> dict[str, Field]:
    """The fields that a share has from the beginning and when its options are changed."""
    languages = (Choice("", _("that of each viewer")), *(Choice(code, name) for code, name in LANGUAGES))
    found = (
        Field(
            "views", _("How often each viewer may open it"), "number",
            "" if given.views is None else given.views,
            error=wrong.get("views"), help=_("Left empty, as often as they like."),
        ),
        Field("language", _("Language"), "select", given.language or "", options=languages),
    )  # fmt: skip
    return {one.name: one for one in found}


async def _share(
    request: PageRequest,
    made: NewShare,
    *,
    error: BilanError | None = None,
    viewers: str = "",
    changed: str = "",
    given: FormData | None = None,
    options: ShareOptions | None = None,
) -> Response:
    found: Share = made.share
    wrong = wrong_in(error)
    options = options or ShareOptions(None, found.most_views, found.downloads, found.language, found.origins)
    days = Field(
        "days", _("Days until it ends, from now"), "number", options.days or "",
        error=wrong.get("days"), help=_("Left empty, it ends when it would have."),
    )  # fmt: skip
    if found.run is not None:
        back = {"href": f"/runs/{found.run}", "label": found.title}
    else:
        back = {"href": f"/reports/{found.report}", "label": found.title}
    shown = {
        "one": found,
        "languages": dict(LANGUAGES),
        "password": made.password,
        "changed": changed,
        "typed": viewers,
        "ticked": [name for name in ("separately", "tell") if given is not None and given.get(name)],
        "made": generated(),
        "options": options,
        "fields": {"days": days} | _options(options, wrong),
        "back": back,
        "mistakes": mistakes(error),
        "wrong": wrong,
        "outbox": not request.services.settings.mail_url,
    }
    return request.page("share_viewers.html", shown, status=error.status if error else 200)
