"""How runs are counted, as texts in many languages tell it; what they do not tell stays open."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from podium.competition import languages
from podium.competition.infer.readme.runs import ReadmeRuns, find_readme_runs
from podium.competition.infer.scan import scan_folder
from podium.competition.languages import RunPhrase
from podium.workspace import extensions
from tests.competition.infer.test_nested_folders import leaves
from tests.competition.infer.test_odd_labels import begin

# Of each language two texts: pixels from 0 along the rows, and from 1 down the columns.
TEXTS = {
    "english": (
        "Pixels are counted from 0, left to right, then top to bottom.",
        "Pixels are counted from 1, first top to bottom, then left to right.",
    ),
    "spanish": (
        "Los píxeles se numeran desde 0, de izquierda a derecha y de arriba abajo.",
        "La columna rle da pares «inicio longitud». Los píxeles se cuentan a partir de 1, "
        "primero de arriba abajo y luego de izquierda a derecha.",
    ),
    "portuguese": (
        "Os pixels são numerados a partir de 0, da esquerda para a direita e de cima para baixo.",
        "A numeração dos pixels começa em 1, primeiro de cima para baixo e depois da esquerda "
        "para a direita.",
    ),
    "french": (
        "Les pixels sont numérotés à partir de 0, de gauche à droite puis de haut en bas.",
        "Les pixels sont comptés à partir de 1, d’abord de haut en bas, puis de gauche à droite.",
    ),
    "german": (
        "Die Pixel werden ab 0 gezählt, von links nach rechts, dann von oben nach unten.",
        "Die Zählung der Pixel beginnt bei 1, zuerst von oben nach unten, dann von links nach "
        "rechts.",
    ),
    "italian": (
        "I pixel sono numerati a partire da 0, da sinistra a destra e dall'alto in basso.",
        "La numerazione dei pixel parte da 1, prima dall’alto verso il basso, poi da sinistra a "
        "destra.",
    ),
    "dutch": (
        "De pixels worden geteld vanaf 0, van links naar rechts en dan van boven naar beneden.",
        "De pixels zijn genummerd vanaf 1, eerst van boven naar beneden, daarna van links naar "
        "rechts.",
    ),
    "polish": (
        "Piksele są numerowane od 0, od lewej do prawej, a potem z góry na dół.",
        "Piksele liczymy od 1, najpierw z góry na dół, potem od lewej do prawej.",
    ),
    "czech": (
        "Pixely jsou číslovány od 0, zleva doprava a shora dolů.",
        "Pixely se číslují od 1, nejprve shora dolů, pak zleva doprava.",
    ),
    "russian": (
        "Пиксели нумеруются с 0, слева направо и сверху вниз.",
        "Нумерация пикселей начинается с единицы, сначала сверху вниз, затем слева направо.",
    ),
    "ukrainian": (
        "Пікселі нумеруються з 0, зліва направо і згори вниз.",
        "Пікселі рахуються від 1, спочатку згори вниз, потім зліва направо.",
    ),
    "bulgarian": (
        "Пикселите се номерират от 0, отляво надясно и отгоре надолу.",
        "Пикселите се броят от 1, първо отгоре надолу, после отляво надясно.",
    ),
    "turkish": (
        "Pikseller 0'dan başlayarak soldan sağa, sonra yukarıdan aşağıya numaralandırılır.",
        "Pikseller 1’den başlayarak numaralandırılır, önce yukarıdan aşağıya, sonra soldan sağa.",
    ),
    "indonesian": (
        "Piksel dihitung mulai dari 0, dari kiri ke kanan, lalu dari atas ke bawah (baris demi "
        "baris).",
        "Piksel dinomori dari 1, pertama dari atas ke bawah, kemudian dari kiri ke kanan.",
    ),
    "vietnamese": (
        "Các điểm ảnh được đánh số từ 0, từ trái sang phải, rồi từ trên xuống dưới.",
        "Điểm ảnh được đếm bắt đầu từ 1, đầu tiên từ trên xuống dưới, sau đó từ trái sang phải.",
    ),
    "chinese": (
        "像素从0开始编号，从左到右，再从上到下。",
        "像素从 1 开始编号，先从上到下，再从左到右。",
    ),
    "japanese": (
        "ピクセルは0から数え、左から右、次に上から下の順に番号を付けます。",
        "画素の番号は1から始まり、上から下へ、次に左から右へ進みます。",
    ),
    "korean": (
        "픽셀 번호는 0부터 시작하며, 왼쪽에서 오른쪽으로, 그다음 위에서 아래로 매깁니다.",
        "픽셀은 1부터 세며, 먼저 위에서 아래로, 그다음 왼쪽에서 오른쪽으로 셉니다.",
    ),
    "greek": (
        "Τα εικονοστοιχεία αριθμούνται από το 0, από αριστερά προς τα δεξιά και έπειτα από πάνω "
        "προς τα κάτω.",
        "Η αρίθμηση των εικονοστοιχείων αρχίζει από το 1, πρώτα από πάνω προς τα κάτω, μετά από "
        "αριστερά προς τα δεξιά.",
    ),
    "persian": (
        "پیکسل\u200cها از ۰ شماره\u200cگذاری می\u200cشوند، از چپ به راست و سپس از بالا به پایین.",
        "شمارش پیکسل\u200cها از ۱ آغاز می\u200cشود، ابتدا از بالا به پایین، سپس از چپ به راست.",
    ),
    "arabic": (
        "تُرقَّم البكسلات من ٠، من اليسار إلى اليمين ثم من الأعلى إلى الأسفل.",
        "يبدأ ترقيم البكسلات من ١، أولًا من الأعلى إلى الأسفل، ثم من اليسار إلى اليمين.",
    ),
}
NAMES = [
    name
    for name in extensions.names(languages)
    if hasattr(importlib.import_module(f"{languages.__name__}.{name}"), "RUNS")
]


def runs_in(folder: Path, text: str, name: str = "README.md") -> ReadmeRuns:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return find_readme_runs(scan_folder(folder, "data"))


def parts(folder: Path, text: str, name: str = "README.md") -> dict[str, object]:
    """What is told of `base` and `order`."""
    found = runs_in(folder, text, name).parts
    return {one: found[one].value for one in ("base", "order") if one in found}


@pytest.mark.parametrize("name", NAMES)
def test_a_text_tells_the_same_in_every_language(tmp_path: Path, name: str) -> None:
    rows, columns = TEXTS[name]
    assert parts(tmp_path, rows) == {"base": 0, "order": "C"}
    assert parts(tmp_path, columns) == {"base": 1, "order": "F"}
    assert runs_in(tmp_path, columns).parts["relative"].value is False
    # As people write it without accents, and in capitals.
    assert parts(tmp_path, rows.upper()) == {"base": 0, "order": "C"}
    # Of two texts that contradict each other none is believed.
    assert parts(tmp_path, f"{rows}\n\n{columns}") == {}
    assert runs_in(tmp_path, f"{rows}\n\n{columns}").parts == {}


@pytest.mark.parametrize("name", NAMES)
def test_each_phrase_of_a_language_is_read(tmp_path: Path, name: str) -> None:
    own: dict[RunPhrase, str] = importlib.import_module(f"{languages.__name__}.{name}").RUNS
    assert set(own) == {*get_args(RunPhrase)}
    pixels, count, then = (next(spelt(own[one])) for one in ("pixels", "count", "then"))
    [rightwards, *rights] = spelt(own["rightwards"])
    [downwards, *downs] = spelt(own["downwards"])
    pairs = [(rightwards, one) for one in (downwards, *downs)]
    pairs += [(one, downwards) for one in rights]
    orders = [(f"{right}, {down}", "C") for right, down in pairs]
    orders += [(f"{down}, {then} {right}", "F") for right, down in pairs]
    orders += [(one, "C") for one in spelt(own["rows"])]
    orders += [(one, "F") for one in spelt(own["columns"])]
    for words, order in orders:
        assert parts(tmp_path, f"{pixels}: {words}.") == {"order": order}, words
    for base in "01":
        for words in spelt(own["from"]):
            text = f"{pixels}: {count} {words.replace('{n}', base)}."
            assert parts(tmp_path, text) == {"base": int(base)}, words
        for words in spelt(own["first"]):
            text = f"{pixels}: {words.replace('{n}', base)}."
            assert parts(tmp_path, text) == {"base": int(base)}, words
    for words in spelt(own["relative"]):
        text = f"{TEXTS[name][0][:-1]}; {pixels}: {words}."
        assert "relative" not in runs_in(tmp_path, text).parts, words


def spelt(phrases: str) -> Iterator[str]:
    """Yield a spelling of each phrase."""
    for phrase in phrases.split("|"):
        words = (one for one in phrase.split() if not one.startswith("("))
        yield " ".join(one.split("/")[0] for one in words).replace("*", "")


def test_texts_tell_of_every_language_that_has_phrases() -> None:
    assert set(TEXTS) == set(NAMES)


@pytest.mark.parametrize(
    "texts",
    [
        # What is counted is something else.
        (
            "Images of 96 x 72 pixels. Plates are numbered from 1, left to right, then top to "
            "bottom.",
            "Each image has 96 x 72 pixels, plates are numbered from 1.",
            "Plates are numbered from 1 and pixels are RGB.",
            "Pixels are RGB and plates are numbered from 1.",
            "Pixel values start at 0.",
            "RLE of each class; class ids start at 1.",
            "The number of pixels in file names counts from 0.",
            "Cada foto tiene 96 x 72 píxeles. Las placas se numeran desde 1, de izquierda a "
            "derecha y de arriba abajo.",
            "Los nombres de las imágenes se numeran desde 0; cada una mide 96 píxeles.",
            "Los nombres de los archivos se numeran desde 0, los píxeles son RGB.",
            "Die Bilder haben 96 × 72 Pixel. Die Platten werden ab 1 gezählt, zeilenweise.",
            "Die Klassen der Pixel werden ab 0 gezählt.",
            "Pixelwerte beginnen bei 0.",
            "Les images ont 96 x 72 pixels. Les plaques sont numérotées à partir de 1.",
            "Les classes des pixels sont numérotées à partir de 0.",
            "Le immagini hanno 96 pixel, le piastre sono numerate a partire da 1.",
            "As imagens têm 96 pixels e as placas são numeradas a partir de 1.",
            "Obraz ma 96 pikseli, płytki są numerowane od 1.",
            "Размер 96 пикселей, чашки нумеруются с 1.",
            "Классы пикселей нумеруются с 0.",
            "Розмір 96 пікселів, чашки нумеруються з 1.",
            "Görüntüler 96 pikseldir, tabaklar 1'den başlayarak numaralandırılır.",
            "Gambar berukuran 96 piksel, cawan dinomori dari 1.",
            "Nilai piksel mulai dari 0.",
            "Kelas setiap piksel dinomori dari 0.",
            "Ảnh có 96 điểm ảnh, đĩa được đánh số từ 1.",
            "Giá trị điểm ảnh bắt đầu từ 0.",
            "Lớp của mỗi điểm ảnh được đánh số từ 0.",
            "像素值从0开始。",
            "图像大小为96×72像素，培养皿从1开始编号。",
            "类别从0开始编号，每个像素一个类别。",
            "画像は96×72ピクセルで、皿の番号は1から始まります。",
            "クラス番号は0から始まり、各ピクセルに1つあります。",
            "이미지는 96×72 픽셀이며 접시 번호는 1부터 시작합니다.",
            "클래스 번호는 0부터 시작하고 픽셀마다 하나입니다.",
            "Οι τιμές των εικονοστοιχείων αρχίζουν από το 0.",
            "Οι εικόνες έχουν 96 εικονοστοιχεία, τα πιάτα αριθμούνται από το 1.",
            "مقدار پیکسل\u200cها از ۰ شروع می\u200cشود.",
            "اندازهٔ عکس ۹۶ پیکسل است، ظرف\u200cها از ۱ شماره\u200cگذاری می\u200cشوند.",
            "تبدأ قيم البكسلات من 0.",
            "حجم الصورة 96 بكسل، والأطباق مرقمة من 1.",
        ),
        # A phrase is denied, asked, or a condition.
        (
            "Pixels are not counted from 0 but from 1.",
            "Are pixels counted from 0 or from 1?",
            "Are pixels counted from 0?",
            "If the first pixel is 1, the mask is inverted.",
            "Los píxeles no se numeran desde 0 sino desde 1.",
            "Die Pixel werden nicht ab 0, sondern ab 1 gezählt.",
            "Les pixels ne sont pas numérotés à partir de 0.",
            "I pixel non sono numerati a partire da 0.",
            "Os pixels não são numerados a partir de 0.",
            "Piksele nie są numerowane od 0.",
            "Пиксели нумеруются не с 0.",
            "Пікселі нумеруються не з 0.",
            "Пикселите не се номерират от 0.",
            "Pikseller 0'dan başlamaz.",
            "Pixely se nečíslují od 0.",
            "De pixels worden niet vanaf 0 geteld.",
            "Piksel tidak dihitung dari 0, melainkan dari 1.",
            "Apakah piksel dihitung dari 0?",
            "Điểm ảnh không được đánh số từ 0.",
            "Nếu điểm ảnh được đếm từ 0, mặt nạ bị đảo ngược.",
            "像素不是从0开始编号。",
            "ピクセルの番号は0から始まりません。",
            "픽셀은 0부터 시작하지 않습니다.",
            "Τα εικονοστοιχεία δεν αριθμούνται από το 0.",
            "پیکسل\u200cها از ۰ شماره\u200cگذاری نمی\u200cشوند.",
            "اگر پیکسل\u200cها از ۰ شمرده شوند، ماسک وارونه است.",
            "لا تُرقَّم البكسلات من 0.",
            "هل ترقم البكسلات من 0؟",
            "پیکسل\u200cها از ۰ شماره\u200cگذاری می\u200cشوند؟",
        ),
        # A range, an amount, an article; how a page is read as well as columns.
        (
            "Pixels are counted from 0 to 6911.",
            "Los píxeles se numeran desde 0 hasta 6911.",
            "Die Pixel werden ab 0 bis 255 gezählt.",
            "Piksel dihitung dari 0 sampai 6911.",
            "Điểm ảnh được đánh số từ 0 đến 6911.",
            "像素从0到255编号开始。",
            "Τα εικονοστοιχεία αριθμούνται από το 0 έως το 6911.",
            "پیکسل\u200cها از ۰ تا ۶۹۱۱ شماره\u200cگذاری می\u200cشوند.",
            "ترقم البكسلات من 0 إلى 6911.",
            "Pixels from 0 to 255.",
            "Masks of at least 20 pixels from 0 images.",
            "Objects count from 1 pixel of runs.",
            "Objekte zählen ab 1 Pixel.",
            "Pixels are counted from one of the corners.",
            "Pixels run top to bottom, left to right.",
            "Los píxeles van de arriba abajo y de izquierda a derecha.",
            "The pixels are not row by row.",
        ),
    ],
    ids=["others", "denied", "ranges"],
)
def test_what_a_text_does_not_tell_stays_open(tmp_path: Path, texts: tuple[str, ...]) -> None:
    assert {one: runs_in(tmp_path, one).parts for one in texts} == {one: {} for one in texts}


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Pixel 1 is the upper left corner, pixel 2 is right of it, and so on row by row.", "C"),
        ("Pixel 1 is the top left, pixel 2 is to the right of it.", "C"),
        ("Pixel 1 is the top left corner, pixel 2 is directly below it.", "F"),
    ],
)
def test_the_place_of_the_second_pixel_tells_the_order(
    tmp_path: Path, text: str, order: str
) -> None:
    assert parts(tmp_path, text) == {"base": 1, "order": order}


def test_the_upper_left_pixel_tells_the_base_beside_coordinates_of_corners(tmp_path: Path) -> None:
    text = "画素に左上を0として横方向（左から右、次いで上から下）に番号を付けます。"
    assert parts(tmp_path, text) == {"base": 0, "order": "C"}
    assert parts(tmp_path, "頂点の座標は画素を単位とし、左上を(0, 0)とします。") == {}


def test_items_of_a_list_are_sentences_and_wrapped_lines_are_none(tmp_path: Path) -> None:
    for text in (
        "- pixels go row by row\n- plates are numbered from 1",
        "* pixels go row by row\n* class ids are counted from 1",
        "Pixels go row by row\nPlates are numbered from 1\n\nAnd a much longer line below them.",
        "<ul><li>pixels go row by row</li><li>plates are numbered from 1</li></ul>",
    ):
        assert parts(tmp_path, text) == {"order": "C"}, text
    wrapped = (
        "Each mask is a text of runs of its own, with pixels\ncounted from 1 in each of them, and "
        "from left to right,\nthen from top to bottom."
    )
    assert parts(tmp_path, wrapped) == {"base": 1, "order": "C"}


def test_runs_of_a_start_and_an_end_are_told(tmp_path: Path) -> None:
    for text, words in (
        ("Runs of pixels are pairs (start, end), counted from 1, row by row.", "start, end"),
        ("Los tramos de píxeles son pares de inicio y fin, contados desde 1.", "inicio y fin"),
        ("Die RLE hat Anfang und Ende; Pixel werden ab 0 gezählt.", "anfang und ende"),
    ):
        found = runs_in(tmp_path, text)
        assert found.ends == f"README.md says {words!r}"
    lengths = "Runs are start and length, not start and end. Pixels are counted from 1."
    assert runs_in(tmp_path, lengths).ends == ""
    assert parts(tmp_path, lengths) == {"base": 1}


def test_a_long_text_without_blanks_takes_no_time(tmp_path: Path) -> None:
    assert parts(tmp_path, f"Pixels: {'abcd' * 40_000}.") == {}


def test_a_text_in_spanish_leaves_no_question(tmp_path: Path) -> None:
    leaves(tmp_path / "data", readme=TEXTS["spanish"][0])
    spec, _ = begin(tmp_path)
    assert not spec.to_choose
    assert (spec.submission.rle.base, spec.submission.rle.order) == (0, "C")


def test_runs_of_the_data_are_believed_before_a_text_in_spanish(tmp_path: Path) -> None:
    leaves(tmp_path / "data", readme=TEXTS["spanish"][1], cell="0 3")
    spec, notes = begin(tmp_path)
    assert spec.submission.rle.base == 0
    assert "README.md says 'cuentan a partir de 1'" in notes
    assert "believed" in notes


def test_pixels_from_a_number_need_no_word_of_counting(tmp_path: Path) -> None:
    text = (
        "train.csv: id, class, segmentation (run-length encoding: pairs of start and length, "
        "pixels from 1, along the rows: left to right, then top to bottom)."
    )
    assert parts(tmp_path, text) == {"base": 1, "order": "C"}
