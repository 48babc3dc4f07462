"""Exports of several networks in one file: a table for each, below a line that names it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bilan.sdk import ImportFile, Invalid
from bilan_social_profiles.readers.sections import SectionsReader
from support.social import picked, read, read_text, reader_of

EXPORT = """\
Acme, content performance

Facebook
Date,Content,Created by,Labels,Organic Reach,Paid Reach,Total reach,Organic impressions,Paid impressions,Total impressions,Engaged users,Engagement rate per reach (%),Clicks,Link clicks,Photo views,Other clicks,Organic video views,Paid video views,Total video views,Url
"Mar 2, 2026 00:19 PM","Spring, at last #Spring",Ann,"spring, sale",700,300,1000,900,400,1300,60,6.0,40,12,5,23,0,0,0,https://facebook.com/acme/1
Total,,,,700,300,1000,900,400,1300,60,,40,12,5,23,0,0,0,

X - @acme
Date,Content,Impressions,Likes,Reposts,Quote posts,Replies,Engagement,Engagement rate per impression (%),Video views,Url
2026-03-03 09:00 AM,Hello,500,10,3,2,1,21,4.2,7,https://x.com/acme/2
2026-03-03 10:00 AM,Short,500
YouTube
Date,Content,Views,Avg. percentage viewed,Likes,Dislikes,Comments,Shares,Added to a playlist,Removed from a playlist,Subscribers gained,Subscribers lost,Total engagement,Url
2026-03-04,A film,900,41,30,2,4,5,6,1,8,3,45,https://youtube.com/watch?v=3
TikTok
Date,Content,Reach,Completion rate (%),Video replays,Watched fully,Engagement,Impressions,Url
2026-03-05,A clip,800,22,9,100,77,,https://tiktok.com/@acme/4
LinkedIn
Date,Content,Impressions,Reach,Clicks,Likes,Shares,Comments,Engagement,Engagement rate per reach (%),Url
2026-03-06,A job,400,300,20,9,2,1,32,10.7,https://linkedin.com/feed/5
"""  # noqa: E501 - lines of a file


def test_each_section_is_read_through_its_own_headings(tmp_path: Path) -> None:
    found = read_text(tmp_path, EXPORT, profile="Acme", zone="Europe/Paris")
    columns = ("network", "profile", "impressions", "reach", "engagement", "reactions", "comments", "shares")
    assert picked(found.rows, *columns) == [
        ("facebook", "Acme", 1300, 1000, None, None, None, None),
        ("x", "@acme", 500, None, 21, 10, 1, 5),
        ("youtube", "Acme", None, None, 45, 30, 4, 5),
        ("tiktok", "Acme", None, 800, 77, None, None, None),
        ("linkedin", "Acme", 400, 300, 32, 9, 1, 2),
    ]
    facebook, _x, youtube = found.rows[:3]
    # 00:19 PM in Paris; clicks of all kinds, among which those on links.
    assert facebook["published_at"].isoformat() == "2026-03-02T11:19:00+00:00"
    assert picked([facebook], "reach_organic", "reach_paid", "engaged_users", "clicks", "link_clicks") == [
        (700, 300, 60, 40, 12)
    ]
    assert (facebook["labels"], facebook["hashtags"]) == (["spring", "sale"], ["spring"])
    assert picked([youtube], "video_views", "saves", "followers_gained") == [(900, 6, 8)]
    assert found.reasons == {
        6: "This row sums up others, which are read by themselves.",
        11: "This row has 3 cells where the header of its section has 11.",
    }
    assert [one.number for one in found.facts] == [5, 10, 14, 17, 20]


def test_sections_in_other_languages_and_delimiters(tmp_path: Path) -> None:
    text = (
        "\ufeffFacebook – Acme (France)\n"
        "Date;Contenu;Portée totale;Impressions totales;Clics\n"
        "31/03/2026 14:05;Bonjour;10;20;3\n"
        "\n"
        "Instagram – Acme\n"
        "Fecha;Contenido;Alcance;Me gusta\n"
        "31/03/2026;Hola;7;1\n"
    )
    found = read_text(tmp_path, text)
    assert found.rejects == []
    assert picked(found.rows, "network", "profile", "text", "reach", "impressions", "reactions") == [
        ("facebook", "Acme (France)", "Bonjour", 10, 20, None),
        ("instagram", "Acme", "Hola", 7, None, 1),
    ]


def test_one_table_with_a_column_of_networks_is_no_export_of_sections(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "Date,Network,Profile,Text,Likes\n2026-03-02,X,Acme,Hi,1\n2026-03-02,Facebook,Acme,Hi,2\n"
    )
    file = ImportFile(path, path.name)
    assert reader_of(file).key == "social-table"
    path.write_text("nothing that is known")
    with pytest.raises(Invalid, match="no table with a header"):
        read(SectionsReader(), file)


def test_a_long_line_of_spaces_is_looked_at_once(tmp_path: Path) -> None:
    """Looked at from each of its spaces, it would take hours."""
    text = f"Facebook{' ' * 100_000}(\nFacebook (Acme)\nDate,Content,Likes,Reach\n2026-03-02,Hi,1,2\n"
    assert picked(read_text(tmp_path, text).rows, "network", "profile", "reactions") == [
        ("facebook", "Acme", 1)
    ]


def test_columns_of_one_name_stay_apart_whatever_the_others_are_called(tmp_path: Path) -> None:
    text = "Facebook - Acme\nDate,Content,Likes,Note,Note (6),Note\n2026-03-02,Hi,1,a,b,c\n"
    (found,) = read_text(tmp_path, text).facts
    assert json.loads(found.raw) | {"Note": "a", "Note (6)": "b", "Note (6) (6)": "c"} == json.loads(
        found.raw
    )


def test_a_section_whose_header_nobody_knows_is_a_reject_a_row(tmp_path: Path) -> None:
    text = (
        "Facebook - Acme\nExported,2026-03-31\nDate,Content,Total reach,Clicks\n2026-03-05,Hello,10,3\n"
        "TikTok - Acme\nPäivä,Sisältö,Tavoittavuus\n2026-03-06,Hei,7\nyksin\n"
        "X - @acme\nDate,Content,Impressions,Likes\n2026-03-07,Hi,5,1\n"
    )
    found = read_text(tmp_path, text)
    assert picked(found.rows, "network", "profile", "text", "reach", "impressions") == [
        ("facebook", "Acme", "Hello", 10, None),
        ("x", "@acme", "Hi", None, 5),
    ]
    unknown = "No header that is known stands above this row, so nobody knows what its cells are."
    assert found.reasons == {6: unknown, 7: unknown, 8: unknown}
