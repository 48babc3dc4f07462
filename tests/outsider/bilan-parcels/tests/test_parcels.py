"""What is particular to parcels; the rest is in the public contract suite."""

from __future__ import annotations

from bilan.testing.harness import PluginHarness


def test_a_parcel_heard_of_twice_counts_once_as_it_was_last(bilan_harness: PluginHarness) -> None:
    bilan_harness.load_samples("parcels")

    sent, delivered = "parcels.sent", "parcels.delivered"
    mean, slow = "parcels.mean_hours", "parcels.slow_hours"

    # The hours of the six delivered parcels are 10, 12, 14, 26, 30 and 52.
    assert bilan_harness.totals(sent, delivered, mean, slow) == {sent: 9, delivered: 6, mean: 24, slow: 52}


def test_the_lanes_have_a_look_of_their_own_on_the_page(bilan_harness: PluginHarness) -> None:
    bilan_harness.load_samples("parcels")
    march = {"period": "2026-03-01..2026-03-31", "zone": "Europe/Paris"}

    page = bilan_harness.draw(bilan_harness.build("parcels.delivery", march), "html")

    assert b'<meter min="0" max="52.0" value="28.0"></meter>' in page
