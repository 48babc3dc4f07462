"""Who follows a button: a person, or a machine that looks at where it leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from bilan.sdk import RouteRequest

MACHINES = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|preview|facebookexternalhit|facebookcatalog|meta-external|^whatsapp/"
    r"|embedly|vkshare|pinterest/|validator|headless|lighthouse|phantomjs|^curl|^wget|python|^java/|^go-http"
    r"|okhttp|axios|node-fetch|undici|libwww|httpx|httpie|postman|^ruby|^php|scrapy|archiver",
    re.IGNORECASE,
)
"""How link unfurlers, crawlers and programs name themselves. Telephones by Cubot do not."""
AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")
"""Headers in which a browser says that it fetches a page ahead of somebody who may never open it."""
LONGEST_HOST = 253


def is_click(request: RouteRequest) -> bool:
    """Whether a person opened the address, as far as what was sent tells.

    A browser that opens a page for somebody says so; what is loaded into a
    page, fetched by a script or fetched ahead is no click, nor is what comes
    without a browser's name.
    """
    headers = request.headers
    if request.method != "GET" or any(headers.get(name, "").strip() for name in AHEAD):
        return False
    if headers.get("sec-fetch-dest", "document") != "document":
        return False
    agent = headers.get("user-agent", "")
    return bool(agent) and MACHINES.search(agent) is None


def referrer_of(headers: Mapping[str, str]) -> str:
    """The host of the page that led here: all that browsers tell other sites, and all that is kept."""
    return host_of(headers.get("referer", ""))


def host_of(address: str) -> str:
    """The host of an address; empty where it is none, or has none."""
    try:
        host = urlsplit(address.strip()).hostname or ""
    except ValueError:
        return ""
    return host if len(host) <= LONGEST_HOST else ""
