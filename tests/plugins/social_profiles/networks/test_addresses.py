"""Addresses that people type and services give, whatever stands in them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bilan.sdk import Invalid
from bilan_social_profiles.networks.addresses import host_of, query_of
from bilan_social_profiles.networks.mastodon import _next
from bilan_social_profiles.networks.meta.graph import next_page
from bilan_social_profiles.networks.settings import check_host

NO_ADDRESS = "http://["
NO_NEXT_PAGE = "The service names a next page whose address is none."


@dataclass
class Linked:
    """A reply, as far as its links go."""

    links: dict[str, str] = field(default_factory=dict[str, str])


def test_a_host_is_its_name_or_that_of_an_address() -> None:
    written = (" Mastodon.social/ ", "https://mastodon.social/@ada", NO_ADDRESS, "")
    assert list(map(host_of, written)) == ["mastodon.social", "mastodon.social", "", ""]


def test_an_address_that_is_none_is_no_host_and_the_field_says_so() -> None:
    with pytest.raises(Invalid) as refused:
        check_host(NO_ADDRESS)
    assert str(refused.value) == "“http://[” is no name of a server; write it as mastodon.social."


def test_a_next_page_is_asked_for_by_what_its_address_says() -> None:
    linked = Linked({"next": "https://mastodon.social/api/v1/statuses?limit=40&max_id=7"})
    assert (_next(linked), _next(Linked())) == ("7", None)  # pyright: ignore[reportArgumentType]
    assert query_of("https://example.org/?a=1&b=%20") == {"a": "1", "b": " "}


def test_a_next_page_whose_address_is_none_ends_a_pull_with_a_sentence() -> None:
    with pytest.raises(Invalid) as of_mastodon:
        _next(Linked({"next": NO_ADDRESS}))  # pyright: ignore[reportArgumentType]
    with pytest.raises(Invalid) as of_meta:
        next_page({"paging": {"next": NO_ADDRESS}})
    assert [str(one.value) for one in (of_mastodon, of_meta)] == [NO_NEXT_PAGE] * 2
