"""The sentences of the core and of every plugin, in every language they were translated into."""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import product

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bilan.i18n.formatting import DateFormat, LocaleFormatter, TimeFormat
from bilan.sdk.messages import Message
from bilan.sdk.plugins import Plugin

CORE_DOMAIN = "bilan"


class Translator:
    """Finds the translation of a sentence; English where there is none.

    ``catalogues`` are by domain and language. Read once at start-up, never
    changed, safe to use from any thread.
    """

    def __init__(self, catalogues: Mapping[tuple[str, str], gettext.NullTranslations]) -> None:
        self._catalogues = dict(catalogues)

    @classmethod
    def of(cls, plugins: Iterable[Plugin] = ()) -> Translator:
        """Read the ``.po`` files of the core and of the plugins."""
        return cls(
            {
                (domain, language): _catalogue(file, language)
                for domain, package in domains(plugins).items()
                for language, file in files_of(domain, package)
            }
        )

    def sentence(self, message: Message, language: str) -> str:
        """The message's sentence in a language (``fr``, ``fr-CA``), its placeholders not filled in."""
        count = message.args.get("count")
        codes = (language, language.partition("-")[0])
        # A sentence that moved from a plugin into the core is still stored under the plugin's domain.
        for domain, code in product(dict.fromkeys((message.domain, CORE_DOMAIN)), codes):
            if catalogue := self._catalogues.get((domain, code)):
                if message.plural is None:
                    found = catalogue.gettext(message.id)
                else:
                    found = catalogue.ngettext(message.id, message.plural, _whole(count))
                if found:
                    return found
        return message.id if message.plural is None or count == 1 else message.plural

    def says(self, text: str, message: Message) -> bool:
        """Whether a text is the message, in whatever language."""
        languages = {"en", *(language for _domain, language in self._catalogues)}
        return text in {self.sentence(message, language) for language in languages}


@lru_cache(maxsize=256)
def formatter_for(
    translator: Translator,
    language: str,
    zone: str = "UTC",
    date_format: DateFormat = DateFormat.LOCALE,
    time_format: TimeFormat = TimeFormat.LOCALE,
) -> LocaleFormatter:
    """A reader's formatter. Readers with the same wishes share one, and what it has already written."""
    return LocaleFormatter(translator, language, zone, date_format=date_format, time_format=time_format)


def domains(plugins: Iterable[Plugin]) -> dict[str, str]:
    """The import package behind each gettext domain: the core's, and each plugin's namespace."""
    others = {plugin.namespace: plugin.package for plugin in plugins if plugin.package != CORE_DOMAIN}
    return {CORE_DOMAIN: CORE_DOMAIN, **others}


def files_of(domain: str, package: str) -> Iterator[tuple[str, Traversable]]:
    """The languages a package has been translated into, with the ``.po`` file of each."""
    folder = resources.files(package) / "locale"
    if not folder.is_dir():
        return
    for language in sorted(folder.iterdir(), key=lambda entry: entry.name):
        file = language / "LC_MESSAGES" / f"{domain}.po"
        if file.is_file():
            yield language.name, file


@lru_cache(maxsize=256)
def _catalogue(file: Traversable, language: str) -> gettext.GNUTranslations:
    compiled = io.BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language.replace("-", "_")))
    compiled.seek(0)
    catalogue = gettext.GNUTranslations(compiled)
    catalogue.add_fallback(_Missing())
    return catalogue


class _Missing(gettext.NullTranslations):
    """Tells a missing sentence from one that reads the same in both languages."""

    def gettext(self, message: str) -> str:  # noqa: ARG002
        return ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002
        return ""


def _whole(count: object) -> int:
    return int(count) if isinstance(count, (int, float)) else 0
