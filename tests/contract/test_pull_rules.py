"""Pulls that go wrong are caught by the contract's rules, in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from bilan import sdk
from bilan.registry.declared import Declared, Registry
from bilan.registry.gather import load
from bilan.testing import pull_rules
from support.club import KIND, PLUGIN, Albums, Club

pytestmark = pytest.mark.requirement("GO-14")

_ = sdk.messages("club")[0]


def answers(request: sdk.SampleRequest) -> sdk.SampleReply:
    """What the club answers."""
    path = request.url.removeprefix("https://api.club.example")
    answer = Club().answer(f"{path}?{urlencode(request.params)}", request.headers)
    return sdk.SampleReply(answer.body, answer.status, answer.headers)


def plugin(pull: sdk.Pull, answering: Callable[[sdk.SampleRequest], sdk.SampleReply] = answers) -> Registry:
    sample = sdk.Sample(
        "club", "Alps", _("Eight invented albums."), settings={"token": "good", "club": "alpine"},
        answers=answering,
    )  # fmt: skip
    return load(
        [("club", replace(PLUGIN, sources=(replace(KIND, pull=pull),), samples=(sample,)))], installed=False
    )


def broken(pull: sdk.Pull) -> list[str]:
    registry = plugin(pull)
    return [
        *pull_rules.check_pulls(registry, club_of(registry)),
        *pull_rules.check_failing_services(club_of(registry)),
        *pull_rules.check_discoveries(club_of(registry)),
    ]


def club_of(registry: Registry) -> Declared:
    return next(one for one in registry.declared if one.plugin.namespace == "club")


def test_a_pull_that_is_right_breaks_no_rule() -> None:
    assert broken(Albums()) == []


class Forgetful(Albums):
    """Goes on after a page too many."""

    def pull(self, context: sdk.PullContext) -> Iterator[sdk.Pulled]:
        for item in super().pull(context):
            if isinstance(item, sdk.Checkpoint) and item.state:
                item = replace(item, state={"after": "a05"})
            yield item


class Endless(Albums):
    """Ends with a fact."""

    def pull(self, context: sdk.PullContext) -> Iterator[sdk.Pulled]:
        yield from (item for item in super().pull(context) if not isinstance(item, sdk.Checkpoint))


class Undated(Albums):
    """Keeps a moment in its state."""

    def pull(self, context: sdk.PullContext) -> Iterator[sdk.Pulled]:
        yield from super().pull(context)
        yield sdk.Checkpoint({"at": context.now})


class Elsewhere(Albums):
    """Asks a host that it does not name."""

    def hosts(self, settings: sdk.Settings) -> tuple[str, ...]:
        return ("www.club.example",)


class Silent(Albums):
    """Passes over a page that fails."""

    def pull(self, context: sdk.PullContext) -> Iterator[sdk.Pulled]:
        try:
            yield from super().pull(context)
        except sdk.Unavailable:
            yield sdk.Checkpoint({})


class Content(Albums):
    """Looks at nothing before it says that all is well."""

    def check(self, context: sdk.PullContext) -> sdk.Checked:
        return sdk.Checked(_("All is well."))


class Speechless(Albums):
    """Says what it sees as a plain text."""

    def check(self, context: sdk.PullContext) -> sdk.Checked:
        super().check(context)
        said: Any = "All is well."
        return sdk.Checked(said)


class Strange(Albums):
    """Gives facts of another plugin."""

    def pull(self, context: sdk.PullContext) -> Iterator[sdk.Pulled]:
        yield sdk.Retract("letters.sent", {"letter": "1"})
        yield from super().pull(context)


class Twins(Albums):
    """Finds profiles of one key."""

    def discover(self, context: sdk.PullContext) -> Iterator[sdk.Discovered]:
        for one in super().discover(context):
            yield replace(one, key="club", settings={"colour": "red"})


@pytest.mark.parametrize(
    ("pull", "told"),
    [
        (Forgetful(), "gives other facts when it is cut at the checkpoint {'after': 'a05'}"),
        (Endless(), "ends without a checkpoint"),
        (Undated(), "has a checkpoint whose state is not JSON"),
        (
            Elsewhere(),
            "fails: Invalid('api.club.example is none of the hosts that this kind of source asks.')",
        ),
        (Silent(), "goes on as if nothing had happened when its request 1 fails"),
        (Content(), "the check of club is content with a token that is refused"),
        (Speechless(), "the check of club gives no sentence"),
        (Strange(), "gives facts of letters.sent, which is no dataset of its plugin"),
        (Twins(), "club finds profiles that have no key of their own: ['club', 'club']"),
        (Twins(), "club finds a profile with settings that it does not have: ['colour']"),
    ],
)
def test_a_pull_that_goes_wrong_is_told_in_a_sentence(pull: sdk.Pull, told: str) -> None:
    try:
        found = broken(pull)
    except sdk.Invalid:  # what fails as a whole is told by the first rule already
        found = list(pull_rules.check_pulls(registry := plugin(pull), club_of(registry)))

    assert any(told in one for one in found), found


def test_a_plugin_without_answers_is_asked_nothing() -> None:
    registry = load([("club", PLUGIN)], installed=False)

    assert list(pull_rules.check_pulls(registry, club_of(registry))) == []
