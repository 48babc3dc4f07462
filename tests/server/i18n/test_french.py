"""French is complete: every sentence of every domain, with the same placeholders as in English."""

from __future__ import annotations

import string

import pytest
from babel.messages.pofile import read_po

from bilan.i18n import Translator, formatter_for
from bilan.i18n.extract import po_file, untranslated, updated, written
from bilan.sdk.messages import messages
from bilan.sdk.plugins import Plugin
from support.plugins import PLUGINS, ROOT

DOMAINS = [
    (po.stem, po.parents[3].name)
    for place in ("server", "ui", "plugins/*")
    for po in sorted(ROOT.glob(f"{place}/bilan*/locale/fr/LC_MESSAGES/*.po"))
]
"""Every gettext domain with its package, wherever it lies."""

_, ngettext = messages("bilan")


def test_every_distribution_is_translated() -> None:
    assert len(DOMAINS) == 2 + len(PLUGINS)


@pytest.mark.parametrize(("domain", "package"), DOMAINS)
def test_no_sentence_is_missing_or_doubtful(domain: str, package: str) -> None:
    missing = untranslated(domain, package, "fr")
    assert missing == [], "run python -m bilan.i18n.extract, then translate these"


@pytest.mark.parametrize(("domain", "package"), DOMAINS)
def test_translations_keep_the_placeholders_and_their_units(domain: str, package: str) -> None:
    with po_file(domain, package, "fr").open("rb") as file:
        catalog = read_po(file, locale="fr")
    for message in catalog:
        known = [placeholders(sentence) for sentence in sentences(message.id)]
        for sentence in sentences(message.string):
            assert not sentence or placeholders(sentence) in known, sentence


def sentences(one_or_many: object) -> list[str]:
    return [str(one) for one in one_or_many] if isinstance(one_or_many, list | tuple) else [str(one_or_many)]


def placeholders(sentence: str) -> set[tuple[str, str]]:
    return {(name, unit or "") for _text, name, unit, _how in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize(("domain", "package"), DOMAINS)
def test_french_keeps_no_break_spaces_before_its_double_signs(domain: str, package: str) -> None:
    text = po_file(domain, package, "fr").read_text("utf-8")
    translations = [line for line in text.splitlines() if line.startswith(("msgstr", '"'))]
    assert not [line for line in translations if any(sign in line for sign in (" :", " ;", " ?", " !", "« "))]


def test_an_update_is_repeatable_and_carries_no_date() -> None:
    once = written(updated("bilan", "bilan", "fr"))
    assert once == written(updated("bilan", "bilan", "fr"))
    assert b"POT-Creation-Date: 1980-01-01" in once


def test_a_reader_gets_french_from_the_shipped_files() -> None:
    email = Plugin("email_campaigns", "email", _("E-mail"), "bilan_email_campaigns")
    fr = formatter_for(Translator.of([email]), "fr-CA")
    assert fr.text(_("Yes")) == "Oui"
    assert fr.value(True, "boolean") == "Oui"
    assert fr.text(messages("email")[0]("Open rate")) == "Taux d’ouverture"
    assert fr.text(ngettext("{count} row read", "{count} rows read", count=0)) == "0 ligne lue"
    assert fr.change(0.5, 0.4, "proportion") == "+10,0\u00a0pt"
