"""Posts leave once, signed, to public hosts alone, and what is answered decides what happens next."""

from __future__ import annotations

import logging
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bilan.delivery.webhook.channel import WebhookTransport
from bilan.delivery.webhook.signing import signed_headers
from bilan.logs import _LIBRARIES
from bilan.outbound import PrivateHosts, Unanswered, post_once
from bilan.sdk.channels import DeliveryStatus, RawMessage, Receipt
from bilan.sdk.errors import Cancelled
from bilan.sdk.messages import messages
from fixtures.receiving import HOOKS, Reaction, Receiver

pytestmark = pytest.mark.integration

_ = messages("bilan")[0]

DOCS = Path(__file__).parents[4] / "docs" / "outgoing-webhooks.md"
SETTING = "BILAN_WEBHOOK_PRIVATE_HOSTS"
SECRET = "a secret of the test"
ACCEPTED, REFUSED, LATER, UNKNOWN = (
    DeliveryStatus.ACCEPTED, DeliveryStatus.REFUSED, DeliveryStatus.LATER, DeliveryStatus.UNKNOWN,
)  # fmt: skip


def message(url: str = f"http://{HOOKS}/in/T0K3N", secret: str = SECRET) -> RawMessage:
    settings = {"form": "json", "url": url, "secret": secret}
    return RawMessage("0b6c", "", "hooks.example", b'{"a": 1}', attached=False, settings=settings)


async def sent(receiver: Receiver, one: RawMessage | None = None) -> Receipt:
    """Posted to the receiver, and what came of it."""
    transport = WebhookTransport(PrivateHosts(receiver.private_hosts, SETTING), silent=0)
    return await transport.send(one or message(), leave)


async def leave() -> None:
    """Nothing keeps it back."""


def documented() -> Callable[[str, Mapping[str, str], bytes], bool]:
    """The check of the documentation."""
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    space: dict[str, Any] = {}
    exec(code, space)
    return space["is_ours"]


async def test_a_post_is_proved_by_its_signature_and_named_by_its_id(receiver: Receiver) -> None:
    receipt = await sent(receiver)
    assert (receipt.status, receipt.answer) == (ACCEPTED, "200 taken")
    (post,) = receiver.taken
    assert (post.path, post.body) == ("/in/T0K3N", b'{"a": 1}')
    assert (post.headers["content-type"], post.headers["host"]) == ("application/json", HOOKS)
    assert (post.headers["idempotency-key"], post.headers["webhook-id"]) == ("0b6c", "0b6c")
    is_ours = documented()
    assert is_ours(SECRET, post.headers, post.body)
    assert not is_ours("another secret", post.headers, post.body)
    assert not is_ours(SECRET, post.headers, b'{"a": 2}')
    old = str(int(post.headers["webhook-timestamp"]) - 301)
    assert not is_ours(SECRET, {**post.headers, "webhook-timestamp": old}, post.body)


def test_a_secret_of_standard_webhooks_is_taken_as_its_libraries_take_it() -> None:
    # The example of its specification.
    headers = signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_chat_gets_no_signature(receiver: Receiver) -> None:
    await sent(receiver, message(secret=""))
    assert not [name for name in receiver.taken[0].headers if name.startswith("webhook-")]


@pytest.mark.requirement("GO-01")
@pytest.mark.parametrize(
    ("reaction", "status", "wait"),
    [
        (Reaction(204, ""), ACCEPTED, None),
        (Reaction(301, headers={"location": "https://elsewhere.example"}), REFUSED, None),
        (Reaction(403), REFUSED, None),
        (Reaction(410), REFUSED, None),
        (Reaction(408), LATER, None),
        (Reaction(429, headers={"retry-after": "120"}), LATER, 120.5),
        (Reaction(500), LATER, None),
        (Reaction(503, headers={"retry-after": "7"}), LATER, 7.5),
        (Reaction(502), UNKNOWN, None),
        (Reaction(504), UNKNOWN, None),
        (Reaction(reset="before"), UNKNOWN, None),
        (Reaction(reset="after"), UNKNOWN, None),
    ],
    ids=lambda one: str(one.reset or one.status) if isinstance(one, Reaction) else None,
)
async def test_each_answer_says_what_became_of_it(
    receiver: Receiver, reaction: Reaction, status: DeliveryStatus, wait: float | None
) -> None:
    receiver.react(reaction)
    receipt = await sent(receiver)
    assert (receipt.status, receipt.retry_after) == (status, wait)
    assert len(receiver.tried) == (reaction.reset != "before")


