"""Every field of the schema, asked by everybody: who may, and what is left behind where they may not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import strawberry
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from bilan.graphql.context import Context
from bilan.i18n import formatter_for
from fixtures.walk import World
from support.walked import (
    ERASERS,
    EVERYTHING,
    MANAGERS,
    MANAGERS_HERE,
    NOBODY,
    READERS,
    RUNNERS,
    SEEING_PERSONS,
    SIGNED_IN,
    SOURCE_ADMINS,
    WRITERS,
    leaks,
)

SENDING = 'sending: {{to: ["olga@zebrafish.org"], key: "k"}}'
HOOK = '{{name: "Chat", form: SLACK, url: "https://hooks.slack.com/services/y"}}'
YEAR = 'since: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z"'
SCHEDULE = (
    'schedule: {{report: "{report}", recurrence: {{rhythm: WEEKS, weekdays: [0]}}, '
    "period: {{preset: PREVIOUS_WEEK}}}}"
)
REPORT = "report: {{emailCampaign: {{period: {{preset: LAST_7_DAYS}}}}}}"


@dataclass(frozen=True)
class Asked:
    """Who may ask for a field, and its arguments so that it would be done."""

    may: frozenset[str]
    arguments: str = ""


EXPECTED: Mapping[str, Asked] = {
    "Query.workspace": Asked(SIGNED_IN),
    "Query.me": Asked(SIGNED_IN),
    "Query.people": Asked(SIGNED_IN),
    "Query.tokens": Asked(SIGNED_IN),
    "Query.outbox": Asked(SIGNED_IN),
    "Query.contactErasures": Asked(ERASERS),
    "Query.contactErasure": Asked(NOBODY, f'id: "{UUID(int=0)}"'),
    "Query.erasedContacts": Asked(ERASERS),
    "Query.addressesErasedWith": Asked(ERASERS, 'address: "ann@client.example"'),
    "Query.contactMerges": Asked(SEEING_PERSONS | {"neighbour"}),
    "Query.recipients": Asked(MANAGERS | {"neighbour"}),
    "Query.recipient": Asked(MANAGERS, 'id: "{recipient}"'),
    "Query.recipientRules": Asked(MANAGERS | {"neighbour"}),
    "Query.suppressions": Asked(MANAGERS | {"neighbour"}),
    "Query.shares": Asked(READERS, 'run: "{run}"'),
    "Query.allShares": Asked(MANAGERS_HERE | {"neighbour"}),
    "Query.share": Asked(MANAGERS_HERE & RUNNERS, 'id: "{share}"'),
    "Query.webhooks": Asked(MANAGERS | {"neighbour"}),
    "Query.import": Asked(WRITERS, 'id: "{import}"'),
    "Query.pull": Asked(WRITERS, 'id: "{pull}"'),
    "Query.sourceKinds": Asked(SIGNED_IN),
    "Query.sources": Asked(SIGNED_IN),
    "Query.source": Asked(READERS | MANAGERS_HERE, 'id: "{source}"'),
    "Query.reportKinds": Asked(SIGNED_IN),
    "Query.reports": Asked(SIGNED_IN),
    "Query.report": Asked(READERS, 'id: "{report}"'),
    "Query.runs": Asked(SIGNED_IN),
    "Query.run": Asked(READERS, 'id: "{run}"'),
    "Query.schedules": Asked(SIGNED_IN),
    "Query.schedule": Asked(READERS, 'id: "{schedule}"'),
    "Query.schedulePreview": Asked(WRITERS, SCHEDULE),
    "Query.scheduleCalendar": Asked(
        SIGNED_IN, 'since: "2026-01-01T00:00:00Z", until: "2026-12-31T00:00:00Z"'
    ),
    "Query.expectedOccurrences": Asked(
        SIGNED_IN, 'since: "2026-01-01T00:00:00Z", until: "2027-01-01T00:00:00Z"'
    ),
    "Query.occurrence": Asked(READERS, 'id: "{occurrence}"'),
    "Query.approvalPackage": Asked(READERS, 'occurrence: "{occurrence}"'),
    "Query.conditionFigures": Asked(READERS, 'report: "{report}"'),
    "Query.holidays": Asked(SIGNED_IN),
    "Query.contact": Asked(SIGNED_IN),
    "Query.contacts": Asked(SIGNED_IN),
    "Query.email": Asked(SIGNED_IN),
    "Query.social": Asked(SIGNED_IN),
    "Query.whatsapp": Asked(SIGNED_IN),
    "Mutation.setRetention": Asked(MANAGERS | {"neighbour"}, "days: 30"),
    "Mutation.setBrand": Asked(MANAGERS | {"neighbour"}, 'colour: "#123456"'),
    "Mutation.addPerson": Asked(MANAGERS_HERE | {"neighbour"}, 'email: "new@example.org"'),
    # There is no mail server here, of which those hear who might invite.
    "Mutation.invitePerson": Asked(MANAGERS_HERE, 'email: "ivy@zebrafish.org"'),
    "Mutation.issuePasswordLink": Asked(MANAGERS_HERE, 'email: "ivy@zebrafish.org"'),
    "Mutation.createToken": Asked(
        NOBODY, 'email: "olga@zebrafish.org", name: "Program", scopes: [READ], days: 9'
    ),
    "Mutation.setRole": Asked(MANAGERS_HERE, 'person: "{person}", role: ADMIN'),
    "Mutation.setPermissions": Asked(MANAGERS_HERE, 'person: "{person}", permissions: []'),
    "Mutation.setEverySourceRole": Asked(MANAGERS_HERE, 'person: "{person}", role: GUEST'),
    "Mutation.setSourceRole": Asked(
        MANAGERS_HERE | {"source admin"}, 'person: "{person}", source: "{source}", role: GUEST'
    ),
    "Mutation.deactivatePerson": Asked(MANAGERS_HERE, 'person: "{person}"'),
    "Mutation.sendRun": Asked(MANAGERS & RUNNERS, 'run: "{run}", ' + SENDING),
    "Mutation.sendReport": Asked(MANAGERS & RUNNERS, 'report: "{report}", ' + SENDING),
    "Mutation.markDelivered": Asked(MANAGERS & RUNNERS, 'delivery: "{delivery}"'),
    "Mutation.resend": Asked(MANAGERS & RUNNERS, 'delivery: "{delivery}"'),
    "Mutation.addRecipient": Asked(MANAGERS | {"neighbour"}, 'recipient: {{address: "new@client.example"}}'),
    "Mutation.editRecipient": Asked(
        MANAGERS, 'id: "{recipient}", recipient: {{address: "other@client.example"}}'
    ),
    "Mutation.eraseContact": Asked(ERASERS, 'address: "ann@client.example"'),
    "Mutation.mergeContacts": Asked(ERASERS, 'address: "ann@client.example", other: "ben@client.example"'),
    "Mutation.undoContactMerge": Asked(NOBODY, f'id: "{UUID(int=0)}"'),
    "Mutation.setErasedContacts": Asked(ERASERS, "reimport: REFUSE"),
    "Mutation.importRecipients": Asked(MANAGERS | {"neighbour"}, 'csv: "address"'),
    "Mutation.setRecipientAttributes": Asked(MANAGERS, 'id: "{recipient}", attributes: []'),
    "Mutation.eraseRecipient": Asked(MANAGERS, 'id: "{recipient}"'),
    "Mutation.askRecipient": Asked(MANAGERS, 'id: "{recipient}"'),
    "Mutation.liftSuppression": Asked(MANAGERS, 'id: "{suppression}"'),
    "Mutation.setRecipientRules": Asked(
        MANAGERS | {"neighbour"}, "rules: {{domains: [], audiences: [], firstEmail: WITH_REPORT}}"
    ),
    "Mutation.startImport": Asked(WRITERS, 'id: "{import}"'),
    "Mutation.pullSource": Asked(WRITERS, 'id: "{feed}"'),
    "Mutation.checkSource": Asked(SOURCE_ADMINS, 'id: "{feed}"'),
    "Mutation.discoverProfiles": Asked(
        MANAGERS | {"neighbour"},
        'plugin: "social", kind: "mastodon", settings: {{instance: "feed.example"}}',
    ),
    "Mutation.connectProfiles": Asked(EVERYTHING, 'profiles: "{profiles}", keys: ["profile"]'),
    "Mutation.addSource": Asked(
        MANAGERS | {"neighbour"}, 'plugin: "email", kind: "file", name: "Third", settings: {{}}'
    ),
    "Mutation.rotateAddress": Asked(SOURCE_ADMINS, 'id: "{source}"'),
    "Mutation.removeSource": Asked(SOURCE_ADMINS, 'id: "{source}"'),
    "Mutation.addWebhook": Asked(MANAGERS | {"neighbour"}, f"webhook: {HOOK}"),
    "Mutation.changeWebhook": Asked(MANAGERS, f'id: "{{webhook}}", webhook: {HOOK}'),
    "Mutation.testWebhook": Asked(MANAGERS, 'id: "{webhook}"'),
    "Mutation.removeWebhook": Asked(MANAGERS, 'id: "{webhook}"'),
    "Mutation.shareRun": Asked(
        MANAGERS_HERE & RUNNERS, 'run: "{run}", share: {{viewers: ["vic@example.org"], key: "k"}}'
    ),
    # Nobody here knows its password.
    "Mutation.addViewers": Asked(NOBODY, 'id: "{share}", viewers: ["vic@example.org"], password: "wrong"'),
    "Mutation.revokeViewer": Asked(MANAGERS_HERE & RUNNERS, 'id: "{share}", viewer: "{viewer}"'),
    "Mutation.changeSharePassword": Asked(MANAGERS_HERE & RUNNERS, 'id: "{share}"'),
    "Mutation.changeShare": Asked(MANAGERS_HERE & RUNNERS, 'id: "{share}", options: {{}}'),
    "Mutation.stopShare": Asked(MANAGERS_HERE & RUNNERS, 'id: "{share}"'),
    "Mutation.createSchedule": Asked(WRITERS, SCHEDULE),
    "Mutation.changeSchedule": Asked(WRITERS, 'id: "{schedule}", version: 1, ' + SCHEDULE),
    "Mutation.pauseSchedule": Asked(WRITERS, 'id: "{schedule}"'),
    "Mutation.resumeSchedule": Asked(WRITERS, 'id: "{schedule}"'),
    # It goes to somebody else than the others who may change it, who may send to themselves alone.
    "Mutation.takeOverSchedule": Asked(EVERYTHING, 'id: "{schedule}"'),
    "Mutation.deleteSchedule": Asked(WRITERS, 'id: "{schedule}"'),
    "Mutation.sendScheduleNow": Asked(WRITERS, 'id: "{schedule}", key: "k"'),
    "Mutation.resendFailed": Asked(WRITERS, 'occurrence: "{occurrence}", key: "k"'),
    "Mutation.resendToMe": Asked(RUNNERS, 'occurrence: "{occurrence}", key: "k"'),
    "Mutation.sendScheduleTest": Asked(RUNNERS, 'id: "{schedule}", key: "k"'),
    # Nothing of it waits for an answer.
    "Mutation.approveOccurrence": Asked(RUNNERS, 'occurrence: "{occurrence}", digest: "d"'),
    "Mutation.rejectOccurrence": Asked(RUNNERS, 'occurrence: "{occurrence}"'),
    "Mutation.setHolidays": Asked(MANAGERS | {"neighbour"}, 'days: ["2026-12-25"]'),
    "Mutation.deleteReport": Asked(WRITERS, 'id: "{report}"'),
    "Mutation.buildKind": Asked(RUNNERS | {"neighbour"}, 'kind: "email.campaign"'),
    "Mutation.runReport": Asked(RUNNERS, 'id: "{report}"'),
    "Mutation.cancelRun": Asked(WRITERS, 'id: "{waiting}"'),
    "Mutation.renderFile": Asked(READERS, 'run: "{run}", format: "csv"'),
    "Mutation.buildReport": Asked(RUNNERS | {"neighbour"}, REPORT),
    "Mutation.saveReport": Asked(WRITERS | {"neighbour"}, 'name: "Weekly", ' + REPORT),
    "Subscription.runProgress": Asked(READERS, 'id: "{run}"'),
}
INNER = {"drilldown": 'figure: "{figure}"', "contact": 'address: "ann@example.org"'}
"""The arguments of fields further in, where they have to be given."""
ABOUT_PERSONS = {
    "Query.contact.activityFacts", "Query.contacts.actionsFacts", "Query.contacts.contact",
    "Query.contacts.listChangesFacts", "Query.contacts.listLogFacts", "Query.email.eventsFacts",
    "Query.social.communityFacts",
    "Query.whatsapp.conversationsFacts", "Query.whatsapp.logFacts", "Query.whatsapp.messagesFacts",
}  # fmt: skip
"""Fields of the catalogue that name single persons, for those with the permission alone."""


@dataclass
class Selections:
    """Makes selections of a type with all that can be asked of it, and notes what was asked."""

    ids: Mapping[str, str]
    asked: set[str] = field(default_factory=set[str])
    circles: set[str] = field(default_factory=set[str])
    """Fields that lead back to where they were reached from."""

    def all_of(
        self, kind: Any, above: tuple[str, ...] = (), twice: Collection[str] = frozenset[str]()
    ) -> str:
        """Everything of a type, without going round in circles."""
        if isinstance(kind, GraphQLUnionType):
            fields = [
                (one, name, str(field.type)) for one in kind.types for name, field in one.fields.items()
            ]
            # What has one name and two types in the members of a union is asked for under another name.
            twice = {name for _one, name, told in fields for _other, same, other in fields
                     if name == same and told != other}  # fmt: skip
            members = (
                f"... on {one.name} {{ {self.all_of(one, (*above, kind.name), twice)} }}"
                for one in kind.types
            )
            return " ".join(members)
        assert isinstance(kind, GraphQLObjectType)
        parts = ["__typename"]
        for name, one in kind.fields.items():
            if asked := self._field(kind, name, one, above):
                parts.append(f"{kind.name}_{name}: {asked}" if name in twice else asked)
        return " ".join(parts)

    def _field(self, kind: GraphQLObjectType, name: str, one: GraphQLField, above: tuple[str, ...]) -> str:
        inner: Any = get_named_type(one.type)
        if inner.name in above or inner is kind:
            self.circles.add(f"{kind.name}.{name}")
            return ""
        self.asked.add(f"{kind.name}.{name}")
        needed = any(map(is_required_argument, one.args.values())) or "address" in one.args
        arguments = INNER[name].format(**self.ids) if needed else ""
        told = f"{name}({arguments})" if arguments else name
        if is_leaf_type(inner):
            return told
        return f"{told} {{ {self.all_of(inner, (*above, kind.name))} }}"


def questions(schema: GraphQLSchema, selections: Selections) -> Iterator[tuple[str, str, frozenset[str]]]:
    """The documents that ask for every field, each with what it is about and who may ask for that."""
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        assert root is not None
        operation = root.name.lower()
        for name, one in root.fields.items():
            asked = EXPECTED[f"{root.name}.{name}"]
            arguments = asked.arguments.format(**selections.ids)
            told = f"{name}({arguments})" if arguments else name
            inner: Any = get_named_type(one.type)
            for part, selection in _parts(selections, inner):
                full = f"{root.name}.{name}{part}"
                may = SEEING_PERSONS | {"neighbour"} if full in ABOUT_PERSONS else asked.may
                yield full, f"{operation} {{ {told} {selection} }}", may


def _parts(selections: Selections, kind: Any) -> Iterator[tuple[str, str]]:
    """A selection of the whole, or one for each of the datasets: together they would ask for too much."""
    if is_leaf_type(kind):
        yield "", ""
    elif all(one.args for one in kind.fields.values()):
        for name, one in kind.fields.items():
            yield f".{name}", f"{{ {selections._field(kind, name, one, ())} }}"
    else:
        yield "", f"{{ {selections.all_of(kind)} }}"


@pytest.mark.requirement("DC-02")
async def test_every_field_asked_by_everybody(world: World, schema: strawberry.Schema) -> None:
    graph: GraphQLSchema = schema._schema
    roots = [graph.query_type, graph.mutation_type, graph.subscription_type]
    named = [f"{root.name}.{name}" for root in roots if root for name in root.fields]
    assert sorted(named) == sorted(EXPECTED), "a field without an expectation, or one that is gone"
    selections, wrong = Selections(world.ids), list[str]()
    for name, document, allowed in questions(graph, selections):
        ask = subscribed if name.startswith("Subscription.") else posted
        for who in world.headers:
            codes, told = await ask(world, schema, who, document)
            may = who in allowed
            where = f"{name} as {who}: {codes} {document[:60]}"
            if (codes == []) != may:
                wrong.append(f"{where}, though they {'may' if may else 'may not'}: {told[:200]}")
            if not may and world.changes():
                wrong.append(f"{where} changed {world.changes()[:2]}")
            wrong += [f"{where} holds {word}: {told[:2000]}" for word in leaks(who, told)]
            wrong += [f"{where} trespassed on {row}" for row in world.trespasses(who)]
            await world.restore()
    types = [one for one in graph.type_map.values() if isinstance(one, GraphQLObjectType)]
    there = {f"{one.name}.{name}" for one in types if not one.name.startswith("__") for name in one.fields}
    assert there - selections.asked - selections.circles - set(named) == set(), "fields that nobody asked for"
    assert not wrong, "\n".join(wrong)


async def posted(world: World, _schema: strawberry.Schema, who: str, document: str) -> tuple[list[str], str]:
    """The codes of what was refused, and the whole answer."""
    answer = await world.ask(who, "POST", "/graphql", json={"query": document})
    if who == "forged":
        return (["forbidden"] if answer.status_code == 403 else []), answer.text
    told = answer.json()
    codes = [one["extensions"]["code"] for one in told.get("errors", ())]
    # A run that is not built yet has no rows behind its figures; that is no refusal.
    codes = [code for code in codes if code != "conflict"]
    return codes, answer.text


async def subscribed(
    world: World, schema: strawberry.Schema, who: str, document: str
) -> tuple[list[str], str]:
    """The same of the first event of a subscription."""
    services, actor = world.bilan.services, world.principals.get("olga" if who == "forged" else who)
    if who == "forged":
        return ["forbidden"], ""  # a websocket from elsewhere is refused with its first request

    async def again() -> Any:
        return actor

    formatter = formatter_for(services.translator, "en", "UTC")
    context = Context(services, actor, formatter, refresh_actor=again)
    events: Any = await schema.subscribe(document, context_value=context)
    first = await anext(events) if hasattr(events, "__anext__") else events
    if hasattr(events, "aclose"):
        await events.aclose()
    return [one.extensions["code"] for one in first.errors or ()], str(first.data)
