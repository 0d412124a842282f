"""Texts of many languages tell that an image without a mask file has nothing in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.infer.readme.claims import readme_absent_masks
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_masks import box, photo, save, text

EMPTY = {
    "english": "If an image has no mask file, it contains nothing of this class.",
    "english, the thing": "When a cyst does not occur in an eye no mask file was made.",
    "german": "Bilder ohne Maskendatei enthalten kein Objekt.",
    "german, a condition": "Fehlt die Datei nicht, gibt es Objekte. Bilder ohne Maske sind leer.",
    "french": "Les images sans masque ne contiennent aucun objet.",
    "spanish": "Las imágenes sin máscara no contienen ningún objeto.",
    "italian": "Le immagini senza maschera non contengono oggetti.",
    "portuguese": "As imagens sem máscara não contêm nenhum objeto.",
    "dutch": "Beelden zonder maskerbestand bevatten geen objecten.",
    "polish": "Obrazy bez pliku maski nie zawierają obiektów.",
    "czech": "Snímky bez masky neobsahují žádné objekty.",
    "swedish": "Bilder utan maskfil innehåller inga objekt.",
    "norwegian": "Bilder uten maskefil inneholder ingen objekter.",
    "russian": "Изображения без маски не содержат объектов.",
    "ukrainian": "Зображення без маски не містять об'єктів.",
    "chinese": "没有掩码文件的图像不包含任何目标。",
    "japanese": "マスクファイルのない画像には何も写っていません。",
    "korean": "마스크 파일이 없는 이미지에는 객체가 없습니다.",
}
OTHERWISE = {
    "german, not labelled": "Bilder ohne Maskendatei sind nicht annotiert und nicht leer.",
    "german, unknown": "Bilder ohne Datei haben keine Maske.",
    "german, not empty": "Bilder ohne Maske sind nicht leer.",
    "french, not labelled": "Les images sans masque sont non annotées et ne contiennent rien.",
    "spanish, not labelled": "Las imágenes sin máscara no están etiquetadas.",
    "russian, to predict": "Для изображений без маски нужно предсказать маску.",
    "chinese, not labelled": "没有掩码的图像是未标注的。",
    "italian, the masks": "Le maschere non contengono lo sfondo.",
}


def absent_mask_note(tmp_path: Path, sentence: str) -> str:
    photo(tmp_path / "train/a.png", 1)
    text(tmp_path / "README.md", "# Data", "", sentence)
    return readme_absent_masks(scan_folder(tmp_path, "data"))


@pytest.mark.parametrize("sentence", EMPTY.values(), ids=EMPTY.keys())
def test_a_text_tells_that_images_without_a_mask_are_empty(sentence: str, tmp_path: Path) -> None:
    assert absent_mask_note(tmp_path, sentence).startswith("README.md says ")


@pytest.mark.parametrize("sentence", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_a_text_on_something_else_does_not_tell_it(sentence: str, tmp_path: Path) -> None:
    assert absent_mask_note(tmp_path, sentence) == ""


def test_images_without_a_mask_are_empty_by_a_german_text(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for number in range(12):
        photo(data / f"train/p{number:03}.png", number)
        if number not in (3, 7):
            save(data / f"train_masks/p{number:03}.png", box(number + 1).astype(np.uint8) * 255)
    for number in range(12, 16):
        photo(data / f"test/p{number:03}.png", number)
    text(data / "LIESMICH.txt", EMPTY["german"])
    ids = [f"p{number:03}," for number in range(12, 16)]
    text(data / "sample_submission.csv", "id,rle", *ids)
    found = infer(data, tmp_path)
    assert "data.unlabelled" not in found.competition.to_choose
    assert len(load_samples(found.competition, "train")) == 12
