"""The Graph as a site: versions, tokens with their permissions, objects by id, edges in pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from support.networks.calls import Answer, Call, answer, whole
from support.networks.identifiers import opaque, said
from support.networks.meta import instagram, pages
from support.networks.meta.errors import error, missing, refused
from support.networks.meta.fields import Field, parse
from support.networks.meta.objects import Found, find
from support.networks.sites import Endpoint, Site
from support.networks.world import Network, Token, World

VERSION = re.compile(r"/v(\d+)\.0(?=/|$)")
VERSIONS = range(22, 28)
EDGES = {
    ("page", "posts"), ("page", "published_posts"), ("page", "feed"), ("page", "insights"),
    ("post", "insights"), ("post", "comments"), ("post", "attachments"), ("post", "reactions"),
    ("user", "media"), ("user", "insights"), ("user", "stories"), ("user", "tags"),
    ("media", "insights"), ("media", "comments"), ("media", "children"),
    ("comment", "comments"), ("reply", "replies"),
}  # fmt: skip
READS = {
    "page": "pages_read_engagement", "post": "pages_read_engagement", "comment": "pages_read_user_content",
    "user": "instagram_basic", "media": "instagram_basic", "reply": "instagram_basic",
}  # fmt: skip
PERMISSIONS = {
    ("page", "insights"): "read_insights",
    ("post", "insights"): "read_insights",
    ("post", "comments"): "pages_read_user_content",
    ("user", "insights"): "instagram_manage_insights",
    ("media", "insights"): "instagram_manage_insights",
    ("media", "comments"): "instagram_manage_comments",
}


class Meta(Site):
    """The Graph of Facebook, with the Instagram accounts that pages are linked to."""

    network = "meta"
    hosts = ("graph.facebook.com",)

    def __init__(self, world: World, largest: int | None = None) -> None:
        super().__init__(world, largest)
        self.used = 5
        """Percent of the limits that are used."""
        self.route("me", "/me", self.me)
        self.route("accounts", "/me/accounts", self.accounts)
        self.route("permissions", "/me/permissions", self.permissions)
        self.route("debug_token", "/debug_token", self.debug_token)
        self.route("several", "/", self.several)
        self.route("edge", "/{id}/{edge}", self.edge)
        self.route("node", "/{id}", self.node)

    def plain(self, path: str) -> str:
        """The path without its version."""
        return VERSION.sub("", path, count=1) or "/"

    def find(self, call: Call) -> Endpoint | None:
        """The endpoint, named for what the id is: ``meta.page``, ``meta.page_insights``, ``meta.media``."""
        found = super().find(call)
        if found and "id" in call.named:
            with self.world.lock:
                thing = self._object(call.named["id"], call)
            edge = call.named.get("edge", "")
            call.endpoint = f"meta.{thing.kind if thing else 'unknown'}{edge and '_'}{edge}"
        return found

    def headers(self, call: Call) -> dict[str, str]:
        """How much of the limit is used: of the app, or of the page whose token asks."""
        usage = {"call_count": self.used, "total_time": 2, "total_cputime": 1}
        token = self.world.tokens.get(self._text(call))
        if token is None or token.user:
            return {"x-app-usage": json.dumps(usage)}
        of_page = {token.accounts[0]: [{"type": "pages", **usage, "estimated_time_to_regain_access": 0}]}
        return {"x-business-use-case-usage": json.dumps(of_page)}

    def me(self, call: Call) -> Answer:
        """The person of a token, or the page of a page's token."""
        token = self._token(call)
        if not token.user:
            call.named = {"id": token.accounts[0]}
            return self.node(call)
        wanted = {"id": token.user, "name": "Ada Lovelace"}
        names = [field.name for field in parse(call.get("fields", "id,name"))]
        return answer({name: wanted[name] for name in names if name in wanted})

    def accounts(self, call: Call) -> Answer:
        """The pages on which the person has a role, each with a token of its own."""
        token = self._token(call, "pages_show_list")
        there = [account for one in token.accounts if (account := self.world.account(Network.FACEBOOK, one))]
        fields = parse(call.get("fields", "access_token,category,category_list,name,id,tasks"))
        found = [Found("page", one) for one in there]
        shown, paging = self.cut(call, found, lambda one: one.account.id, 25, 100)
        return answer({"data": [self.shown(one, fields, call) for one in shown], **paging})

    def permissions(self, call: Call) -> Answer:
        """What the person granted."""
        scopes = sorted(self._token(call).scopes)
        return answer({"data": [{"permission": one, "status": "granted"} for one in scopes]})

    def debug_token(self, call: Call) -> Answer:
        """What a token is, for the app that it belongs to. 0 for one that does not expire."""
        self._token(call)
        inspected = self.world.tokens.get(call.get("input_token"))
        if inspected is None:
            reason = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
            return answer({"data": {"error": reason, "is_valid": False, "scopes": []}})
        now = self.world.now
        valid = not inspected.ended(now) and not inspected.withdrawn(now)
        ends = int(inspected.ends_at.timestamp()) if inspected.ends_at else 0
        whose = {"user_id": inspected.user} if inspected.user else {"profile_id": inspected.accounts[0]}
        data: dict[str, Any] = {
            "app_id": "138483919580948",
            "type": "USER" if inspected.user else "PAGE",
            "application": "Reports",
            "data_access_expires_at": ends,
            "expires_at": ends,
            "is_valid": valid,
            "scopes": sorted(inspected.scopes),
            **whose,
        }
        return answer({"data": data})

    def several(self, call: Call) -> Answer:
        """Objects by their ids. One that is missing fails the whole request."""
        idents = call.get("ids").split(",")
        fields = parse(call.get("fields"))
        found = {ident: self._allowed(ident, call) for ident in idents}
        return answer(
            {ident: self.shown(one, fields or one.standard(), call) for ident, one in found.items()}
        )

    def node(self, call: Call) -> Answer:
        """An object with the fields that are asked for; ``id`` is always there."""
        found = self._allowed(call.named["id"], call)
        return answer(self.shown(found, parse(call.get("fields")) or found.standard(), call))

    def edge(self, call: Call) -> Answer:
        """What hangs on an object."""
        found = self._allowed(call.named["id"], call, call.named["edge"])
        query = {name: value for name, value in call.query if name not in {"access_token", "fields"}}
        return answer(self.edge_of(found, call.named["edge"], query, parse(call.get("fields")), call))

    def shown(self, found: Found, fields: list[Field], call: Call) -> dict[str, Any]:
        """The fields of an object. What is empty is left out; what it never has is an error."""
        reader = instagram.field if found.kind in {"user", "media", "reply"} else pages.field
        out: dict[str, Any] = {}
        for one in [*fields, *([] if any(one.name == "id" for one in fields) else [Field("id")])]:
            if (found.kind, one.name) in EDGES:
                value: Any = self.edge_of(
                    self._allowed(found.id, call, one.name), one.name, one.modifiers, one.inner, call
                )
            else:
                value = reader(self, found, one, call)
            if value not in (None, "", [], {}, ()):
                out[one.shown] = value
        return out

    def edge_of(
        self, found: Found, edge: str, query: dict[str, str], fields: list[Field], call: Call
    ) -> dict[str, Any]:
        """An edge, asked for by its address or nested in fields."""
        if (found.kind, edge) not in EDGES:
            raise missing(found.id)
        reader = instagram.edge if found.kind in {"user", "media", "reply"} else pages.edge
        return reader(self, found, edge, query, fields, call)

    def cut(
        self, call: Call, entries: list[Found], key: Callable[[Found], str], default: int, most: int,
        query: dict[str, str] | None = None,
    ) -> tuple[list[Found], dict[str, Any]]:  # fmt: skip
        """A page by cursors. One whose entry was deleted is invalid ("your app shouldn't store cursors")."""
        asked = query if query is not None else dict(call.query)
        limit = self.page(whole(asked.get("limit", ""), default, most, 0))
        start = 0
        if after := asked.get("after"):
            places = [place for place, one in enumerate(entries) if key(one) == _cursor(after)]
            if not places:
                raise refused(100, "(#100) Invalid parameter: the cursor is no longer valid")
            start = places[0] + 1
        shown = entries[start : start + limit]
        if not shown:
            return [], {}
        cursors = {"before": opaque(key(shown[0])), "after": opaque(key(shown[-1]))}
        paging: dict[str, Any] = {"cursors": cursors}
        if start + limit < len(entries) and query is None:
            paging["next"] = call.link(("before",), after=cursors["after"], limit=str(limit))
        elif start + limit < len(entries):
            paging["next"] = f"{call.base}{call.path}?after={cursors['after']}"
        return shown, {"paging": paging}

    def limited(self, call: Call, until: datetime) -> Answer:
        """Too many calls: codes 4 (of the app), 17 (of the person) or 32 (of a page's token) say so.

        Neither a status nor ``Retry-After`` is documented; a header says in minutes when to come back.
        """
        token = self.world.tokens.get(self._text(call))
        if token is None or token.user:
            said_ = error(4, "(#4) Application request limit reached", status=403)
            full = {"call_count": 100, "total_time": 100, "total_cputime": 100}
            said_.headers["x-app-usage"] = json.dumps(full)
            return said_
        minutes = max(1, round((until - self.world.now).total_seconds() / 60))
        said_ = error(32, "(#32) Page request limit reached", status=403)
        usage = {"type": "pages", "call_count": 100, "total_cputime": 9, "total_time": 9}
        of_page = {token.accounts[0]: [{**usage, "estimated_time_to_regain_access": minutes}]}
        said_.headers["x-business-use-case-usage"] = json.dumps(of_page)
        return said_

    def unauthenticated(self, call: Call) -> Answer:
        """The token ended."""
        text = "Error validating access token: Session has expired on Friday, 27-Nov-26 08:00:00 PST."
        return error(190, text, 463)

    def forbidden(self, call: Call) -> Answer:
        """The token lacks a permission."""
        return error(200, "(#200) The permission(s) pages_read_engagement are not available.", status=403)

    def missing(self, call: Call) -> Answer:
        """No such object."""
        return missing(call.named.get("id", "0")).answer

    def failed(self, _call: Call, status: int) -> Answer:
        """Trouble: "temporary issue due to downtime - retry the operation after waiting"."""
        return error(2, "An unexpected error has occurred. Please retry your request later.", status=status)

    def _text(self, call: Call) -> str:
        return call.get("access_token") or call.bearer()

    def _token(self, call: Call, *scopes: str) -> Token:
        version = VERSION.match(call.path)
        if version and int(version[1]) not in VERSIONS:
            raise refused(
                2635, f"(#2635) You are calling a deprecated version of the Graph API: v{version[1]}.0"
            )
        text, now = self._text(call), self.world.now
        if not text:
            raise refused(104, "An access token is required to request this resource.")
        token = self.world.tokens.get(text)
        if token is None:
            raise refused(190, "Invalid OAuth access token - Cannot parse access token")
        if token.ended(now):
            raise refused(190, "Error validating access token: Session has expired.", 463)
        if token.withdrawn(now):
            raise refused(190, "Error validating access token: The user has not authorized application.", 458)
        if scopes and not token.scopes & set(scopes):
            raise refused(200, f"(#200) The permission(s) {scopes[0]} are not available.", status=403)
        return token

    def _object(self, ident: str, call: Call) -> Found | None:
        token = self.world.tokens.get(self._text(call))
        return find(self.world, token.accounts[0] if ident == "me" and token else ident)

    def _allowed(self, ident: str, call: Call, edge: str = "") -> Found:
        """The object, where the token may see it. Insights of pages and posts want a page's own token."""
        token = self._token(call)
        found = self._object(ident, call)
        if found is None:
            raise missing(ident)
        owner = found.account.id
        linked = [one.id for one in self.world.accounts if one.linked == owner]
        if not {owner, *linked} & set(token.accounts):
            raise missing(ident)
        scope = PERMISSIONS.get((found.kind, edge), READS[found.kind])
        if scope not in token.scopes:
            code = 10 if scope.startswith("instagram") or scope == "pages_read_engagement" else 200
            text = f"(#{code}) This endpoint requires the '{scope}' permission"
            raise refused(code, text, status=403)
        if edge == "insights" and found.kind in {"page", "post"} and token.user:
            raise refused(190, "This method must be called with a Page Access Token")
        return found


def _cursor(text: str) -> str:
    try:
        return said(text)[0]
    except ValueError:
        raise refused(100, "(#100) Invalid parameter: the cursor is not valid") from None
