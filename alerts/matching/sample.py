"""Ordinary sentences, twenty a language, to tell which spellings are too common.

About weather, trade, schools, sport and the like, by ourselves; a desk's topics should
hardly ever be in them.
"""

from __future__ import annotations

SAMPLE = {
    "en": """The council will repair the old bridge before winter.
Rain is expected in the north on Monday, with sun later in the week.
A new school opened its doors to two hundred pupils.
Bread and milk cost more than a year ago, shops say.
The team won the final after extra time.
Doctors advise people to walk for half an hour a day.
She wrote her first novel when she was still a student.
The train was late because of snow on the line.
Farmers hope that the harvest will be better this year.
The museum shows paintings that were never seen in public.
Two lorries collided on the motorway; nobody was hurt.
The bank lowered its rate for the third time.
Volunteers planted trees along the river.
A film about bees won the main prize.
The mayor said that the park would stay open at night.
Pensioners asked for cheaper tickets on buses.
The factory will hire sixty people in spring.
Scientists found a new kind of beetle in the forest.
The court will hear the case in June.
He has been a baker for forty years and still gets up at three.""",
    "de": """Die Brücke wird noch vor dem Winter erneuert.
Am Montag regnet es im Norden, später scheint die Sonne.
Eine neue Schule hat zweihundert Kinder aufgenommen.
Brot und Milch kosten mehr als vor einem Jahr.
Die Mannschaft gewann das Endspiel nach Verlängerung.
Ärzte raten zu einer halben Stunde Bewegung am Tag.
Sie schrieb ihren ersten Roman noch im Studium.
Der Zug kam wegen Schnee auf der Strecke zu spät.
Die Bauern hoffen auf eine bessere Ernte.
Das Museum zeigt Bilder, die nie öffentlich zu sehen waren.
Zwei Lastwagen stießen zusammen; niemand wurde verletzt.
Die Bank senkte den Zins zum dritten Mal.
Freiwillige pflanzten Bäume am Fluss.
Ein Film über Bienen bekam den Hauptpreis.
Der Park bleibt nachts offen, sagte die Bürgermeisterin.
Rentner fordern billigere Fahrkarten.
Die Fabrik stellt im Frühjahr sechzig Leute ein.
Forscher fanden im Wald eine neue Käferart.
Das Gericht verhandelt den Fall im Juni.
Er ist seit vierzig Jahren Bäcker und steht um drei auf.""",
    "fr": """Le pont sera réparé avant l'hiver.
Il pleuvra lundi dans le nord, puis le soleil reviendra.
Une nouvelle école a accueilli deux cents élèves.
Le pain et le lait coûtent plus cher que l'an dernier.
L'équipe a gagné la finale après prolongation.
Les médecins conseillent de marcher une demi-heure par jour.
Elle a écrit son premier roman pendant ses études.
Le train était en retard à cause de la neige.
Les agriculteurs espèrent une meilleure récolte.
Le musée montre des tableaux jamais vus du public.
Deux camions se sont heurtés, sans faire de blessés.
La banque a baissé son taux pour la troisième fois.
Des bénévoles ont planté des arbres le long de la rivière.
Un film sur les abeilles a reçu le grand prix.
Le parc restera ouvert la nuit, a dit la maire.
Les retraités demandent des billets moins chers.
L'usine embauchera soixante personnes au printemps.
Des chercheurs ont trouvé un nouvel insecte dans la forêt.
Le tribunal examinera l'affaire en juin.
Il est boulanger depuis quarante ans et se lève à trois heures.""",
    "it": """Il ponte sarà riparato prima dell'inverno.
Lunedì pioverà al nord, poi tornerà il sole.
Una nuova scuola ha accolto duecento alunni.
Pane e latte costano più di un anno fa.
La squadra ha vinto la finale ai supplementari.
I medici consigliano di camminare mezz'ora al giorno.
Ha scritto il primo romanzo quando era studentessa.
Il treno era in ritardo per la neve.
Gli agricoltori sperano in un raccolto migliore.
Il museo mostra quadri mai visti dal pubblico.
Due camion si sono scontrati, nessun ferito.
La banca ha abbassato il tasso per la terza volta.
I volontari hanno piantato alberi lungo il fiume.
Un film sulle api ha vinto il primo premio.
Il parco resterà aperto di notte, dice la sindaca.
I pensionati chiedono biglietti meno cari.
La fabbrica assumerà sessanta persone in primavera.
Nel bosco è stato trovato un nuovo insetto.
Il tribunale esaminerà il caso a giugno.
Fa il fornaio da quarant'anni e si alza alle tre.""",
    "pl": """Most zostanie naprawiony przed zimą.
W poniedziałek będzie padać, potem wróci słońce.
Nowa szkoła przyjęła dwustu uczniów.
Chleb i mleko kosztują więcej niż rok temu.
Drużyna wygrała finał po dogrywce.
Lekarze radzą chodzić pół godziny dziennie.
Pierwszą powieść napisała jeszcze na studiach.
Pociąg spóźnił się z powodu śniegu.
Rolnicy liczą na lepsze zbiory.
Muzeum pokazuje obrazy, których nikt nie widział.
Zderzyły się dwie ciężarówki, nikt nie ucierpiał.
Bank obniżył stopę po raz trzeci.
Ochotnicy posadzili drzewa nad rzeką.
Film o pszczołach zdobył główną nagrodę.
Park będzie otwarty w nocy, mówi burmistrz.
Emeryci chcą tańszych biletów.
Fabryka zatrudni wiosną sześćdziesiąt osób.
W lesie znaleziono nowy gatunek chrząszcza.
Sąd zajmie się sprawą w czerwcu.
Od czterdziestu lat jest piekarzem i wstaje o trzeciej.""",
    "ru": """Мост починят до зимы.
В понедельник пойдёт дождь, потом вернётся солнце.
Новая школа приняла двести учеников.
Хлеб и молоко стоят дороже, чем год назад.
Команда выиграла финал в дополнительное время.
Врачи советуют ходить полчаса в день.
Первый роман она написала ещё студенткой.
Поезд опоздал из-за снега.
Фермеры надеются на хороший урожай.
Музей показывает картины, которых никто не видел.
Столкнулись два грузовика, никто не пострадал.
Банк снизил ставку в третий раз.
Добровольцы посадили деревья у реки.
Фильм о пчёлах получил главный приз.
Парк будет открыт ночью, сказал мэр.
Пенсионеры просят дешёвых билетов.
Завод возьмёт весной шестьдесят человек.
В лесу нашли новый вид жуков.
Суд рассмотрит дело в июне.
Он сорок лет печёт хлеб и встаёт в три часа.""",
    "uk": """Міст полагодять до зими.
У понеділок піде дощ, потім повернеться сонце.
Нова школа прийняла двісті учнів.
Хліб і молоко коштують дорожче, ніж торік.
Команда виграла фінал у додатковий час.
Лікарі радять ходити пів години на день.
Перший роман вона написала ще студенткою.
Потяг запізнився через сніг.
Фермери сподіваються на добрий урожай.
Музей показує картини, яких ніхто не бачив.
Зіткнулися дві вантажівки, ніхто не постраждав.
Банк знизив ставку втретє.
Добровольці посадили дерева біля річки.
Фільм про бджіл отримав головний приз.
Парк буде відкритий уночі, сказав мер.
Пенсіонери просять дешевших квитків.
Завод візьме навесні шістдесят людей.
У лісі знайшли новий вид жуків.
Суд розгляне справу в червні.
Він сорок років пече хліб і встає о третій.""",
    "ko": """겨울이 오기 전에 다리를 고치기로 했다.
월요일에는 비가 오고 주말에는 맑겠다.
새 학교에 학생 이백 명이 입학했다.
빵과 우유 값이 작년보다 올랐다.
연장전 끝에 결승에서 이겼다.
의사들은 하루 삼십 분 걷기를 권한다.
그는 학생 때 첫 소설을 썼다.
눈 때문에 기차가 늦었다.
농민들은 풍년을 바란다.
박물관이 처음으로 그림을 공개했다.
트럭 두 대가 부딪쳤지만 다친 사람은 없다.
은행이 금리를 세 번째로 내렸다.
자원봉사자들이 강가에 나무를 심었다.
꿀벌을 다룬 영화가 상을 받았다.
시장은 공원을 밤에도 열겠다고 말했다.
노인들은 싼 버스표를 원한다.
공장은 봄에 예순 명을 뽑는다.
숲에서 새로운 딱정벌레가 발견됐다.
법원은 유월에 사건을 다룬다.
그는 사십 년째 빵을 굽는다.""",
    "ja": """橋は冬の前に直される。
月曜は雨、その後は晴れる見込みだ。
新しい学校に二百人が入学した。
パンと牛乳が去年より高い。
延長戦の末に決勝で勝った。
医者は一日三十分の散歩をすすめる。
彼女は学生のときに小説を書いた。
雪で電車が遅れた。
農家は豊作を願っている。
美術館が初めて絵を公開した。
トラック二台がぶつかったが、けが人はいない。
銀行が金利を下げた。
川沿いに木を植えた。
蜂の映画が賞をとった。
市長は公園を夜も開けると述べた。
年金生活者は安い切符を求める。
工場は春に六十人を雇う。
森で新しい虫が見つかった。
裁判は六月に開かれる。
彼は四十年パンを焼いている。""",
    "zh": """桥将在冬天之前修好。
周一有雨，之后转晴。
新学校迎来两百名学生。
面包和牛奶比去年贵。
球队在加时赛中获胜。
医生建议每天步行半小时。
她上学时写了第一部小说。
火车因下雪晚点。
农民盼望丰收。
博物馆首次展出这些画。
两辆卡车相撞，无人受伤。
银行第三次降息。
志愿者在河边种树。
一部关于蜜蜂的电影获奖。
市长说公园夜间开放。
退休者要求更便宜的车票。
工厂春天将招六十人。
森林里发现一种新甲虫。
法院将于六月审理此案。
他做了四十年面包。""",
}
"""Sentences by language, one a line."""
