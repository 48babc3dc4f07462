"""What every view needs: who visits, how to draw a page or its fragment, and how to go elsewhere."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

import bilan
from bilan.i18n import LocaleFormatter, formatter_for, negotiate
from bilan.sdk.errors import BilanError, Unauthenticated
from bilan.sdk.messages import Message, messages
from bilan_ui.templating import draw, reader

if TYPE_CHECKING:
    from bilan.accounts import Actor
    from bilan.services import Services

_, n_ = messages("ui")

LANGUAGE_COOKIE = "bilan_language"
FLASH_COOKIE = "bilan_flash"
LANGUAGES = (("en", "English"), ("fr", "Français"))
STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Link:
    """An entry of the main navigation."""

    href: str
    label: Message
    here: bool


class Visit:
    """One request of a person's browser."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.services: Services = request.app.state.services
        self.someone: Actor | None = request.state.actor
        self.formatter = self._formatter()

    @property
    def actor(self) -> Actor:
        """Who visits. Raises ``Unauthenticated`` for strangers."""
        if self.someone is None:
            raise Unauthenticated(_("Sign in to see this page."))
        return self.someone

    @property
    def fragment(self) -> bool:
        """Whether htmx asks for a part of a page."""
        headers = self.request.headers
        return "hx-request" in headers and "hx-boosted" not in headers

    def _formatter(self) -> LocaleFormatter:
        request, someone = self.request, self.someone
        wanted = request.cookies.get(LANGUAGE_COOKIE) or (someone.language if someone else None)
        language = negotiate(request.headers.get("accept-language", ""), wanted)
        return formatter_for(self.services.translator, language, someone.zone if someone else "UTC")

    async def form(self) -> Any:
        """What the browser sent."""
        return await self.request.form()

    def page(
        self,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        block: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The page, or only its block where htmx asks for a fragment."""
        token = reader.set(self.formatter)
        try:
            values = {"page": self._frame(), "static": static, **(context or {})}
            content = draw(template, values, block if self.fragment else None)
        finally:
            reader.reset(token)
        response = HTMLResponse(content, status, headers)
        response.headers["vary"] = "HX-Request, Cookie, Accept-Language"
        response.headers.setdefault("cache-control", "no-store")
        if FLASH_COOKIE in self.request.cookies and not self.fragment:
            response.delete_cookie(FLASH_COOKIE)
        return response

    def go(self, path: str, *, say: Message | None = None, kind: str = "success") -> Response:
        """Send the browser elsewhere after a change, with a sentence to show there."""
        response = RedirectResponse(path, status_code=303)
        if say is not None:
            told = json.dumps([[kind, self.formatter.text(say)]])
            response.set_cookie(FLASH_COOKIE, quote(told), max_age=60, httponly=True, samesite="lax")
        return response

    def _frame(self) -> dict[str, Any]:
        path = self.request.url.path
        return {
            "path": path,
            "language": self.formatter.language,
            "direction": self.formatter.direction,
            "languages": LANGUAGES,
            "actor": self.someone,
            "workspace": self.someone.workspace_name if self.someone else "Bilan",
            "version": bilan.__version__,
            "flash": self._flash(),
            "navigation": [Link(href, label, path.startswith(href)) for href, label in NAVIGATION],
        }

    def _flash(self) -> list[tuple[str, str]]:

        given = self.request.cookies.get(FLASH_COOKIE)
        if not given:
            return []
        try:
            return [(str(kind), str(text)) for kind, text in json.loads(unquote(given))]
        except (ValueError, TypeError):
            return []


NAVIGATION = (
    ("/reports", _("Reports")),
    ("/runs", _("History")),
    ("/sources", _("Sources")),
    ("/people", _("People")),
    ("/tokens", _("Tokens")),
    ("/graphql", _("API")),
)

View = Callable[[Visit], Awaitable[Response]]


def view(function: View) -> Callable[[Request], Awaitable[Response]]:
    """A page for people who are signed in: parse, call a service, show."""

    @wraps(function)
    async def endpoint(request: Request) -> Response:
        visit = Visit(request)
        if visit.someone is None:
            there = request.url.path if request.method == "GET" else "/"
            return RedirectResponse(f"/sign-in?next={quote(there)}", status_code=303)
        try:
            return await function(visit)
        except BilanError as error:
            return failure(visit, error)

    return endpoint


def open_view(function: View) -> Callable[[Request], Awaitable[Response]]:
    """A page for anybody."""

    @wraps(function)
    async def endpoint(request: Request) -> Response:
        visit = Visit(request)
        try:
            return await function(visit)
        except BilanError as error:
            return failure(visit, error)

    return endpoint


def failure(visit: Visit, error: BilanError) -> Response:
    """A page that says what went wrong, with the status that belongs to it."""
    return visit.page("error.html", {"error": error}, status=error.status)


def static(name: str) -> str:
    """The address of a shipped file; it changes with the release, so browsers may keep it."""
    return f"/static/{name}?v={bilan.__version__}"


def safe_next(path: str | None) -> str:
    """A path of our own to go on to; anything else leads to the start."""
    if path and path.startswith("/") and not path.startswith(("//", "/\\")):
        return path
    return "/reports"
