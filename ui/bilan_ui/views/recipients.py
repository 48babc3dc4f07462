"""Recipients: the address book, whom reports may go to, and addresses to which nothing goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from zoneinfo import available_timezones

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from bilan.accounts.policy import Action, require
from bilan.recipients import (
    Audience,
    FirstEmail,
    ImportedRecipients,
    RecipientDraft,
    RecipientInfo,
    RecipientState,
)
from bilan.recipients.attributes import read_attributes, written_attributes
from bilan.recipients.book_import import LARGEST, decoded
from bilan.sdk.errors import BilanError, Invalid, NotFound
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import LANGUAGES, PageRequest
from bilan_ui.pages import view
from bilan_ui.recipient_words import ADVICE, FIRST_EMAILS, RECIPIENT_STATES
from bilan_ui.textdomain import _
from bilan_ui.upcoming import format_labels

TEXTS = ("address", "first_name", "last_name", "language", "zone")
NO_FILES = "none"
"""Stands for a recipient who gets no files at all."""
ENVELOPE = 64 * 1024
"""Bytes of a form around the file in it."""
PAGE = 50
"""Recipients on a page."""
USUAL = ""
"""What stands for the usual audience of a kind of report."""
ASKED = (RecipientState.NEW, RecipientState.WAITING, RecipientState.LAPSED)
"""Who can be asked to confirm their address."""


@view
async def recipients(request: PageRequest) -> Response:
    """The address book, a form to add somebody, and what is put aside."""
    return await _recipients(request)


@view
async def add(request: PageRequest) -> Response:
    """Write somebody down."""
    filled = _filled(await request.form())
    try:
        made = await request.services.address_book.add(request.actor, _draft(filled))
    except BilanError as error:
        return await _recipients(request, filled, error)
    return request.go("/recipients", say=_("{address} is in the address book.", address=made.address))


@view
async def take(request: PageRequest) -> Response:
    """Take a file of recipients, and say what became of its rows."""
    require(request.actor, Action.MANAGE_RECIPIENTS)  # before the file is read
    form = await request.form(files=1, size=LARGEST + ENVELOPE)
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise Invalid(_("Choose a file."), ("file",))
        text_of_file = decoded(await file.read())
        imported = await request.services.book_import.take(request.actor, text_of_file)
    except BilanError as error:
        return await _recipients(request, error=error)
    return await _recipients(request, imported=imported)


@view
async def attributes(request: PageRequest) -> Response:
    """Save what is known of somebody by name, of a person of the workspace too."""
    services, actor = request.services, request.actor
    found = await services.address_book.get(actor, request.ident(_("There is no such recipient.")))
    here = f"/recipients/{found.id}" if found.external else f"/people/{found.id}"
    written = text(await request.form(), "attributes")
    try:
        await services.recipient_attributes.change(actor, found.id, read_attributes(written))
    except BilanError as error:
        if not found.external:
            return request.go(here, say=error.message, kind="error")
        return await _recipient(request, found, _filled_from(found), error, written)
    return request.go(here, say=_("Saved."))


@view
async def rules(request: PageRequest) -> Response:
    """Save whom reports may go to."""
    form = await request.form()
    try:
        await request.services.recipient_rules.change(
            request.actor,
            domains=text(form, "domains").replace(",", " ").split(),
            audiences=_audiences(request, form),
            first_email=_first_email(text(form, "first_email")),
        )
    except BilanError as error:
        return await _recipients(request, error=error, written=form)
    return request.go("/recipients", say=_("Saved."))


@view
async def lift(request: PageRequest) -> Response:
    """Let e-mails go to an address again."""
    await request.services.suppressions.lift(request.actor, request.ident(_("There is no such address.")))
    return request.go("/recipients", say=_("E-mails go to this address again."))


@view
async def recipient(request: PageRequest) -> Response:
    """One external recipient."""
    found = await _found(request)
    return await _recipient(request, found, _filled_from(found))


@view
async def change(request: PageRequest) -> Response:
    """Correct somebody."""
    found, filled = await _found(request), _filled(await request.form())
    try:
        await request.services.address_book.edit(request.actor, found.id, _draft(filled))
    except BilanError as error:
        return await _recipient(request, found, filled, error)
    return request.go(f"/recipients/{found.id}", say=_("Saved."))


@view
async def ask(request: PageRequest) -> Response:
    """Ask somebody to confirm their address, also once more."""
    found = await _found(request)
    try:
        await request.services.confirmations.ask(request.actor, found.id)
    except BilanError as error:
        return await _recipient(request, found, _filled_from(found), error)
    said = _("An e-mail that asks for it is on its way to {address}.", address=found.address)
    return request.go(f"/recipients/{found.id}", say=said)


@view
async def erase(request: PageRequest) -> Response:
    """Erase somebody for good."""
    found = await _found(request)
    await request.services.recipient_erasure.erase(request.actor, found.id)
    return request.go("/recipients", say=_("The recipient is erased."))


async def _recipients(
    request: PageRequest,
    given: Mapping[str, Any] | None = None,
    error: BilanError | None = None,
    *,
    written: FormData | None = None,
    imported: ImportedRecipients | None = None,
) -> Response:
    services, actor, offset = request.services, request.actor, request.number("from")
    words = request.http.query_params.get("words", "")
    page = await services.address_book.list(actor, words=words, offset=offset, limit=PAGE)
    aside = request.number("suppressed")
    suppressed = await services.suppressions.list(actor, offset=aside, limit=PAGE)
    shown = {
        "found": page,
        "words": words,
        "states": RECIPIENT_STATES,
        "suppressions": suppressed.suppressions,
        "suppressed_pages": {
            "previous": f"/recipients?suppressed={max(aside - PAGE, 0)}#suppressed" if aside else None,
            "next": f"/recipients?suppressed={aside + PAGE}#suppressed"
            if aside + PAGE < suppressed.total
            else None,
        },
        "imported": imported,
        "given": given or _filled_from(None),
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
        "rules": await _rules(request, written),
        "pages": {
            "previous": _address(words, max(offset - PAGE, 0)) if offset else None,
            "next": _address(words, offset + PAGE) if offset + PAGE < page.total else None,
        },
        **_choices(request),
    }
    return request.page("recipients.html", shown, status=error.status if error else 200)


async def _rules(request: PageRequest, written: FormData | None) -> Mapping[str, object]:
    """The rules as they are, or as somebody wrote them."""
    rules = await request.services.recipient_rules.get(request.actor)
    kinds = sorted(request.services.registry.reports.values(), key=lambda one: request.say(one.label))
    chosen = {one.key: str(rules.audiences.get(one.key, USUAL)) for one in kinds}
    if written is not None:
        chosen = {key: text(written, f"audience.{key}") for key in chosen}
    return {
        "domains": " ".join(rules.domains) if written is None else text(written, "domains"),
        "first_email": str(rules.first_email) if written is None else text(written, "first_email"),
        "first_emails": FIRST_EMAILS,
        "kinds": kinds,
        "chosen": chosen,
    }


async def _recipient(
    request: PageRequest,
    found: RecipientInfo,
    given: Mapping[str, Any],
    error: BilanError | None = None,
    written: str | None = None,
) -> Response:
    known = await request.services.recipient_attributes.get(request.actor, found.id)
    shown = {
        "attributes": written_attributes(known) if written is None else written,
        "recipient": found,
        "state": RECIPIENT_STATES[found.state],
        "advice": ADVICE.get(found.state),
        "askable": found.state in ASKED,
        "given": given,
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
        **_choices(request),
    }
    return request.page("recipient.html", shown, status=error.status if error else 200)


async def _found(request: PageRequest) -> RecipientInfo:
    missing = _("There is no such recipient.")
    found = await request.services.address_book.get(request.actor, request.ident(missing))
    if not found.external:  # people have a page of their own
        raise NotFound(missing)
    return found


def _choices(request: PageRequest) -> dict[str, object]:
    none = {NO_FILES: _("none, the figures alone")}
    return {
        "language_choices": dict(LANGUAGES),
        "zones": sorted(available_timezones()),
        "format_choices": {**none, **format_labels(request)},
    }


def _filled(form: FormData) -> dict[str, Any]:
    chosen = [one for one in form.getlist("formats") if isinstance(one, str)]
    return {**{key: text(form, key) for key in TEXTS}, "formats": chosen}


def _filled_from(found: RecipientInfo | None) -> dict[str, Any]:
    """What stands in the form at first."""
    draft = RecipientDraft("") if found is None else found
    formats = [NO_FILES] if draft.formats == () else list(draft.formats or ())
    return {**{key: str(getattr(draft, key) or "") for key in TEXTS}, "formats": formats}


def _formats(chosen: Sequence[str]) -> tuple[str, ...] | None:
    """The files that were chosen. Raises ``Invalid``."""
    if NO_FILES not in chosen:
        return tuple(chosen) or None
    if len(chosen) > 1:
        raise Invalid(_("Choose files, or that there are none."), ("formats",))
    return ()


def _draft(filled: Mapping[str, Any]) -> RecipientDraft:
    return RecipientDraft(
        filled["address"],
        filled["first_name"],
        filled["last_name"],
        filled["language"] or None,
        filled["zone"] or None,
        _formats(filled["formats"]),
    )


def _audiences(request: PageRequest, form: FormData) -> dict[str, Audience]:
    given = {key: text(form, f"audience.{key}") for key in request.services.registry.reports}
    try:
        return {key: Audience(one) for key, one in given.items() if one != USUAL}
    except ValueError as error:
        raise Invalid(_("Choose who may receive it from the list."), ("audiences",)) from error


def _first_email(given: str) -> FirstEmail:
    try:
        return FirstEmail(given)
    except ValueError as error:
        raise Invalid(_("Choose what comes first from the list."), ("first_email",)) from error


def _address(words: str, offset: int) -> str:
    return f"/recipients?{urlencode({'words': words, 'from': offset})}"
