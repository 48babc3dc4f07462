"""The client asks a service for a source: it is patient, bounded, and asks nobody else."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpcore2
import httpx2
import pytest

from bilan.outbound import OutboundClient, PrivateHosts
from bilan.sdk import (
    BilanError,
    Cancelled,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from support.club import HOST, Answer, Club, said, served

pytestmark = [pytest.mark.requirement("AD-17"), pytest.mark.integration]

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
CLUBS = f"https://{HOST}/clubs"
SIGNED = {"authorization": "Bearer good"}


@pytest.fixture
def club() -> Generator[Club]:
    """The service at a port of its own."""
    with served(Club()) as running:
        yield running


@pytest.fixture
def client(club: Club) -> Generator[OutboundClient]:
    """A client that asks the club, and waits for nothing."""
    with asking(club) as opened:
        yield opened


def at_once(_seconds: float) -> None:
    """Waits for nothing."""


def asking(club: Club, *hosts: str, **options: Any) -> OutboundClient:
    private = PrivateHosts(f"{HOST}={club.origin}")
    options = {"sleep": at_once, **options}
    return OutboundClient(hosts or (HOST,), private, lambda: NOW, **options)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that nobody said how long are over at once."""
    monkeypatch.setattr("bilan.outbound.client.FIRST_WAIT", 0.0)


def test_an_answer_has_its_status_headers_and_json(club: Club, client: OutboundClient) -> None:
    club.first.append(said({"clubs": []}, **{"X-Kind": "test"}))

    reply = client.get(CLUBS, params={"page": 2}, headers=SIGNED)

    assert (reply.status, reply.headers["x-kind"], reply.json()) == (200, "test", {"clubs": []})
    assert club.asked == ["/clubs?page=2"]
    assert reply.url == f"{CLUBS}?page=2"


def test_pages_are_linked_by_their_relation_also_from_beside(club: Club, client: OutboundClient) -> None:
    club.first.append(said([], Link='</albums/alpine?after=a02>; rel="next", <https://x.example/>; rel="up"'))

    reply = client.get(f"https://{HOST}/albums/alpine")

    assert reply.links == {"next": f"https://{HOST}/albums/alpine?after=a02", "up": "https://x.example/"}


def test_a_link_that_is_no_address_is_refused_where_it_is_asked(club: Club, client: OutboundClient) -> None:
    club.first.append(said([], Link='<http://[>; rel="next", </more>; rel="up"'))

    reply = client.get(f"https://{HOST}/albums/alpine")

    assert reply.links == {"next": "http://[", "up": f"https://{HOST}/more"}
    with pytest.raises(Invalid, match="is none of the hosts that this kind of source asks"):
        client.get(reply.links["next"])


def test_a_form_and_json_are_posted(club: Club, client: OutboundClient) -> None:
    client.post(CLUBS, json={"a": 1}, headers=SIGNED)
    client.post(CLUBS, data={"grant": "refresh"}, headers=SIGNED)

    assert club.asked == ['{"a":1}', "/clubs", "grant=refresh", "/clubs"]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_work_the_next_time_is_asked_again(club: Club, client: OutboundClient, status: int) -> None:
    club.first += [Answer(status), Answer(status), Answer(status)]

    assert client.get(CLUBS, headers=SIGNED).status == 200
    assert client.requests == len(club.asked) == 4


def test_after_the_fourth_time_it_is_given_up_with_a_sentence(club: Club, client: OutboundClient) -> None:
    club.first += [Answer(503, body=b"busy")] * 5

    with pytest.raises(
        Unavailable, match=r"^api.club.example does not work just now. It answered 503.$"
    ) as error:
        client.get(CLUBS, headers=SIGNED)

    assert len(club.asked) == 4
    assert error.value.reply is not None
    assert error.value.reply.content == b"busy"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, Unauthenticated),
        (403, Forbidden),
        (404, NotFound),
        (410, NotFound),
        (400, Invalid),
        (418, Invalid),
    ],
)
def test_a_refusal_is_said_once_with_the_services_own_words_beside(
    club: Club, client: OutboundClient, status: int, error: type[BilanError]
) -> None:
    club.first.append(Answer(status, body=b'{"error": {"code": 190}}'))

    with pytest.raises(error, match=HOST) as raised:
        client.get(CLUBS, headers=SIGNED)

    assert len(club.asked) == 1
    assert raised.value.reply is not None
    assert raised.value.reply.json() == {"error": {"code": 190}}


