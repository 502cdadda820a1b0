"""Numbers written as words beyond twelve, and the round ones: dozens, hundreds.

What the counts of a story need stands in ``countwords``; here a word need only be
known as a number, so that "fourteen" where "thirteen" stood is seen as a change.
"""

from __future__ import annotations

from alerts.stories.cyrillicwords import CYRILLIC
from alerts.stories.westernwords import WESTERN

_TEENS = (13, 14, 15, 16, 17, 18, 19, 20, 30, 40, 50, 60, 70, 80, 90, 100)

_BEYOND = {
    "en": "thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty"
    " forty fifty sixty seventy eighty ninety hundred",
    "de": "dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig"
    " dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert",
    "fr": "treize quatorze quinze seize dix-sept dix-huit dix-neuf vingt trente"
    " quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix cent",
    "it": "tredici quattordici quindici sedici diciassette diciotto diciannove venti"
    " trenta quaranta cinquanta sessanta settanta ottanta novanta cento",
    "es": "trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte"
    " treinta cuarenta cincuenta sesenta setenta ochenta noventa cien",
    "pl": "trzynaście/trzynastu czternaście/czternastu piętnaście/piętnastu"
    " szesnaście/szesnastu siedemnaście/siedemnastu osiemnaście/osiemnastu"
    " dziewiętnaście/dziewiętnastu dwadzieścia/dwudziestu trzydzieści/trzydziestu"
    " czterdzieści/czterdziestu pięćdziesiąt/pięćdziesięciu"
    " sześćdziesiąt/sześćdziesięciu siedemdziesiąt/siedemdziesięciu"
    " osiemdziesiąt/osiemdziesięciu dziewięćdziesiąt/dziewięćdziesięciu sto/stu",
    "ru": "тринадцать/тринадцати четырнадцать/четырнадцати пятнадцать/пятнадцати"
    " шестнадцать/шестнадцати семнадцать/семнадцати восемнадцать/восемнадцати"
    " девятнадцать/девятнадцати двадцать/двадцати тридцать/тридцати сорок/сорока"
    " пятьдесят/пятидесяти шестьдесят/шестидесяти семьдесят/семидесяти"
    " восемьдесят/восьмидесяти девяносто сто/ста",
    "uk": "тринадцять чотирнадцять п'ятнадцять шістнадцять сімнадцять вісімнадцять"
    " дев'ятнадцять двадцять тридцять сорок п'ятдесят шістдесят сімдесят вісімдесят"
    " дев'яносто сто/ста",
}

_ROUND = {
    "en": "dozen/dozens hundreds thousands tens half/halves quarter/quarters"
    " third/thirds double/doubled/twice triple/tripled/thrice",
    "de": "dutzend/dutzende hunderte/hunderten tausende/tausenden hälfte/halbe/halben"
    " viertel drittel doppelte/doppelt/verdoppelt dreifache/dreifach/verdreifacht"
    " zweite/zweiten/zweiter dritte/dritten/dritter vierte/vierten/vierter"
    " fünfte/fünften/fünfter sechste/sechsten achte/achten zehnte/zehnten/zehnter",
    "fr": "dizaine/dizaines douzaine/douzaines quinzaine vingtaine trentaine"
    " quarantaine cinquantaine soixantaine centaine/centaines millier/milliers"
    " moitié quart/quarts tiers double/doublé triple/triplé",
    "it": "decina/decine dozzina ventina trentina quarantina cinquantina"
    " centinaia/centinaio migliaia/migliaio metà/mezzo quarto/quarti terzo/terzi"
    " doppio/raddoppiato triplo/triplicato",
    "es": "decena/decenas docena/docenas veintena treintena"
    " centenar/centenares/cientos millar/millares/miles mitad cuarto/cuartos"
    " tercio/tercios doble triple",
    "pl": "kilka/kilku kilkanaście/kilkunastu kilkadziesiąt/kilkudziesięciu"
    " kilkaset/kilkuset setki/setek dziesiątki/dziesiątek tysiące/tysięcy"
    " połowa/połowę/połowy/pół ćwierć jedna-trzecia dwukrotnie/podwójnie trzykrotnie",
    "ru": "десяток/десятки/десятков/десятках сотня/сотни/сотен/сотнях"
    " половина/половину/половины четверть/четверти треть/трети вдвое втрое",
    "uk": "десяток/десятки/десятків сотня/сотні/сотень половина/половину/половини"
    " чверть/чверті третина/третини вдвічі втричі",
}
"""Dozens, fractions, multiples; forms of one word are one value."""


def _spelled(language: str) -> dict[str, str]:
    known = {**WESTERN, **CYRILLIC}[language]
    words = {
        word.casefold().replace("’", "'"): str(value)
        for word, value in known.numbers.items()
        if value > 1  # "one" is an article or a pronoun in half of these languages
    }
    words |= {word.casefold(): str(value) for word, value in known.scales.items()}
    for value, group in zip(_TEENS, _BEYOND[language].split(), strict=True):
        words |= dict.fromkeys(group.split("/"), str(value))
    for group in _ROUND[language].split():
        words |= dict.fromkeys(group.split("/"), group.partition("/")[0])
    return words


SPELLED = {language: _spelled(language) for language in _BEYOND}
"""Language to number word (lower case, straight apostrophe) to what it stands for."""
