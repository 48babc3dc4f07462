"""How wide texts are, in the typefaces that come with the server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bilan.rendering.text_width import embedded_shortened, embedded_width, shortened, width


@pytest.mark.parametrize(
    ("text", "strong", "thousandths"),
    [
        # The advances that Noto Sans has in its table hmtx, with the room for wider typefaces.
        ("A", False, 639 * 1.1),
        ("A", True, 690 * 1.13),
        ("10", False, 2 * 572 * 1.11),
        ("10", True, 2 * 572 * 1.22),
        ("e\N{COMBINING ACUTE ACCENT}", False, 564 * 1.1),
        ("夏", False, 1000 * 1.1),
        ("ي", False, 760 * 1.1),
        ("", False, 0),
    ],
)
def test_a_text_is_as_wide_as_its_letters_in_the_typeface(
    text: str, strong: bool, thousandths: float
) -> None:
    assert width(text, 1000, strong=strong) == pytest.approx(thousandths)


def test_a_file_that_brings_its_typefaces_needs_no_room_for_others() -> None:
    assert embedded_width("A1", 1000) == pytest.approx((639 + 572) * 1.02)
    assert embedded_width("A1", 1000, strong=True) == pytest.approx((690 + 572) * 1.02)


def test_a_text_is_cut_to_the_room_it_has() -> None:
    assert shortened("short", 200) == "short"
    cut = shortened("a very long name indeed", 60)
    assert cut.endswith("…")
    assert width(cut) <= 60


def test_of_a_long_text_only_what_there_is_room_for_is_measured() -> None:
    class Letters(str):
        __slots__ = ("read",)

        def __iter__(self) -> Iterator[str]:
            self.read = 0
            for letter in super().__iter__():
                self.read += 1
                yield letter

    text = Letters("a" * 20_000)
    # An a of Noto Sans reaches 561 thousandths of 12 points, with the room for wider typefaces 7.4; … 9.6.
    assert shortened(text, 60) == "aaaaaa…"
    assert text.read == 9
    assert embedded_shortened(text, 60, 12) == "aaaaaaa…"
    assert text.read == 9
