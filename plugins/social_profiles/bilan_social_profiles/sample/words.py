"""What the simulated brands speak of, and what people write to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """A theme of posts: the label of its team, how well it is liked, and its texts."""

    label: str
    liked: float
    texts: tuple[str, ...]


THEMES: Mapping[str, tuple[Theme, ...]] = {
    "maisonombelle": (
        Theme("Nouveautés", 1.3, (
            "La nouvelle collection de linge de lit est là ✨ Lin lavé, six teintes douces. #nouveauté #lin",
            "Notre fauteuil Alba revient en vert sauge. Plutôt sauge ou sable ? #décoration #nouveauté",
            "Une lampe, trois lumières : découvrez Lueur, à partir de jeudi. #lumière #nouveauté",
        )),
        Theme("Conseils", 1.0, (
            "Cinq idées pour agrandir une petite pièce avec la lumière. #décoration #astuce",
            "Comment entretenir un plan de travail en bois ? Notre guide en trois gestes. #astuce #bois",
            "Bien choisir son tapis : la règle des 30 centimètres. #astuce #salon",
        )),
        Theme("Coulisses", 1.1, (
            "Dans l’atelier, Inès termine les derniers prototypes de l’hiver. #coulisses #faitmain",
            "Rencontre avec notre ébéniste : quarante ans de métier, le même rabot. #coulisses #bois",
        )),
        Theme("Offres", 0.8, (
            "Ce week-end seulement : livraison offerte dès 60 €. #offre",
            "Dernières pièces de la collection d’été, jusqu’à −30 %. #offre #décoration",
        )),
        Theme("International", 0.7, (
            "We ship to twelve countries now. Where shall we go next? #interiors #homedecor",
        )),
    ),
    "tidewelltea": (
        Theme("Products", 1.2, (
            "First flush is in: bright, floral, and gone by May. #tea #firstflush",
            "Meet Harbour Smoke, our winter blend. Bonfire in a cup. #tea #winterblend",
            "Our cold brew bags are back. Twelve hours, no effort. #coldbrew #tea",
        )),
        Theme("How to", 1.1, (
            "Three minutes or five? How time changes your cup. #teatips #tea",
            "Green tea turns bitter when the water is too hot. Here is what to do. #teatips #greentea",
        )),
        Theme("People", 1.0, (
            "Asha has tasted forty teas before lunch. Ask her anything. #behindthescenes",
            "Our growers in Nuwara Eliya started plucking this morning. #behindthescenes #tea",
        )),
        Theme("Sustainability", 0.9, (
            "Our pouches are compostable at home, at last. Here is how we tested them. #sustainability",
            "We publish every price we pay to growers. #fairtrade #sustainability",
        )),
        Theme("France", 0.7, (
            "Nos thés arrivent à Lyon et à Nantes. Venez goûter ! #thé #dégustation",
        )),
    ),
}  # fmt: skip
COMMENTS: Mapping[str, tuple[str, ...]] = {
    "fr": (
        "Magnifique, où puis-je le trouver ?", "Livré en deux jours, merci !", "Est-ce lavable en machine ?",
        "J’adore la couleur.", "Ma commande n’est pas arrivée, pouvez-vous regarder ?",
        "Quand revient-il en stock ?", "Très bon accueil en boutique.",
    ),
    "en": (
        "Best tea I had this year.", "Do you ship to Ireland?", "My parcel arrived open, can you help?",
        "Is this one caffeine free?", "The new blend is lovely!", "When will it be back?",
        "Great shop, kind people.",
    ),
}  # fmt: skip
NAMES = (
    "Léa M.", "Tom K.", "Sara R.", "Noah O.", "Inès C.", "Bilal H.", "Greta E.", "Hugo F.", "Ana G.",
    "Elena B.",
)  # fmt: skip
"""Those who post are the first four."""
