"""The frame of ``make attack``: what counts as held, and which attacks there are."""

from __future__ import annotations

import pytest
from benchmarks.attacks.attacking import known
from benchmarks.attacks.others import Seen
from benchmarks.attacks.table import CALM, Result, markdown


def seen(milliseconds: float = 10, **changed: object) -> Seen:
    """Everybody had what they came for, in so much time."""
    took = [milliseconds / 1000] * 100
    done = Seen(took, list(took), [], [1] * 16, "200, 1.0 s", "done, 20 s", 812.4)
    for name, value in changed.items():
        setattr(done, name, value)
    return done


def result(found: Seen, *failed: str) -> Result:
    return Result("silent sockets", "5", "1,100 sockets", found, {"closed": 1_200}, failed)


@pytest.mark.parametrize(
    ("found", "held"),
    [
        (seen(), True),
        (seen(310), True),
        (seen(311), False),
        (seen(failed=["/healthz hung up"]), False),
        (seen(answers=[0] + [1] * 15), False),
        (seen(webhook="503, 420.0 s"), False),
        (seen(imported="the server is not there"), False),
        (seen(memory=812.4 + 1_500), True),
        (seen(memory=812.4 + 1_501), False),
    ],
    ids=[
        "as idle", "300 ms above", "more", "a look", "a reader", "the webhook", "the import",
        "as much memory as it may", "more memory",
    ],
)  # fmt: skip
def test_a_server_held_where_everybody_else_had_what_they_came_for(found: Seen, held: bool) -> None:
    assert result(found).held(idle=seen()) is held


def test_an_attack_that_failed_itself_shows_nothing() -> None:
    assert not result(seen(), "the attack failed").held(idle=seen())


def test_an_attack_that_sent_nothing_shows_nothing() -> None:
    silent = Result("silent sockets", "5", "1,100 sockets", seen(), {})
    assert silent.wrong(seen()) == ["nothing was sent"]
    assert Result(CALM, "0", "nothing", seen(), {}).held(idle=seen())


def test_an_attack_that_could_not_be_tried_is_none_that_was_held() -> None:
    untried = Result("a full disk", "9", "a disk", Seen(), {}, ["not tried: it takes root"])
    assert untried.wrong(seen())[0] == "not tried: it takes root"
    assert not untried.held(idle=seen())


def test_the_table_says_what_was_tried_and_what_others_saw() -> None:
    _head, _rule, idle, line = markdown([result(seen(answers=[0] + [1] * 15))], seen()).splitlines()

    assert idle == "| idle | nothing, and nobody else |  | 10 ms | 10 ms | 812 MB |  |  |  |"
    assert line == (
        "| 5 silent sockets | 1,100 sockets | closed ×1,200 | 10 ms | 10 ms | 812 MB | 200, 1.0 s "
        "| done, 20 s | no: 1 readers without an answer |"
    )


def test_every_attack_belongs_to_a_part_and_the_calm_comes_first() -> None:
    attacks = list(known().values())

    assert attacks[0].key == "nothing"
    assert {one.part for one in attacks} == {*map(str, range(12))}
    assert all(one.tried for one in attacks)
