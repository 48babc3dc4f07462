"""Tables of any maker: posts, days and items by the headings of four languages, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bilan.sdk import ColumnMapping, ImportFile, Invalid, Mapped
from bilan_social_profiles.readers.tables import TablesReader
from support.social import picked, read, read_text

SAID = {"network": "facebook", "profile": "Acme"}
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


HEADERS = {
    "en": "Date, Network, Profile, Post ID, Type, Content, Permalink, Impressions, Reach, "
    "Interactions, Likes, Comments, Shares, Saves, Clicks, Video views, Labels, Created by",
    "fr": "Date de publication, Réseau social, Nom du profil, Identifiant de la publication, "
    "Type de publication, Texte, Lien, Impressions, Portée, Interactions, J’aime, "
    "Commentaires, Partages, Enregistrements, Clics, Vues de la vidéo, Libellés, Créé par",
    "es": "Fecha de publicación, Red social, Perfil, ID de la publicación, Tipo de publicación, "
    "Contenido, Enlace, Impresiones, Alcance, Interacciones, Me gusta, Comentarios, "
    "Compartidos, Guardados, Clics, Reproducciones de vídeo, Etiquetas, Creado por",
    "de": "Veröffentlicht am, Netzwerk, Profil, Beitrags-ID, Beitragstyp, Inhalt, Link zum Beitrag, "
    "Impressionen, Reichweite, Interaktionen, Gefällt mir, Kommentare, Geteilt, Gespeichert, "
    "Klicks, Videoaufrufe, Schlagwörter, Erstellt von",
}  # fmt: skip
"""How tools of four languages head the same columns."""


def targets(folder: Path, header: str, row: str, dataset: str) -> dict[str, str]:
    """What the columns of a table are proposed for."""
    path = folder / "table.csv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    proposed = TablesReader().propose(ImportFile(path, path.name), {})
    assert proposed is not None
    assert proposed.dataset == dataset
    return {one.column: one.target for one in proposed.columns}


@pytest.mark.parametrize("language", HEADERS)
def test_posts_are_read_in_four_languages(tmp_path: Path, language: str) -> None:
    header = HEADERS[language].replace(", ", ";")
    row = "2026-03-02 09:30;X;Acme;17;Foto;Hola #Hola;https://x.com/acme/17;900;700;40;20;5;4;3;30;12;uno|dos;Ann"
    found = read_text(tmp_path, f"{header}\n{row}\n")
    assert found.rejects == []
    assert found.rows == [
        {
            "published_at": AT, "undated": False, "network": "x", "profile": "Acme", "post": "17",
            "kind": "photo", "text": "Hola #Hola", "url": "https://x.com/acme/17", "impressions": 900,
            "reach": 700, "engagement": 40, "reactions": 20, "comments": 5, "shares": 4, "saves": 3,
            "clicks": 30, "video_views": 12, "labels": ["uno", "dos"], "author": "Ann", "hashtags": ["hola"],
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Date,Platform,Account,Followers,New followers,Lost followers,Profile visits,Video views",
         "2026-03-02,FB,Acme,\"1,200\",30,2,15,9"),
        ("Jour;Réseau;Compte;Abonnés;Nouveaux abonnés;Abonnés perdus;Visites du profil;Vues",
         "02/03/2026;Facebook;Acme;1 200;30;2;15;9"),
        ("Fecha;Red;Cuenta;Seguidores;Nuevos seguidores;Seguidores perdidos;Visitas al perfil;Reproducciones",
         "2026-03-02;facebook;Acme;1200;30;2;15;9"),
        ("Tag;Netzwerk;Konto;Follower;Neue Follower;Verlorene Follower;Profilbesuche;Videoaufrufe",
         "02.03.2026;Facebook;Acme;1.200;30;2;15;9"),
    ],
    ids=["en", "fr", "es", "de"],
)  # fmt: skip
def test_days_are_read_in_four_languages(tmp_path: Path, header: str, row: str) -> None:
    found = read_text(tmp_path, f"{header}\n{row}\n", dates="day_first", zone="America/Los_Angeles")
    assert found.rejects == []
    columns = (
        "day",
        "network",
        "profile",
        "followers",
        "followers_gained",
        "followers_lost",
        "profile_visits",
        "views",
    )
    assert picked(found.rows, *columns) == [(date(2026, 3, 2), "facebook", "Acme", 1200, 30, 2, 15, 9)]


@pytest.mark.parametrize(
    "written", ["2026-03-02", "2026-03-02T23:30:00-05:00", "2026-03-02 00:00:00", "03/02/2026 12:00:00 AM"]
)
def test_a_day_is_that_of_its_file_whatever_the_zone(tmp_path: Path, written: str) -> None:
    found = read_text(
        tmp_path,
        f"Date;Network;Profile;Followers\n{written};X;Acme;7\n",
        zone="Asia/Tokyo",
        dates="month_first",
    )
    assert picked(found.rows, "day", "followers") == [(date(2026, 3, 2), 7)]


def test_items_are_read_with_the_time_to_their_reply(tmp_path: Path) -> None:
    text = (
        "Received at,Network,Profile,Type,Author,Message,Replied at,Reviewed at,Hidden,Rating,Message ID\n"
        "2026-03-02 09:30,Instagram,Acme,comment,ann,Nice!,2026-03-02 09:45,2026-03-02 09:40,no,,1\n"
        '2026-03-02 09:30,Google,Acme,review,bob,Bad,,,yes,"2,5",2\n'
    )
    found = read_text(tmp_path, text)
    assert found.rejects == []
    columns = ("network", "kind", "item", "hidden", "rating", "response_seconds")
    assert picked(found.rows, *columns) == [
        ("instagram", "comment", "1", False, None, 900),
        ("google", "review", "2", True, 2.5, None),
    ]
    assert {fact.dataset for one in found.facts for fact in one.facts} == {"social.community"}


@pytest.mark.parametrize(
    ("header", "cells", "at"),
    [
        ("Date,Time", "2026-03-02,00:19 PM", datetime(2026, 3, 2, 12, 19, tzinfo=UTC)),
        ("Date,Time", "2026-03-02,12:19 AM", datetime(2026, 3, 2, 0, 19, tzinfo=UTC)),
        ("Date,Time", "2026-03-02,09:05 pm", datetime(2026, 3, 2, 21, 5, tzinfo=UTC)),
        ("Date,Heure", "02/03/2026,9h05", datetime(2026, 3, 2, 9, 5, tzinfo=UTC)),
        ("Date,Note", "\"Mar 2, 2026 00:19 PM\",x", datetime(2026, 3, 2, 12, 19, tzinfo=UTC)),
        ("Date (Europe/Paris),Note", "2026-03-02 10:30,x", AT),
        ("Date (UTC+02:00),Note", "2026-03-02 11:30,x", AT),
        ("Date (UTC),Time zone", "2026-03-02 04:30,America/New_York", AT),
        ("Date,Timezone", "2026-03-02T09:30:00Z,America/New_York", AT),
    ],
)  # fmt: skip
def test_times_and_zones_may_stand_beside_the_date_or_in_its_heading(
    tmp_path: Path, header: str, cells: str, at: datetime
) -> None:
    text = f"{header},Post ID,Text,Likes\n{cells},1,Hello,3\n"
    found = read_text(tmp_path, text, **SAID, dates="day_first")
    assert (found.reasons, [row["published_at"] for row in found.rows]) == ({}, [at])


def test_a_time_without_a_zone_is_in_that_of_the_source(tmp_path: Path) -> None:
    found = read_text(tmp_path, "Date,Post,Likes\n2026-03-02 10:30,Hi,1\n", **SAID, zone="Europe/Paris")
    assert [row["published_at"] for row in found.rows] == [AT]


@pytest.mark.requirement("DC-27")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1252"])
def test_careless_files_are_read(tmp_path: Path, encoding: str) -> None:
    text = (
        "Date;Réseau;Profil;Texte;Portée;J’aime;Taux d’engagement (%);J’aime;Commentaires\n"
        "02/03/2026 09:30;Facebook;Acme;Été;1\u00a0234;12;3,4 %;99;—\n"
        "31/03/2026 09:30;Facebook;Acme;Café;N/A;7;3,4 %;99;\n"
        "Total;;;;1 234;19;;;0\n"
    )
    found = read_text(tmp_path, text.encode(encoding))
    assert picked(found.rows, "text", "reach", "reactions", "comments", "engagement") == [
        ("Été", 1234, 12, None, 12),
        ("Café", None, 7, None, 7),
    ]
    assert list(found.reasons.values()) == ["This row sums up others, which are read by themselves."]


@pytest.mark.parametrize(
    ("column", "written", "said"),
    [
        ("Reach", "1.2K", "“1.2K” is rounded"),
        ("Reach", "3,4 M", "“3,4 M” is rounded"),
        ("Reach", "12 %", "“12 %” is a percentage"),
        ("Reach", "-3", "“-3” is below nought"),
        ("Reach", "12.5", "“12.5” is no whole number"),
        ("Reach", "many", "“many” is no whole number"),
        ("Paid", "perhaps", "“perhaps” is neither yes nor no"),
        ("Date", "soon", "is no moment"),
        ("Date", "", "does not say when its post was published"),
        ("Network", "", "This row names no network."),
        ("Profile", "", "This row names no profile."),
        ("Network", "TOTAL", "This row sums up others"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_a_sentence(
    tmp_path: Path, column: str, written: str, said: str
) -> None:
    cells = {
        "Date": "2026-03-02",
        "Network": "X",
        "Profile": "Acme",
        "Text": "Hi",
        "Reach": "9",
        "Paid": "no",
    }
    other = {**cells, "Text": "There", column: written}
    lines = ["\t".join(one.values()) for one in (cells, other)]
    found = read_text(tmp_path, "\n".join(["\t".join(cells), *lines]))
    assert picked(found.rows, "text", "reach", "paid") == [("Hi", 9, False)]
    assert list(found.reasons) == [3]
    assert said in found.reasons[3]


def test_of_rows_about_the_same_post_the_first_stands_and_the_others_say_so(tmp_path: Path) -> None:
    text = (
        "Date,Network,Profile,Text,Likes\n"
        "2026-03-02 09:00,X,Acme,Hi,3\n"
        "2026-03-02 09:00,X,Acme,Hi,3\n"
        "2026-03-02 09:00,X,Acme,Hi,4\n"
        "2026-03-02 09:00,Facebook,Acme,Hi,5\n"
        "2026-03-02 09:01,X,Acme,Hi,6\n"
    )
    found = read_text(tmp_path, text)
    assert picked(found.rows, "network", "reactions") == [("x", 3), ("x", 3), ("facebook", 5), ("x", 6)]
    assert len({row["post"] for row in found.rows}) == 2
    assert found.reasons == {
        4: "Row 2 is about the same with other figures, and only one of them can stand."
    }  # fmt: skip


def test_a_later_export_restates_the_same_posts(tmp_path: Path) -> None:
    def posts(likes: int) -> set[str]:
        row = f"2026-03-02 09:00,X,Acme,{{}},Photo,{likes}\n"
        text = f"Date,Network,Profile,Text,Type,Likes\n{row.format('Hi')}{row.format('')}"
        return {row["post"] for row in read_text(tmp_path, text).rows}

    assert posts(1) == posts(2)
    assert len(posts(1)) == 2


def test_profiles_that_share_a_name_are_told_apart_by_their_ids(tmp_path: Path) -> None:
    text = (
        "Date,Network,Profile,Profile URL,Followers\n"
        "2026-03-02,X,Parks,https://x.com/nycparks,3\n"
        "2026-03-02,X,Parks,https://x.com/parks2/,4\n"
        "2026-03-02,X,Parks,,6\n"
        "2026-03-02,Facebook,Parks,https://facebook.com/nycparks,5\n"
    )
    assert picked(read_text(tmp_path, text).rows, "network", "profile", "followers") == [
        ("x", "Parks (nycparks)", 3), ("x", "Parks (parks2)", 4), ("x", "Parks", 6), ("facebook", "Parks", 5),
    ]  # fmt: skip


def test_quotes_are_among_the_shares_where_a_file_counts_them_apart(tmp_path: Path) -> None:
    def shares(heading: str) -> list[tuple[object, ...]]:
        text = f"Date,Network,Profile,Text,{heading},Quote posts\n2026-03-02,X,Acme,Hi,5,2\n"
        return picked(read_text(tmp_path, text).rows, "shares", "quotes", "engagement")

    assert shares("Reposts") == [(7, 2, 7)]
    assert shares("Retweets") == [(7, 2, 7)]
    assert shares("Shares") == [(5, 2, 5)]


def test_a_network_comes_from_its_column_the_source_or_the_name_of_the_file(tmp_path: Path) -> None:
    text = "Date,Text,Likes\n2026-03-02,Hi,1\n"
    named = read_text(tmp_path, text, "linkedin posts 2026.csv", profile="Acme")
    assert picked(named.rows, "network") == [("linkedin",)]
    given = read_text(tmp_path, text, "linkedin posts 2026.csv", profile="Acme", network="X")
    assert picked(given.rows, "network") == [("x",)]
    with pytest.raises(Invalid, match="does not say its network"):
        read_text(tmp_path, text, profile="Acme")
    with pytest.raises(Invalid, match="does not say its profile"):
        read_text(tmp_path, text, network="X")
    with pytest.raises(Invalid, match="No column says when"):
        read_text(tmp_path, "Text,Likes,Type\nHi,1,Photo\n", **SAID)


def test_a_column_called_channel_is_a_network_or_a_profile_by_what_it_holds(tmp_path: Path) -> None:
    row = "2026-03-02,{},Hi,1"
    assert (
        targets(tmp_path, "Date,Channel,Text,Likes", row.format("YouTube"), "social.posts")["Channel"]
        == "network"
    )
    assert (
        targets(tmp_path, "Date,Channel,Text,Likes", row.format("Acme TV"), "social.posts")["Channel"]
        == "profile"
    )


def test_a_corrected_mapping_counts(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("When,Who,Where,Fans\n2026-03-02,Acme,Insta,12\n")
    uses = {"When": "day", "Who": "profile", "Where": "network", "Fans": "followers"}
    mapping = ColumnMapping("social.profile_days", tuple(Mapped(name, use) for name, use in uses.items()))
    found = read(TablesReader(), ImportFile(path, path.name), mapping)
    assert picked(found.rows, "day", "network", "profile", "followers") == [
        (date(2026, 3, 2), "instagram", "Acme", 12)
    ]
    with pytest.raises(Invalid, match=r"cannot be read into email\.events"):
        read(TablesReader(), ImportFile(path, path.name), ColumnMapping("email.events", ()))


def test_a_day_is_the_one_that_is_written_whatever_zone_stands_behind_its_time(tmp_path: Path) -> None:
    days = ("2026-03-05 23:30 -0500", "6 March 2026 23:30 -0500", "Mar 7, 2026 11:30 PM +01:00", "2026-03-08")
    rows = "".join(f'"{day}",facebook,Acme,{number}\n' for number, day in enumerate(days, start=1))
    found = read_text(tmp_path, f"Date,Network,Profile,Followers\n{rows}")
    assert found.rejects == []
    assert picked(found.rows, "day", "followers") == [
        (date(2026, 3, 5), 1), (date(2026, 3, 6), 2), (date(2026, 3, 7), 3), (date(2026, 3, 8), 4),
    ]  # fmt: skip


def test_a_mark_for_no_value_is_no_id_no_address_and_no_label(tmp_path: Path) -> None:
    header = "Date;Network;Profile;Post ID;Content;Permalink;Paid;Likes;Labels;Created by"
    rows = ("2026-03-02 09:30;X;Acme;-;One;-;n/a;1;-;-", "2026-03-02 09:30;X;Acme;nan;Two;n/a;-;2;n/a;Nan")
    found = read_text(tmp_path, "\n".join((header, *rows)))
    assert found.rejects == []
    one, two = found.rows
    assert one["post"] != two["post"]
    assert {one["url"], two["url"], one["author"]} == {""}
    assert one["labels"] == two["labels"] == []
    assert two["author"] == "Nan"
