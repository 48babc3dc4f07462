"""Languages: translations, and one formatter for numbers, dates and texts.

Nothing is translated or formatted before it is rendered. A :class:`Translator`
holds the sentences of the core and of every plugin; it hands out a
:class:`LocaleFormatter` for each reader.
"""

from bilan.i18n.formatting import USUAL_FORMATS, DateFormat, DisplayFormats, LocaleFormatter, TimeFormat
from bilan.i18n.negotiation import LANGUAGES, negotiate
from bilan.i18n.translation import Translator, formatter_for

__all__ = [
    "LANGUAGES",
    "USUAL_FORMATS",
    "DateFormat",
    "DisplayFormats",
    "LocaleFormatter",
    "TimeFormat",
    "Translator",
    "formatter_for",
    "negotiate",
]
