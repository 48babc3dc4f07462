"""Webhooks: places that reports are posted to, listed, added, changed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import available_timezones

from starlette.datastructures import FormData
from starlette.responses import Response

from bilan.accounts.policy import Action, require
from bilan.recipients import RecipientInfo, TargetDraft
from bilan.sdk.channels import Channel
from bilan.sdk.errors import BilanError, Conflict, TooMany
from bilan.sdk.messages import Message
from bilan.sdk.parameters import Choice, ParameterKind
from bilan_ui.fields import Field
from bilan_ui.forms import fields, mistakes, raw_values, text, wrong_in
from bilan_ui.page_request import LANGUAGES, PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _

CHANNEL = "webhook"
MISSING = _("There is no such webhook.")


@dataclass(frozen=True)
class FilledWebhook:
    """What stands in the form of a webhook: a new one, or one that is there."""

    name: str = ""
    language: str = ""
    zone: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict[str, Any])
    webhook: RecipientInfo | None = None


@view
async def webhooks(request: PageRequest) -> Response:
    """The places that reports can be posted to."""
    found = await request.services.targets.list(request.actor)
    return request.page("webhooks.html", {"webhooks": found, "readers": _readers(request)})


@view
async def new(request: PageRequest) -> Response:
    """The form of a new one."""
    require(request.actor, Action.MANAGE_RECIPIENTS)
    return _form(request, FilledWebhook())


@view
async def add(request: PageRequest) -> Response:
    """Write it down."""
    filled = _filled(_channel(request), await request.form())
    try:
        made = await request.services.targets.add(request.actor, CHANNEL, _draft(filled))
    except BilanError as error:
        return _form(request, filled, error)
    said = _("{name} is added; choose it where a report is sent or scheduled.", name=made.name)
    return request.go("/webhooks", say=said)


@view
async def edit(request: PageRequest) -> Response:
    """The form of one that is there. Its secrets are not in it."""
    found = await _found(request)
    return _form(
        request, FilledWebhook(found.name, found.language or "", found.zone or "", found.settings, found)
    )


@view
async def change(request: PageRequest) -> Response:
    """Save it; a secret that is left empty stays."""
    found = await _found(request)
    filled = _filled(_channel(request), await request.form(), found)
    try:
        await request.services.targets.edit(request.actor, found.id, _draft(filled))
    except BilanError as error:
        return _form(request, filled, error)
    return request.go("/webhooks", say=_("Saved."))


@view
async def test(request: PageRequest) -> Response:
    """Post a test there, and show what is answered."""
    found = await _found(request)
    try:
        tested = await request.services.target_tests.send(request.actor, found.id)
    except (Conflict, TooMany) as error:
        return request.go(f"/webhooks/{found.id}", say=error.message, kind="error")
    kind = "success" if tested.taken else "error"
    return request.go(f"/webhooks/{found.id}", say=tested.said, kind=kind)


@view
async def remove(request: PageRequest) -> Response:
    """Post nothing there any more."""
    await request.services.targets.remove(request.actor, request.ident(MISSING))
    return request.go("/webhooks", say=_("The webhook is removed."))


async def _found(request: PageRequest) -> RecipientInfo:
    return await request.services.targets.get(request.actor, request.ident(MISSING))


def _channel(request: PageRequest) -> Channel:
    return request.services.registry.channels[CHANNEL]


def _readers(request: PageRequest) -> dict[str, Message | str]:
    """What reads webhooks, by the value of their setting."""
    (form,) = (one for one in _channel(request).settings if one.kind is ParameterKind.CHOICE)
    return {} if callable(form.choices) else {one.value: one.label for one in form.choices}


def _filled(channel: Channel, form: FormData, found: RecipientInfo | None = None) -> FilledWebhook:
    raw = raw_values(channel.settings, form)
    return FilledWebhook(text(form, "name"), text(form, "language"), text(form, "zone"), raw, found)


def _draft(filled: FilledWebhook) -> TargetDraft:
    return TargetDraft(filled.name, filled.raw, filled.language or None, filled.zone or None)


def _form(request: PageRequest, filled: FilledWebhook, error: BilanError | None = None) -> Response:
    settings, wrong, found = _channel(request).settings, wrong_in(error), filled.webhook
    offered = {one.key: one.choices for one in settings if not callable(one.choices)}
    languages = (Choice("", _("that of the workspace")), *(Choice(code, name) for code, name in LANGUAGES))
    shown = {
        "webhook": found,
        "action": f"/webhooks/{found.id}" if found else "/webhooks/new",
        "fields": [
            Field("name", _("What to call it"), "text", filled.name, error=wrong.get("name"), required=True),
            *fields(settings, filled.raw, offered, [error] if error else []),
            Field("language", _("Language"), "select", filled.language, error=wrong.get("language"),
                  options=languages),
            Field("zone", _("Time zone"), "zone", filled.zone, _("That of the report without one."),
                  wrong.get("zone")),
        ],
        "secrets": {one.key for one in settings if one.kind is ParameterKind.SECRET} if found else set[str](),
        "mistakes": mistakes(error),
        "zones": sorted(available_timezones()),
    }  # fmt: skip
    return request.page("webhook.html", shown, status=error.status if error else 200)
