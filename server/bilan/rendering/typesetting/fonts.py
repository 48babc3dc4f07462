"""The fonts that files and pictures are set in.

Noto Sans and Noto Sans Arabic come with the server, so that Latin, Greek,
Cyrillic and Arabic look the same everywhere. What Chinese, Japanese, Korean
and emoji need is large and comes from the system where it is installed. See docs/decisions/028.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    import typst

_log = structlog.get_logger(__name__)

OURS = ("Noto Sans", "Noto Sans Arabic")
EMOJI = "Noto Color Emoji"
CJK = "Noto Sans CJK"
_CJK_OF = {"ja": "JP", "ko": "KR", "zh": "SC", "zh-tw": "TC", "zh-hant": "TC", "zh-hk": "HK"}
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
)
"""Named one by one, and ours before them: of two fonts of the same name the first is taken."""

_SAMPLE = b"""#set page(width: auto, height: auto)
#set text(font: sys.inputs.families.split(","))
Aa \xd8\xa8"""


class NoFonts(RuntimeError):
    """The fonts of the installation cannot be read; a file would come out without any text."""


@cache
def fonts() -> typst.Fonts:
    """All fonts, ours first; searched once a process.

    Typst without a font renders pages without text and raises nothing, so a
    sample is set first. Raises :class:`NoFonts`.
    """
    import typst  # noqa: PLC0415 - a command that renders nothing does not load it

    ours = resources.files("bilan.rendering.typesetting") / "typefaces"
    folders = [folder for one in _FOLDERS if (folder := Path(one).expanduser()).is_dir()]
    found = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[Path(str(ours)), *folders]
    )
    compiler = typst.Compiler(_SAMPLE, font_paths=found, sys_inputs={"families": ",".join(OURS)})
    _pages, warnings = compiler.compile_with_warnings(format="svg")
    if warnings:
        said = "; ".join(warning.message for warning in warnings)
        raise NoFonts(f"The fonts of the installation cannot be used ({said}); install bilan again.")
    if missing := _missing(found):
        _log.warning("fonts_missing", packages=missing, effect="their characters are rendered as �")
    return found


@cache
def families(language: str) -> tuple[str, ...]:
    """The families to set a language in, in order. Chinese characters differ between languages."""
    known = set(fonts().families())
    code = language.lower()
    region = _CJK_OF.get(code) or _CJK_OF.get(code.partition("-")[0], "JP")
    return (*OURS, *(name for name in (f"{CJK} {region}", EMOJI) if name in known))


def missing_scripts() -> tuple[str, ...]:
    """The Debian packages that would bring the fonts that are not there, most wanted first."""
    return _missing(fonts())


def _missing(found: typst.Fonts) -> tuple[str, ...]:
    known = set(found.families())
    wanted = (("fonts-noto-cjk", f"{CJK} JP"), ("fonts-noto-color-emoji", EMOJI))
    return tuple(package for package, family in wanted if family not in known)
