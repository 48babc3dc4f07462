"""What tables call the rows that sum up the others, in the languages that tables come in."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

WORDS = """
    total, totals, grand total, sub total, subtotal, overall, sum, sums, average, averages, avg, mean,
    median, maximum, minimum, max, min, total average, all campaigns, summary,
    totaux, total général, sous-total, somme, moyenne, moyenne générale, médiane, ensemble,
    toutes les campagnes,
    gesamt, gesamtsumme, summe, zwischensumme, durchschnitt, mittelwert, insgesamt,
    suma, total general, promedio, media, mediana, totales, soma, total geral, totais, médias, subtotais,
    totale, totali, totale generale, subtotale, somma, riepilogo,
    totaal, totalen, eindtotaal, subtotaal, som, gemiddelde, gemiddeld,
    totalt, summa, delsumma, genomsnitt, medelvärde, i alt, gennemsnit, gjennomsnitt, yhteensä, keskiarvo,
    razem, ogółem, łącznie, średnia, celkem, součet, průměr, összesen, átlag, toplam, genel toplam, ortalama,
    итого, всего, сумма, среднее, разом, усього, σύνολο, 合計, 総計, 小計, 平均, 合计, 总计, 小计, 평균, 합계
"""
BRACKETS = re.compile(r"\(.*\)|\[.*\]")


@lru_cache(maxsize=10_000)
def plain_words(words: str) -> str:
    """Words without case, accents, punctuation and doubled spaces, by which headings are compared."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", words) if not unicodedata.combining(c))
    bare = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", bare)
    return " ".join(re.sub(r"[\W_]+", " ", bare.casefold()).split())


SUM_WORDS = frozenset(plain_words(word) for word in WORDS.split(","))
"""These words, as ``plain_words`` gives them."""


def is_sum_word(written: str) -> bool:
    """Whether a text is what tables call their sums and means, whatever is added in brackets."""
    return plain_words(BRACKETS.sub(" ", written)) in SUM_WORDS
