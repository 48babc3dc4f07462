"""Connections over which little or nothing comes. Who waits how long is told by timers, not by the clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from bilan.http import connections
from bilan.http import protocols as spoken_by
from bilan.http.connections import Connections, own_or, room
from bilan.http.paced import Deadlines, Paced
from bilan.http.protocols import CountedWebSocket, PatientHttp, protocols

FAR = "203.0.113.7"


@dataclass(eq=False)
class Line:
    """A connection that only counts."""

    address: str = FAR
    silent: bool = True
    dropped: bool = False

    def drop(self) -> None:
        self.dropped = True


def opened(counted: Connections, *lines: Line) -> list[Line]:
    for line in lines:
        counted.enter(line)
    return list(lines)


def test_eleven_hundred_silent_sockets_leave_room_for_whoever_speaks() -> None:
    counted = Connections(most=600, each=600)
    silent = opened(counted, *(Line("127.0.0.1") for _socket in range(1_100)))

    assert [line.dropped for line in silent] == [True] * 500 + [False] * 600
    assert len(counted) == 600


def test_the_one_that_has_been_silent_longest_makes_room() -> None:
    counted = Connections(most=3, each=3)
    first, second, third = opened(counted, Line(), Line(), Line())
    counted.heard(first)

    counted.enter(Line())

    assert (first.dropped, second.dropped, third.dropped) == (False, True, False)


def test_whose_answer_is_being_made_is_never_dropped() -> None:
    counted = Connections(most=2, each=2)
    busy, waiting, newest = opened(counted, Line(silent=False), Line(), Line())

    assert (busy.dropped, waiting.dropped, newest.dropped) == (False, True, False)


def test_where_nobody_is_silent_the_newest_is_dropped() -> None:
    counted = Connections(most=1, each=1)
    busy, newest = opened(counted, Line(silent=False), Line())

    assert (busy.dropped, newest.dropped, len(counted), counted.dropped) == (False, True, 1, 1)


def test_one_address_pushes_out_only_its_own() -> None:
    counted = Connections(most=100, each=2)
    neighbour, *theirs = opened(counted, Line("198.51.100.1"), *(Line() for _socket in range(5)))

    assert not neighbour.dropped
    assert [line.dropped for line in theirs] == [True] * 3 + [False] * 2


def test_the_addresses_that_one_household_has_of_ipv6_count_as_one() -> None:
    counted = Connections(most=100, each=2)
    neighbour, *theirs = opened(
        counted, Line("2001:db8:1:3::1"), *(Line(f"2001:db8:1:2::{number}") for number in range(5))
    )

    assert not neighbour.dropped
    assert [line.dropped for line in theirs] == [True] * 3 + [False] * 2


def test_where_all_are_taken_the_address_with_most_makes_room() -> None:
    counted = Connections(most=4, each=100)
    neighbour, *theirs = opened(counted, Line("198.51.100.1"), *(Line() for _socket in range(4)))

    assert not neighbour.dropped
    assert [line.dropped for line in theirs] == [True, False, False, False]


def test_any_number_may_come_through_a_proxy_on_this_machine() -> None:
    counted = Connections(most=100, each=2)
    lines = opened(counted, *(Line(address) for address in ["127.0.0.1", "::1", ""] for _socket in range(5)))

    assert not any(line.dropped for line in lines)


@pytest.mark.parametrize("proxies", ["203.0.113.0/24", "198.51.100.9, 203.0.113.7", "*"])
def test_any_number_may_come_through_a_proxy_that_is_trusted(proxies: str) -> None:
    counted = Connections(most=100, each=2, own=own_or(proxies))
    lines = opened(counted, *(Line(address) for address in [FAR, "::1"] for _socket in range(5)))

    assert not any(line.dropped for line in lines)
    assert not own_or("192.0.2.1")(FAR)


def test_a_connection_that_ends_gives_its_place_back_once() -> None:
    counted = Connections(most=10, each=10)
    (line,) = opened(counted, Line())

    counted.leave(line)
    counted.leave(line)

    assert len(counted) == 0


@pytest.mark.parametrize(
    ("bound", "places"),
    [((1024, 1024), 624), ((64, 64), 16), ((1024, 65_536), 2000), ((65_536, 65_536), 2000)],
)
def test_a_process_keeps_some_of_its_files_for_its_work(
    monkeypatch: pytest.MonkeyPatch, bound: tuple[int, int], places: int
) -> None:
    def getrlimit(_which: int) -> tuple[int, int]:
        return bound

    def setrlimit(_which: int, _bound: tuple[int, int]) -> None: ...

    monkeypatch.setattr(connections.resource, "getrlimit", getrlimit)
    monkeypatch.setattr(connections.resource, "setrlimit", setrlimit)

    assert room(2000) == places


class Wire(asyncio.Transport):
    """The other side's view of a connection."""

    def __init__(self) -> None:
        super().__init__({"peername": (FAR, 4711), "sockname": ("127.0.0.1", 8000)})
        self.written = b""
        self.closed = False
        self.paused = False
        self.protocol: asyncio.BaseProtocol | None = None
        """What took the connection over from HTTP."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


class Timer:
    def __init__(self, at: float, call: Callable[[], object]) -> None:
        self.at, self.call, self.cancelled = at, call, False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Timers:
    """A loop whose time passes when the test says so."""

    loop: asyncio.AbstractEventLoop
    now: float = 0.0
    set: list[Timer] = field(default_factory=list[Timer])

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, call: Callable[[], object]) -> Timer:
        self.set.append(Timer(self.now + seconds, call))
        return self.set[-1]

    def create_task(self, coroutine: Any, **named: Any) -> asyncio.Task[Any]:
        return self.loop.create_task(coroutine, **named)

    def waiting(self) -> list[Timer]:
        return sorted((one for one in self.set if not one.cancelled), key=lambda one: one.at)

    def pass_by(self, seconds: float) -> None:
        """So much time passes, and each timer that comes to its end within is called in its turn."""
        until = self.now + seconds
        while (waiting := self.waiting()) and waiting[0].at <= until:
            self.now = waiting[0].at
            waiting[0].cancelled = True
            waiting[0].call()
        self.now = until


@dataclass
class Spoken:
    """An HTTP connection, and what an application read from it."""

    protocol: PatientHttp
    wire: Wire
    timers: Timers
    counted: Connections
    heard: list[dict[str, Any]]
    refuses: bool = False


@pytest.fixture
async def spoken() -> AsyncGenerator[Spoken]:
    heard: list[dict[str, Any]] = []
    made: list[Spoken] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if made and made[0].refuses:
            await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            return
        while (message := await receive())["type"] == "http.request":
            heard.append(message)
            if not message["more_body"]:
                await send(
                    {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
                )
                await send({"type": "http.response.body", "body": b""})
                return
        heard.append(message)

    counted, wire = Connections(10, 10), Wire()
    timers = Timers(asyncio.get_running_loop())
    http, ws = protocols(counted)
    config = uvicorn.Config(application, http=http, ws=ws, log_config=None, lifespan="off")
    config.load()
    protocol: PatientHttp = http(config, ServerState(), {}, timers)
    protocol.connection_made(wire)
    made.append(Spoken(protocol, wire, timers, counted, heard))
    yield made[0]
    if protocol.parser is not None:
        protocol.connection_lost(None)
    await settled()


async def settled() -> None:
    for _turn in range(5):
        await asyncio.sleep(0)


async def test_a_connection_without_a_word_is_closed(spoken: Spoken) -> None:
    spoken.timers.pass_by(9.9)
    assert not spoken.wire.closed

    spoken.timers.pass_by(0.2)

    assert spoken.wire.closed
    assert spoken.wire.written.startswith(b"HTTP/1.1 408 Request Timeout\r\n")


async def test_a_head_that_comes_letter_by_letter_is_given_ten_seconds_in_all(spoken: Spoken) -> None:
    for letter in (b"G", b"E", b"T", b" ", b"/"):
        spoken.protocol.data_received(letter)
        spoken.timers.pass_by(1.9)
    assert not spoken.wire.closed

    spoken.timers.pass_by(0.6)
    assert spoken.wire.closed


async def test_a_body_that_comes_byte_by_byte_is_closed(spoken: Spoken) -> None:
    spoken.protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc")
    await settled()

    spoken.timers.pass_by(10)

    assert spoken.wire.closed
    assert b"408 Request Timeout" in spoken.wire.written


async def test_a_large_body_may_take_as_long_as_it_comes_on(spoken: Spoken) -> None:
    spoken.protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40960\r\n\r\n")
    for _piece in range(3):
        spoken.protocol.data_received(b"x" * 10_240)
        await settled()
        spoken.timers.pass_by(10)
        assert not spoken.wire.closed

    spoken.protocol.data_received(b"x" * 10_240)
    await settled()

    assert spoken.wire.written.startswith(b"HTTP/1.1 200 OK\r\n")


async def test_a_body_of_a_kilobyte_a_second_does_not_go_on_for_ever(spoken: Spoken) -> None:
    spoken.protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 16000000\r\n\r\n")
    seconds = 0
    while not spoken.wire.closed:
        spoken.protocol.data_received(b"x" * 10_240)
        await settled()
        spoken.timers.pass_by(10)
        seconds += 10

    assert b"408 Request Timeout" in spoken.wire.written
    # 40 kB in 40 seconds, where half a minute is given and 8 kB in each second beyond.
    assert seconds == 40


async def test_a_large_body_may_come_over_a_slow_line_and_stand_still_at_times(spoken: Spoken) -> None:
    pieces = [90_000] * 30 + [10_240] * 3 + [90_000] * 30
    length = sum(pieces)
    head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
    spoken.protocol.data_received(head.encode())
    for size in pieces:
        # Nine kilobytes a second, which a modem brought.
        spoken.protocol.data_received(b"x" * size)
        await settled()
        assert not spoken.wire.closed
        spoken.timers.pass_by(10)
        await settled()

    assert spoken.wire.written.startswith(b"HTTP/1.1 200 OK\r\n")


async def test_a_client_is_not_blamed_for_what_the_server_does_not_read(spoken: Spoken) -> None:
    spoken.protocol.data_received(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n" + b"x" * 70_000
    )
    assert spoken.wire.paused
    spoken.timers.pass_by(30)

    assert not spoken.wire.closed
    assert not spoken.protocol.silent


async def test_between_two_requests_a_connection_is_silent(spoken: Spoken) -> None:
    spoken.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert not spoken.protocol.silent
    await settled()

    assert spoken.protocol.silent
    # Uvicorn waits for the next request, and no longer than this.
    spoken.timers.pass_by(4.9)
    assert not spoken.wire.closed
    spoken.timers.pass_by(0.2)
    assert spoken.wire.closed


async def test_a_head_without_an_end_is_refused(spoken: Spoken) -> None:
    spoken.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ")
    for _piece in range(3):
        spoken.protocol.data_received(b"x" * 32_768)

    assert spoken.wire.closed
    assert spoken.wire.written.startswith(b"HTTP/1.1 431 ")


async def test_of_a_body_that_was_refused_some_more_is_passed_over_and_no_more(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoken_by, "UNWANTED", 100_000)
    spoken.refuses = True
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n"
    spoken.protocol.data_received(head + b"x" * 70_000)
    await settled()
    assert spoken.wire.written.startswith(b"HTTP/1.1 413 ")

    spoken.protocol.data_received(b"x" * 90_000)
    assert not spoken.wire.closed
    spoken.protocol.data_received(b"x" * 90_000)
    assert spoken.wire.closed


async def test_an_answer_that_nobody_reads_is_given_up_after_a_minute(spoken: Spoken) -> None:
    spoken.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    spoken.protocol.pause_writing()
    spoken.timers.pass_by(59)
    spoken.protocol.resume_writing()
    spoken.timers.pass_by(2)
    assert not spoken.wire.closed

    spoken.protocol.pause_writing()
    spoken.timers.pass_by(60)

    assert spoken.wire.closed


async def test_a_connection_that_is_lost_leaves_no_deadline_no_turn_and_no_place(spoken: Spoken) -> None:
    spoken.counted.little.do(spoken.timers, lambda: None)  # others read on
    spoken.protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
    assert (len(spoken.counted.late), len(spoken.counted.little), len(spoken.counted)) == (1, 1, 1)
    spoken.protocol.connection_lost(None)

    assert (len(spoken.counted.late), len(spoken.counted.little), len(spoken.counted)) == (0, 0, 0)


async def test_whoever_hangs_up_within_a_large_body_is_told_to_the_application(spoken: Spoken) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n"
    spoken.protocol.data_received(head + b"x" * 70_000)
    await settled()
    spoken.protocol.connection_lost(None)
    await settled()

    assert spoken.heard[-1]["type"] == "http.disconnect"


async def test_requests_sent_ahead_of_their_answers_are_few(spoken: Spoken) -> None:
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    # One is answered at once, so many wait behind it, and one more ends the connection.
    spoken.protocol.data_received(request * 17)
    assert not spoken.wire.closed

    spoken.protocol.data_received(request * 20_000)
    await settled()

    assert spoken.wire.closed
    assert b"400" not in spoken.wire.written
    assert len(spoken.protocol.pipeline) == 16


async def test_what_is_no_request_is_said_only_where_no_answer_is_being_made(spoken: Spoken) -> None:
    spoken.protocol.data_received(b"nonsense\r\n\r\n")

    assert spoken.wire.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")


def paced_by(timers: Timers, paced: Paced, done: list[int]) -> list[int]:
    """How much was done after each turn."""
    for number in range(1_000):
        paced.do(timers, partial(done.append, number))
    counts = [len(done)]
    while timers.waiting():
        timers.pass_by(0.02)
        counts.append(len(done))
    return counts


def test_of_a_thousand_at_once_a_few_are_done_in_each_turn() -> None:
    loop, done = asyncio.new_event_loop(), list[int]()
    counts = paced_by(Timers(loop), Paced(), done)
    loop.close()

    assert counts[:3] == [1, 17, 33]
    assert done == [*range(1_000)]


def test_what_is_cleared_is_not_done() -> None:
    loop, done = asyncio.new_event_loop(), list[int]()
    timers, paced = Timers(loop), Paced()
    pieces = [partial(done.append, number) for number in range(3)]
    for piece in pieces:
        paced.do(timers, piece)
    paced.clear(pieces[1])
    timers.pass_by(1)
    loop.close()

    assert (done, len(paced)) == ([0, 2], 0)


def test_a_thousand_that_dawdle_are_ended_a_few_in_each_turn_of_one_timer() -> None:
    loop, ended, counts = asyncio.new_event_loop(), list[int](), list[int]()
    timers, late = Timers(loop), Deadlines(10.0)
    for number in range(1_000):
        late.set(timers, number, partial(ended.append, number))
    assert len(timers.waiting()) == 1
    timers.pass_by(9.99)
    assert not ended
    timers.pass_by(0.01)
    while timers.waiting():
        counts.append(len(ended))
        timers.pass_by(0.02)
    loop.close()

    assert counts[:3] == [16, 32, 48]
    assert ended == [*range(1_000)]


def test_a_deadline_that_is_set_anew_counts_from_then_and_one_that_is_cleared_not_at_all() -> None:
    loop, ended = asyncio.new_event_loop(), list[str]()
    timers, late = Timers(loop), Deadlines(10.0)
    for name in "abc":
        late.set(timers, name, partial(ended.append, name))
    timers.pass_by(6)
    late.set(timers, "a", partial(ended.append, "a again"))
    late.clear("b")
    timers.pass_by(9)
    assert ended == ["c"]
    timers.pass_by(1)
    assert ended == ["c", "a again"]
    assert timers.waiting() == []
    # What is set from its own call is not forgotten, nor does it keep those after it waiting.
    late.set(timers, "d", lambda: late.set(timers, "d", partial(ended.append, "d again")))
    timers.pass_by(4)
    late.set(timers, "e", partial(ended.append, "e"))
    timers.pass_by(10)
    assert ended[2:] == ["e"]
    timers.pass_by(6)
    loop.close()

    assert ended[2:] == ["e", "d again"]


async def test_whoever_brings_the_rest_before_their_turn_to_be_ended_is_answered(spoken: Spoken) -> None:
    # Sixteen others come before it when its time is up.
    for other in range(16):
        spoken.counted.late.set(spoken.timers, other, lambda: None)
    spoken.protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na")
    spoken.timers.pass_by(10)
    assert len(spoken.counted.late) == 1
    spoken.protocol.data_received(b"bc")
    spoken.timers.pass_by(1)
    await settled()

    assert spoken.wire.written.startswith(b"HTTP/1.1 200 OK\r\n")


async def test_hundreds_that_bring_a_byte_each_are_read_on_a_few_in_each_turn(spoken: Spoken) -> None:
    read = list[int]()
    for other in range(100):
        spoken.counted.little.do(spoken.timers, partial(read.append, other))

    spoken.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a")
    assert spoken.wire.paused
    for _turn in range(6):
        spoken.timers.pass_by(0.02)
    assert (spoken.wire.paused, len(read)) == (True, 97)
    spoken.timers.pass_by(0.02)

    assert (spoken.wire.paused, len(read)) == (False, 100)


async def test_a_head_in_two_pieces_waits_for_nobody_where_nobody_else_does(spoken: Spoken) -> None:
    spoken.protocol.data_received(b"GET / HTTP/1.1\r\n")

    assert not spoken.wire.paused


async def test_large_pieces_of_a_body_are_read_as_they_come(spoken: Spoken) -> None:
    spoken.counted.little.do(spoken.timers, lambda: None)  # others read on
    spoken.protocol.data_received(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n" + b"x" * 20_000
    )

    assert not spoken.wire.paused


async def test_who_is_read_on_in_turn_stays_the_first_to_make_room(spoken: Spoken) -> None:
    spoken.counted.little.do(spoken.timers, lambda: None)  # others read on
    spoken.protocol.data_received(b"GET / HTTP/1.1\r\n")

    assert (spoken.wire.paused, spoken.protocol.silent) == (True, True)


async def test_the_application_begins_with_a_request_once_its_body_has_come(spoken: Spoken) -> None:
    spoken.protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n")
    for piece in (b"a", b"x" * 19_998):
        spoken.protocol.data_received(piece)
        await settled()
        assert not spoken.protocol.tasks
    spoken.protocol.data_received(b"z")
    await settled()

    (message,) = spoken.heard
    assert (message["body"], message["more_body"]) == (b"a" + b"x" * 19_998 + b"z", False)
    assert spoken.wire.written.startswith(b"HTTP/1.1 200 OK\r\n")


async def test_the_application_begins_with_a_large_body_before_it_has_come(spoken: Spoken) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n"
    spoken.protocol.data_received(head + b"x" * 65_536)
    assert not spoken.protocol.tasks
    spoken.protocol.data_received(b"x")
    await settled()

    assert [len(message["body"]) for message in spoken.heard] == [65_537]


async def test_the_application_begins_at_once_where_the_body_waits_to_be_asked_for(spoken: Spoken) -> None:
    spoken.protocol.data_received(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    )
    await settled()
    assert spoken.wire.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    spoken.protocol.data_received(b"abc")
    await settled()

    assert b"HTTP/1.1 200 OK" in spoken.wire.written


async def test_a_request_sent_ahead_begins_with_its_body_too(spoken: Spoken) -> None:
    spoken.protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    spoken.protocol.data_received(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na")
    await settled()
    assert spoken.wire.written.count(b"HTTP/1.1 200 OK") == 1
    spoken.protocol.data_received(b"bc")
    await settled()

    assert spoken.wire.written.count(b"HTTP/1.1 200 OK") == 2
    assert spoken.heard[-1]["body"] == b"abc"


async def test_what_comes_of_a_body_that_was_refused_is_read_a_piece_at_a_time(spoken: Spoken) -> None:
    spoken.refuses = True
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n"
    spoken.protocol.data_received(head + b"x" * 70_000)
    await settled()
    assert spoken.wire.written.startswith(b"HTTP/1.1 413 ")
    spoken.counted.unwanted.do(spoken.timers, lambda: None)  # others send what nobody wants, too

    for _piece in range(3):
        spoken.protocol.data_received(b"x" * 256_000)
        assert spoken.wire.paused
        assert spoken.protocol.silent
        spoken.timers.pass_by(0.02)
        assert not spoken.wire.paused


UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


async def test_websockets_are_opened_a_few_in_each_turn(spoken: Spoken) -> None:
    opened = list[int]()
    for other in range(5):
        spoken.counted.upgrades.do(spoken.timers, partial(opened.append, other))

    spoken.protocol.data_received(UPGRADE)
    for _turn in range(2):
        spoken.timers.pass_by(0.02)
    assert (opened, spoken.wire.protocol) == ([*range(5)], None)
    spoken.timers.pass_by(0.02)

    assert isinstance(spoken.wire.protocol, CountedWebSocket)
    assert (spoken.wire.paused, len(spoken.counted)) == (False, 1)


async def test_where_many_wait_to_be_opened_one_more_is_refused_before_anything_is_made(
    spoken: Spoken,
) -> None:
    for other in range(101):
        spoken.counted.upgrades.do(spoken.timers, partial(list[int]().append, other))

    spoken.protocol.data_received(UPGRADE)

    assert spoken.wire.written.startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
    assert (spoken.wire.closed, spoken.wire.protocol) == (True, None)


async def test_who_hangs_up_before_a_websocket_is_opened_gives_the_turn_back(spoken: Spoken) -> None:
    spoken.counted.upgrades.do(spoken.timers, lambda: None)
    spoken.protocol.data_received(UPGRADE)
    assert len(spoken.counted.upgrades) == 1
    spoken.protocol.connection_lost(None)

    assert (len(spoken.counted.upgrades), len(spoken.counted)) == (0, 0)
