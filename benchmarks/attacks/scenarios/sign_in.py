"""Guessers at the page to sign in on, while somebody comes with the right password."""

from __future__ import annotations

import http.client
import re
import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlencode, urlsplit

from benchmarks.attacks.prepared import GUESSED
from benchmarks.attacks.target import TIMEOUT, Target, attack

PATIENCE = 2.0
"""Seconds that a right password may wait, whatever else comes."""
PAUSE = 1.0
"""Seconds between two sign-ins of the one who knows the password."""
FORM = "application/x-www-form-urlencoded"


@attack("6", "wrong passwords of one name, 16 at once; its owner signs in meanwhile")
def passwords_of_one_name(target: Target) -> None:
    """Each guess took a tenth of a second of a core, and the owner waited behind all of them."""
    guessed(target, lambda: GUESSED)


@attack("6", "wrong passwords of a new name each, 16 at once; somebody signs in meanwhile")
def passwords_of_many_names(target: Target) -> None:
    """Counting by name and address together bounded none of them."""
    guessed(target, lambda: f"{secrets.token_hex(8)}@example.org")


def guessed(target: Target, name: Callable[[], str]) -> None:
    """Guess until the others are done; fail where a right password waits too long."""
    password = secrets.token_urlsafe(12)
    link = urlsplit(target.product.command("people", "link", "--email", GUESSED).strip().splitlines()[-1])
    status, _cookie = posted(target, link.path, {"password": password})
    if status != 303:
        raise RuntimeError(f"the password was not taken: {status}")
    right = {"email": GUESSED, "password": password}
    # What an attack before this one left would count against the first sign-in of a new browser.
    with closing(sqlite3.connect(target.product.folder / "catalog.sqlite", timeout=TIMEOUT)) as catalog:
        catalog.execute("DELETE FROM attempt")
        catalog.commit()
    status, cookie = posted(target, "/sign-in", right)
    if not cookie:
        raise RuntimeError(f"the owner cannot sign in before the attack: {status}")

    def guess() -> None:
        status, _cookie = posted(target, "/sign-in", {"email": name(), "password": "a wrong password"})
        target.got[str(status)] += 1

    with target.at_once(16, guess):
        while not target.over.wait(PAUSE):
            began = time.monotonic()
            status, _cookie = posted(target, "/sign-in", right, cookie)
            took = time.monotonic() - began
            if status != 303 or took > PATIENCE:
                raise RuntimeError(f"the right password was answered {status} after {took:.1f} s")
            target.got["right"] += 1


def posted(target: Target, path: str, form: dict[str, str], cookie: str = "") -> tuple[int, str]:
    """The status of a form from the server's own pages, and the cookie of a browser that is known."""
    headers = {"Content-Type": FORM, "Origin": f"http://127.0.0.1:{target.port}", "Cookie": cookie}
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", target.port, timeout=TIMEOUT)) as connection:
            connection.request("POST", path, urlencode(form), headers)
            with connection.getresponse() as response:
                response.read()
                given = response.headers.get_all("Set-Cookie") or []
                known = re.findall(r"bilan_browser=[^;]+", " ".join(given))
                return response.status, known[0] if known else ""
    except (OSError, http.client.HTTPException):
        return 0, ""
