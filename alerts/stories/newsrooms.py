"""Well-known newsrooms: whose they are and what others call them.

The config knows the sources that are watched; credits and attributions name many
that are not. A row whose site is a configured source's takes that source's owner.
Names are written as they stand in print; what would be a common word without its
article ("Times", "Zeit") keeps the article. An agency of a state is the state's voice.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Newsroom:
    """One owner's newsroom; ``state`` means that its government steers it."""

    owner: str
    country: str
    hosts: tuple[str, ...]
    names: tuple[str, ...]
    agency: bool = False
    state: bool = False


# owner | country | kind (a agency, s state, as both, - neither) | hosts | names
_ROWS = """
reuters|GB|a|reuters.com|Reuters;REUTERS;로이터;로이터통신;로이터 통신;Рейтер;ロイター;路透社;路透
associated-press|US|a|apnews.com ap.org|AP;Associated Press;The Associated Press;AP통신;AP 통신;AP通信;美联社;美聯社;Ассошиэйтед Пресс
afp|FR|a|afp.com|AFP;Agence France-Presse;Agence France Presse;AFP통신;AFP 통신;AFP通信;法新社;Франс Пресс
bloomberg|US|a|bloomberg.com|Bloomberg;Bloomberg News;블룸버그;블룸버그통신;블룸버그 통신;Блумберг;ブルームバーグ;彭博社;彭博
upi|US|a|upi.com|UPI
dpa|DE|a|dpa.com|dpa;DPA;dpa-AFX;dpa-infocom;Deutsche Presse-Agentur
apa|AT|a|apa.at|Austria Presse Agentur
epd|DE|a|epd.de|epd;Evangelischer Pressedienst
kna|DE|a|kna.de|KNA;Katholische Nachrichten-Agentur
ansa|IT|a|ansa.it|ANSA;Ansa
adnkronos|IT|a|adnkronos.com|Adnkronos;AdnKronos;ADNKRONOS
agi|IT|a|agi.it|AGI
lapresse-it|IT|a|lapresse.it|LaPresse
efe|ES|a|efe.com|EFE;Agencia EFE
europa-press|ES|a|europapress.es|Europa Press
pap|PL|a|pap.pl|PAP;Polska Agencja Prasowa
belga|BE|a|belga.be|Belga
anp|NL|a|anp.nl|ANP
keystone-sda|CH|a|keystone-sda.ch|Keystone-SDA;sda;SDA
yonhap|KR|a|yna.co.kr|Yonhap;Yonhap News Agency;Yonhap News;연합뉴스;연합뉴스TV;聯合ニュース;韩联社;韓聯社;Ренхап;Рёнхап;Йонхап;Ёнхап
newsis|KR|a|newsis.com|Newsis;뉴시스
news1|KR|a|news1.kr|News1;뉴스1
kyodo|JP|a|kyodonews.net kyodonews.jp|Kyodo;Kyodo News;共同通信;共同通信社;共同社;共同;교도통신;교도 통신;Киодо
jiji|JP|a|jiji.com|Jiji Press;時事通信;時事通信社;時事;时事社;지지통신
xinhua|CN|as|xinhuanet.com news.cn|Xinhua;XINHUA;Xinhua News Agency;신화통신;신화사;新華社;新华社;新華;新华;Синьхуа;Сіньхуа
global-times|CN|s|globaltimes.cn huanqiu.com|Global Times;环球时报;環球時報;환구시보
cctv|CN|s|cctv.com cgtn.com|CCTV;CGTN;央视;央視
peoples-daily|CN|s|people.com.cn people.cn|People's Daily;人民日报;人民日報;인민일보
cna-taiwan|TW|a|cna.com.tw focustaiwan.tw|中央社
dprk-government|KP|as|kcna.kp kcnawatch.org rodong.rep.kp uriminzokkiri.com|KCNA;Korean Central News Agency;Rodong Sinmun;조선중앙통신;조선중앙TV;조선중앙방송;노동신문;로동신문;朝鮮中央通信;朝鮮中央テレビ;労働新聞;朝中社;劳动新闻;朝中通社;朝鲜中央通讯社;朝鮮中央通訊社;ЦТАК;Нодон синмун
tass|RU|as|tass.com tass.ru itar-tass.com|TASS;ТАСС;타스통신;타스 통신;タス通信;塔斯社;Tass;ИТАР-ТАСС
rossiya-segodnya|RU|as|ria.ru sputniknews.com sputnikglobe.com ukraina.ru inosmi.ru|RIA;RIA Novosti;РИА Новости;РИА «Новости»;Sputnik;Спутник;리아노보스티;리아노보스티통신;RIAノーボスチ;俄新社;스푸트니크;Ria Novosti
rt|RU|s|rt.com|RT;Russia Today
russian-government|RU|s|rg.ru|Rossiyskaya Gazeta;Российская газета;Российской газете
vgtrk|RU|s|vesti.ru smotrim.ru|Rossiya 1;Россия 1;Россия 24;Вести
izvestia|RU|-|iz.ru|Izvestia;Известия;Известиям
interfax|RU|a|interfax.ru interfax.com|Interfax;INTERFAX;INTERFAX.RU;Интерфакс;Интерфаксу;Интерфакса;인테르팍스;インタファクス通信;国际文传电讯社
interfax-ukraine|UA|a|interfax.com.ua|Interfax-Ukraine;Интерфакс-Украина;Інтерфакс-Україна
ukrinform|UA|as|ukrinform.net ukrinform.ua|Ukrinform;Укринформ;Укрінформ;Укрінформу;УКРІНФОРМ
unian|UA|a|unian.ua unian.net unian.info|UNIAN;УНИАН;УНІАН
unn|UA|a|unn.ua|УНН
suspilne|UA|-|suspilne.media|Suspilne;Суспільне;Суспільного;Суспільному;Суспильне
belta|BY|as|belta.by|BelTA;БЕЛТА;БелТА
anadolu|TR|as|aa.com.tr|Anadolu;Anadolu Agency
irna|IR|as|irna.ir|IRNA
spa|SA|as|spa.gov.sa|Saudi Press Agency
kommersant|RU|-|kommersant.ru|Kommersant;Коммерсантъ;Коммерсант;Коммерсанту;Коммерсанта;Ъ
vedomosti|RU|-|vedomosti.ru|Vedomosti;Ведомости;Ведомостям
rbc|RU|-|rbc.ru|RBC;РБК
rbc-ukraine|UA|-|rbc.ua|RBC-Ukraine;РБК-Украина;РБК-Україна
meduza|LV|-|meduza.io|Meduza;Медуза;Медузе;Медузы
dragon-capital|UA|-|pravda.com.ua nv.ua|Ukrainska Pravda;Українська правда;Українська Правда;Українській правді;Украинская правда;Украинской правде
bbc|GB|-|bbc.co.uk bbc.com bbci.co.uk|BBC;Би-би-си;Бі-бі-сі;ВВС
guardian-media-group|GB|-|theguardian.com|The Guardian;Guardian
financial-times|GB|-|ft.com|Financial Times;The Financial Times;FT;파이낸셜타임스
times-uk|GB|-|thetimes.co.uk thetimes.com|The Times;Sunday Times
telegraph|GB|-|telegraph.co.uk|The Telegraph;Daily Telegraph;Telegraph
economist|GB|-|economist.com|The Economist;Economist
sky-news|GB|-|sky.com|Sky News
new-york-times|US|-|nytimes.com|New York Times;The New York Times;NYT;뉴욕타임스;Нью-Йорк Таймс;ニューヨーク・タイムズ;纽约时报;紐約時報
washington-post|US|-|washingtonpost.com|Washington Post;The Washington Post;WP;워싱턴포스트;华盛顿邮报;華盛頓郵報
dow-jones|US|-|wsj.com|Wall Street Journal;The Wall Street Journal;WSJ;월스트리트저널;华尔街日报;華爾街日報
cnn|US|-|cnn.com|CNN
fox-news|US|-|foxnews.com|Fox News
nbc|US|-|nbcnews.com|NBC News;NBC
cbs|US|-|cbsnews.com|CBS News;CBS
abc-us|US|-|abcnews.go.com|ABC News
axios|US|-|axios.com|Axios
usagm|US|-|rfa.org rferl.org voanews.com voakorea.com svoboda.org radiosvoboda.org|Radio Free Asia;RFA;자유아시아방송;RFE/RL;Radio Free Europe;Радио Свобода;Радіо Свобода;VOA;미국의소리
axel-springer|DE|-|bild.de welt.de politico.eu politico.com|Bild;BILD;Bild-Zeitung;Politico;POLITICO;Die Welt;Welt am Sonntag;폴리티코
spiegel|DE|-|spiegel.de|Spiegel;SPIEGEL;Der Spiegel;슈피겔;Шпигель
faz|DE|-|faz.net|FAZ;Frankfurter Allgemeine Zeitung;Frankfurter Allgemeine;Frankfurter Allgemeinen Zeitung
sueddeutsche|DE|-|sueddeutsche.de|Süddeutsche Zeitung;Süddeutschen Zeitung;SZ
handelsblatt|DE|-|handelsblatt.com|Handelsblatt
ard|DE|-|tagesschau.de|Tagesschau;ARD
deutsche-welle|DE|-|dw.com|Deutsche Welle;DW
groupe-le-monde|FR|-|lemonde.fr|Le Monde
figaro|FR|-|lefigaro.fr|Le Figaro;Figaro
franceinfo|FR|-|francetvinfo.fr franceinfo.fr|Franceinfo;franceinfo
bfm|FR|-|bfmtv.com|BFMTV;BFM TV
france-medias-monde|FR|-|france24.com rfi.fr|France 24;RFI
repubblica|IT|-|repubblica.it|La Repubblica;la Repubblica;Repubblica
corriere|IT|-|corriere.it|Corriere della Sera
la-stampa|IT|-|lastampa.it|La Stampa
el-pais|ES|-|elpais.com|El País
rzeczpospolita|PL|-|rp.pl|Rzeczpospolita
wyborcza|PL|-|wyborcza.pl|Gazeta Wyborcza
nhk|JP|-|nhk.or.jp|NHK
yomiuri|JP|-|yomiuri.co.jp|Yomiuri;Yomiuri Shimbun;読売新聞;요미우리신문;요미우리;读卖新闻
asahi|JP|-|asahi.com|Asahi Shimbun;朝日新聞;아사히신문
mainichi|JP|-|mainichi.jp|Mainichi Shimbun;毎日新聞;마이니치신문
sankei|JP|-|sankei.com|産経新聞;산케이신문
nikkei|JP|-|nikkei.com|Nikkei;Nikkei Asia;日本経済新聞;日経新聞;니혼게이자이신문
chosun|KR|-|chosun.com|Chosun Ilbo;조선일보;朝鮮日報
joongang|KR|-|joongang.co.kr joins.com|JoongAng Ilbo;중앙일보;JTBC;中央日報
donga|KR|-|donga.com|Dong-A Ilbo;동아일보;東亜日報
hankyoreh|KR|-|hani.co.kr|Hankyoreh;한겨레;ハンギョレ
kbs|KR|-|kbs.co.kr|KBS
daily-nk|KR|-|dailynk.com|Daily NK;데일리NK;デイリーNK
korea-risk-group|US|-|nknews.org|NK News;NK뉴스
al-jazeera|QA|s|aljazeera.com aljazeera.net|Al Jazeera;Al-Jazeera
scmp|HK|-|scmp.com|South China Morning Post
times-of-israel|IL|-|timesofisrael.com|Times of Israel
"""  # noqa: E501 - a table reads by its rows


def _newsroom(row: str) -> Newsroom:
    owner, country, kind, hosts, names = row.split("|")
    return Newsroom(
        owner=owner,
        country=country,
        hosts=tuple(hosts.split()),
        names=tuple(dict.fromkeys(names.split(";"))),
        agency="a" in kind,
        state="s" in kind,
    )


NEWSROOMS = tuple(_newsroom(row) for row in _ROWS.strip().splitlines())
