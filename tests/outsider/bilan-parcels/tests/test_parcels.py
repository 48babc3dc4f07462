"""What is particular to parcels; the rest is in the public contract suite."""

from bilan.testing.harness import PluginHarness


def test_a_parcel_heard_of_twice_counts_once_as_it_was_last(bilan_harness: PluginHarness) -> None:
    bilan_harness.load_samples("parcels")
    sent, mean, slow = "parcels.sent", "parcels.mean_hours", "parcels.slow_hours"
    # The hours of the six delivered parcels are 10, 12, 14, 26, 30 and 52.
    assert bilan_harness.totals(sent, mean, slow) == {sent: 9, mean: 24, slow: 52}
