"""Every address of the server, asked by everybody: who may, and what is left behind where they may not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx2 import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from bilan.app.web import web_application
from fixtures.walk import PASSWORD, World
from support.walked import (
    ERASERS,
    EVERYBODY,
    IN_PERSON,
    MANAGERS,
    MANAGERS_HERE,
    NOBODY,
    OURS,
    READERS,
    RUNNERS,
    SEEING_PERSONS,
    SIGNED_IN,
    SOURCE_ADMINS,
    WRITERS,
    leaks,
)

WEEK = {"name": "Weekly", "period.preset": "last_7_days", "tags.given": "1"}
SEND = {
    "to": "olga@zebrafish.org",
    "to.given": "1",
    "formats": "csv",
    "mode": "link",
    "days": "7",
    "key": "k",
}
MONDAYS = {"schedule.rhythm": "weekly"}
"""A schedule as it comes: to whoever makes it."""
CSV = {"file": ("orders.csv", b"occurred_at,kind,campaign,recipient\n2026-03-01T10:00:00Z,sent,a,b@c.org\n")}
HOOK = {"name": "Chat", "form": "slack", "url": "https://hooks.slack.com/services/y"}
BUTTON = {"name": "Header", "number": "+33639981234", "text": ""}
WORKSPACE = {"name": "Renamed", "zone": "UTC", "first_weekday": "0", "language": "en", "retention_days": "30"}


@dataclass(frozen=True)
class Asked:
    """Who may ask, and how it is asked so that it would be done."""

    may: frozenset[str]
    query: str = ""
    form: Mapping[str, Any] = field(default_factory=dict[str, Any])
    files: Mapping[str, Any] | None = None
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    ident: str = ""
    """What ``{id}`` stands for, where it is not what the address begins with."""


SHARERS = MANAGERS_HERE & RUNNERS
SHARE = {"viewers": "vic@example.org", "key": "k", "days": "30", "shows": "run"}
SOURCE_KIND = {"plugin": "email", "kind": "mailgun"}
EXPECTED: Mapping[str, Asked] = {
    "GET /": Asked(EVERYBODY),
    "GET /healthz": Asked(EVERYBODY),
    "GET /readyz": Asked(EVERYBODY),
    "GET /metrics": Asked(EVERYBODY),
    "GET /hooks/{address:path}": Asked(EVERYBODY),
    "POST /hooks/{address:path}": Asked(NOBODY),
    "GET /files/{run}/{file}": Asked(READERS),
    "GET /brand/logo/{hash}": Asked(NOBODY, params={"hash": "0" * 64}),
    "GET /pictures/{key}": Asked(NOBODY, params={"key": "0" * 64}),
    "GET /pictures/{run}/{key}": Asked(NOBODY, params={"key": "0" * 64}),
    "GET /brand/accent.css": Asked(EVERYBODY),
    "GET /brand/looks.css": Asked(EVERYBODY),
    "GET /runs/{id}/events": Asked(READERS),
    "GET /graphql": Asked(EVERYBODY),
    "POST /graphql": Asked(NOBODY),
    "GET /sign-in": Asked(EVERYBODY),
    "POST /sign-in": Asked(NOBODY, form={"email": "nobody@example.org", "password": PASSWORD}),
    "POST /sign-out": Asked(EVERYBODY),
    "POST /language": Asked(EVERYBODY, form={"language": "fr"}),
    "GET /reports": Asked(SIGNED_IN),
    "GET /reports/new": Asked(SIGNED_IN),
    "GET /reports/new/{kind}": Asked(SIGNED_IN),
    "POST /reports/new/{kind}": Asked(WRITERS | {"neighbour"}, form=WEEK),
    "POST /reports/new/{kind}/preview": Asked(SIGNED_IN, form=WEEK),
    "GET /reports/{id}": Asked(READERS),
    "GET /reports/{id}/edit": Asked(WRITERS),
    "POST /reports/{id}/edit": Asked(WRITERS, form=WEEK | {"version": "1"}),
    "POST /reports/{id}/preview": Asked(READERS, form=WEEK),
    "GET /reports/{id}/review": Asked(READERS),
    "POST /reports/{id}/review": Asked(RUNNERS),
    "POST /reports/{id}/copy": Asked(WRITERS),
    "POST /reports/{id}/delete": Asked(WRITERS),
    "POST /reports/{id}/run": Asked(RUNNERS),
    "GET /reports/{id}/send": Asked(READERS),
    "POST /reports/{id}/send": Asked(MANAGERS & RUNNERS, form=SEND),
    "POST /reports/new/{kind}/schedule": Asked(SIGNED_IN, form=MONDAYS),
    "GET /reports/{id}/schedule": Asked(WRITERS),
    "POST /reports/{id}/schedule": Asked(WRITERS, form=MONDAYS),
    "POST /reports/{id}/schedule/preview": Asked(WRITERS, form=MONDAYS),
    "GET /schedules": Asked(SIGNED_IN),
    "GET /schedules/new": Asked(SIGNED_IN),
    "GET /schedules/calendar": Asked(SIGNED_IN, query="?month=2026-03"),
    "GET /schedules/{id}": Asked(READERS),
    "GET /schedules/{id}/edit": Asked(WRITERS),
    "POST /schedules/{id}/edit": Asked(WRITERS, form=MONDAYS | {"version": "1"}),
    "POST /schedules/{id}/preview": Asked(WRITERS, form=MONDAYS),
    "POST /schedules/{id}/pause": Asked(WRITERS),
    "POST /schedules/{id}/resume": Asked(WRITERS),
    "POST /schedules/{id}/take-over": Asked(WRITERS),
    "POST /schedules/{id}/delete": Asked(WRITERS),
    "POST /schedules/{id}/test": Asked(RUNNERS, form={"key": "k"}),
    "POST /schedules/{id}/send-now": Asked(WRITERS, form={"key": "k"}),
    "GET /occurrences/{id}": Asked(READERS),
    # Nothing of it waits for an answer.
    "GET /occurrences/{id}/letters/{number}": Asked(NOBODY),
    "GET /occurrences/{id}/letters/{number}/html": Asked(NOBODY),
    "POST /occurrences/{id}/approve": Asked(RUNNERS, form={"digest": "d"}),
    "POST /occurrences/{id}/reject": Asked(RUNNERS, form={"reason": ""}),
    "POST /occurrences/{id}/resend": Asked(WRITERS, form={"key": "k"}),
    "POST /occurrences/{id}/to-me": Asked(RUNNERS, form={"key": "k"}),
    "GET /pages/{page}": Asked(SIGNED_IN, params={"page": "whatsapp.by_agent"}),
    "POST /pages/{page}": Asked(RUNNERS, params={"page": "whatsapp.by_agent"}),
    "POST /deliveries/{id}/arrived": Asked(MANAGERS & RUNNERS),
    "POST /deliveries/{id}/again": Asked(MANAGERS & RUNNERS),
    "GET /links/{token}": Asked(EVERYBODY),
    "POST /links/{token}/fresh": Asked(EVERYBODY),
    "GET /confirm/{token}": Asked(EVERYBODY),
    "POST /confirm/{token}": Asked(EVERYBODY),
    "POST /confirm/{token}/again": Asked(EVERYBODY),
    "GET /unsubscribe/{token}": Asked(EVERYBODY),
    "POST /unsubscribe/{token}": Asked(EVERYBODY, form={"List-Unsubscribe": "One-Click"}),
    "GET /runs/{id}/share": Asked(SHARERS),
    "POST /runs/{id}/share": Asked(SHARERS, form=SHARE),
    "GET /reports/{id}/share": Asked(NOBODY),  # it was not run yet
    "GET /shares": Asked(MANAGERS_HERE | {"neighbour"}),
    "GET /shares/{id}": Asked(SHARERS),
    "POST /shares/{id}": Asked(SHARERS, form={"days": "9", "downloads": "true"}),
    "POST /shares/{id}/viewers": Asked(NOBODY, form={"viewers": "vic@example.org", "password": "wrong"}),
    "POST /shares/{id}/viewers/{viewer}/revoke": Asked(SHARERS),
    "POST /shares/{id}/password": Asked(SHARERS),
    "POST /shares/{id}/stop": Asked(SHARERS),
    "GET /check": Asked(EVERYBODY),
    "POST /check": Asked(EVERYBODY, form={"sha256": "0" * 64}),
    "GET /shared/{token}": Asked(EVERYBODY),
    "POST /shared/{token}": Asked(NOBODY, form={"password": "wrong"}),
    # Who is not let in gets the field for the password; who is asks for no file of theirs.
    "GET /shared/{token}/files/{signature}": Asked(EVERYBODY - {"viewer"}, params={"signature": "s"}),
    "GET /shared/{token}/pictures/{key}": Asked(EVERYBODY - {"viewer"}, params={"key": "0" * 64}),
    "GET /outbox": Asked(SIGNED_IN),
    "GET /outbox/{id}": Asked(READERS),
    "GET /outbox/{id}/html": Asked(READERS),
    "GET /outbox/{id}/files/{number}": Asked(READERS),
    "GET /runs": Asked(SIGNED_IN),
    "GET /runs/{id}": Asked(READERS),
    "GET /runs/{id}/rows": Asked(READERS, query="?figure={figure}"),
    "GET /runs/{id}/rows.csv": Asked(SEEING_PERSONS, query="?figure={figure}"),
    "POST /runs/{id}/cancel": Asked(WRITERS, ident="waiting"),
    "POST /runs/{id}/again": Asked(RUNNERS),
    "GET /runs/{id}/send": Asked(READERS),
    "POST /runs/{id}/send": Asked(MANAGERS & RUNNERS, form=SEND),
    "GET /runs/{id}/send/preview": Asked(RUNNERS, query="?formats=csv&days=7&mode=link"),
    "GET /runs/{id}/files": Asked(READERS),
    "GET /runs/{id}/files/{format}": Asked(READERS),
    "POST /runs/{id}/files/{format}": Asked(READERS),
    "GET /sources": Asked(SIGNED_IN),
    "GET /sources/new": Asked(MANAGERS | {"neighbour"}),
    "GET /sources/new/{plugin}/{kind}": Asked(MANAGERS | {"neighbour"}, params=SOURCE_KIND),
    "POST /sources/new/{plugin}/{kind}": Asked(
        MANAGERS | {"neighbour"}, params=SOURCE_KIND, form={"name": "Third", "signing_key": "k" * 32}
    ),
    "POST /sources/new/{plugin}/{kind}/profiles": Asked(NOBODY, params=SOURCE_KIND),
    "GET /sources/profiles/{id}": Asked(NOBODY),
    "POST /sources/profiles/{id}": Asked(NOBODY, form={"profiles": "1"}),
    "GET /sources/{id}": Asked(READERS | MANAGERS_HERE),
    "GET /sources/{id}/edit": Asked(SOURCE_ADMINS),
    "POST /sources/{id}/edit": Asked(SOURCE_ADMINS, form={"name": "Renamed", "signing_key": "n" * 32}),
    "POST /sources/{id}/rotate": Asked(SOURCE_ADMINS),
    "POST /sources/{id}/remove": Asked(SOURCE_ADMINS),
    "POST /sources/{id}/pull": Asked(WRITERS, ident="lab"),
    "POST /sources/{id}/back-fill": Asked(
        WRITERS, ident="lab", form={"first": "2026-03-01", "last": "2026-03-02"}
    ),
    "POST /sources/{id}/check": Asked(SOURCE_ADMINS),
    "POST /pulls/{id}/stop": Asked(NOBODY),
    "GET /sources/{id}/rejects": Asked(WRITERS, ident="lab"),
    "GET /sources/{id}/rejects.{format}": Asked(SEEING_PERSONS & WRITERS, ident="lab"),
    "GET /sources/{id}/import": Asked(WRITERS, ident="lab"),
    "POST /sources/{id}/import": Asked(WRITERS, ident="lab", files=CSV),
    "GET /imports/{id}": Asked(WRITERS),
    "POST /imports/{id}/start": Asked(WRITERS),
    "GET /people": Asked(SIGNED_IN),
    "POST /people": Asked(MANAGERS_HERE | {"neighbour"}, form={"email": "new@example.org", "name": "New"}),
    "GET /people/{id}": Asked(OURS),
    "POST /people/{id}": Asked(MANAGERS_HERE, form={"role": "admin", "permission.given": "1"}),
    "POST /people/{id}/close": Asked(MANAGERS_HERE),
    "POST /people/{id}/link": Asked(MANAGERS_HERE, ident="invited"),
    # There is no mail server here.
    "POST /people/{id}/invite": Asked(NOBODY, ident="invited"),
    "GET /forgotten": Asked(EVERYBODY),
    "POST /forgotten": Asked(EVERYBODY, form={"email": "nobody@example.org"}),
    "GET /contacts/{contact}": Asked(SEEING_PERSONS),
    # Nothing was imported, so no fact was told of anybody.
    "GET /contacts/{contact}/fact": Asked(NOBODY),
    "GET /merges": Asked(SEEING_PERSONS | ERASERS),
    "POST /merges": Asked(ERASERS, form={"address": "ann@client.example", "other": "ben@client.example"}),
    "POST /merges/find": Asked(SEEING_PERSONS | ERASERS, form={"address": "ann@client.example"}),
    "POST /merges/{id}/undo": Asked(NOBODY),
    "GET /erasures": Asked(ERASERS),
    "POST /erasures": Asked(ERASERS, form={"address": "ann@client.example", "sure": "on"}),
    "POST /erasures/rules": Asked(ERASERS, form={"reimport": "refuse"}),
    "GET /recipients": Asked(MANAGERS | {"neighbour"}),
    "POST /recipients": Asked(MANAGERS | {"neighbour"}, form={"address": "new@client.example"}),
    "POST /recipients/import": Asked(
        MANAGERS | {"neighbour"}, files={"file": ("recipients.csv", b"address\nnew@client.example\n")}
    ),
    "POST /recipients/rules": Asked(MANAGERS | {"neighbour"}, form={"first_email": "with_report"}),
    "GET /recipients/{id}": Asked(MANAGERS),
    "POST /recipients/{id}": Asked(MANAGERS, form={"address": "other@client.example"}),
    "POST /recipients/{id}/attributes": Asked(MANAGERS, form={"attributes": "profiles: Acme"}),
    "POST /recipients/{id}/ask": Asked(MANAGERS),
    "POST /recipients/{id}/erase": Asked(MANAGERS),
    "POST /suppressions/{id}/lift": Asked(MANAGERS),
    # There is an owner by now; whoever comes is led to signing in.
    "GET /first-owner": Asked(NOBODY),
    "POST /first-owner": Asked(NOBODY, form={"code": "no code"}),
    "GET /welcome/{token}": Asked(EVERYBODY),
    "POST /welcome/{token}": Asked(EVERYBODY, form={"password": "a password of their own"}),
    "GET /webhooks": Asked(MANAGERS | {"neighbour"}),
    "GET /webhooks/new": Asked(MANAGERS | {"neighbour"}),
    "POST /webhooks/new": Asked(MANAGERS | {"neighbour"}, form=HOOK),
    "GET /webhooks/{id}": Asked(MANAGERS),
    "POST /webhooks/{id}": Asked(MANAGERS, form=HOOK),
    "POST /webhooks/{id}/test": Asked(MANAGERS),
    "POST /webhooks/{id}/remove": Asked(MANAGERS),
    "GET /tokens": Asked(SIGNED_IN),
    "POST /tokens": Asked(IN_PERSON, form={"name": "Program", "scope": "read", "days": "90"}),
    "POST /tokens/{id}/revoke": Asked(frozenset({"olga"})),
    "GET /workspace": Asked(MANAGERS | {"neighbour"}),
    "POST /workspace": Asked(MANAGERS | {"neighbour"}, form=WORKSPACE),
    "POST /workspace/holidays": Asked(MANAGERS | {"neighbour"}, form={"holidays": "2026-12-25"}),
    "POST /workspace/brand": Asked(MANAGERS | {"neighbour"}, form={"colour": "#123456"}),
    "GET /account": Asked(IN_PERSON),
    "POST /account": Asked(IN_PERSON, form={"name": "Renamed"}),
    "POST /account/password": Asked(IN_PERSON, form={"old": PASSWORD, "new": "another horse battery"}),
    "POST /account/sign-out-everywhere": Asked(IN_PERSON),
    "GET /plugins/whatsapp/go/{button}": Asked(EVERYBODY),
    "GET /plugins/whatsapp/buttons": Asked(SIGNED_IN),
    "POST /plugins/whatsapp/buttons": Asked(WRITERS, form=BUTTON | {"source": "{desk}"}),
    "GET /plugins/whatsapp/buttons/{button}": Asked(READERS),
    "POST /plugins/whatsapp/buttons/{button}": Asked(WRITERS, form=BUTTON),
    "GET /plugins/whatsapp/buttons/{button}/qr.svg": Asked(READERS),
    "WS /graphql": Asked(READERS),
    "MOUNT /static": Asked(EVERYBODY),
    "MOUNT /graphql/static": Asked(EVERYBODY),
}
ELSEWHERE = {"WS /graphql", "MOUNT /static", "MOUNT /graphql/static"}
"""The websocket is walked with the schema; what is shipped is the same for everybody."""
KEYS = ("/shared/", "/links/", "/welcome/", "/confirm/", "/unsubscribe/")
"""Addresses that are the key themselves: whoever has one acts for the person to whom it was given."""
AREAS = {
    "reports": "report", "runs": "run", "deliveries": "delivery", "outbox": "delivery", "sources": "source",
    "schedules": "schedule", "occurrences": "occurrence", "imports": "import",
    "people": "person", "tokens": "token", "recipients": "recipient", "suppressions": "suppression",
    "webhooks": "webhook", "shares": "share",
}  # fmt: skip


def addresses(routes: Iterable[BaseRoute]) -> Iterator[str]:
    """Every address with each method it takes."""
    for route in routes:
        if isinstance(route, Route):
            for method in sorted((route.methods or {"GET"}) - {"HEAD"}):
                yield f"{method} {route.path}"
        elif isinstance(route, WebSocketRoute):
            yield f"WS {route.path}"
        else:
            assert isinstance(route, Mount)
            yield f"MOUNT {route.path}"


def filled_in(template: str, asked: Asked, ids: Mapping[str, str]) -> str:
    """The address of something that is there."""
    area = AREAS.get(template.split("/")[1], "")
    given = {
        **ids, "id": ids.get(asked.ident or area, ""), "kind": "email.campaign", "format": "csv",
        "number": "0", "token": ids["link"], **asked.params,
    }  # fmt: skip
    for key in ("welcome", "confirm", "unsubscribe", "shared"):
        if f"/{key}/" in template:
            given["token"] = ids[key]
    return template.replace(":path", "").format(**given) + asked.query.format(**ids)


def is_done(template: str, answer: Response) -> bool:
    """Whether what was asked for was done: not where the answer is a refusal, or the way to signing in.

    Who signs out is led there too, with a cookie that says so.
    """
    leads_in = answer.headers.get("location", "").startswith("/sign-in")
    return answer.status_code < 400 and (not leads_in or template == "/" or "set-cookie" in answer.headers)


@pytest.mark.requirement("DC-02")
async def test_every_address_asked_by_everybody(world: World) -> None:
    found = list(addresses(web_application(world.bilan).routes))
    assert sorted(found) == sorted(EXPECTED), "an address without an expectation, or one that is gone"
    wrong: list[str] = []
    for address in found:
        if address in ELSEWHERE:
            continue
        method, template = address.split(" ")
        asked = EXPECTED[address]
        path = filled_in(template, asked, world.ids)
        form = {name: world.ids["desk"] if value == "{desk}" else value for name, value in asked.form.items()}
        content = {"data": form, "files": asked.files} if method == "POST" else {}
        for who in world.headers:
            answer = await world.ask(who, method, path, **content)
            where = f"{address} as {who}: {answer.status_code}"
            done = is_done(template, answer)
            may = who in asked.may if who != "forged" else method == "GET" and "olga" in asked.may
            if done != may:
                wrong.append(f"{where}, though they {'may' if may else 'may not'}")
            if not may and world.changes():
                wrong.append(f"{where} changed {world.changes()[:2]}")
            if not template.startswith(KEYS) or (template.startswith("/shared/") and who != "viewer"):
                wrong += [f"{where} holds {word}" for word in leaks(who, answer.text)]
                wrong += [f"{where} trespassed on {row}" for row in world.trespasses(who)]
            await world.restore()
    assert not wrong, "\n".join(wrong)
