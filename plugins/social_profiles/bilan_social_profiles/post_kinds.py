"""Types of posts, from what networks and tools call them."""

from __future__ import annotations

from collections.abc import Mapping

from bilan_social_profiles.network_names import plain
from bilan_social_profiles.vocabulary import PostKind as K

SPELLINGS: Mapping[K, str] = {
    K.PHOTO: "photo, photos, image, images, picture, pictures, pic, added photos, static image, "
    "single image, foto, fotos, imagen, imagenes, bild, bilder, pin",
    K.VIDEO: "video, videos, added video, native video, video inline, short film, igtv, film, video post",
    K.REEL: "reel, reels, short, shorts, clip, clips, youtube short, youtube shorts, clips video",
    K.ALBUM: "album, albums, carousel, carousels, carousel album, multi image, multi photo, multiple images, "
    "gallery, slideshow, carrousel, carrusel, karussell",
    K.LINK: "link, links, article, shared link, url, lien, enlace, link post, native templates",
    K.TEXT: "text, status, texte, texto, text only, mobile status update, wall post, tweet, note, update, "
    "statut, estado, textbeitrag",
    K.STORY: "story, stories, historia, historias",
    K.LIVE: "live, live video, broadcast, live stream, direct, en directo, en direct",
    K.POLL: "poll, polls, sondage, encuesta, umfrage",
    K.DOCUMENT: "document, documents, pdf, native document, documento, dokument",
    K.SHARE: "share, repost, retweet, reshare, shared post, shared story, quote, quote tweet, quote post, "
    "partage, boost",
}  # fmt: skip
"""What they are called, without case, accents and marks."""
WORDS: Mapping[str, K] = {
    plain(word): kind for kind, words in SPELLINGS.items() for word in words.split(", ")
}


def read_post_kind(written: str) -> str:
    """The word for a type of post that facts carry; one that nobody knows as it is, in lower case."""
    known = WORDS.get(plain(written))
    return known.value if known else " ".join(written.casefold().split())
