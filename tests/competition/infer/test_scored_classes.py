"""A text names the classes of masks that are scored: the one that it leaves out is background."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from podium.competition import languages
from podium.competition.infer.masks.content import MaskContent
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.readme.scored_classes import readme_scored_classes
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import Inferred, infer
from podium.competition.infer.tasks.by_readme import with_scored_classes
from podium.competition.infer.tasks.settle import InferredTasks
from podium.tasks.protocols.find import pixel_kind
from podium.workspace import extensions

CLASSES = ["water", "boat", "buoy"]
TOLD = {
    "arabic": "متوسط IoU للفئتين boat و buoy.",
    "basque": "boat eta buoy klaseen batez besteko IoU.",
    "bulgarian": "Среден IoU за класовете boat и buoy.",
    "chinese": "评价指标为boat和buoy两类的平均IoU。",
    "czech": "Průměrné IoU tříd boat a buoy.",
    "dutch": "De gemiddelde IoU van de klassen boat en buoy.",
    "english": "Scored by the mean IoU of the classes `boat` and `buoy`, over all images.",
    "estonian": "Klasside boat ja buoy keskmine IoU.",
    "finnish": "Luokkien boat ja buoy keskimääräinen IoU.",
    "french": "L'IoU moyenne des classes boat et buoy.",
    "german": "Mittlerer IoU der Klassen boat und buoy.",
    "greek": "Ο μέσος IoU των κλάσεων boat και buoy.",
    "hungarian": "A boat és a buoy osztály átlagos IoU értéke.",
    "indonesian": "Rata-rata IoU dari kelas boat dan buoy.",
    "italian": "L'IoU media delle classi boat e buoy.",
    "japanese": "評価指標はクラスboatとbuoyの平均IoUです。",
    "korean": "클래스 boat와 buoy의 평균 IoU입니다.",
    "norwegian": "Gjennomsnittlig IoU for klassene boat og buoy.",
    "persian": "میانگین IoU برای کلاس‌های boat و buoy.",
    "polish": "Średni IoU klas boat oraz buoy.",
    "portuguese": "O IoU médio das classes boat e buoy no conjunto de teste.",
    "romanian": "IoU mediu al claselor boat și buoy.",
    "russian": "Средний IoU классов boat и buoy.",
    "spanish": "La métrica es el IoU medio (mean IoU) de las clases boat y buoy.",
    "swedish": "Medelvärdet av IoU för klasserna boat och buoy.",
    "turkish": "boat ve buoy sınıflarının ortalama IoU değeri.",
    "ukrainian": "Середній IoU класів boat та buoy.",
    "vietnamese": "IoU trung bình của các lớp boat và buoy.",
}


def scored_by(root: Path, text: str) -> list[str] | None:
    (root / "README.md").write_text(text, encoding="utf-8")
    found = readme_scored_classes(scan_folder(root, "data"), CLASSES)
    assert found is None or (found.path == "README.md" and found.quote in text)
    return None if found is None else found.names


@pytest.mark.parametrize("name", extensions.names(languages))
def test_a_sentence_on_scoring_names_the_scored_classes(tmp_path: Path, name: str) -> None:
    assert scored_by(tmp_path, f"# Task\n\n{TOLD[name]}\n") == ["boat", "buoy"]


@pytest.mark.parametrize(
    "text",
    [
        "The class water is not scored.",
        "The class `water` is not scored, the metric is mIoU.",
        "The water class is excluded from the score.",
        "Die Klasse water wird nicht bewertet.",
        "Die Klasse water wird bei der Bewertung ausgelassen.",
        "Klasa water nie jest oceniana.",
        "La classe water n'est pas évaluée.",
        "Класс water не учитывается.",
        "The score is the mean IoU over all classes except water.",
        "Mittlerer IoU über alle Klassen außer water.",
        "Średni IoU po wszystkich klasach oprócz water.",
        "IoU moyenne de toutes les classes, sauf water.",
        "Średni IoU po klasach boat i buoy.",
        "| class | colour |\n|---|---|\n| water (not scored) | #0040ff |\n| boat | #ff0000 |",
        "| class | colour | |\n|---|---|---|\n| water | #00f | not scored |\n| boat | #f00 | |",
        "| blue | water (left out of the score) |\n| red | boat |",
        "La clase water no se evalúa.",
        "La classe water non è valutata.",
        "A classe water não é avaliada.",
        "Klassen water räknas inte.",
        "De klasse water telt niet mee.",
        "Klassen water vurderes ikke.",
        "Třída water není hodnocena.",
        "Клас water не враховується.",
    ],
)
def test_a_text_names_the_one_class_that_is_not_scored(tmp_path: Path, text: str) -> None:
    assert scored_by(tmp_path, text) == ["boat", "buoy"]


@pytest.mark.parametrize(
    "text",
    [
        "Pixels of the class water are ignored.",
        "The water class pixels are ignored.",
        "Images without the class water are not scored.",
        "The edges of the class water are not scored.",
        "The class water is not left out of the score.",
        "The class water is not counted twice.",
        "The class water is not scored.\nThe class boat is not scored.",
        "The classes water and boat are not scored.",
        "The masks show all classes except water.",
        "The mean IoU over all classes except water and sand.",
        "Mittlerer IoU über alle Klassen außer water und Sand.",
        "The mean IoU over all classes except water, sand.",
        "Bilder ohne Klasse water werden nicht bewertet.",
        "| water (not excluded) | #0040ff |",
        "The mean IoU over all classes except those near water.",
        "| water (pixels not scored) | #0040ff |",
    ],
)
def test_other_remarks_on_a_class_leave_it_scored(tmp_path: Path, text: str) -> None:
    assert scored_by(tmp_path, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "The masks show the classes boat and buoy.",  # says nothing of the score
        "The mean IoU of boat and buoy.",  # of these two as examples, perhaps
        "The mean IoU of the classes boat, buoy and water.",
        "The mean IoU of the classes boat and buoys.",
        "The mean IoU of the classes boat, buoy, waters.",
        "The mean IoU of the classes boat and buoy and sea.",
        "The mean IoU of the classes sea, boat and buoy.",
        "The mean IoU of the class boat.",
        "The mean IoU of all classes without boat and buoy.",
        "The mean IoU of all classes; boat and buoy count twice.",
        "The mean IoU of all classes, boat and buoy are not counted.",
    ],
)
def test_other_sentences_leave_no_class_out(tmp_path: Path, text: str) -> None:
    assert scored_by(tmp_path, text) is None


SCORED = "The score is the mean IoU of the classes boat and buoy."
TABLE = (
    "| class | colour |\n|---|---|\n| water | (0, 64, 255) |\n| boat | (255, 0, 0) |\n"
    "| buoy | (255, 255, 0) |"
)
SENT = "Submit a .zip with a PNG for each image, `<id>.png`, in the same colours as those of train."


def sea(root: Path, text: str, *, ground: tuple[int, int, int] | None = None) -> Inferred:
    """Return what is read of masks of blue water with a red boat and, in some, a yellow buoy."""
    for folder in ("train/images", "train/masks", "test"):
        (root / "data" / folder).mkdir(parents=True)
    for n in range(6):
        image = Image.fromarray(np.full((24, 24, 3), 40 * n, np.uint8))
        image.save(root / "data/train/images" / f"s{n}.png")
        image.save(root / "data/test" / f"t{n}.png")
        mask = np.full((24, 24, 3), (0, 64, 255), np.uint8)
        mask[3 : 5 + n, 3:8] = (255, 0, 0)
        mask[20 : 20 + n % 2, 4:6] = (255, 255, 0)
        if ground is not None:
            mask[:2] = ground
        Image.fromarray(mask).save(root / "data/train/masks" / f"s{n}.png")
    (root / "data/README.md").write_text(text, encoding="utf-8")
    return infer(root / "data", root)


def document(found: Inferred) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(found.text)
    return read


def test_the_class_that_is_not_scored_is_background_in_masks_and_in_the_file_to_send(
    tmp_path: Path,
) -> None:
    text = "\n\n".join([TABLE, SCORED, SENT])
    found = sea(tmp_path, text)
    values = {"#0040ff": "background", "#ff0000": "boat", "#ffff00": "buoy"}
    written = document(found)
    assert written["classes"] == ["boat", "buoy"]
    assert written["data"]["train"]["mask_values"] == values
    assert written["submission"]["file"]["mask_values"] == values
    assert any(f"{SCORED!r}: the pixels of water are background" in one for one in found.notes)


@pytest.mark.parametrize("has_sentence", [False, True])
def test_a_remark_in_a_table_of_colours_makes_a_class_background(
    tmp_path: Path, has_sentence: bool
) -> None:
    told = "The class water is not scored."
    table = TABLE if has_sentence else TABLE.replace("water", "water (not scored)")
    found = sea(tmp_path, "\n\n".join([table, told if has_sentence else "", SENT]))
    values = {"#0040ff": "background", "#ff0000": "boat", "#ffff00": "buoy"}
    written = document(found)
    assert written["classes"] == ["boat", "buoy"]
    assert written["submission"]["file"]["mask_values"] == values
    assert any("the pixels of water are background" in one for one in found.notes)


def test_a_class_beside_another_background_gets_a_question(tmp_path: Path) -> None:
    text = "\n\n".join([TABLE, SCORED, SENT])
    found = sea(tmp_path, text, ground=(0, 0, 0))
    assert document(found)["classes"] == CLASSES
    assert any("too (and others background): is it scored?" in one for one in found.notes)


def test_without_such_a_sentence_each_colour_stays_a_class(tmp_path: Path) -> None:
    text = "\n\n".join([TABLE, "Scored by the mean IoU.", SENT])
    assert document(sea(tmp_path, text))["classes"] == CLASSES


@pytest.mark.parametrize("has_ground", [False, True])
def test_masks_of_numbers_in_order_are_read_alike(tmp_path: Path, has_ground: bool) -> None:
    for folder in ("train/images", "train/masks", "test"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    for n in range(6):
        image = Image.fromarray(np.full((24, 24, 3), 40 * n, np.uint8))
        image.save(tmp_path / "data/train/images" / f"s{n}.png")
        image.save(tmp_path / "data/test" / f"t{n}.png")
        mask = np.full((24, 24), 1, np.uint8)
        mask[3 : 5 + n, 3:8], mask[20, 4 : 6 + n] = 2, 3
        mask[:2] = 0 if has_ground else 1
        Image.fromarray(mask).save(tmp_path / "data/train/masks" / f"s{n}.png")
    (tmp_path / "data/classes.txt").write_text("\n".join(CLASSES))
    (tmp_path / "data/README.md").write_text(f"{SCORED}\n\n{SENT}\n")
    written = document(infer(tmp_path / "data", tmp_path))
    assert written["classes"] == (CLASSES if has_ground else ["boat", "buoy"])
    if not has_ground:
        values = {1: "background", 2: "boat", 3: "buoy"}
        assert written["data"]["train"]["mask_values"] == values


def test_a_class_with_rows_in_the_file_to_send_gets_a_question(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(SCORED)
    values: dict[int | str, str] = dict(enumerate(CLASSES, start=1))
    content = MaskContent(pixel_kind("multiclass"), CLASSES, values, None, "", 0, found=(1, 2, 3))
    tasks = InferredTasks(None, MaskFiles("masks/{id}.png", content, 3, ""), CLASSES)
    folder = scan_folder(tmp_path, "data")
    sent = with_scored_classes(folder, tasks, CLASSES)
    assert sent.classes == CLASSES
    assert "too (the sample submission has rows for it): is it scored?" in sent.notes[0]
    assert with_scored_classes(folder, tasks, ["boat", "buoy"]).classes == ["boat", "buoy"]