def test_a_short_wait_that_the_service_names_is_waited_for(club: Club) -> None:
    club.first.append(Answer(429, {"Retry-After": "3"}))
    waited: list[float] = []

    with asking(club, sleep=waited.append) as client, pytest.MonkeyPatch.context() as patch:
        clock = iter(range(1_000))
        patch.setattr("bilan.outbound.client.monotonic", lambda: float(next(clock)))
        assert client.get(CLUBS, headers=SIGNED).status == 200

    assert waited, "it waited before it asked again"


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "900"}, 900.5),
        (503, {"Retry-After": "60"}, 60.5),
        (
            429,
            {"Retry-After": "Tue, 10 Mar 2026 12:30:00 GMT", "Date": "Tue, 10 Mar 2026 12:10:00 GMT"},
            1200.5,
        ),
        (429, {"X-RateLimit-Reset": "2026-03-10T12:05:00Z", "Date": "Tue, 10 Mar 2026 12:00:00 GMT"}, 300.5),
        (429, {"RateLimit-Reset": str(int((NOW + timedelta(minutes=2)).timestamp()))}, 120.5),
        (429, {"RateLimit-Reset": "45"}, 45.5),
        (429, {"Retry-After": "99999999"}, 86_400),
        (429, {"Retry-After": "NaN", "X-RateLimit-Reset": "30"}, 30.5),
        (429, {}, 900.0),
    ],
)
def test_a_long_wait_is_told_to_whoever_asked_and_not_waited_for(
    club: Club, client: OutboundClient, status: int, headers: dict[str, str], seconds: float
) -> None:
    club.first += [Answer(status, headers)] * 4

    with pytest.raises(RateLimited) as error:
        client.get(CLUBS, headers=SIGNED)

    assert error.value.seconds == seconds
    assert error.value.reply is not None


def test_an_answer_that_was_the_last_for_now_holds_back_the_next_question_to_its_host(club: Club) -> None:
    private = PrivateHosts(f"{HOST}={club.origin}, cdn.example={club.origin}")
    club.first.append(said({}, **{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "600"}))
    with OutboundClient((HOST, "cdn.example"), private, lambda: NOW, sleep=at_once) as client:
        assert client.get(CLUBS).status == 200

        with pytest.raises(RateLimited):
            client.get(CLUBS, headers=SIGNED)

        assert len(club.asked) == 1, "the service is left alone"
        assert client.get("https://cdn.example/clubs", headers=SIGNED).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/x",
        "http://api.club.example.evil/",
        f"https://x.{HOST}/",
        "file:///etc/passwd",
        "/clubs",
    ],
)
def test_no_other_host_is_asked(club: Club, client: OutboundClient, url: str) -> None:
    with pytest.raises(Invalid):
        client.get(url)

    assert club.asked == []


def test_a_host_below_a_named_one_is_asked_and_the_one_itself_is_not(club: Club) -> None:
    with asking(club, "*.club.example") as client:
        assert client.get(CLUBS, headers=SIGNED).status == 200
        with pytest.raises(Invalid, match="is none of the hosts"):
            client.get("https://club.example/")


@pytest.mark.parametrize("where", ["https://elsewhere.example/", "http://169.254.169.254/latest/meta-data"])
def test_a_redirect_leads_to_no_other_host(club: Club, client: OutboundClient, where: str) -> None:
    club.first.append(Answer(302, {"Location": where}))

    with pytest.raises(Invalid, match="is none of the hosts"):
        client.get(CLUBS, headers=SIGNED)


def test_a_redirect_within_the_host_is_followed_but_not_in_circles(
    club: Club, client: OutboundClient
) -> None:
    club.first.append(Answer(307, {"Location": "/clubs?again"}))
    assert client.get(CLUBS, headers=SIGNED).url == f"{CLUBS}?again"

    club.first += [Answer(307, {"Location": "/clubs"})] * 10
    with pytest.raises(Invalid, match="sends in circles"):
        client.get(CLUBS, headers=SIGNED)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.0.0.8", "192.168.1.1", "169.254.169.254", "[fe80::1]",
     "100.64.0.1", "0.0.0.0", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1",
     "[fec0::1]", "[::7f00:1]", "[64:ff9b:1::7f00:1]", "[::ffff:0:127.0.0.1]"],
)  # fmt: skip
def test_a_private_address_is_asked_by_nobody(host: str) -> None:
    with (
        OutboundClient((host.strip("[]"), host), PrivateHosts(), lambda: NOW) as client,
        pytest.raises(Invalid, match="is in a private network, which is not asked"),
    ):
        client.get(f"https://{host}/")


def test_a_name_that_means_a_private_address_is_refused_when_it_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meant = iter([["93.184.216.34"], ["127.0.0.1"]])

    def resolve(_host: str, _port: int) -> list[str]:
        return next(meant)

    monkeypatch.setattr("bilan.outbound.addresses.resolve", resolve)
    connected: list[str] = []

    def connect(self: Any, host: str, *_more: Any) -> Any:
        connected.append(host)
        raise httpx2.ConnectError("nobody there")

    monkeypatch.setattr("httpcore2.SyncBackend.connect_tcp", connect)
    with (
        OutboundClient(("rebound.example",), PrivateHosts(), lambda: NOW, sleep=at_once) as client,
        pytest.raises(Invalid, match="private network"),
    ):
        client.get("https://rebound.example/")

    assert connected == ["93.184.216.34"], "it connects to what was checked, and checks each time"


