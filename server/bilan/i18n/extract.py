"""Collects the sentences of the installed distributions into their ``.po`` files.

``python -m bilan.i18n.extract`` updates every language of the core and of the
installed plugins; names of gettext domains limit it to those, ``--language``
adds a language. Sentences are found by their markers (``_``, ``ngettext``)
in Python and in templates. What a translator wrote is kept; what is new is
left empty, and a sentence that changed a little is marked fuzzy until somebody
has looked at it. See docs/decisions/025.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bilan.i18n.translation import domains
from bilan.registry.gather import load
from bilan.sdk.plugins import Plugin

METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trimmed": "true"}}
MARKERS: dict[str, tuple[int, ...] | None] = {"_": None, "ngettext": (1, 2)}
COMMENT = "Translators:"
_DAWN = datetime(1980, 1, 1, tzinfo=UTC)
"""Catalogues carry no dates: a file changes only when its sentences do."""


def template_of(domain: str, package: str) -> Catalog:
    """All sentences of a package, in English."""
    catalog = Catalog(project=domain, charset="utf-8", creation_date=_DAWN, revision_date=_DAWN)
    found = extract_from_dir(
        folder_of(package), METHODS, OPTIONS, MARKERS, (COMMENT,), strip_comment_tags=True
    )
    for file, _line, sentence, comments, context in found:
        catalog.add(sentence, None, [(Path(file).as_posix(), 0)], auto_comments=comments, context=context)
    return catalog


def updated(domain: str, package: str, language: str, *, fuzzy: bool = True) -> Catalog:
    """The catalogue of a language with today's sentences; those no longer used are dropped."""
    file = po_file(domain, package, language)
    locale = language.replace("-", "_")
    if file.is_file():
        with file.open("rb") as source:
            catalog = read_po(source, locale=locale, domain=domain)
    else:
        catalog = Catalog(locale, domain)
    catalog.update(template_of(domain, package), no_fuzzy_matching=not fuzzy)
    catalog.obsolete.clear()
    catalog.project, catalog.version = domain, "1"
    catalog.creation_date = catalog.revision_date = _DAWN
    catalog.header_comment = f"# The sentences of {domain}."
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    catalog.fuzzy = False
    return catalog


def untranslated(domain: str, package: str, language: str) -> list[str]:
    """The sentences that a language lacks or that nobody has looked at since they changed."""
    catalog = updated(domain, package, language, fuzzy=False)
    return [
        str(message.id) for message in catalog if message.id and (message.fuzzy or not _whole(message.string))
    ]


def written(catalog: Catalog) -> bytes:
    """The catalogue as a file: in the order of the sources, without line numbers."""
    out = io.BytesIO()
    write_po(out, catalog, width=110, sort_by_file=True, include_lineno=False, omit_header=False)
    return out.getvalue()


def installed_plugins() -> list[Plugin]:
    """Who the installed plugins say they are, by hooks or at once."""
    return list(load().plugins.values())


def folder_of(package: str) -> Path:
    """Where a package's source lies."""
    return Path(str(resources.files(package)))


def po_file(domain: str, package: str, language: str) -> Path:
    """The file of a language."""
    return folder_of(package) / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


def languages_of(domain: str, package: str) -> list[str]:
    """The languages that a package has a file for."""
    return sorted(path.parts[-3] for path in folder_of(package).glob(f"locale/*/LC_MESSAGES/{domain}.po"))


def _whole(string: object) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


def main(arguments: Sequence[str] | None = None) -> int:
    """Update the files and say what is missing."""
    parser = argparse.ArgumentParser(prog="python -m bilan.i18n.extract", description=__doc__)
    parser.add_argument("domains", nargs="*", help="the gettext domains to update; all without any")
    parser.add_argument("--language", action="append", default=[], help="a language to add")
    chosen = parser.parse_args(arguments)
    for domain, package in sorted(domains(installed_plugins()).items()):
        if chosen.domains and domain not in chosen.domains:
            continue
        for language in sorted({*languages_of(domain, package), *chosen.language}):
            file = po_file(domain, package, language)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(written(updated(domain, package, language)))
            missing = untranslated(domain, package, language)
            sys.stdout.write(f"{file}: {len(missing)} to translate\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
