"""The words dates are written with: month names, zone letters, halves of the day."""

from __future__ import annotations

# One string per language, twelve months separated by spaces, spellings by "|".
# All are case-folded. Lists are exact words, never prefixes: a listing's "12 Markets
# 2024" must not become March.
# Languages in this order: en de fr it es pt pl cs nl, Nordic, fi hu ro ru uk be bg el.
_NAMES = (
    """
    jan|january feb|february mar|march apr|april may jun|june jul|july aug|august
    sep|sept|september oct|october nov|november dec|december
    """,
    """
    jan|jän|jänner|januar feb|feber|februar mär|mrz|märz apr|april mai jun|juni
    jul|juli aug|august sep|sept|september okt|oktober nov|november dez|dezember
    """,
    """
    janv|janvier févr|fév|fevr|février|fevrier mars avr|avril mai juin juil|juillet
    août|aout sept|septembre oct|octobre nov|novembre déc|decembre|décembre
    """,
    """
    gen|genn|gennaio feb|febb|febbraio mar|marzo apr|aprile mag|magg|maggio giu|giugno
    lug|luglio ago|agosto set|sett|settembre ott|ottobre nov|novembre dic|dicembre
    """,
    """
    ene|enero feb|febrero mar|marzo abr|abril may|mayo jun|junio jul|julio ago|agosto
    sep|sept|set|septiembre|setiembre oct|octubre nov|noviembre dic|diciembre
    """,
    """
    jan|janeiro fev|fevereiro mar|março abr|abril mai|maio jun|junho jul|julho
    ago|agosto set|setembro out|outubro nov|novembro dez|dezembro
    """,
    """
    sty|stycznia|styczeń lut|lutego|luty mar|marca|marzec kwi|kwietnia|kwiecień
    maj|maja cze|czerwca|czerwiec lip|lipca|lipiec sie|sierpnia|sierpień
    wrz|września|wrzesień paź|października|październik lis|listopada|listopad
    gru|grudnia|grudzień
    """,
    """
    led|ledna|leden úno|února|únor bře|března|březen dub|dubna|duben kvě|května|květen
    čvn|června|červen čvc|července|červenec srp|srpna|srpen zář|září říj|října|říjen
    lis|listopadu|listopad pro|prosince|prosinec
    """,
    """
    jan|januari feb|februari mrt|maart apr|april mei jun|juni jul|juli aug|augustus
    sep|sept|september okt|oktober nov|november dec|december
    """,
    """
    jan|januari|januar feb|februari|februar mar|mars|marts apr|april maj|mai
    jun|juni jul|juli aug|augusti|august sep|sept|september okt|oktober
    nov|november dec|des|desember|december
    """,
    """
    tammikuuta|tammikuu helmikuuta|helmikuu maaliskuuta|maaliskuu huhtikuuta|huhtikuu
    toukokuuta|toukokuu kesäkuuta|kesäkuu heinäkuuta|heinäkuu elokuuta|elokuu
    syyskuuta|syyskuu lokakuuta|lokakuu marraskuuta|marraskuu joulukuuta|joulukuu
    """,
    """
    jan|január febr|február márc|március ápr|április máj|május jún|június júl|július
    aug|augusztus szept|szeptember okt|október nov|november dec|december
    """,
    """
    ian|ianuarie feb|februarie mar|martie apr|aprilie mai iun|iunie iul|iulie
    aug|august sept|septembrie oct|octombrie nov|noiembrie dec|decembrie
    """,
    """
    янв|января|январь фев|февр|февраля|февраль мар|марта|март апр|апреля|апрель
    май|мая июн|июня|июнь июл|июля|июль авг|августа|август сен|сент|сентября|сентябрь
    окт|октября|октябрь ноя|нояб|ноября|ноябрь дек|декабря|декабрь
    """,
    """
    січ|січня|січень лют|лютого|лютий бер|берез|березня|березень
    кві|квіт|квітня|квітень тра|трав|травня|травень чер|черв|червня|червень
    лип|липня|липень сер|серп|серпня|серпень вер|вересня|вересень жов|жовтня|жовтень
    лис|лист|листопада|листопад гру|груд|грудня|грудень
    """,
    """
    студзеня|студзень лютага|люты сакавіка|сакавік красавіка|красавік траўня|травень
    чэрвеня|чэрвень ліпеня|ліпень жніўня|жнівень верасня|верасень
    кастрычніка|кастрычнік лістапада|лістапад снежня|снежань
    """,
    """
    януари февруари март април май юни юли август септември октомври ноември декември
    """,
    """
    ιαν|ιανουαρίου|ιανουάριος φεβ|φεβρουαρίου|φεβρουάριος μαρ|μαρτίου|μάρτιος
    απρ|απριλίου|απρίλιος μαΐ|μαϊ|μαΐου|μαΐος|μάιος ιουν|ιουνίου|ιούνιος
    ιουλ|ιουλίου|ιούλιος αυγ|αυγούστου|αύγουστος σεπ|σεπτ|σεπτεμβρίου|σεπτέμβριος
    οκτ|οκτωβρίου|οκτώβριος νοε|νοεμβρίου|νοέμβριος δεκ|δεκεμβρίου|δεκέμβριος
    """,
)

MONTHS: dict[str, int] = {
    spelling.casefold(): month
    for names in _NAMES
    for month, spellings in enumerate(names.split(), start=1)
    for spelling in spellings.split("|")
}
"""Month number of a case-folded name or abbreviation, without its full stop."""

ZONES: dict[str, int] = {
    name: int(hours * 60)
    for hours, names in {
        0: "ut utc gmt z wet",
        1: "cet met mez west bst",
        2: "cest mest mesz eet sast cat",
        3: "msk мск eest fet trt eat idt",
        3.5: "irst",
        4: "msd gst get samt",
        4.5: "aft",
        5: "yekt pkt uzt",
        5.5: "ist",
        6: "omst",
        7: "krat novt ict wib",
        8: "irkt sgt hkt cst8 wita awst pht",
        9: "kst jst yakt wit",
        10: "vlat aest",
        11: "magt sakt aedt",
        12: "pett nzst",
        13: "nzdt",
        -3: "brt art adt",
        -4: "edt ast",
        -5: "est cdt",
        -6: "cst mdt",
        -7: "mst pdt",
        -8: "pst akdt",
        -9: "akst",
        -10: "hst",
    }.items()
    for name in names.split()
}
"""Minutes east of Greenwich of a zone's letters, case-folded.

RFC 822 section 5.1 for the American ones. ``ist`` is read as India, ``bst`` as
British summer; ``cst`` is China's only for a source of that zone.
"""

HALF_DAYS: dict[str, int] = {
    "a.m.": 0,
    "p.m.": 12,
    "a.m": 0,
    "p.m": 12,
    "am": 0,
    "pm": 12,
    "오전": 0,
    "오후": 12,
    "午前": 0,
    "午後": 12,
    "上午": 0,
    "下午": 12,
}
"""Hours to add to a 12-hour clock time beside the word."""