def test_plain_http_is_for_private_hosts_alone(club: Club) -> None:
    with (
        OutboundClient(("club.example",), PrivateHosts(), lambda: NOW) as client,
        pytest.raises(Invalid, match="is asked by https alone"),
    ):
        client.get("http://club.example/")
    there = club.origin.removeprefix("http://")
    with OutboundClient((there,), PrivateHosts("127.0.0.1"), lambda: NOW) as client:
        assert client.get(f"http://{there}/clubs", headers=SIGNED).status == 200


def test_a_private_host_is_asked_at_no_port_that_the_kind_does_not_name(club: Club) -> None:
    there = club.origin.removeprefix("http://")
    with (
        OutboundClient(("127.0.0.1",), PrivateHosts("127.0.0.1"), lambda: NOW) as client,
        pytest.raises(Invalid, match=f"{there} is none of the hosts that this kind of source asks"),
    ):
        client.get(f"http://{there}/clubs", headers=SIGNED)
    assert club.asked == []


def test_another_port_is_asked_where_the_kind_names_it() -> None:
    with (
        OutboundClient(("club.example",), PrivateHosts(), lambda: NOW) as client,
        pytest.raises(Invalid, match=r"club\.example:8443 is none of the hosts"),
    ):
        client.get("https://club.example:8443/")


@pytest.mark.parametrize("written", ["a b", "https://x", "x=ftp://y", "x=", "=http://x"])
def test_a_setting_that_names_no_host_is_refused_at_the_start(written: str) -> None:
    with pytest.raises(Invalid, match="is neither the name of a host nor"):
        PrivateHosts(written)


def test_an_answer_too_large_is_not_read_to_its_end(club: Club) -> None:
    club.first.append(Answer(body=b"x" * 100_000))

    with asking(club, largest=10_000) as client, pytest.raises(TooLarge, match="10000 bytes"):
        client.get(CLUBS)


def test_a_service_that_falls_silent_is_given_up(club: Club) -> None:
    hanging = threading.Event()
    club.first += [Answer(before=hanging.wait)] * 4

    with (
        asking(club, timeout=httpx2.Timeout(0.05)) as client,
        pytest.raises(Unavailable, match="does not answer in time"),
    ):
        client.get(CLUBS)
    hanging.set()


def test_an_answer_that_never_ends_is_given_up(club: Club) -> None:
    club.first += [said({})] * 4

    with asking(club, deadline=-1.0) as client, pytest.raises(Unavailable, match="does not answer in time"):
        client.get(CLUBS)


NEVER_ENDING = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-More: a\r\n"),
    "announcements": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "a packed name": (
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\xff",
        b"a",
    ),
}


@pytest.mark.parametrize("what", NEVER_ENDING)
def test_what_never_becomes_an_answer_is_given_up(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece comes in time, and none of them is one of the answer's own bytes."""
    first, more = NEVER_ENDING[what]
    left = iter([first, *[more] * 1_000])

    def connected(*_where: Any) -> httpcore2.NetworkStream:
        return _Pieces(left)

    monkeypatch.setattr("httpcore2.SyncBackend.connect_tcp", connected)
    clock = iter(range(10_000))
    monkeypatch.setattr("bilan.outbound.client.monotonic", lambda: float(next(clock)))
    private = PrivateHosts(f"{HOST}=http://127.0.0.1:9")

    with (
        OutboundClient((HOST,), private, lambda: NOW, sleep=at_once) as client,
        pytest.raises(Unavailable, match="does not answer in time"),
    ):
        client.get(CLUBS)

    assert list(left), "some is left unread"


class _Pieces(httpcore2.MockStream):
    """A connection that gives one piece after the other."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__([])
        self._pieces = pieces

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return next(self._pieces, b"")


def test_nobody_there_is_a_sentence(club: Club) -> None:
    private = PrivateHosts(f"{HOST}=http://127.0.0.1:9")
    with (
        OutboundClient((HOST,), private, lambda: NOW, sleep=at_once) as client,
        pytest.raises(Unavailable, match=r"^api.club.example cannot be reached.$"),
    ):
        client.get(CLUBS)
    assert client.requests == 4


def test_a_pull_that_was_cancelled_asks_nothing_more(club: Club) -> None:
    def check() -> None:
        raise Cancelled(said_by_nobody)

    said_by_nobody: Any = "stopped"
    with asking(club, check=check) as client, pytest.raises(Cancelled):
        client.get(CLUBS)

    assert club.asked == []


def test_what_is_no_json_is_a_sentence(club: Club, client: OutboundClient) -> None:
    club.first += [Answer(body=b"<html>"), Answer(body=b"[" * 100_000)]
    for _turn in range(2):
        with pytest.raises(Invalid, match="answered with something that is no JSON"):
            client.get(CLUBS).json()
