"""The contract suite: what the server expects of every plugin, as tests that a third party runs.

Run it over the installed plugins with ``pytest --pyargs bilan.testing.contract``
(``--bilan-plugin NAME`` picks one). Each rule is a function of
:mod:`~bilan.testing.sayings`, :mod:`~bilan.testing.facts`,
:mod:`~bilan.testing.figures` or :mod:`~bilan.testing.rows` that yields a sentence for every breach.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bilan.registry import Declared
from bilan.testing import facts, figures, rows, sayings
from bilan.testing.bench import Bench
from bilan.testing.samples import Piece


def _holds(one: Declared, breaches: Iterable[str]) -> None:
    found = [f"The plugin {one.plugin.name}: {breach}" for breach in breaches]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_everything_people_see_is_named_and_translatable(bilan_declared: Declared) -> None:
    _holds(bilan_declared, sayings.texts(bilan_declared))


def test_it_draws_its_own_blocks_only(bilan_declared: Declared) -> None:
    _holds(bilan_declared, sayings.blocks(bilan_declared))


def test_query_fields_and_their_arguments_are_described(bilan_declared: Declared) -> None:
    _holds(bilan_declared, sayings.fields(bilan_declared))


def test_its_samples_are_read(bilan_declared: Declared, bilan_pieces: tuple[Piece, ...]) -> None:
    _holds(bilan_declared, facts.unread(bilan_pieces))


def test_the_same_post_or_file_gives_the_same_facts(
    bilan_declared: Declared, bilan_pieces: tuple[Piece, ...]
) -> None:
    _holds(bilan_declared, facts.impure(bilan_pieces))


def test_facts_fit_their_datasets(
    bilan_declared: Declared, bilan_pieces: tuple[Piece, ...], bilan_sampled: Bench
) -> None:
    _holds(bilan_declared, facts.misfits(bilan_sampled.registry, bilan_pieces))


def test_activities_say_who_did_what(
    bilan_declared: Declared, bilan_pieces: tuple[Piece, ...], bilan_sampled: Bench
) -> None:
    _holds(bilan_declared, facts.activities(bilan_sampled.registry, bilan_pieces))


def test_a_post_that_is_none_is_refused_in_a_sentence(bilan_declared: Declared) -> None:
    _holds(bilan_declared, facts.garbage(bilan_declared))


def test_its_samples_taken_in_twice_change_no_number(bilan_declared: Declared, bilan_sampled: Bench) -> None:
    _holds(bilan_declared, figures.unsteady(bilan_sampled, bilan_declared))


def test_metrics_count_nothing(bilan_declared: Declared, bilan_bench: Bench) -> None:
    _holds(bilan_declared, figures.uncounted(bilan_bench, bilan_declared))


def test_metrics_count_its_samples(bilan_declared: Declared, bilan_sampled: Bench) -> None:
    _holds(bilan_declared, figures.uncounted(bilan_sampled, bilan_declared))


def test_filters_narrow(bilan_declared: Declared, bilan_sampled: Bench) -> None:
    _holds(bilan_declared, figures.unfiltered(bilan_sampled, bilan_declared))


def test_reports_are_built_without_a_single_fact(bilan_declared: Declared, bilan_bench: Bench) -> None:
    _holds(bilan_declared, figures.unbuilt(bilan_bench, bilan_declared))


def test_examples_of_reports_are_opened_without_a_single_fact(
    bilan_declared: Declared, bilan_bench: Bench
) -> None:
    _holds(bilan_declared, figures.unopened(bilan_bench, bilan_declared))


def test_examples_of_reports_are_opened_over_its_samples(
    bilan_declared: Declared, bilan_sampled: Bench
) -> None:
    _holds(bilan_declared, figures.unopened(bilan_sampled, bilan_declared))


def test_reports_are_built_of_its_samples(bilan_declared: Declared, bilan_sampled: Bench) -> None:
    _holds(bilan_declared, figures.unbuilt(bilan_sampled, bilan_declared))


def test_reports_are_stored_and_drawn_in_every_format(bilan_declared: Declared, bilan_sampled: Bench) -> None:
    _holds(bilan_declared, figures.undrawn(bilan_sampled, bilan_declared))


def test_the_rows_behind_its_figures_come_to_them(bilan_declared: Declared, bilan_sampled: Bench) -> None:
    _holds(bilan_declared, rows.misleading(bilan_sampled, bilan_declared))
