"""What tables of social profiles head their columns with, in English, French, Spanish and German.

The words of a use stand in the order of their rank: where several columns
of a table fit it, that with the earlier word is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bilan.sdk import plain_words as plain
from bilan_social_profiles.vocabulary import COMMUNITY, POSTS, PROFILE_DAYS

Words = Mapping[str, tuple[str, int]]
"""A word's use and its rank."""
BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")

PROFILE = {
    "network": "network, social network, social media network, platform, social platform, service, "
    "channel type, "
    "reseau, reseau social, plateforme, red social, red, plataforma, netzwerk, soziales netzwerk, plattform, "
    "channel, canal, kanal, source",
    "profile": "profile, profile name, social profile, account, account name, page, page name, channel name, "
    "channel title, channel, username, user name, handle, screen name, agency, brand, organization, "
    "company page, profil, nom du profil, profil social, compte, nom du compte, nom de la page, chaine, "
    "nom de la chaine, nom d utilisateur, perfil, nombre del perfil, cuenta, nombre de la cuenta, pagina, "
    "nombre de la pagina, canal, usuario, profilname, konto, kontoname, seite, seitenname, kanal, "
    "benutzername",
    "profile_id": "profile id, account id, page id, channel id, user id, organization id, profile url, "
    "account url, page url, profile link, id du profil, identifiant du profil, url du profil, id du compte, "
    "id de la page, id del perfil, url del perfil, id de la cuenta, profil id, profil url, konto id, "
    "seiten id",
}  # fmt: skip
FIGURES = {
    "impressions": "impressions, total impressions, post impressions, lifetime post total impressions, "
    "impression count, impressions totales, nombre d impressions, total des impressions, affichages, "
    "impresiones, impresiones totales, total de impresiones, impressionen, impressionen gesamt, "
    "gesamtimpressionen, gesamte impressionen",
    "impressions_organic": "organic impressions, impressions organic, impressions organiques, "
    "impresiones organicas, organische impressionen",
    "impressions_paid": "paid impressions, impressions paid, impressions payantes, impressions payees, "
    "impressions sponsorisees, impresiones pagadas, impresiones de pago, bezahlte impressionen",
    "reach": "total reach, reach, post reach, people reached, accounts reached, lifetime post total reach, "
    "unique impressions, portee totale, portee, couverture, couverture totale, personnes touchees, "
    "comptes touches, alcance total, alcance, personas alcanzadas, cuentas alcanzadas, gesamtreichweite, "
    "reichweite gesamt, reichweite, erreichte personen, erreichte konten",
    "reach_organic": "organic reach, reach organic, portee organique, couverture organique, "
    "alcance organico, organische reichweite",
    "reach_paid": "paid reach, reach paid, portee payante, portee payee, portee sponsorisee, "
    "couverture payante, alcance pagado, alcance de pago, bezahlte reichweite",
    "engagement": "engagement, engagements, total engagement, total engagements, interactions, "
    "total interactions, post engagement, post engagements, engagement total, engagements totaux, "
    "interactions totales, total des interactions, interacciones, interacciones totales, "
    "total de interacciones, interaccion total, interaktionen, interaktionen gesamt, gesamtinteraktionen, "
    "engagement gesamt",
    "reactions": "reactions, total reactions, likes and reactions, reaction count, likes, like, "
    "like count, likes count, favorites, favourites, hearts, reactions totales, total des reactions, "
    "j aime, mentions j aime, nombre de j aime, reacciones, reacciones totales, me gusta, "
    "reaktionen, reaktionen gesamt, gefallt mir, gefallt mir angaben, gefallt mir klicks",
    "comments": "comments, comment, total comments, comment count, comments count, replies, reply count, "
    "commentaires, commentaire, total des commentaires, nombre de commentaires, reponses, comentarios, "
    "respuestas, kommentare, kommentar, antworten",
    "shares": "shares, share, total shares, share count, reposts, repost count, retweets, reshares, repins, "
    "boosts, partages, partage, total des partages, nombre de partages, republications, compartidos, "
    "veces compartido, compartir, republicaciones, retuits, geteilt, geteilte inhalte, geteilte beitrage, "
    "teilungen, weitergeleitet",
    "saves": "saves, saved, save count, bookmarks, added to a playlist, added to playlist, "
    "videos added to playlists, enregistrements, enregistre, sauvegardes, signets, ajoute a une playlist, "
    "ajouts a une playlist, guardados, veces guardado, anadido a una lista, gespeichert, speicherungen, "
    "lesezeichen, zu einer playlist hinzugefugt",
    "clicks": "clicks, total clicks, post clicks, all clicks, click count, lifetime post consumptions, "
    "clics, "
    "clics totaux, total des clics, nombre de clics, clics totales, total de clics, klicks, klicks gesamt, "
    "gesamtklicks",
}  # fmt: skip
POST_WORDS = {
    "published_at": "published at, published, publish date, publish time, published date, date published, "
    "publication date, date posted, posted at, posted, post date, post time, post created, sent at, sent, "
    "date and time, date time, datetime, date, created at, created, created time, creation date, "
    "timestamp, time published, date de publication, publie le, publiee le, date et heure, "
    "date et heure de publication, date publication, date de creation, cree le, horodatage, "
    "fecha de publicacion, publicado el, publicado, fecha y hora, fecha, fecha de creacion, "
    "veroffentlichungsdatum, veroffentlicht am, veroffentlicht, datum und uhrzeit, gepostet am, datum, "
    "zeitpunkt, erstellt am",
    **PROFILE,
    "post": "post id, message id, media id, video id, tweet id, content id, external id, native id, "
    "object id, "
    "id, identifiant de la publication, id de la publication, id du post, identifiant, id de publicacion, "
    "id de la publicacion, id del post, beitrags id, post nummer",
    "kind": "post type, content type, media type, message type, type, kind, format, type de publication, "
    "type de contenu, type de post, type de media, tipo de publicacion, tipo de contenido, tipo, formato, "
    "beitragstyp, beitragsart, inhaltstyp, medientyp, typ, art",
    "text": "text, content, message, caption, post text, post message, post content, copy, tweet text, body, "
    "description, post, title, texte, contenu, legende, texte de la publication, publication, titre, texto, "
    "contenido, mensaje, leyenda, descripcion, publicacion, titulo, inhalt, nachricht, beitragstext, "
    "bildunterschrift, beitrag, beschreibung, titel",
    "url": "permalink, url, link, post url, post link, permanent link, content link, lien, "
    "lien de la publication, url de la publication, lien permanent, adresse, enlace, enlace permanente, "
    "url de la publicacion, enlace de la publicacion, beitrags url, beitragslink, link zum beitrag",
    **FIGURES,
    "video_views": "total video views, video views, video view, views, view count, video plays, plays, "
    "vues totales de la video, vues de la video, vues video, vues de video, vues, lectures, "
    "reproducciones de video, reproducciones, visualizaciones, vistas, videoaufrufe, video aufrufe, "
    "aufrufe, wiedergaben, ansichten",
    "video_views_organic": "organic video views, vues de video organiques, vues organiques, "
    "reproducciones organicas, organische videoaufrufe",
    "video_views_paid": "paid video views, vues de video payantes, vues payantes, reproducciones pagadas, "
    "bezahlte videoaufrufe",
    "link_clicks": "link clicks, url clicks, clicks on link, clics sur le lien, clics sur les liens, "
    "clics sur lien, clics de lien, clics en el enlace, clics en enlaces, linkklicks, link klicks, "
    "klicks auf den link",
    "quotes": "quote posts, quotes, quote tweets, quote count, posts cites, citations, citas, "
    "publicaciones citadas, zitate, zitierte beitrage",
    "engaged_users": "engaged users, people engaged, lifetime engaged users, utilisateurs engages, "
    "personnes engagees, usuarios comprometidos, interagierende nutzer",
    "followers_gained": "subscribers gained, followers gained, follows from post, new followers, "
    "abonnes gagnes, suscriptores ganados, seguidores ganados, gewonnene abonnenten",
    "followers_when_posted": "page total likes, followers when posted, followers at post",
    "labels": "labels, label, tags, tag, categories, category, libelles, libelle, etiquettes, etiquette, "
    "categorie, etiquetas, etiqueta, categoria, label name, schlagworter, etiketten, kategorie",
    "author": "author, created by, published by, posted by, creator, publisher, team member, auteur, "
    "cree par, "
    "publie par, autor, creado por, publicado por, erstellt von, veroffentlicht von, verfasser",
    "hashtags": "hashtags, hashtag, mots diese, mot diese",
    "picture": "picture, picture file, image file, image, photo file, image de la publication, imagen, bild",
    "paid": "paid, is paid, promoted, boosted, sponsored, boosted post, sponsorise, promu, boostee, "
    "promocionado, patrocinado, pagado, beworben, gesponsert, bezahlt",
    "watch_seconds": "watch time seconds, watch time s, total watch time seconds",
    "posted_month": "post month, month, mois, mes, monat",
    "posted_weekday": "post weekday, weekday, day of week, jour de la semaine, dia de la semana, wochentag",
    "posted_hour": "post hour, hour, heure, hora, stunde",
}  # fmt: skip
DAY_WORDS = {
    "day": "day, date, date sampled, sample date, sampled at, reporting date, stat date, jour, "
    "date du releve, dia, fecha, tag, datum",
    **PROFILE,
    "followers": "followers, total followers, follower count, followers count, fans, total fans, page fans, "
    "page likes, page total likes, subscribers, subscriber count, total subscribers, audience, "
    "likes followers visits downloads, abonnes, nombre d abonnes, total des abonnes, abonnes totaux, "
    "seguidores, total de seguidores, seguidores totales, suscriptores, follower, follower gesamt, "
    "anzahl follower, abonnenten",
    "followers_gained": "followers gained, new followers, gained followers, fans gained, new fans, "
    "page fan adds, subscribers gained, new subscribers, follows, abonnes gagnes, nouveaux abonnes, "
    "seguidores ganados, nuevos seguidores, suscriptores ganados, gewonnene follower, neue follower, "
    "neue abonnenten",
    "followers_lost": "followers lost, lost followers, fans lost, lost fans, page fan removes, unfollows, "
    "unfollowers, subscribers lost, abonnes perdus, desabonnements, seguidores perdidos, "
    "suscriptores perdidos, verlorene follower, verlorene abonnenten",
    **FIGURES,
    "views": "video views, views, total video views, video plays, vues de video, vues video, vues, "
    "reproducciones, visualizaciones, videoaufrufe, aufrufe",
    "profile_visits": "profile visits, profile views, page views, page visits, visites du profil, "
    "visites de la page, vues du profil, vues de la page, visitas al perfil, visitas de la pagina, "
    "profilbesuche, profilaufrufe, seitenaufrufe",
    "posts_published": "posts published, published posts, posts, number of posts, publications, "
    "publications publiees, nombre de publications, publicaciones, publicaciones publicadas, beitrage, "
    "veroffentlichte beitrage",
}  # fmt: skip
ITEM_WORDS = {
    "received_at": "received at, received, date received, received on, created at, date, date and time, "
    "timestamp, recu le, date de reception, date et heure, fecha de recepcion, recibido el, fecha, "
    "empfangen am, eingegangen am, datum",
    **PROFILE,
    "item": "item id, message id, comment id, review id, id, identifiant, id del mensaje, nachrichten id",
    "kind": "item type, message type, type, kind, type d element, tipo, typ, art",
    "author": "author, from, sender, user, username, user name, customer, auteur, expediteur, utilisateur, "
    "client, autor, remitente, usuario, verfasser, absender, nutzer",
    "text": "text, message, comment, content, review, body, texte, commentaire, contenu, avis, texto, "
    "mensaje, comentario, contenido, nachricht, kommentar, inhalt",
    "replied_at": "replied at, reply date, replied on, first reply at, first response at, repondu le, "
    "date de reponse, respondido el, fecha de respuesta, beantwortet am, antwortdatum",
    "reviewed_at": "reviewed at, reviewed on, review date, traite le, date de traitement, revisado el, "
    "gepruft am, bearbeitet am",
    "hidden": "hidden, is hidden, masque, oculto, ausgeblendet, verborgen",
    "rating": "rating, stars, score, note, etoiles, puntuacion, estrellas, bewertung, sterne",
    "response_seconds": "response time seconds, response time s, response seconds",
    "post": "post id, parent id, in reply to, id de la publication, id de publicacion, beitrags id",
    "url": "permalink, url, link, lien, enlace",
    "labels": "labels, label, tags, tag, libelles, etiquettes, etiquetas, schlagworter",
}  # fmt: skip

