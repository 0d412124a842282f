"""Tables and texts that are not UTF-8 are read by what their letters would say."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.conversions.masks.object_folders import scan_data
from podium.competition.infer.encodings import FoundPage, TextBeside, find_page, page_of_tables
from podium.competition.infer.readme.texts import texts_beside
from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission
from tests.competition.infer.test_odd_labels import begin, put

NOTHING = TextBeside(frozenset(), frozenset())
PAGES = {
    "turkish": "cp1254", "russian": "cp1251", "ukrainian": "cp1251", "bulgarian": "cp1251",
    "polish": "cp1250", "czech": "cp1250", "chinese": "gbk", "japanese": "cp932",
    "korean": "cp949", "french": "cp1252", "german": "cp1252", "spanish": "cp1252",
    "portuguese": "cp1252",
}  # fmt: skip
TABLES = [
    ("cp1254", "dosya;tür", ("kiraz", "şeftali", "kayısı")),
    ("cp1254", "görüntü;sınıf", ("yeşil", "sarı", "açık")),
    ("cp1251", "файл;класс", ("кошка", "собака", "лиса")),
    ("cp1251", "фото;мітка", ("їжак", "заєць", "лисиця")),
    ("cp1251", "снимка;етикет", ("къща", "дърво", "път")),
    ("cp1250", "zdjęcie;klasa", ("żółty", "błękitny", "różowy")),
    ("cp1250", "soubor;třída", ("dub", "smrk", "líska")),
    ("gbk", "文件名;类别", ("合格", "划痕", "凹陷")),
    ("cp932", "ファイル名;等級", ("特上", "上", "並")),
    ("cp949", "파일명;등급", ("고양이", "강아지", "새")),
    ("cp1252", "fichier;espèce", ("chêne", "érable", "châtaignier")),
    ("cp1252", "name;town", ("Malmö", "São Paulo", "Besançon")),
    ("cp1253", "αρχείο;κλάση", ("γάτα", "σκύλος", "πουλί")),
]


@pytest.mark.parametrize("language", PAGES)
def test_phrases_of_a_language_are_read_in_its_page(language: str) -> None:
    runs = importlib.import_module(f"podium.competition.languages.{language}").RUNS
    text = re.sub(r"\{n\}|[|*()]", " ", " ".join(runs.values()))
    content = text.encode(PAGES[language])
    page = find_page([content], NOTHING).page
    assert content.decode(page) == text


@pytest.mark.parametrize(("page", "header", "classes"), TABLES)
def test_few_words_of_a_table_are_read_in_their_page(
    page: str, header: str, classes: tuple[str, ...]
) -> None:
    text = f"{header}\n" + "".join(f"{n}.png;{one}\n" for n, one in enumerate(classes))
    content = text.encode(page)
    found = find_page([content], NOTHING)
    assert content.decode(found.page) == text
    # Two tables of a page are one text; bytes at the end may be half of a sign.
    assert find_page([content, content[:-2]], NOTHING).page == found.page


@pytest.mark.parametrize(("page", "header", "classes"), [TABLES[1], TABLES[7], TABLES[9]])
def test_a_competition_in_its_own_letters_is_read_and_sent_so(
    tmp_path: Path, page: str, header: str, classes: tuple[str, ...]
) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / ("train" if n < 18 else "test") / f"i{n:02}.png", n)
    rows = "".join(f"i{n:02}.png;{classes[n % 3]}\n" for n in range(18))
    (data / "train.csv").write_bytes(f"{header}\n{rows}".encode(page))
    blank = "".join(f"i{n:02}.png;{classes[0]}\n" for n in range(18, 24))
    host = data / "sample_submission.csv"
    host.write_bytes(f"{header}\n{blank}".encode(page))
    spec, notes = begin(tmp_path)
    assert f"the encoding {page} (" in notes
    assert spec.classes == sorted(classes)
    assert check(host, spec) == []
    ids = list(load_samples(spec, "test")["id"])
    answers = np.full(len(ids), spec.classes.index(classes[0]))
    sent = write_submission(tmp_path / "sent.csv", spec, ids, None, answers)
    assert sent.read_bytes() == host.read_bytes()


READMES = {
    "cp1254": "Değerlendirme ölçütü: her ölçüm için RMSE hesaplanır; küçük olan iyidir.",
    "cp1251": "Оценка решений: средняя точность по всем классам. Снимки лежат в папке.",
    "cp1250": "Hodnocení: přesnost. Obrázky jsou ve složce a každý má svou třídu.",
    "gbk": "图像分类比赛。训练集和测试集的图像都在文件夹中。评价指标为准确率。",
    "cp932": "荒茶の画像から等級を予測してください。評価関数は正解率です。",
    "cp949": "이미지에서 등급을 예측하세요. 평가 지표는 정확도입니다.",
    "utf-16": "Évaluation : exactitude",
}


@pytest.mark.parametrize("page", READMES)
def test_a_readme_is_read_in_its_own_letters(tmp_path: Path, page: str) -> None:
    put(tmp_path / "images/a.png", 0)
    (tmp_path / "README.txt").write_bytes(READMES[page].encode(page))
    [(_, text)] = texts_beside(scan_data(tmp_path, "data"))
    assert text == READMES[page].casefold()


def test_letters_of_two_pages_are_both_noted_unless_words_beside_decide(tmp_path: Path) -> None:
    text = "photo;weather\na;kış\nb;yağış\n"  # with the letters of Iceland, too: kýþ, yaðýþ
    content = text.encode("cp1254")
    found = find_page([content], NOTHING)
    assert {found.page, *found.rivals} == {"cp1252", "cp1254"}
    beside = TextBeside(frozenset({"kış", "yağış"}), frozenset("ışğ"))
    assert find_page([content], beside) == FoundPage("cp1254")
    beside = TextBeside(frozenset({"kış", "yağış"}), frozenset("ışğýþð"))  # words alone
    assert find_page([content], beside) == FoundPage("cp1254")
    beside = TextBeside(frozenset({"dağ", "ışık", "taş"}), frozenset("ışğ"))  # letters alone
    assert find_page([content], beside) == FoundPage("cp1254")
    # A word in UTF-8 beside, as the name of a folder, is such evidence.
    for n in range(24):
        put(tmp_path / f"data/{'train' if n < 18 else 'test'}/i{n:02}.png", n)
    names = ("kış", "yağış", "sis")
    rows = "".join(f"i{n:02}.png;{names[n % 3]}\n" for n in range(18))
    (tmp_path / "data/train.csv").write_bytes(f"photo;weather\n{rows}".encode("cp1254"))
    _, notes = begin(tmp_path)
    assert "the encoding cp1252 as a guess: 'kýþ' is 'kış' in cp1254, which fits about" in notes
    (tmp_path / "data/OKU.txt").write_text("kış, yağış, sis", encoding="utf-8")
    spec, notes = begin(tmp_path)
    assert "the encoding cp1254 ('kış'), which fits by far better than others" in notes
    assert spec.classes == sorted(names)


def test_a_table_of_no_images_tells_nothing_of_the_encoding_to_send(tmp_path: Path) -> None:
    """What is known of cameras in cp932 beside tables of ASCII, whose sample shows no letter."""
    data = tmp_path / "data"
    for n in range(24):
        put(data / ("train" if n < 18 else "test") / f"i{n:02}.png", n)
    rows = (f"i{n:02}.png,{'ab'[n % 2]},k{n % 3}\n" for n in range(18))
    (data / "train.csv").write_text(f"image,label,camera\n{''.join(rows)}")
    blank = "".join(f"i{n:02}.png,a\n" for n in range(18, 24))
    (data / "sample_submission.csv").write_text(f"image,label\n{blank}")
    cameras = "カメラID,設置場所\nk0,東京の北\nk1,大阪の港\nk2,京都の山\n"
    (data / "camera.csv").write_bytes(cameras.encode("cp932"))
    spec, notes = begin(tmp_path)
    assert "the encoding cp932" in notes
    assert "files to send" not in notes
    assert spec.submission.file.encoding == "utf-8"


@pytest.mark.parametrize(("page", "header", "classes"), [
    ("cp1254", "photo,weather", ("kış", "sis", "yağış")),
    ("cp932", "photo,grade", ("A", "B", "ｱ")),
])  # fmt: skip
def test_the_encoding_of_a_text_is_that_of_tables_whose_few_letters_fit_another(
    tmp_path: Path, page: str, header: str, classes: tuple[str, ...]
) -> None:
    data = tmp_path / "data"
    for n in range(24):
        put(data / ("train" if n < 18 else "test") / f"i{n:02}.png", n)
    rows = "".join(f"i{n:02}.png,{classes[n % 3]}\n" for n in range(18))
    (data / "train.csv").write_bytes(f"{header}\n{rows}".encode(page))
    assert begin(tmp_path)[0].classes != sorted(classes)
    (data / "README.txt").write_bytes(READMES[page].encode(page))
    found, notes = begin(tmp_path)
    assert found.classes == sorted(classes)
    assert f"the encoding {page} ('{classes[0] if page == 'cp1254' else classes[2]}')" in notes
    assert "which README.txt certainly has" in notes


def test_a_text_in_other_letters_does_not_change_tables_of_clear_ones(tmp_path: Path) -> None:
    content = "файл;класс\nкошка;собака\n".encode("cp1251")
    put(tmp_path / "data/images/a.png", 0)
    (tmp_path / "data/train.csv").write_bytes(content)
    text = "Größe und Gewicht: das Maß der Bäume ist für die Prüfung zu schätzen."
    (tmp_path / "data/README.txt").write_bytes(text.encode("cp1252"))
    assert page_of_tables(scan_data(tmp_path / "data", "data")) == FoundPage("cp1251")
