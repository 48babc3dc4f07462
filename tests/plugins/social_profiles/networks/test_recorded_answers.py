"""The answers that are recorded for each network, over which the contract suite cuts and fails pulls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bilan.outbound.samples import pulled
from bilan.sdk import Checkpoint, Fact, Sample
from bilan.testing.samples import settings_of
from bilan_social_profiles.networks.kinds import NETWORK_KINDS
from bilan_social_profiles.sample import SAMPLES
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS

KINDS = {kind.key: kind for kind in NETWORK_KINDS}
RECORDED = {sample.name.split()[2]: sample for sample in SAMPLES if sample.answers}
POSTS_OF = {"Mastodon": 3, "Bluesky": 2, "Facebook": 2, "Instagram": 2, "YouTube": 2}


def facts_of(sample: Sample, dataset: str) -> list[Fact]:
    kind = KINDS[sample.kind]
    assert kind.pull
    assert sample.answers
    items = list(pulled(kind.pull, sample.answers, settings_of(kind, sample.settings), datetime.now(UTC)))
    assert sum(isinstance(item, Checkpoint) for item in items) > 3
    return [item for item in items if isinstance(item, Fact) and item.dataset == dataset]


@pytest.mark.requirement("GO-14")
@pytest.mark.parametrize("network", POSTS_OF)
def test_every_network_has_recorded_answers_of_two_pages_and_a_comment(network: str) -> None:
    sample = RECORDED[network]
    texts = [fact.row["text"].partition("#")[0].strip() for fact in facts_of(sample, POSTS)]
    assert (texts[0], texts[-1], len(texts)) == (
        "New in the shop",
        "A walk along the river",
        POSTS_OF[network],
    )
    (comment,) = facts_of(sample, COMMUNITY)
    assert comment.row["text"].endswith("Do you have them in blue?")
    assert timedelta(hours=1) < comment.row["replied_at"] - comment.row["received_at"] < timedelta(hours=2)


def test_recorded_answers_are_no_part_of_the_demo() -> None:
    assert {sample.demo for sample in RECORDED.values()} == {False}
    assert {sample.demo for sample in SAMPLES if sample.files} == {True}
