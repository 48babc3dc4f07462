"""The words people head columns with and write into them, in English and French."""

from __future__ import annotations

from collections.abc import Mapping

from bilan.sdk import plain_words as plain
from bilan_email_campaigns.vocabulary import BounceClass, Kind, MessageChannel, RejectReason


def _index(groups: Mapping[str, str]) -> dict[str, str]:
    return {plain(word): meaning for meaning, line in groups.items() for word in line.split(", ")}


NUMBERED = (
    "campaign no, campaign nr, campaign number, campaign num, campaign code, campaign uid, campaign uuid, "
    "campaign ref, campaign reference, campaign identifier, mailing id, mailing no, "
    "newsletter id, broadcast id, "
    "numero de campagne, no de campagne, n de campagne, code campagne, reference de la campagne, "
    "kampagnen id, kampagnennummer, id de la campana, numero de campana"
)
"""Headings of columns that hold a campaign's id."""

EVENT_COLUMNS = _index({
    "occurred_at": "occurred at, time, timestamp, date, datetime, date time, event time, event date, "
    "event timestamp, when, created, created at, action time, horodatage, heure, date heure, "
    "date et heure, date de l evenement, ts, ts event, ts epoch",
    "kind": "kind, event, event type, type, action, activity, status, event name, evenement, "
    "type d evenement, activite, statut",
    "channel": "channel, canal, medium, message channel",
    "campaign": "campaign, campaign id, campaign key, campagne, id campagne, id de campagne, "
    "identifiant de campagne, camp id, mj campaign id, email campaign id, unique id, " + NUMBERED,
    "campaign_name": "campaign name, campaign title, title, nom de la campagne, nom de campagne, "
    "titre de la campagne, titre",
    "canvas": "canvas, canvas id, journey, journey id, automation, automation id, parcours, id parcours",
    "canvas_name": "canvas name, journey name, automation name, nom du parcours, nom du canvas",
    "variant": "variant, variant id, variation, variation id, message variation id, canvas variation id, "
    "variante",
    "variant_name": "variant name, variation name, message variation name, canvas variation name, "
    "nom de la variante",
    "step": "step, step id, canvas step, canvas step id, automation email id, etape",
    "step_name": "step name, canvas step name, nom de l etape",
    "subject": "subject, subject line, email subject, objet, sujet",
    "category": "category, campaign type, categorie, type de campagne",
    "audience": "list, list name, audience, liste, nom de la liste",
    "tags": "tags, tag, labels, etiquettes, etiquette, libelles",
    "recipient": "recipient, email, e mail, email address, e mail address, mail, to, rcpt to, contact, "
    "subscriber, recipient email, user id, external user id, member id, adresse email, adresse e mail, "
    "adresse mail, courriel, destinataire, abonne",
    "url": "url, link, link url, click url, clicked url, lien, lien clique",
    "button": "button, button id, bouton",
    "machine": "machine, machine open, is machine, bot, is bot, filtered event, sg machine open, "
    "is suspected bot click, proxy, robot",
    "bounce_class": "bounce class, bounce type, bounce category, type de rebond, classe de rebond",
    "reject_reason": "reject reason, drop reason, motif de rejet",
    "reason": "reason, description, response, mta response, bounce reason, smtp response, diagnostic, "
    "raison, motif, reponse",
    "user_agent": "user agent, useragent, browser, client, navigateur, agent utilisateur",
    "country": "country, country code, pays",
    "city": "city, ville",
    "test": "test, is test, test mode",
    "message_id": "message id, messageid, sg message id, smtp id, dispatch id, send id, id message, "
    "identifiant du message",
    "event_id": "event id, sg event id, fact id, event uuid, id evenement, identifiant de l evenement, "
    "id, uuid",
})  # fmt: skip

CAMPAIGN_COLUMNS = _index({
    "campaign": "campaign, campaign id, campaign key, id, key, campagne, id campagne, identifiant, "
    "identifiant de campagne, unique id, " + NUMBERED,
    "name": "name, campaign name, title, campaign title, nom, nom de la campagne, nom de campagne, titre",
    "channel": "channel, canal",
    "subject": "subject, subject line, objet, sujet",
    "audience": "list, list name, audience, liste",
    "category": "category, type, campaign type, categorie, type de campagne",
    "tags": "tags, tag, labels, etiquettes, etiquette, libelles",
    "sent_at": "sent at, send time, send date, sent, sent on, date sent, delivery date, started at, "
    "date d envoi, envoye le, date envoi",
    "created_at": "created at, created, create time, date created, cree le, date de creation",
    "canvas": "canvas, is canvas, journey, parcours",
    "archived": "archived, is archived, archive, archivee",
    "test": "test, is test",
})  # fmt: skip

