"""Encodings of text: what can be told for sure is read, anything else is asked about."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bilan.sdk import Invalid, open_table
from bilan.sdk.encodings import encoding_of
from bilan.sdk.western import is_western

WESTERN = (
    "Événement;Été déjà;créée à l’œuvre\n«\u00a0Noël\u00a0» – 100\u00a0€;ça;où",
    "Grüße aus Köln;„Frühling“;Straße & Öl",
    "¿Qué tal?;¡Año nuevo!;n.º 5;mañana;camión",
    "promoção;não;pães;irmã;avô;1ª edição",
    "perché;è già;più;città;caffè",
    "søndag;blåbær;smörgås;hyvää päivää",
    "financée;100 m²;5 °C;Brand™;rock ’n’ roll;…",
)
FOREIGN = (
    ("windows-1251", "Весна"),
    ("windows-1251", "Новости недели, распродажа"),
    ("koi8-r", "Весенняя распродажа"),
    ("cp866", "Весенняя распродажа"),
    ("windows-1250", "Święta Bożego Narodzenia"),
    ("windows-1250", "Příští týden"),
    ("windows-1250", "Vánoční nabídka"),
    ("windows-1250", "Łódź, żółta wyprzedaż"),
    ("windows-1253", "Εβδομαδιαία νέα"),
    ("windows-1254", "Ağustos fırsatları"),
    ("windows-1255", "מבצע אביב"),
    ("windows-1256", "تخفيضات الربيع"),
    ("shift_jis", "春のセール"),
    ("gb18030", "春季促销"),
    ("big5", "春季促銷"),
    ("euc_kr", "봄 세일"),
    ("cp850", "Été déjà"),
    ("mac_roman", "Été déjà"),
)


def written(tmp_path: Path, content: str, encoding: str) -> Path:
    path = tmp_path / "file.csv"
    path.write_bytes(f"campaign name,recipients\n{content},1\n".encode(encoding))
    return path


@pytest.mark.parametrize("content", WESTERN)
def test_a_western_text_of_older_programs_is_read(tmp_path: Path, content: str) -> None:
    assert encoding_of(written(tmp_path, content, "windows-1252")) == "windows-1252"


@pytest.mark.parametrize(("encoding", "content"), FOREIGN)
def test_what_only_looks_western_is_asked_about_and_read_as_somebody_says(
    tmp_path: Path, encoding: str, content: str
) -> None:
    path = written(tmp_path, content.replace(",", ";"), encoding)
    with pytest.raises(Invalid, match="--encoding") as refused:
        open_table(path)
    assert refused.value.path == ("encoding",)

    table = open_table(path, encoding=encoding)
    assert [row["campaign name"] for row in table.sample()] == [content.replace(",", ";")]
    assert table.encoding != ""


def test_the_encoding_of_a_table_is_known_where_it_is_not_utf_8(tmp_path: Path) -> None:
    assert open_table(written(tmp_path, "Été", "utf-8")).encoding == ""
    assert open_table(written(tmp_path, "Été", "windows-1252")).encoding == "windows-1252"
    assert open_table(written(tmp_path, "Été", "utf-16")).encoding == "utf-16"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("klingon", "“klingon” is no encoding that is known"),
        ("base64", "“base64” is no encoding that is known"),
        ("utf-8\0", "“utf-8\0” is no encoding that is known"),
        ("utf-8", "The file is not written in utf-8."),
        ("ascii", "The file is not written in ascii."),
    ],
)
def test_an_encoding_that_does_not_fit_is_refused(tmp_path: Path, encoding: str, said: str) -> None:
    path = written(tmp_path, "Весна", "windows-1251")
    with pytest.raises(Invalid) as refused:
        open_table(path, encoding=encoding)
    assert str(refused.value).startswith(said)
    assert refused.value.path == ("encoding",)


@given(st.text(alphabet=st.characters(min_codepoint=0x410, max_codepoint=0x44F), min_size=3, max_size=40))
def test_no_word_in_cyrillic_letters_is_taken_for_a_western_one(word: str) -> None:
    assert not is_western([word.encode("windows-1251").decode("windows-1252", "replace")])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two tables in one archive, one of them in an encoding that cannot be told."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("opens.csv", "event,email\nopen,a@example.com\n")
        packed.writestr(
            "old/clicks.csv", "event,email,city\nclick,b@example.com,Москва\n".encode("windows-1251")
        )
        packed.writestr("__MACOSX/._opens.csv", b"\x00")
    return path


def test_an_archive_of_several_files_names_them_and_one_that_is_asked_for_is_read(archive: Path) -> None:
    with pytest.raises(Invalid) as refused:
        open_table(archive)
    assert str(refused.value) == (
        "The file is a ZIP archive of 2 files (opens.csv, old/clicks.csv); say which one to read, "
        "on the import's page or with --sheet."
    )
    assert refused.value.path == ("sheet",)

    assert open_table(archive, "opens.csv").sample() == [{"event": "open", "email": "a@example.com"}]
    clicks = open_table(archive, "old/clicks.csv", "windows-1251")
    assert clicks.sample() == [{"event": "click", "email": "b@example.com", "city": "Москва"}]


def test_a_file_that_an_archive_has_not_is_refused_with_those_it_has(archive: Path) -> None:
    with pytest.raises(Invalid, match=r"opens\.csv, old/clicks\.csv"):
        open_table(archive, "bounces.csv")
