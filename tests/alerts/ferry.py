"""A story of our own writing in three languages, for what copies change of it."""

from __future__ import annotations

import random

TEXTS = {
    "en": (
        "Island ferry kept in port by broken engine",
        (
            "The only ferry between the two islands stayed in port on Tuesday after"
            " its main engine broke down shortly before the first crossing of the"
            " day. The harbour office said that a spare part had been ordered from"
            " the mainland and would not arrive before the weekend. About ninety"
            " pupils who go to school on the larger island were told to stay at"
            " home. A fisherman offered to carry the mail in his own boat, as his"
            " father had done in the hard winter of 1963. The mayor asked the"
            " ministry for a helicopter in case somebody needs a doctor, but said"
            " she had no answer so far. The shop on the smaller island has flour"
            " and milk for a week. Its owner remembers a storm that cut them off"
            " for nine days, and says that nobody went hungry then either. The"
            " company that runs the ferry apologised and promised to pay back all"
            " tickets bought in advance."
        ),
    ),
    "ko": (
        "엔진 고장으로 섬 여객선 항구에 발 묶여",
        (
            "두 섬을 잇는 유일한 여객선이 화요일 첫 출항을 앞두고 주기관이 고장 나"
            " 항구에 머물렀다. 항만 사무소는 육지에 예비 부품을 주문했으며 주말"
            " 이전에는 도착하지 않을 것이라고 밝혔다. 큰 섬에 있는 학교에 다니는"
            " 학생 구십여 명은 집에 머물라는 안내를 받았다. 한 어부는 혹독했던 그해"
            " 겨울 아버지가 그랬던 것처럼 자기 배로 우편물을 나르겠다고 나섰다."
            " 군수는 의사가 필요한 사람이 생길 경우에 대비해 정부에 헬기를"
            " 요청했지만 아직 답을 받지 못했다고 말했다. 작은 섬의 가게에는 일주일"
            " 치 밀가루와 우유가 남아 있다. 가게 주인은 아흐레 동안 길이 끊겼던"
            " 폭풍을 기억하며 그때도 굶은 사람은 없었다고 전했다. 여객선 회사는"
            " 사과하고 미리 산 표값을 모두 돌려주겠다고 약속했다. 주민들은 저녁마다"
            " 마을 회관에 모여 소식을 나누고 서로 필요한 물건을 빌려주기로 했다."
        ),
    ),
    "ru": (
        "Паром между островами остался в порту из-за поломки",
        (
            "Единственный паром между двумя островами во вторник остался в порту:"
            " главный двигатель сломался незадолго до первого рейса. В управлении"
            " порта сообщили, что запасную деталь заказали на материке и раньше"
            " выходных она не придёт. Около девяноста учеников, которые ездят в"
            " школу на большой остров, попросили остаться дома. Один рыбак"
            " предложил возить почту на своей лодке, как делал его отец в ту"
            " суровую зиму. Глава посёлка попросила министерство прислать вертолёт"
            " на случай, если кому-то понадобится врач, но ответа пока не получила."
            " В лавке на малом острове муки и молока хватит на неделю. Её хозяин"
            " помнит шторм, который отрезал их на девять дней, и говорит, что и"
            " тогда никто не голодал. Владелец парома извинился и обещал вернуть"
            " деньги за все купленные заранее билеты. По вечерам жители собираются"
            " в клубе и делятся новостями."
        ),
    ),
}
"""(title, text) by language."""

FOOTER = {
    "en": (
        " All rights reserved. Nothing on this page may be copied or passed on"
        " without our leave. Write to the desk if you find a mistake, and read the"
        " rules of the house before you comment on this story."
    ),
    "ko": (
        " 저작권자의 허락 없이 이 글을 옮기거나 다시 배포할 수 없습니다. 잘못된"
        " 내용을 발견하시면 편집국으로 알려 주시고 의견을 남기기 전에 이용 규칙을"
        " 읽어 주세요."
    ),
    "ru": (
        " Все права защищены. Перепечатка без согласия редакции запрещена. Если вы"
        " нашли ошибку, напишите нам, а перед тем как оставить отзыв, прочтите"
        " правила."
    ),
}

OTHER_TITLE = {
    "en": "Pupils stay at home while islanders wait for a spare part",
    "ko": "부품 기다리는 주민들, 학생들은 집에서 하루 보내",
    "ru": "Школьники сидят дома: жители ждут запасную деталь",
}


def unrelated(number: int, words: int) -> tuple[str, str]:
    """Invented words: two numbers share none."""
    rng = random.Random(number)  # noqa: S311 - invented words
    made = ["".join(rng.choices("aeioulnrst", k=7)) for _ in range(words + 6)]
    return " ".join(made[:6]), " ".join(made[6:])
