"""User agents that no person uses.

Only what a request says of itself counts. Google's and Yahoo's image proxies
fetch a picture when a person opens the message, so they are people here.
"""

from __future__ import annotations

from functools import lru_cache

APPLE_PRIVACY = "Mozilla/5.0"
"""Apple Mail's privacy protection fetches pictures ahead of any reading and says this and no more."""

PROGRAMS = (
    "barracuda",
    "mimecast",
    "proofpoint",
    "headlesschrome",
    "python-requests/",
    "python-urllib/",
    "go-http-client/",
    "okhttp/",
    "curl/",
    "wget/",
    "java/",
)
"""Parts, in lower case, of the user agents of link scanners and of programs."""


@lru_cache(maxsize=10_000)
def is_machine(user_agent: str) -> bool:
    """Whether the user agent is a known privacy proxy, scanner or program."""
    if user_agent.strip() == APPLE_PRIVACY:
        return True
    written = user_agent.lower()
    return any(part in written for part in PROGRAMS)
