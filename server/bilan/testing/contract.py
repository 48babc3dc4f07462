"""The contract suite: what the server expects of every plugin, as tests that a third party runs.

Run it over the installed plugins with ``pytest --pyargs bilan.testing.contract``
(``--bilan-plugin NAME`` picks one). Each rule is a function of
:mod:`~bilan.testing.declaration_rules`, :mod:`~bilan.testing.source_rules`,
:mod:`~bilan.testing.activity_rules`,
:mod:`~bilan.testing.derivation_rules`, :mod:`~bilan.testing.webhook_rules`,
:mod:`~bilan.testing.pull_rules`, :mod:`~bilan.testing.route_rules`, :mod:`~bilan.testing.report_rules`,
:mod:`~bilan.testing.comparison_rules`, :mod:`~bilan.testing.look_rules`,
:mod:`~bilan.testing.level_rules` or
:mod:`~bilan.testing.drilldown_rules` that yields a sentence for every breach. See docs/decisions/009.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bilan.registry.declared import Declared, Registry
from bilan.testing import (
    activity_rules,
    comparison_rules,
    declaration_rules,
    derivation_rules,
    drilldown_rules,
    level_rules,
    look_rules,
    pull_rules,
    report_rules,
    route_rules,
    source_rules,
    webhook_rules,
)
from bilan.testing.harness import PluginHarness
from bilan.testing.samples import SampleInput


def _holds(one: Declared, breaches: Iterable[str]) -> None:
    found = [f"The plugin {one.plugin.name}: {breach}" for breach in breaches]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_everything_people_see_is_named_and_translatable(bilan_declared: Declared) -> None:
    _holds(bilan_declared, declaration_rules.check_texts(bilan_declared))


def test_it_renders_its_own_blocks_only(bilan_declared: Declared) -> None:
    _holds(bilan_declared, declaration_rules.check_block_renderers(bilan_declared))


def test_facts_about_persons_name_the_contact(bilan_declared: Declared) -> None:
    _holds(bilan_declared, declaration_rules.check_contacts(bilan_declared))


def test_its_samples_are_read(bilan_declared: Declared, bilan_sample_inputs: tuple[SampleInput, ...]) -> None:
    _holds(bilan_declared, source_rules.check_samples_read(bilan_sample_inputs))


def test_the_same_post_or_file_gives_the_same_facts(
    bilan_declared: Declared, bilan_sample_inputs: tuple[SampleInput, ...]
) -> None:
    _holds(bilan_declared, source_rules.check_deterministic(bilan_sample_inputs))


def test_facts_fit_their_datasets(
    bilan_declared: Declared, bilan_sample_inputs: tuple[SampleInput, ...], bilan_sampled: PluginHarness
) -> None:
    _holds(bilan_declared, source_rules.check_rows_fit(bilan_sampled.registry, bilan_sample_inputs))


def test_activities_say_who_did_what(
    bilan_declared: Declared, bilan_sample_inputs: tuple[SampleInput, ...], bilan_sampled: PluginHarness
) -> None:
    _holds(bilan_declared, source_rules.check_activities(bilan_sampled.registry, bilan_sample_inputs))


def test_the_categories_of_what_contacts_do_are_named(
    bilan_declared: Declared, bilan_sampled: PluginHarness
) -> None:
    _holds(bilan_declared, activity_rules.check_categories(bilan_sampled, bilan_declared))


def test_who_is_one_person_is_told_by_addresses(
    bilan_declared: Declared, bilan_sample_inputs: tuple[SampleInput, ...], bilan_sampled: PluginHarness
) -> None:
    _holds(bilan_declared, source_rules.check_same(bilan_sampled.registry, bilan_sample_inputs))


def test_the_same_facts_give_the_same_derived_rows(
    bilan_declared: Declared, bilan_sample_inputs: tuple[SampleInput, ...], bilan_sampled: PluginHarness
) -> None:
    breaches = derivation_rules.check_derivations(bilan_sampled.registry, bilan_declared, bilan_sample_inputs)
    _holds(bilan_declared, breaches)


def test_last_values_are_told_one_at_a_time(
    bilan_declared: Declared, bilan_sample_inputs: tuple[SampleInput, ...]
) -> None:
    _holds(bilan_declared, level_rules.check_levels(bilan_declared, bilan_sample_inputs))


def test_a_post_that_is_none_is_refused_in_a_sentence(bilan_declared: Declared) -> None:
    _holds(bilan_declared, source_rules.check_malformed_posts(bilan_declared))


def test_without_a_secret_every_post_is_refused(bilan_declared: Declared) -> None:
    _holds(bilan_declared, source_rules.check_secrets(bilan_declared))


def test_nobody_is_greeted_without_a_secret(bilan_declared: Declared) -> None:
    _holds(bilan_declared, webhook_rules.check_handshakes(bilan_declared))


def test_certificates_are_asked_of_the_service_alone(bilan_declared: Declared) -> None:
    _holds(bilan_declared, webhook_rules.check_certificates(bilan_declared))


def test_a_post_that_is_split_holds_what_it_held(bilan_declared: Declared) -> None:
    _holds(bilan_declared, webhook_rules.check_routes(bilan_declared))


def test_a_pull_that_is_cut_at_any_checkpoint_gives_the_same_facts(
    bilan_declared: Declared, bilan_registry: Registry
) -> None:
    _holds(bilan_declared, pull_rules.check_pulls(bilan_registry, bilan_declared))


def test_a_service_that_fails_is_said(bilan_declared: Declared) -> None:
    _holds(bilan_declared, pull_rules.check_failing_services(bilan_declared))


def test_profiles_that_are_found_can_be_connected(bilan_declared: Declared) -> None:
    _holds(bilan_declared, pull_rules.check_discoveries(bilan_declared))


def test_open_routes_answer_strangers_in_a_sentence(
    bilan_declared: Declared, bilan_harness: PluginHarness
) -> None:
    _holds(bilan_declared, route_rules.check_open_routes(bilan_harness, bilan_declared))


def test_query_fields_give_what_they_say(bilan_declared: Declared, bilan_sampled: PluginHarness) -> None:
    _holds(bilan_declared, report_rules.check_answers(bilan_sampled, bilan_declared))


def test_its_samples_taken_in_twice_change_no_number(
    bilan_declared: Declared, bilan_sampled: PluginHarness
) -> None:
    _holds(bilan_declared, report_rules.check_reimport(bilan_sampled, bilan_declared))


def test_metrics_count_nothing(bilan_declared: Declared, bilan_harness: PluginHarness) -> None:
    _holds(bilan_declared, report_rules.check_metrics(bilan_harness, bilan_declared))


def test_metrics_count_its_samples(bilan_declared: Declared, bilan_sampled: PluginHarness) -> None:
    _holds(bilan_declared, report_rules.check_metrics(bilan_sampled, bilan_declared))


def test_filters_narrow(bilan_declared: Declared, bilan_sampled: PluginHarness) -> None:
    _holds(bilan_declared, report_rules.check_filters(bilan_sampled, bilan_declared))


def test_reports_are_built_without_a_single_fact(
    bilan_declared: Declared, bilan_harness: PluginHarness
) -> None:
    _holds(bilan_declared, report_rules.check_reports(bilan_harness, bilan_declared))


def test_examples_of_reports_are_opened_without_a_single_fact(
    bilan_declared: Declared, bilan_harness: PluginHarness
) -> None:
    _holds(bilan_declared, report_rules.check_examples(bilan_harness, bilan_declared))


def test_examples_of_reports_are_opened_over_its_samples(
    bilan_declared: Declared, bilan_sampled: PluginHarness
) -> None:
    _holds(bilan_declared, report_rules.check_examples(bilan_sampled, bilan_declared))


def test_reports_are_built_of_its_samples(bilan_declared: Declared, bilan_sampled: PluginHarness) -> None:
    _holds(bilan_declared, report_rules.check_reports(bilan_sampled, bilan_declared))


def test_figures_without_any_value_of_a_list_are_named(
    bilan_declared: Declared, bilan_sampled: PluginHarness
) -> None:
    _holds(bilan_declared, report_rules.check_breakdowns(bilan_sampled, bilan_declared))


def test_reports_are_stored_and_rendered_in_every_format(
    bilan_declared: Declared, bilan_sampled: PluginHarness
) -> None:
    _holds(bilan_declared, report_rules.check_rendering(bilan_sampled, bilan_declared))


def test_blocks_with_a_look_of_their_own_keep_to_themselves(
    bilan_declared: Declared, bilan_sampled: PluginHarness
) -> None:
    _holds(bilan_declared, look_rules.check_looks(bilan_sampled, bilan_declared))


def test_pictures_are_named_by_their_keys(bilan_declared: Declared, bilan_sampled: PluginHarness) -> None:
    _holds(bilan_declared, look_rules.check_pictures(bilan_sampled, bilan_declared))


def test_the_rows_behind_its_figures_come_to_them(
    bilan_declared: Declared, bilan_sampled: PluginHarness
) -> None:
    _holds(bilan_declared, drilldown_rules.check_drilldown(bilan_sampled, bilan_declared))


def test_a_comparison_that_is_offered_is_made(bilan_declared: Declared, bilan_sampled: PluginHarness) -> None:
    _holds(bilan_declared, comparison_rules.check_comparisons(bilan_sampled, bilan_declared))