async def test_a_redirect_is_not_followed_and_says_what_would_be_right(receiver: Receiver) -> None:
    receiver.react(Reaction(302, headers={"location": f"http://{HOOKS}/in/other"}))
    receipt = await sent(receiver)
    said = "The address leads elsewhere; enter the one that it leads to. It answered 302."
    assert (receipt.status, str(receipt.reason), len(receiver.tried)) == (REFUSED, said, 1)


async def test_each_post_has_a_connection_of_its_own(receiver: Receiver) -> None:
    transport = WebhookTransport(PrivateHosts(receiver.private_hosts, SETTING))
    for _time in range(3):
        assert (await transport.send(message(), leave)).status is ACCEPTED
    assert receiver.connections == 3


async def test_a_host_that_can_not_be_reached_is_called_once_by_those_who_come_together() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        there = f"{HOOKS}=http://127.0.0.1:{closed.getsockname()[1]}"
        transport = WebhookTransport(PrivateHosts(there, SETTING))
        first = await transport.send(message(), leave)
        assert (first.status, first.answer) == (LATER, f"{HOOKS} cannot be reached.")
        assert await transport.send(message(), leave) is first


async def test_a_network_of_the_servers_own_is_not_posted_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def inside(*_address: object, **_how: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]

    # A name that meant something public when it was filled in.
    monkeypatch.setattr("socket.getaddrinfo", inside)
    receipt = await sent(receiver, message("https://rebound.example/in"))
    assert receipt.status is REFUSED
    assert str(receipt.reason) == (
        "rebound.example is in a private network, which is not asked. Where it has to be, the operator can "
        "name it in BILAN_WEBHOOK_PRIVATE_HOSTS."
    )
    assert receiver.connections == 0


async def test_neither_address_nor_secret_stands_in_the_log(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for name, least in _LIBRARIES.items():
        caplog.set_level(least, name)
    receiver.react(Reaction(reset="after"), Reaction(500))
    receipts = [await sent(receiver) for _time in range(3)]
    for said in (caplog.text, repr(receipts), repr(message())):
        assert "T0K3N" not in said
        assert SECRET not in said


def test_an_answer_without_an_end_is_cut_off(receiver: Receiver) -> None:
    receiver.react(Reaction(200, "x" * 100_000))
    private = PrivateHosts(receiver.private_hosts, SETTING)
    reply = post_once(f"http://{HOOKS}/in", b"{}", {}, private=private, before_send=lambda: None)
    assert (reply.status, len(reply.content)) == (200, 16 * 1024)


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


def post(to: socket.socket, before_send: Callable[[], None]) -> None:
    private = PrivateHosts(f"{HOOKS}=http://127.0.0.1:{to.getsockname()[1]}", SETTING)
    post_once(
        f"http://{HOOKS}/in", b"{}", {},
        private=private, before_send=before_send, timeout=httpx2.Timeout(0.2),
    )  # fmt: skip


def test_silence_once_the_post_has_left_leaves_it_unknown(silent: socket.socket) -> None:
    with pytest.raises(Unanswered, match="does not answer in time"):
        post(silent, lambda: None)


def test_what_is_kept_back_leaves_no_byte(silent: socket.socket) -> None:
    def keep_back() -> None:
        raise Cancelled(_("The run was cancelled."))

    with pytest.raises(Cancelled):
        post(silent, keep_back)
    connection, _address = silent.accept()
    with connection:
        assert connection.recv(100) == b""