TOTAL_COLUMNS = _index({
    "recipients": "recipients, total recipients, sent, sends, emails sent, total sent, total count, "
    "envoyes, destinataires, envois, nombre d envois, e mails envoyes, nombre de destinataires, "
    "audience size",
    "delivered": "delivered, successful deliveries, deliveries, total delivered, livres, delivres, "
    "distribues, livre",
    "bounces": "bounces, total bounces, bounced, rebonds, total des rebonds, retours",
    "hard_bounces": "hard bounces, hard bounce, hard, bounces hard, rebonds definitifs, rebonds durs, "
    "rebonds permanents",
    "soft_bounces": "soft bounces, soft bounce, soft, bounces soft, rebonds temporaires, rebonds souples, "
    "rebonds doux",
    "opens": "opens, total opens, opened, opens total, ouvertures, total des ouvertures, "
    "ouvertures totales, nombre d ouvertures",
    "unique_opens": "unique opens, opens unique, unique opened, unique openers, openers, "
    "ouvertures uniques, ouvreurs uniques, ouvreurs",
    "machine_opens": "machine opens, apple mpp opens, proxy opens, ouvertures machine",
    "clicks": "clicks, total clicks, clicked, clicks total, clics, total des clics, clics totaux, "
    "nombre de clics",
    "unique_clicks": "unique clicks, clicks unique, unique clickers, clickers, unique subscriber clicks, "
    "clics uniques, cliqueurs uniques, cliqueurs",
    "unsubscribes": "unsubscribes, unsubscribed, unsubs, total unsubscribes, opt outs, desabonnements, "
    "desinscriptions, desabonnes",
    "complaints": "complaints, abuse complaints, abuse reports, spam complaints, spam reports, spam, "
    "plaintes, plaintes spam, signalements spam",
    "forwards": "forwards, times forwarded, transferts, transmissions",
    "orders": "orders, total orders, order count, number of orders, orders placed, placed orders, "
    "placed order, purchases, total purchases, commandes, nombre de commandes, achats, bestellungen, pedidos",
    "conversions": "conversions, total conversions, primary conversions, conversions primary, "
    "converted, konversionen, conversiones",
    "revenue": "revenue, total revenue, revenues, campaign revenue, generated revenue, "
    "attributed revenue, total spent, total sales, gross sales, total gross sales, sales revenue, "
    "order value, placed order value, total order value, conversion value, turnover, "
    "chiffre d affaires, chiffre d affaires total, ca, ca genere, revenu, revenus, revenu total, "
    "recettes, umsatz, gesamtumsatz, ingresos, ingresos totales",
    "currency": "currency, currency code, revenue currency, devise, code devise, monnaie, wahrung, "
    "waehrung, moneda, divisa",
    "last_open": "last open, last opened, last opened at, derniere ouverture",
    "last_click": "last click, last clicked, last clicked at, dernier clic",
    "reported_at": "reported at, report date, date of report, date of the report, as of, date du rapport",
})  # fmt: skip

COUNTED = frozenset(TOTAL_COLUMNS.values()) - {
    "reported_at", "last_open", "last_click", "revenue", "currency",
}  # fmt: skip
"""The uses of columns that hold counts."""
REVENUE = "revenue"
FIGURES = COUNTED | {REVENUE}
"""The uses of columns that hold anything to be summed."""

KINDS = _index({
    Kind.QUEUED: "queued, processed, accepted, request, requests, requested, en file, traite, accepte",
    Kind.SENT: "sent, send, sends, envoye, envoi, envoyer, envoyee",
    Kind.DELIVERED: "delivered, delivery, deliver, livre, delivre, distribue, livraison, "
    "livraison confirmee",
    Kind.DEFERRED: "deferred, deferral, delayed, retry, differe, reporte",
    Kind.OPENED: "opened, open, opens, email opened, unique open, unique opened, ouvert, ouverture, "
    "ouvrir, ouverte",
    Kind.CLICKED: "clicked, click, clicks, email clicked, link clicked, clic, clics, clique, cliquer",
    Kind.BOUNCED: "bounced, bounce, hard bounce, soft bounce, hard bounced, soft bounced, hardbounce, "
    "softbounce, rebond, rebondi, retour",
    Kind.REJECTED: "rejected, reject, rejection, dropped, drop, blocked, rejete, rejet, bloque",
    Kind.FAILED: "failed, failure, fail, delivery failure, echec, echoue, echec de livraison",
    Kind.COMPLAINED: "complained, complaint, complaints, spam, spam report, spamreport, spam complaint, "
    "mark as spam, reported spam, abuse, plainte, spam signale, signale comme spam",
    Kind.UNSUBSCRIBED: "unsubscribed, unsubscribe, unsubscribes, unsub, opt out, opted out, "
    "group unsubscribe, desabonne, desabonner, desabonnement, desinscription, desinscrit",
    Kind.SUBSCRIBED: "subscribed, subscribe, resubscribed, group resubscribe, opt in, abonne, abonnement, "
    "inscription, inscrit",
    Kind.IMPRESSION: "impression, impressions, viewed, displayed, affichage",
    Kind.INFLUENCED_OPEN: "influenced open, influenced opens, ouverture influencee",
    Kind.BODY_CLICK: "body click, body clicks, clic corps, clic sur le corps",
    Kind.BUTTON1_CLICK: "button1 click, button 1 click, first button click, clic bouton 1, "
    "clic premier bouton",
    Kind.BUTTON2_CLICK: "button2 click, button 2 click, second button click, clic bouton 2, "
    "clic deuxieme bouton",
    Kind.CARRIER_SENT: "carrier sent, carrier send, sent to carrier, send to carrier, "
    "envoye a l operateur, envoyer au transporteur",
    Kind.ERROR: "error, errors, erreur",
    Kind.OTHER: "other, autre",
})  # fmt: skip

CHANNELS = _index({
    MessageChannel.EMAIL: "email, e mail, mail, courriel",
    MessageChannel.PUSH: "push, push notification, mobile push, ios push, android push, notification push",
    MessageChannel.WEB_PUSH: "web push, webpush, push web",
    MessageChannel.IN_APP: "in app, in app message, inapp, in app messages, iam, message in app",
    MessageChannel.WEBHOOK: "webhook, webhooks",
    MessageChannel.SMS: "sms, text, text message, texto",
})  # fmt: skip

BOUNCE_CLASSES = _index({
    BounceClass.HARD: "hard, hard bounce, hard bounced, hardbounce, permanent, unknown user, dur, "
    "definitif",
    BounceClass.SOFT: "soft, soft bounce, soft bounced, softbounce, temporary, transient, blocked, "
    "mailbox full, throttled, greylisting, temporaire, doux",
})  # fmt: skip

REJECT_REASONS = _index({reason: reason.value.replace("_", " ") for reason in RejectReason})
