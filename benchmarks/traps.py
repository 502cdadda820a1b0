"""Sentences with words that hold or resemble a watched name and name nobody.

By language, one a line. Where a trap was found to be no trap (it did name somebody),
it was taken out; where it caught the matcher, the rule was mended, not the row.
"""

TRAPS = {
    "en": """North Macedonia votes on Sunday
The North Sea wind farm opens in March
K-pop band sells out a stadium in Lisbon
Mars rover finds clay; the march to Mars goes on
North Dakota and South Dakota share a storm
Kimchi and kimono fill the shop window
Bertrand Russell and John Ruskin were both read again
The Russell Group of universities objects
Jack Russell terrier wins best in show
A rusty bridge near Prussia Street is closed
The Prussian king liked the flute
Rok Petrovic, the Slovenian skier, is remembered
A unit of euros, a museum and a lieutenant
The eunuch's lament, an opera, returns
The NIS2 directive is explained to small firms
Soul and jazz at the lakeside festival
Put in more effort, the coach said
A china clay pit becomes a lake
Putting green reopens after the flood
She kept her costs down on the Costa Brava
Costa Coffee raises its prices
The Costa Concordia wreck was towed
A Ming vase and a Kimono by Kim Novak's tailor
Kim Kardashian opens a shop in Miami
Kim Clijsters plays an exhibition match
Kim Wilde tours again
Moon landing anniversary: the Moon at its best
A new moon rises; Moon Valley is full
Lee Child writes another thriller
Bruce Lee's films return to cinemas
The leeward islands brace for rain
Parks and gardens win prizes
Rosa Parks day is marked
Young parents want cheaper nurseries
Juneau glacier retreats, Alaska guides say
A chinaware maker closes; fine bone china sells poorly
Turkeys and geese are dearer this winter
Georgia Tech beats Clemson
The natural history museum sorts beetles
Alternator and senator rhyme
Iranun weavers of Borneo show cloth
Iris and Ivan run the marathon
Lavrova Street is a cafe in Riga
Rutter's carols fill the cathedral
Macaroni prices climb
Trumpet lessons are free this month
She trumped his ace
Bidenham village fete is on Saturday
A merzbau exhibition opens in Hanover
The hurricane hits Hurghada's kite school
Sudan and South Sudan resume talks
The tassel of a graduation cap
Kazakhstan exports more wheat
The summit of Mont Blanc is crowded
Arms and legs ache after the half-marathon
Gas troupe: a theatre troupe visits schools
The G7X camera is on sale again
ICBMS is a bakery's odd name
A k9 unit finds the lost child
K2 climbers turn back at camp four
Elk hunters saw an iskandar flag in Johor
Rodongo, a village in Kenya, gets a clinic""",
    "ko": """아시아태평양 기후 회의가 열렸다
태평양 참치 어획량이 줄었다
조선업 일자리가 늘었다
조선일보와 한겨레가 보도했다
조선 시대 백자가 공개됐다
인도네시아에서 지진이 났다
북마케도니아 총선이 치러졌다
북아일랜드 축구 대표팀
북유럽 가구 전시회가 개막했다
북아프리카의 가뭄이 길어진다
배우 김정은이 드라마에 출연한다
러닝화 판매가 늘었다
러시안블루 고양이를 분양합니다
러브스토리 뮤지컬이 다시 온다
북한산 국립공원 탐방로가 열렸다
북한강 자전거길 공사
경북 안동에서 축제가 열렸다
전북 현대가 이겼다
충북 청주에 비가 왔다
강북구 도서관이 문을 열었다
성북동 미술관 산책
전자북 단말기 신제품
노트북 할인 행사
페이스북 사용자가 줄었다
맥북 신형이 나왔다
중국집 아닌 분식집이 늘었다
트럼펫 연주회가 열린다
이란성 쌍둥이가 태어났다
마을이란 무엇인가를 묻다
유럽피언 스타일 정원
평양냉면 맛집을 찾아서
서울대공원 벚꽃 축제
나토리 시의 봄
나트륨 섭취를 줄이자
중국음식점 골목의 저녁
러그와 커튼을 새로 샀다
김치 냉장고 판매량
김여사 손맛 반찬가게
북콘서트에 작가가 왔다
남북극 탐험 이야기
독일 통일 기념 음악회
한일자로 다문 입
한미약품 주가가 올랐다
미러링 화면 공유 방법
주러 온 선물을 두고 갔다
수출입은행 채용 공고""",
    "ja": """東北新幹線が遅れた
北陸の雪が解けた
北海道のじゃがいもが豊作だ
北九州市の祭り
北米のサーモン漁
北欧家具の展示会
朝方は冷え込む見込み
朝食の時間が変わる
朝日が美しい海岸
プロシアの歴史を読む
ロシアンブルーの子猫
米朝師匠の落語会
桂米朝の名演
太平洋の台風が近づく
平和公園の桜
金正堂の和菓子
カラス対策のネット
コスタリカの鳥
コスタデルソルの夏
キムチ鍋の作り方
キムタク主演の映画
文在庫の棚卸し
李下に冠を正さず
李の木に花が咲いた
韓非子を読む会
中国地方の大雨
中国山地の紅葉""",
    "zh": """东北大米丰收
北极熊的数量减少
北海的银滩
俄亥俄州的农场
俄顷下起大雨
延边朝鲜族自治州的冷面
朝阳区的公园
太平洋的鲸鱼
金正大化肥厂停产
金字塔的秘密
文在先生的书房
李在家做饭
韩非子选读
韩愈的散文
北约克郡的羊毛
拉夫罗娃冰淇淋""",
    "ru": """В Северной Македонии прошли выборы
Северное сияние видели в Норвегии
Южная Осетинская улица в Праге закрыта
Путиновка не продаётся в Алма-Ате
Лососёвая путина на Аляске началась поздно
Лавровый лист подорожал
Лавровишня зацвела
Шойгунская долина ждёт туристов
Белоусовская ярмарка открылась
Кимоно вошли в моду
Кимберлитовая трубка в Ботсване
Юность и юнги
Москвичка играет на арфе? Нет, москвич — это сорт груш
Корейка подешевела
Корейковая нарезка и ветчина
Пакистан и Индия договорились
Ли выиграет Сербия, неизвестно
Сон и здоровье: советы врача
Хан Батый в опере
Украинка — сорт яблок
Китобойный музей открыли в Бергене
Японамама — ресторан в Тбилиси
Курсы валют на завтра
Курсовая работа студента
Сеульга — редкая фамилия
Трамплин в Закопане закрыли
Макронуклеус инфузории
Костанай принимает фестиваль
Медведь вышел к посёлку
Медведка ест картофель
Патрубок заменили""",
    "uk": """У Північній Македонії відбулися вибори
Лавровий лист подорожчав
Кошти на ремонт шкіл виділили
Кімната з видом на море
Кіматика досліджує звук
Москіти з'явилися в Греції
Корейка здешевшала
Курс валют на завтра
Путівник Португалією
Росінка на траві
Росомаха в зоопарку
Юнга і капітан
Ліки від застуди
Сеульга грає у футбол
Китова акула біля берега
Японець? Ні, клен японоподібний
Трампліни в Закопаному
Макрофінанси для студентів""",
    "pl": """Ten rok był dobry dla rolników
Rok szkolny zaczyna się jutro
W Macedonii Północnej odbyły się wybory
Rosa na trawie i rosomak w lesie
Kimono i judo dla dzieci
Ukryty skarb w Toruniu
Kostium na bal
Korek na autostradzie pod Łodzią
Koral i bursztyn na targach
Europejczycy kochają rowery
Kalosze na deszcz
Putto z barokowego kościoła
Szojki nie istnieją, ale sójki tak
Seulka, czyli nowa kawiarnia
Unia Leszno wygrała mecz
Niemcy i Czechy budują most""",
    "de": """Das alte Karussell dreht sich wieder
Nordrhein feiert, die Nordsee tobt
In Nordmazedonien wird gewählt
Nordkap und Nordpol im Vergleich
Südkurve protestiert gegen Preise
Der Südwesten bekommt Regen
Rüssel und Rüstung im Museum
Ein Rostocker Bäcker gewinnt
Kimono, Kimme und Korn
Die Kostas in der Taverne
Costa Rica schützt Papageien
Preußen Münster steigt auf
Die Europameisterschaft im Rudern
Neun Eulen im Zoo
Das Reh und die Eule
Trumpf ist Herz
Merzig baut einen Radweg
Der Kallasberg ist gesperrt
Moskitos plagen Urlauber
Chinakohl ist billiger
Japanknöterich breitet sich aus
Iranga, ein Dorf in Tansania
Putenfleisch wird teurer""",
    "fr": """La réunion a eu lieu hier
Le vote aura lieu lundi, au lieu de mardi
Un homme seul sur la route
La Macédoine du Nord vote
La mer du Nord est agitée
Le Nord et le Pas-de-Calais sous la pluie
Russell Crowe tourne à Nice
La rustine du vélo
Le coréopsis fleurit
Une ruse de renard
L'Ukulélé en fête
Le Chinon est bon cette année
Les Chinonais fêtent le vin
Une japonaiserie de 1880 aux enchères
Costa du Sol en crise
Les Kim et les Tom du lycée
Un poutre en bois ancien
La poutine québécoise se vend bien
Mosquée et cathédrale ouvertes
Le soul et le jazz
Lola et Irène courent
Le trumeau et le tramway""",
    "it": """La Macedonia del Nord al voto
Il mare del Nord in tempesta
Jannik Sinner a Torino
Una mosca nel piatto
Le mosche e le zanzare
Il russare disturba il sonno
Chi russa dorme male? Gli esperti rispondono
La costa ligure è piena
I costi salgono ancora
Uè, che caldo a Napoli
Corea di Huntington: una cura nuova
Il cinema riapre
La cinetica dei gas
Il kimono di seta
Ucronia e fantascienza
Il trampolino olimpico
Putino di marmo ritrovato
Merzario vince il rally""",
}
