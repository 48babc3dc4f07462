"""A workspace's brand: who changes it, who sees it, and where it shows."""

from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from httpx2 import AsyncClient

from bilan.accounts import Principal, WorkspaceRole
from bilan.accounts.values import Scope
from bilan.app import Bilan
from bilan.catalog import Catalog
from bilan.runs.values import RenderSpec
from bilan.sdk.errors import Forbidden, Invalid, NotFound
from bilan.warehouse import Warehouse
from fixtures.bilan import Query
from support.office import LEFT, Office
from support.pictures import picture

pytestmark = pytest.mark.requirement("AD-08")

HTML = RenderSpec("html")


async def test_managers_change_colour_and_logo(bilan: Bilan, owner: Principal):
    branding = bilan.services.branding
    assert (await branding.get(owner)).colour is None
    assert (await branding.set_colour(owner, " #C0392B ")).colour == "#c0392b"
    info = await branding.set_logo(owner, picture())
    brand = await branding.brand(info)
    assert (brand.colour, brand.logo_type) == ("#c0392b", "image/png")
    assert brand.logo is not None
    assert brand.logo.startswith(b"\x89PNG")
    assert (await branding.remove_logo(owner)).logo is None
    assert (await branding.set_colour(owner, "")).colour is None


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#0e6377;}"])
async def test_what_is_no_colour_is_refused(bilan: Bilan, owner: Principal, colour: str):
    with pytest.raises(Invalid) as refused:
        await bilan.services.branding.set_colour(owner, colour)
    assert str(refused.value) == f"{colour} is no colour; write it like #0e6377."
    assert refused.value.path == ("colour",)


async def test_members_and_reading_tokens_change_nothing(bilan: Bilan, owner: Principal):
    branding = bilan.services.branding
    for actor in (
        replace(owner, role=WorkspaceRole.MEMBER),
        replace(owner, scopes=frozenset({Scope.READ})),
    ):
        for change in (
            branding.set_colour(actor, "#000000"),
            branding.set_logo(actor, picture()),
            branding.remove_logo(actor),
        ):
            with pytest.raises(Forbidden):
                await change
        assert (await branding.get(actor)).colour is None


async def test_the_logo_is_served_to_people_of_the_workspace_alone(
    bilan: Bilan, owner: Principal, browser: AsyncClient
):
    info = await bilan.services.branding.set_logo(owner, picture("JPEG"))
    url = f"/brand/logo/{info.logo}"
    assert info.logo_url == url
    assert (await browser.get(url)).status_code == 401

    token = await bilan.services.tokens.create(owner, name="t", scopes=[Scope.READ])
    headers = {"authorization": f"Bearer {token.token}"}
    answer = await browser.get(url, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert answer.content.startswith(b"\xff\xd8")
    assert (await browser.get("/brand/logo/" + "0" * 64, headers=headers)).status_code == 404
    await bilan.services.branding.remove_logo(owner)
    assert (await browser.get(url, headers=headers)).status_code == 404


async def test_the_accent_is_a_stylesheet_also_for_viewers_who_have_no_session(browser: AsyncClient):
    answer = await browser.get("/brand/accent.css?v=c0392b")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "--accent:#c0392b" in answer.text
    for none in ("", "?v=red", "?v=c0392b;}"):
        assert (await browser.get(f"/brand/accent.css{none}")).text == ""


async def test_graphql_shows_and_changes_the_brand(asking: Query, owner: Principal):
    logo = b64encode(picture()).decode()
    change = (
        'mutation($logo: String) { setBrand(colour: "#C0392B", logo: $logo) { brand { colour logoUrl } } }'
    )
    brand = (await asking(change, owner, {"logo": logo})).data["setBrand"]["brand"]
    assert brand["colour"] == "#c0392b"
    assert brand["logoUrl"].startswith("/brand/logo/")
    kept = "mutation { setBrand(colour: null) { name brand { colour logoUrl } } }"
    assert (await asking(kept, owner)).data["setBrand"]["brand"] == {**brand, "colour": None}
    gone = "mutation { setBrand(logo: null) { brand { logoUrl } } }"
    assert (await asking(gone, owner)).data["setBrand"]["brand"] == {"logoUrl": None}
    wrong = await asking('mutation { setBrand(logo: "~") { name } }', owner)
    assert wrong.errors[0].message == "The logo is to be sent in Base64."
    assert (await asking("{ workspace { zone brand { colour } } }", owner)).data == {
        "workspace": {"zone": "UTC", "brand": {"colour": None}}
    }


async def test_a_changed_brand_renders_a_new_file_and_the_old_one_stays(
    sqlite_catalog: Catalog, warehouse: Warehouse, tmp_path: Path
):
    office = Office(sqlite_catalog, warehouse, tmp_path)
    await office.open()
    ada = await office.person("Ada", {LEFT: "editor"})
    run = await office.finish(await office.runs.start(ada, "shop.sales", {"period": "last_7_days"}, [HTML]))
    (plain,) = run.artifacts
    assert await office.runs.artifact(ada, run.id, HTML) == plain

    manager = replace(ada, role=WorkspaceRole.ADMIN)
    await office.branding.set_colour(manager, "#ffd400")
    await office.branding.set_logo(manager, picture())
    branded = await office.runs.artifact(ada, run.id, HTML)
    rendered = (await office.files.read(branded.sha256)).decode()
    assert '<p class="cover-logo"><img src="data:image/png;base64,' in rendered
    assert 'alt="Acme"' in rendered
    light, dark = (line for line in rendered.splitlines() if ":root{--accent:" in line)
    assert "--accent:#ffd400" in dark
    assert "--accent:#ffd400" not in light, "yellow on white cannot be read"
    assert plain.sha256 != branded.sha256
    assert await office.files.exists(plain.sha256)

    await office.branding.set_colour(manager, None)
    await office.branding.remove_logo(manager)
    assert await office.runs.artifact(ada, run.id, HTML) == plain


async def test_another_workspaces_logo_is_not_there(bilan: Bilan, owner: Principal):
    with pytest.raises(NotFound):
        await bilan.services.branding.logo(owner, "0" * 64)
