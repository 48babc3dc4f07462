"""Shares in GraphQL: everything that the pages do, by the same rights; and what a viewer would be told."""

from __future__ import annotations

from uuid import uuid4

import pytest

from bilan.accounts import SourceRole, ViewerPrincipal
from fixtures.bilan import Query
from fixtures.mailing import Mailing
from support.posting import built

SHARE = """mutation ($run: ID!) { shareRun(run: $run, share: {viewers: ["vera@client.org"], key: "k"}) {
  password share { id over viewers { id address views } } } }"""


@pytest.mark.requirement("MC-01", "MC-15", "MC-16", "MC-17")
async def test_a_report_is_shared_viewers_come_and_go_and_it_is_stopped(mailing: Mailing, asking: Query):
    run = await built(mailing)
    made = (await asking(SHARE, mailing.owner, {"run": str(run.id)})).data["shareRun"]
    share, password = made["share"]["id"], made["password"]
    assert [(one["address"], one["views"]) for one in made["share"]["viewers"]] == [("vera@client.org", 0)]
    added = await asking(
        f'mutation {{ addViewers(id: "{share}", viewers: ["paul@client.org"], password: "{password}") '
        "{ viewers { id address } } }",
        mailing.owner,
    )
    viewers = {one["address"]: one["id"] for one in added.data["addViewers"]["viewers"]}
    assert sorted(viewers) == ["paul@client.org", "vera@client.org"]
    viewer = viewers["paul@client.org"]
    revoked = await asking(
        f'mutation {{ revokeViewer(id: "{share}", viewer: "{viewer}") '
        "{ viewers { address revokedAt } } }",
        mailing.owner,
    )
    gone = {one["address"]: one["revokedAt"] is not None for one in revoked.data["revokeViewer"]["viewers"]}
    assert gone == {"paul@client.org": True, "vera@client.org": False}
    changed = await asking(f'mutation {{ changeSharePassword(id: "{share}") {{ password }} }}', mailing.owner)
    assert changed.data["changeSharePassword"]["password"] not in ("", password)
    stopped = await asking(
        f'mutation {{ stopShare(id: "{share}") {{ over events {{ kind who viewer }} }} }}', mailing.owner
    )
    assert [one["kind"] for one in stopped.data["stopShare"]["events"]] == [
        "STOPPED", "NEW_PASSWORD", "REVOKED", "ADDED", "ADDED", "SHARED",
    ]  # fmt: skip
    listed = await asking(f'{{ shares(run: "{run.id}") {{ id over }} }}', mailing.owner)
    assert listed.data["shares"] == [{"id": share, "over": True}]
    every = (
        "{ allShares(running: false) { totalCount nodes { id title events { kind } } } "
        "going: allShares { totalCount } }"
    )
    found = (await asking(every, mailing.owner)).data
    ((one,), going) = found["allShares"]["nodes"], found["going"]
    assert (one["id"], one["title"], len(one["events"]), going) == (
        share, "Figures of March", 6, {"totalCount": 0},
    )  # fmt: skip


@pytest.mark.requirement("GO-11")
async def test_the_options_of_a_share_are_changed(mailing: Mailing, asking: Query):
    run = await built(mailing)
    made = (await asking(SHARE, mailing.owner, {"run": str(run.id)})).data["shareRun"]
    change = (
        f'mutation {{ changeShare(id: "{made["share"]["id"]}", options: {{days: 3, views: 2, '
        'downloads: false, language: "fr", origins: ["https://www.example.org"]}) '
        "{ mostViews downloads language origins events { kind who } } }"
    )
    assert (await asking(change, mailing.owner)).data["changeShare"] == {
        "mostViews": 2, "downloads": False, "language": "fr", "origins": ["https://www.example.org"],
        "events": [{"kind": "CHANGED", "who": "Olga"}, {"kind": "ADDED", "who": "Olga"},
                   {"kind": "SHARED", "who": "Olga"}],
    }  # fmt: skip
    # What is left out stays as it is; null is said.
    kept = {"mostViews": 2, "downloads": False, "language": "fr", "origins": ["https://www.example.org"]}
    any_number = {"mostViews": None, "language": None}
    for options, changed in (("days: 4", {}), ("views: null, language: null", any_number)):
        later = (
            f'mutation {{ changeShare(id: "{made["share"]["id"]}", options: {{{options}}}) '
            "{ mostViews downloads language origins } }"
        )
        assert (await asking(later, mailing.owner)).data["changeShare"] == {**kept, **changed}


@pytest.mark.requirement("MC-02", "GO-11")
async def test_a_viewer_is_told_nothing_but_their_run_whatever_is_asked(mailing: Mailing, asking: Query):
    run, other = await built(mailing), await built(mailing)
    member = await mailing.person("Max", shop=SourceRole.GUEST, lab=SourceRole.GUEST)
    assert (await asking(SHARE, member, {"run": str(run.id)})).errors
    viewer = ViewerPrincipal(
        workspace=mailing.owner.workspace, name="Vera", email="vera@client.org", grant=uuid4(), run=run.id
    )
    assert (await asking(f'{{ run(id: "{run.id}") {{ title }} }}', viewer)).data["run"]["title"]
    for document in (
        f'{{ run(id: "{other.id}") {{ title }} }}', "{ workspace { name } }", "{ people { email } }",
        f'{{ shares(run: "{other.id}") {{ title }} }}',
        f'mutation {{ cancelRun(id: "{run.id}") {{ id }} }}',
    ):  # fmt: skip
        answer = await asking(document, viewer)
        assert answer.errors, document
    listed = await asking("{ runs { edges { node { id } } } }", viewer)
    assert [one["node"]["id"] for one in listed.data["runs"]["edges"]] == [str(run.id)]
