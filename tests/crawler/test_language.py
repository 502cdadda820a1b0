from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.language import detect_language

ROOT = Path(__file__).parents[2]
Record = Callable[[str, object], None]
GOLD = ROOT.parent / "shared" / "data" / "match" / "gold_dev.jsonl"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("김정은, 러 대사 접견", "ko"),
        ("北美 정상회담 무산", "ko"),
        ("EU·NATO, DPRK 규탄 성명", "ko"),
        ("北朝鮮がミサイルを発射", "ja"),
        ("朝鲜中央通讯社报道", "zh"),
        ("Ο πρόεδρος μίλησε", "el"),
        ("Військові її підтримали", "uk"),
        ("Прэм'ер сказаў праўду", "be"),
        ("Президент сообщил, что это новый этап сотрудничества", "ru"),
        ("The troops were sent to the front near the border", "en"),
        ("Die Soldaten wurden an die Front geschickt", "de"),
        ("I soldati sono stati inviati al fronte vicino al confine", "it"),
        ("Les soldats ont été envoyés au front près de la frontière", "fr"),
    ],
)
def test_languages_of_the_desk_are_told(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_a_hint_is_believed_within_its_script_only() -> None:
    assert detect_language("Kim Jong Un in Pyongyang", hint="it-IT") == "it"
    assert detect_language("Новини дня", hint="uk") == "uk"
    assert detect_language("김정은 위원장", hint="en") == "ko"
    assert detect_language("The troops were sent to the front", hint="ko") == "en"


def test_nothing_to_tell_gives_the_hint_or_none() -> None:
    for text in ("", "12:30 – 2026", "https://a.example/x", "🚀"):
        assert detect_language(text) is None
        assert detect_language(text, hint="pt") == "pt"
    assert detect_language("KCNA") is None


MEASURE = """
import sys
def pss():
    with open("/proc/self/smaps_rollup") as rollup:
        return sum(int(l.split()[1]) / 1024 for l in rollup if l[:4] == "Pss:")
from crawler.language import detect_language
detect_language("김정은"); before = pss()
assert "lingua" not in sys.modules
detect_language("The troops were sent to the front near the border")
print(pss() - before)
"""


@pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="no smaps here"
)
def test_the_model_loads_late_and_stays_small(record_property: Record) -> None:
    """27 MB PSS measured; 60 is the alarm."""
    run = subprocess.run(
        [sys.executable, "-c", MEASURE],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    record_property("pss_mb", float(run.stdout))
    assert float(run.stdout) < 60


@pytest.mark.corpus
@pytest.mark.skipif(not GOLD.is_file(), reason=f"{GOLD} is absent")
def test_accuracy_on_the_labelled_texts(record_property: Record) -> None:
    """Without any hint: leads 99 %, headlines alone 95 %."""
    right: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        title, text = item["title"] or "", item["text"] or ""
        for kind, sample in (("title", title), ("lead", f"{title}\n{text}")):
            if not sample.strip():
                continue
            total[kind, item["lang"]] += 1
            right[kind, item["lang"]] += detect_language(sample) == item["lang"]
    for kind, least in (("title", 0.94), ("lead", 0.98)):
        rows = {
            lang: (right[k, lang], n) for (k, lang), n in total.items() if k == kind
        }
        share = sum(r for r, _ in rows.values()) / sum(n for _, n in rows.values())
        record_property(kind, f"{share:.3f} {rows}")
        assert share >= least
