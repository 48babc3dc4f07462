"""The limiter of questions, by the order of events."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from bilan.query import limiter
from bilan.query.limiter import QUEUE, Overloaded, QuestionLimiter

ANN, BOB, CID = uuid4(), uuid4(), uuid4()


class Asker:
    """Asks, and is answered when the test says so."""

    def __init__(self, questions: QuestionLimiter, person: UUID | None) -> None:
        self.person = person
        self.inside, self.answered = False, asyncio.Event()
        self.task = asyncio.create_task(self._ask(questions))

    async def _ask(self, questions: QuestionLimiter) -> None:
        async with questions.place(self.person):
            self.inside = True
            await self.answered.wait()

    async def answer(self) -> None:
        self.answered.set()
        await self.task


async def settle() -> None:
    """Let everybody who can go on do so."""
    for _turn in range(10):
        await asyncio.sleep(0)


async def ask(questions: QuestionLimiter, *people: UUID | None) -> list[Asker]:
    askers = [Asker(questions, person) for person in people]
    await settle()
    return askers


def inside(askers: list[Asker]) -> list[int]:
    return [number for number, one in enumerate(askers) if one.inside and not one.task.done()]


async def end(*askers: Asker) -> None:
    for one in askers:
        one.task.cancel()
    await asyncio.gather(*(one.task for one in askers), return_exceptions=True)


async def test_so_many_are_in_and_so_many_of_one_person() -> None:
    questions = QuestionLimiter(at_once=3, each=2)
    askers = await ask(questions, ANN, ANN, ANN, BOB, CID, None)
    assert (inside(askers), questions.asking, questions.waiting) == ([0, 1, 3], 3, 3)
    await end(*askers)
    assert (questions.asking, questions.waiting, questions.refused) == (0, 0, 0)


async def test_a_place_goes_to_whoever_has_the_fewest_then_to_whoever_came_first() -> None:
    questions = QuestionLimiter(at_once=3, each=3)
    askers = await ask(questions, ANN, ANN, ANN, ANN, ANN, BOB, BOB)
    assert inside(askers) == [0, 1, 2]
    await askers[0].answer()
    await settle()
    assert inside(askers) == [1, 2, 5]
    await askers[1].answer()
    await settle()
    assert inside(askers) == [2, 3, 5]
    await askers[2].answer()
    await settle()
    assert inside(askers) == [3, 4, 5]
    await end(*askers)


async def test_beyond_the_queue_the_answer_comes_at_once() -> None:
    questions = QuestionLimiter(at_once=2, each=1)
    askers = await ask(questions, *([ANN] * (1 + QUEUE)), *([BOB] * (1 + QUEUE)))
    assert (questions.asking, questions.waiting) == (2, 2 * QUEUE)
    for person in (ANN, BOB, CID):
        with pytest.raises(Overloaded, match="ask again in a few seconds"):
            async with questions.place(person):
                pass
    assert (questions.asking, questions.waiting, questions.refused) == (2, 2 * QUEUE, 3)
    await end(*askers)


async def test_one_person_cannot_fill_the_queue() -> None:
    questions = QuestionLimiter(at_once=4, each=1)
    askers = await ask(questions, *([ANN] * 200), BOB)
    assert inside(askers) == [0, 200]
    assert (questions.waiting, questions.refused) == (QUEUE, 200 - 1 - QUEUE)
    await end(*askers)


async def test_who_waits_too_long_is_refused_and_holds_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "PATIENCE", 0.0)
    questions = QuestionLimiter(at_once=1, each=1)
    first, *rest = await ask(questions, ANN, ANN, BOB)
    results = await asyncio.gather(*(one.task for one in rest), return_exceptions=True)
    assert [type(one) for one in results] == [Overloaded, Overloaded]
    assert (questions.asking, questions.waiting, questions.refused) == (1, 0, 2)
    await first.answer()
    assert questions.asking == 0


async def test_who_gives_up_while_waiting_leaves_the_place_to_the_next() -> None:
    questions = QuestionLimiter(at_once=1, each=1)
    askers = await ask(questions, ANN, BOB, CID)
    await end(askers[1])
    await askers[0].answer()
    await settle()
    assert inside(askers) == [2]
    await askers[2].answer()
    assert (questions.asking, questions.waiting) == (0, 0)


async def test_who_gives_up_as_the_turn_comes_gives_the_place_back() -> None:
    questions = QuestionLimiter(at_once=1, each=1)
    async with questions.place(ANN):
        askers = await ask(questions, BOB, CID)
    askers[0].task.cancel()  # its turn was given, and it has not gone on yet
    await settle()
    assert (askers[0].inside, inside(askers)) == (False, [1])
    await askers[1].answer()
    assert (questions.asking, questions.waiting) == (0, 0)


async def test_an_error_gives_the_place_free() -> None:
    questions = QuestionLimiter(at_once=1, each=1)
    with pytest.raises(ZeroDivisionError):
        async with questions.place(ANN):
            _broken = 1 / 0
    assert questions.asking == 0
