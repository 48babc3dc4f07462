from __future__ import annotations

import gettext
import io

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bilan.i18n import Translator, formatter_for, negotiate
from bilan.sdk.messages import messages
from bilan.sdk.plugins import Plugin

_, ngettext = messages("shop")

PO = r"""
msgid ""
msgstr ""
"Language: fr\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"
"Content-Type: text/plain; charset=utf-8\n"

msgid "{count} message"
msgid_plural "{count} messages"
msgstr[0] "{count} message"
msgstr[1] "{count} messages"

msgid "Open rate"
msgstr "Taux d’ouverture"

#, fuzzy
msgid "Bounce rate"
msgstr "Taux de clics"
"""


@pytest.fixture
def translator() -> Translator:
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(PO.encode()), locale="fr"))
    compiled.seek(0)
    return Translator({("shop", "fr"): gettext.GNUTranslations(compiled)})


def test_a_sentence_is_translated_in_its_own_domain(translator: Translator) -> None:
    assert formatter_for(translator, "fr").text(_("Open rate")) == "Taux d’ouverture"
    elsewhere, _many = messages("other")
    assert formatter_for(translator, "fr").text(elsewhere("Open rate")) == "Open rate"


def test_a_region_speaks_its_language(translator: Translator) -> None:
    assert formatter_for(translator, "fr-CA").text(_("Open rate")) == "Taux d’ouverture"


def test_a_missing_or_doubtful_translation_falls_back_to_english(translator: Translator) -> None:
    assert formatter_for(translator, "fr").text(_("Nobody translated this")) == "Nobody translated this"
    assert formatter_for(translator, "fr").text(_("Bounce rate")) == "Bounce rate"


def test_nothing_is_singular_in_french_and_plural_in_english(translator: Translator) -> None:
    nothing = ngettext("{count} message", "{count} messages", count=0)
    assert formatter_for(translator, "en").text(nothing) == "0 messages"
    assert formatter_for(translator, "fr").text(nothing) == "0 message"


def test_a_plugin_without_translations_is_no_mistake() -> None:
    plugin = Plugin("outsider", "outsider", _("Outsider"), package="json")
    assert Translator.of([plugin]).sentence(messages("outsider")[0]("Hello"), "fr") == "Hello"


def test_readers_with_the_same_wishes_share_a_formatter(translator: Translator) -> None:
    assert formatter_for(translator, "fr", "Europe/Paris") is formatter_for(translator, "fr", "Europe/Paris")


@pytest.mark.parametrize(
    ("header", "preference", "expected"),
    [
        ("fr-FR,fr;q=0.9,en;q=0.8", None, "fr-FR"),
        ("en;q=0.5, fr;q=0.7", None, "fr"),
        ("nl, pt;q=0.9, de;q=0.1", None, "de"),
        ("fr", "en", "en"),
        ("fr", "tlh", "fr"),
        ("en_GB", None, "en"),
        ("en-gb", None, "en-GB"),
        ("fr-XX", None, "fr"),
        ("fr;q=0, *", None, "en"),
        ("", None, "en"),
        (None, None, "en"),
        (";;q=,é, fr;q=2, es", None, "es"),
    ],
)
def test_a_browsers_wishes_are_read_in_order(
    header: str | None, preference: str | None, expected: str
) -> None:
    assert negotiate(header, preference) == expected


def test_a_text_is_known_as_a_sentence_in_whatever_language_it_was_said(translator: Translator) -> None:
    assert translator.says("Open rate", _("Open rate"))
    assert translator.says("Taux d’ouverture", _("Open rate"))
    assert not translator.says("Offenquote", _("Open rate"))
