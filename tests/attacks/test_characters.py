"""Characters that no database keeps and no page shows: a sentence to whoever sends them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from itertools import product
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
)
from httpx2 import ASGITransport, AsyncClient

from bilan.accounts import Principal, WorkspaceRole
from bilan.accounts.models import ApiToken, Person
from bilan.accounts.principals import principal_for
from bilan.app import Bilan
from bilan.app.web import web_application
from bilan.catalog import Catalog
from bilan.catalog.fields import StructField
from bilan.catalog.text import clean_name
from bilan.graphql.context import Context
from bilan.i18n import formatter_for
from bilan.sdk import Invalid
from bilan.settings import Settings
from bilan.sources.models import SourceRow
from support.people import add_person

SENTENCE = "This holds a character that cannot be kept."
NUL, HALF = "Shop\x00", "Shop\ud83d"


@pytest.mark.parametrize("value", [NUL, HALF, "\x00", "ok\udfff"])
async def test_no_statement_takes_a_text_that_a_database_cannot_keep(catalog: Catalog, value: str) -> None:
    with pytest.raises(Invalid, match=SENTENCE):
        await Person.filter(name=value)
    with pytest.raises(Invalid, match=SENTENCE):
        await Person.filter(name__in=["a", value]).update(name="b")
    with pytest.raises(Invalid, match=SENTENCE):
        async with catalog.transaction():
            await Person.filter(email="a").update(name=value)
    with pytest.raises(Invalid, match=SENTENCE):
        async with catalog.transaction(), catalog.transaction():
            await SourceRow.filter(name=value).count()
    assert await Person.all().count() == 0


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b[31m", "\x7f", "\x9b", "\ud800"])
def test_a_name_holds_no_control_character(control: str) -> None:
    with pytest.raises(Invalid, match=SENTENCE) as refused:
        clean_name(f"Shop{control}")
    assert refused.value.path == ("name",)


def test_a_name_is_on_one_line() -> None:
    assert clean_name("  The \t shop\r\nof\x1fAnna ") == "The shop of Anna"
    assert clean_name("Élise \u200d👩\u200d💻") == "Élise \u200d👩\u200d💻"


@pytest.fixture
async def served(
    catalog: Catalog, catalog_url: str, warehouse_settings: Settings, thrifty: None
) -> AsyncGenerator[Bilan]:
    settings = warehouse_settings.model_copy(update={"database_url": catalog_url})
    async with Bilan.open(settings, local=True) as bilan:
        yield bilan


@pytest.fixture
async def olga(served: Bilan) -> tuple[Principal, str]:
    """The owner, and their password."""
    member, password = await add_person(served.services, "olga@example.org", "Olga", WorkspaceRole.OWNER)
    actor = await principal_for(member.id)
    assert actor is not None
    return actor, password


def value_of(type_: Any, text: str) -> Any:
    """A value of the type, in which every text is this one."""
    type_ = get_nullable_type(type_)
    if isinstance(type_, GraphQLList):
        return [value_of(type_.of_type, text)]
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        fields = type_.fields.items()
        # Of inputs of which one field alone may be given, the first.
        chosen = list(fields)[:1] if type_.is_one_of else fields
        return {name: value_of(one.type, text) for name, one in chosen}
    return {"Int": 1, "Float": 1.5, "Boolean": True, "BigInt": 1, "JSON": {"a": text}}.get(type_.name, text)


def documents(schema: strawberry.Schema, text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """A request for each field that takes anything, all of whose texts are this one."""
    asked = schema._schema
    for kind, root in (("query", asked.query_type), ("mutation", asked.mutation_type)):
        assert root is not None
        for name, field in root.fields.items():
            if not field.args:
                continue
            names = ", ".join(f"${one}: {argument.type}" for one, argument in field.args.items())
            given = ", ".join(f"{one}: ${one}" for one in field.args)
            inner = " { __typename }" if isinstance(get_named_type(field.type), GraphQLObjectType) else ""
            variables = {one: value_of(argument.type, text) for one, argument in field.args.items()}
            yield name, f"{kind} ({names}) {{ {name}({given}){inner} }}", variables


async def test_every_field_that_takes_texts_answers_with_a_sentence(
    served: Bilan, olga: tuple[Principal, str], schema: strawberry.Schema
) -> None:
    services, asked = served.services, 0
    for actor, text in product((olga[0], await services.accounts.operator()), (NUL, HALF, "\x00")):
        for name, document, variables in documents(schema, text):
            formatter = formatter_for(services.translator, "en", "UTC")
            context = Context(services, actor, formatter)
            result = await schema.execute(document, variable_values=variables, context_value=context)
            asked += 1
            for error in result.errors or ():
                assert (error.extensions or {}).get("code") not in (None, "internal"), (name, error)
    assert asked > 180
    assert await SourceRow.all().count() == 0
    assert await ApiToken.all().count() == 0


FORMS: dict[str, dict[str, str]] = {
    "/tokens": {"name": "TEXT", "scope": "read", "days": ""},
    "/sources/new/email/file": {"name": "TEXT", "zone": "UTC"},
    "/people": {"email": "a@example.org", "name": "TEXT", "role": "member"},
    "/recipients": {
        "address": "a@b.example",
        "first_name": "TEXT",
        "last_name": "TEXT",
        "language": "",
        "zone": "",
    },
    "/recipients/rules": {"domains": "TEXT", "first_email": "confirmation"},
    "/sign-in": {"email": "TEXT", "password": "a password of hers"},
    "/account": {"name": "TEXT", "language": "en", "zone": "UTC"},
    "/workspace": {"name": "TEXT", "language": "en", "zone": "UTC"},
    "/language": {"language": "TEXT"},
}
ADDRESSES = ("/people/{}", "/sources/{}", "/reports/{}", "/runs/{}", "/hooks/{}", "/files/{}", "/?q={}")


async def test_forms_and_addresses_answer_with_a_sentence(served: Bilan, olga: tuple[Principal, str]) -> None:
    session = await served.services.sessions.sign_in("olga@example.org", olga[1], ip="127.0.0.1")
    headers = {
        "cookie": f"bilan_session={session.token}", "origin": "http://bilan.test", "accept": "text/html",
    }  # fmt: skip
    transport = ASGITransport(web_application(served))
    async with AsyncClient(transport=transport, base_url="http://bilan.test", headers=headers) as client:
        for (path, fields), text in product(FORMS.items(), (NUL, "Shop\x1b[31m", "\x00")):
            filled = {name: given.replace("TEXT", text) for name, given in fields.items()}
            answer = await client.post(path, data=filled)
            assert answer.status_code < 500, (path, answer.status_code)
        for path in ADDRESSES:
            answer = await client.get(path.format("a%00b"))
            assert answer.status_code < 500, (path, answer.status_code)
        for text in ("a%00b", "a%ED%A0%80b", "%FF", "", "a/b", "..%2f..%2fetc"):
            assert (await client.post(f"/hooks/{text}", content=b"[]")).status_code == 404, text
    names = [
        *await ApiToken.all().values_list("name", flat=True),
        *await SourceRow.all().values_list("name", flat=True),
        *await Person.all().values_list("name", flat=True),
    ]
    # Forms leave out the one character that no database keeps; others are refused.
    assert {*names} == {"Shop"}


def test_names_within_what_is_stored_as_json_are_cleaned_too() -> None:
    field = StructField(dict[str, str])
    for name in (NUL, HALF):
        assert "Shop" in str(field.to_db_value({name: name}, None))
        assert r"\u0000" not in str(field.to_db_value({name: name}, None))