TIMES_OF_DAY = frozenset(plain(word) for word in (
    "time", "time of day", "post time", "publish time", "hour", "heure", "heure de publication", "hora",
    "hora de publicacion", "uhrzeit", "zeit",
))  # fmt: skip
"""Headings of a column that holds the time to the date in another one."""
ZONES = frozenset(plain(word) for word in (
    "time zone", "timezone", "zone", "tz", "fuseau horaire", "zona horaria", "zeitzone",
))  # fmt: skip
"""Headings of a column that holds the zone of a date in another one."""
REPOSTS = frozenset(plain(word) for word in (
    "reposts", "repost count", "retweets", "republications", "republicaciones", "retuits", "boosts",
))  # fmt: skip
"""Headings under which shares do not hold the quotes that stand beside them."""


def _words(uses: Mapping[str, str]) -> dict[str, list[tuple[str, int]]]:
    found = dict[str, list[tuple[str, int]]]()
    for target, written in uses.items():
        for rank, word in enumerate(written.split(", ")):
            found.setdefault(plain(word), []).append((target, rank))
    return found


WORDS = {POSTS: _words(POST_WORDS), PROFILE_DAYS: _words(DAY_WORDS), COMMUNITY: _words(ITEM_WORDS)}
"""The uses that a heading may have in each dataset, with the rank of each."""


def uses_of(heading: str, dataset: str) -> list[tuple[str, int]]:
    """What a heading may stand for, with and without what it adds in brackets; each with its rank."""
    words = WORDS[dataset]
    bare = BRACKETS.sub(" ", heading)
    # What is in per cent is a rate, whatever its heading says beside that.
    return [] if "%" in heading else words.get(plain(heading)) or words.get(plain(bare)) or []
