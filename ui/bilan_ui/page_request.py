"""One request of a person's browser: who visits, what they sent, and the page they get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

import bilan
from bilan.accounts.policy import Action, allowed
from bilan.accounts.values import ViewerPrincipal
from bilan.http.bodies import allow
from bilan.i18n import LocaleFormatter, formatter_for, negotiate
from bilan.rendering.context import style_version
from bilan.sdk.errors import Invalid, NotFound, TooLarge, Unauthenticated
from bilan.sdk.messages import Message
from bilan_ui import cookies, flashes
from bilan_ui.kind_pages import address_of, groups_of
from bilan_ui.relative_time import RelativeTime
from bilan_ui.static_files import address
from bilan_ui.templating import reader, render
from bilan_ui.textdomain import _

if TYPE_CHECKING:
    from bilan.accounts import Principal
    from bilan.branding import BrandInfo
    from bilan.services import Services

LANGUAGE_COOKIE = "bilan_language"
LANGUAGES = (("en", "English"), ("fr", "Français"))
MOST_FIELDS = 2000
"""Fields of the largest form, which maps hundreds of columns."""
LARGEST = 10**9
"""No page is further away than this; more is somebody's play with the address."""

Entry = tuple[str, Message, Action | None]
NAVIGATION: tuple[Entry, ...] = (
    ("/reports", _("Reports"), None),
    ("/schedules", _("Schedules"), None),
    ("/runs", _("History"), None),
    ("/sources", _("Sources"), None),
)
ADMINISTRATION: tuple[Entry, ...] = (
    ("/people", _("People"), None),
    ("/recipients", _("Recipients"), Action.MANAGE_RECIPIENTS),
    ("/shares", _("Shares"), Action.MANAGE_RECIPIENTS),
    ("/webhooks", _("Webhooks"), Action.MANAGE_RECIPIENTS),
    ("/merges", _("Merged contacts"), Action.EXPORT_CONTACT_DATA),
    ("/erasures", _("Erased contacts"), Action.ERASE_CONTACT),
    ("/tokens", _("Tokens"), None),
    ("/graphql", _("API"), None),
    ("/outbox", _("Outbox"), None),
    ("/workspace", _("Workspace"), Action.MANAGE_WORKSPACE),
)
"""What is set up once and seldom looked at: together behind one word, each page one press further."""


@dataclass(frozen=True)
class Link:
    """An entry of the main navigation."""

    href: str
    label: Message
    here: bool
    links: tuple[Link, ...] = ()
    """The pages below it."""


