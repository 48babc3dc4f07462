"""An example that its kind does not take stops the start with a sentence that names it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bilan.registry.declared import Registry
from bilan.registry.gather import load
from bilan.reports.examples import check_examples
from bilan.sdk.errors import Misdeclared
from bilan.sdk.messages import messages
from bilan.sdk.reports import Example
from fixtures.declarations import SALES, plugin

_ = messages("shop")[0]


def example(key: str = "france", **values: Any) -> Example:
    return Example(key, _("France"), _("What was sold in France."), values)


def declaring(*examples: Example) -> Registry:
    kind = replace(SALES, examples=examples)
    return load([("shop", plugin(register_reports=(kind,)))], installed=False)


def test_examples_hold_parameters_of_the_kind_and_common_ones() -> None:
    check_examples(declaring(example(country="fr", period="last_90_days", compare="previous_period")))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"contry": "fr"}, "There is no contry here; the nearest is country."),
        ({"period": "last_3_days"}, "last_3_days is no period; write "),
        ({"compare": "always"}, "always is not offered; "),
    ],
)
def test_an_example_that_cannot_be_filled_in_is_refused_by_name(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(Misdeclared) as refused:
        check_examples(declaring(example("paris"), example(**values)))

    assert str(refused.value).startswith(
        "The plugin shop is not usable: the example france of shop.sales cannot be filled in: "
    )
    assert reason in str(refused.value)


def test_two_examples_of_one_key_are_refused() -> None:
    with pytest.raises(Misdeclared, match=r"the key shop\.sales\.france is declared twice"):
        check_examples(declaring(example(), example()))
