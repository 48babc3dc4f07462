"""Each word of the glossary is explained once and leads to code that is there."""

from __future__ import annotations

import pkgutil
import re
from pathlib import Path

import pytest

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
ROW = re.compile(r"^\| ([a-z][\w -]*) \| (.+) \| `([\w.]+)` \|$", re.MULTILINE)
ENTRIES = ROW.findall(GLOSSARY.read_text(encoding="utf-8"))
WORDS = [word for word, _sentence, _path in ENTRIES if word != "word"]
NAMED = {
    "advisory lock",
    "artifact",
    "attachment",
    "block",
    "dataset",
    "delivery",
    "document",
    "drilldown",
    "fact",
    "footnote",
    "idempotency key",
    "job",
    "orphan",
    "rate limit",
    "reject",
    "run",
    "sending",
    "source",
    "sparkline",
    "step",
}
"""Words whose code bears their name, so that whoever searches for them finds it."""


def test_the_glossary_holds_each_word_once_and_every_one_that_must_stand_in_it() -> None:
    assert len(WORDS) == len(set(WORDS))
    assert {*NAMED, "principal", "watermark"} - set(WORDS) == set()


@pytest.mark.parametrize(("word", "sentence", "path"), ENTRIES, ids=WORDS)
def test_a_word_leads_to_a_module_class_or_function_that_is_there(
    word: str, sentence: str, path: str
) -> None:
    assert pkgutil.resolve_name(path) is not None
    if word in NAMED:
        assert _squeezed(word) in _squeezed(path), f"the code of {word} is called something else"


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def test_the_tables_hold_nothing_but_words() -> None:
    rows = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("|")]

    assert [row for row in rows if not re.match(r"\| (---|word) \|", row) and not ROW.fullmatch(row)] == []