class PageRequest:
    """One request of a person's browser."""

    def __init__(self, http: Request) -> None:
        self.http = http
        self.services: Services = http.app.state.services
        # A refused address never got as far as the middleware that tells who asks.
        self.someone: Principal | None = getattr(http.state, "actor", None)
        self.formatter = self._formatter()
        self.relative_time = RelativeTime(self.formatter, self.services.clock.now())
        self.brand: BrandInfo | None = None
        """The workspace's look, where the visitor belongs to one."""

    @property
    def actor(self) -> Principal:
        """Who visits. Raises ``Unauthenticated`` for strangers."""
        if self.someone is None:
            raise Unauthenticated(_("Sign in to see this page."))
        return self.someone

    def admit(self, viewer: ViewerPrincipal) -> None:
        """Have a viewer visit who was let in, in the language that they chose or the share's."""
        self.someone = viewer
        language = negotiate("", cookies.read(self.http, LANGUAGE_COOKIE) or viewer.language)
        self.formatter = formatter_for(self.services.translator, language, viewer.zone)

    @property
    def ip(self) -> str:
        """Where the request comes from, on the network."""
        return self.http.client.host if self.http.client else ""

    @property
    def fragment(self) -> bool:
        """Whether htmx asks for a part of a page. What it restores or follows as a link is whole."""
        headers = self.http.headers
        whole = "hx-boosted" in headers or "hx-history-restore-request" in headers
        return "hx-request" in headers and not whole

    def ident(self, missing: Message) -> UUID:
        """The id in the address. What is none is the id of nothing: raises ``NotFound``."""
        try:
            return UUID(self.http.path_params["id"])
        except ValueError as error:
            raise NotFound(missing) from error

    def number(self, name: str) -> int:
        """A number of the address's query; zero where it is none."""
        text = self.http.query_params.get(name, "")
        return min(int(text), LARGEST) if text.isascii() and text.isdigit() and len(text) < 20 else 0

    async def form(self, *, files: int = 0, size: int | None = None) -> FormData:
        """What the browser sent, without the one character that no database keeps.

        ``files`` may come with it where a view says so, in a request of ``size`` bytes at most:
        who sends them has to be looked at first. Raises ``TooLarge``, ``Invalid``.
        """
        if size is not None:
            allow(self.http, size)
        try:
            form = await self.http.form(max_files=files, max_fields=MOST_FIELDS)
        except HTTPException as error:
            if "Too many files" in str(error.detail):
                raise TooLarge(_("This address takes no files.")) from None
            if "Too many fields" in str(error.detail):
                raise TooLarge(_("This form has more than {most} fields.", most=MOST_FIELDS)) from None
            raise Invalid(_("What the browser sent could not be read; go back and try again.")) from None
        kept = [
            (key, one.replace("\0", "") if isinstance(one, str) else one) for key, one in form.multi_items()
        ]
        return FormData(kept)

    async def key(self) -> str | None:
        """The random key of the page whose form was sent: sent twice, the form does its work once."""
        key = (await self.form()).get("key")
        return key if isinstance(key, str) and key else None

    def say(self, message: Message) -> str:
        """The message in the reader's language."""
        return self.formatter.text(message)

    def zoned(self, zone: str) -> LocaleFormatter:
        """Writes for the visitor what the clocks of another zone than theirs show."""
        return formatter_for(self.services.translator, self.formatter.language, zone)

    def page(
        self,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        block: str | None = None,
        status: int = 200,
        kept: bool = False,
    ) -> Response:
        """The page, or only its block where htmx asks for a fragment.

        ``kept`` lets the browser give it back, with what was filled in, on the way back and after a reload.
        """
        token = reader.set(self.formatter)
        try:
            frame = {
                "page": self._frame(),
                "static": address,
                "ago": self.relative_time.ago,
                "zoned": self.zoned,
            }
            values = {**frame, **(context or {})}
            content = render(template, values, block if self.fragment else None)
        finally:
            reader.reset(token)
        response = HTMLResponse(content, status)
        response.headers["vary"] = (
            "HX-Request, HX-Boosted, HX-History-Restore-Request, Cookie, Accept-Language"
        )
        response.headers["cache-control"] = "private, no-cache" if kept else "no-store"
        if not self.fragment:
            flashes.forget(self.http, response)
        return response

    def go(self, path: str, *, say: Message | None = None, kind: flashes.Kind = "success") -> Response:
        """Send the browser elsewhere after a change, with a sentence to show there."""
        if self.fragment:
            # A redirect would be followed in secret, and a whole page be put into a part of one.
            response = Response(headers={"HX-Redirect": path})
        else:
            response = RedirectResponse(path, status_code=303)
        if say is not None:
            flashes.leave(self.http, response, kind, self.say(say))
        return response

    def _formatter(self) -> LocaleFormatter:
        http, someone = self.http, self.someone
        wanted = cookies.read(http, LANGUAGE_COOKIE) or (someone.language if someone else None)
        language = negotiate(http.headers.get("accept-language", ""), wanted)
        return formatter_for(self.services.translator, language, someone.zone if someone else "UTC")

    def _links(self, entries: tuple[Entry, ...]) -> list[Link]:
        path, someone = self.http.url.path, self.someone
        return [
            Link(href, label, path == href or path.startswith(f"{href}/"))
            for href, label, action in entries
            if (action is None or (someone is not None and allowed(someone, action)))
            and not (href == "/outbox" and self.services.settings.mail_url)
        ]

    def _of_plugins(self) -> Iterator[Entry]:
        """The pages that plugins bring for administering."""
        for declared in self.services.registry.declared:
            prefix = f"/plugins/{declared.plugin.namespace}"
            yield from ((prefix + one.path, one.label, None) for one in declared.routes if one.label)

    def _pages(self) -> list[Link]:
        """The pages of report kinds, below their plugins' labels."""
        path = self.http.url.path
        known = self.someone is not None and not isinstance(self.someone, ViewerPrincipal)
        groups = groups_of(self.services.registry, self.someone) if self.someone and known else ()
        found: list[Link] = []
        for group in groups:
            kinds = tuple(
                Link(address_of(kind), kind.page, path == address_of(kind))
                for kind in group.kinds
                if kind.page
            )
            here = path == group.address or any(one.here for one in kinds)
            found.append(Link(group.address, group.label, here, kinds))
        return found

    def _frame(self) -> dict[str, Any]:
        path, someone = self.http.url.path, self.someone
        if isinstance(someone, ViewerPrincipal):
            someone = None  # the frame is that of strangers: nothing leads away from the one report
        reports, *others = self._links(NAVIGATION)
        pages = self._pages()
        return {
            "path": path,
            "language": self.formatter.language,
            "direction": self.formatter.direction,
            "languages": LANGUAGES,
            "actor": someone,
            "workspace": someone.workspace_name if someone else "Bilan",
            "version": bilan.__version__,
            "key": uuid4().hex,
            "accent": self.brand.colour.removeprefix("#") if self.brand and self.brand.colour else "",
            "looks": style_version(self.services.registry),
            "logo": self.brand.logo_url if self.brand else None,
            "flash": flashes.left(self.http),
            "navigation": [reports, *pages, *others],
            "groups": pages,
            "administration": self._links((*ADMINISTRATION, *self._of_plugins())),
        }
