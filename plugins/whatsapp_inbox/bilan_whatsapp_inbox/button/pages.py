"""The pages on which buttons are made, with what a web site needs of them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bilan.sdk import (
    Forbidden,
    Invalid,
    Message,
    NotFound,
    RouteContext,
    RoutePage,
    RouteReply,
    RouteRequest,
    RouteSource,
)
from bilan_whatsapp_inbox.button.buttons import (
    LONGEST_NAME,
    LONGEST_TEXT,
    Button,
    checked,
    directory,
    new_ident,
)
from bilan_whatsapp_inbox.button.following import UTM
from bilan_whatsapp_inbox.textdomain import _, ngettext

TITLE = _("WhatsApp buttons")
TOLD_TEXTS = frozenset({"whatsapp_cloud", "chatwoot", "inbox_events"})
"""The kinds of source whose messages come with their texts, in which a reference is found."""
FIELDS = ("name", "number", "text")
UTM_LABELS = {
    "utm_source": _("UTM source"),
    "utm_medium": _("UTM medium"),
    "utm_campaign": _("UTM campaign"),
    "utm_term": _("UTM term"),
    "utm_content": _("UTM content"),
}

_environment = Environment(
    loader=PackageLoader("bilan_whatsapp_inbox", "button/templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


async def buttons(request: RouteRequest, context: RouteContext) -> RoutePage | RouteReply:
    """The buttons there are, and a form that makes one."""
    given = dict.fromkeys(FIELDS, "") | {"source": ""}
    if request.method == "POST":
        given |= {name: request.form.get(name, "") for name in given}
        try:
            return await _make(given, context)
        except Invalid as error:
            return await _list(context, given, error, status=error.status)
    return await _list(context, given)


async def button(request: RouteRequest, context: RouteContext) -> RoutePage | RouteReply:
    """One button: its link and QR code, and a form that changes or removes it."""
    found, source = await _find(request, context)
    given = {"name": found.name, "number": f"+{found.number}", "text": found.text}
    if request.method != "POST":
        return _one(request, context, found, source, given)
    _check_editable(source)
    if "remove" in request.form:
        await directory().remove(found, context)
        return RouteReply.to(context.address("/buttons"))
    given = {name: request.form.get(name, "") for name in FIELDS}
    try:
        name, number, text = checked(**given)
    except Invalid as error:
        return _one(request, context, found, source, given, error)
    await directory().save(replace(found, name=name, number=number, text=text), context)
    return RouteReply.to(context.address(f"/buttons/{found.ident}"))


async def code(request: RouteRequest, context: RouteContext) -> RouteReply:
    """The QR code of a button's address, as a picture that prints at any size."""
    found, _source = await _find(request, context)
    drawn = await context.run(lambda: _qr(_link(request, context, found)))
    return RouteReply(drawn, content_type="image/svg+xml")


async def _make(given: Mapping[str, str], context: RouteContext) -> RouteReply:
    source = next((one for one in await _inboxes(context) if one.id == given["source"]), None)
    if source is None:
        raise Invalid(_("Choose the inbox in which the conversations arrive."), ("source",))
    name, number, text = checked(given["name"], given["number"], given["text"])
    made = Button(new_ident(), source.id, name, number, text, context.now)
    await directory().save(made, context)
    return RouteReply.to(context.address(f"/buttons/{made.ident}"))


async def _inboxes(context: RouteContext) -> list[RouteSource]:
    """The sources in which the actor may make a button: those that are told what contacts write."""
    return [one for one in await context.sources() if one.editable and one.kind in TOLD_TEXTS]


async def _list(
    context: RouteContext, given: Mapping[str, str], error: Invalid | None = None, *, status: int = 200
) -> RoutePage:
    sources = await context.sources()
    shown = await directory().shown(context)
    values = {
        "buttons": shown,
        "names": {one.id: one.name for one in sources},
        "sources": await _inboxes(context),
        "given": given,
        "address": context.address("/buttons"),
    }
    lead = _("Links for your web site that lead to WhatsApp and count who follows them.")
    return RoutePage(TITLE, _rendered("buttons.html", context, values, error), status, lead)


def _one(
    request: RouteRequest,
    context: RouteContext,
    found: Button,
    source: RouteSource,
    given: Mapping[str, str],
    error: Invalid | None = None,
) -> RoutePage:
    link = _link(request, context, found)
    here = context.address(f"/buttons/{found.ident}")
    query = _query(request)
    label = context.say(_("Write to us on WhatsApp"))
    values = {
        "button": found,
        "source": source,
        "given": given,
        "address": here,
        "back": context.address("/buttons"),
        "link": link,
        "snippet": Markup('<a href="{}" rel="nofollow">{}</a>').format(link, label),
        "code": f"{here}/qr.svg{query}",
        "utm": [(name, label, request.query.get(name, "")) for name, label in UTM_LABELS.items()],
    }
    lead = _("The visitor begins with “{text}” and a reference.", text=found.text) if found.text else None
    title = _("WhatsApp button “{name}”", name=found.name)
    status = 200 if error is None else error.status
    return RoutePage(title, _rendered("button.html", context, values, error), status, lead)


async def _find(request: RouteRequest, context: RouteContext) -> tuple[Button, RouteSource]:
    """The button of the address, and its source. Raises ``NotFound``."""
    ident = request.path["button"]
    found = next((one for one in await directory().shown(context) if one.ident == ident), None)
    source = next((one for one in await context.sources() if found and one.id == found.source), None)
    if found is None or source is None:
        raise NotFound(_("There is no such button, or it was removed."))
    return found, source


def _check_editable(source: RouteSource) -> None:
    if not source.editable:
        raise Forbidden(
            _("Changing a button takes the role admin or editor on {source}.", source=source.name)
        )


def _link(request: RouteRequest, context: RouteContext, found: Button) -> str:
    """The address to put on a web site, with the UTM values that were filled in."""
    return context.address(f"/go/{found.ident}", public=True) + _query(request)


def _query(request: RouteRequest) -> str:
    given = {name: request.query[name] for name in UTM if request.query.get(name)}
    return f"?{urlencode(given)}" if given else ""


def _qr(link: str) -> bytes:
    """The code as SVG. Raises ``Invalid`` for a link that no code can hold."""
    try:
        drawn = segno.make(link, error="m", micro=False)
    except segno.DataOverflowError:
        raise Invalid(_("The link is too long for a QR code: choose shorter UTM values.")) from None
    out = io.BytesIO()
    drawn.save(out, kind="svg", scale=8, border=4, light="#fff", xmldecl=False)
    return out.getvalue()


def _rendered(template: str, context: RouteContext, values: Mapping[str, Any], error: Invalid | None) -> str:
    wrong = {error.path[0]: error.message} if error is not None and error.path else dict[str, Message]()
    frame = {
        "_": _, "ngettext": ngettext, "say": context.say, "wrong": wrong,
        "longest_name": LONGEST_NAME, "longest_text": LONGEST_TEXT,
    }  # fmt: skip
    return _environment.get_template(template).render({**frame, **values})
