"""Masks that are sent as PNGs or TIFFs, where a text alone tells it: names and values."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.readme.sent_files import readme_files
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.spec import Inferred, infer
from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.mask_files import write_masks
from tests.competition.infer.test_png_samples import (
    CLASSES,
    N_TEST,
    images,
    save,
    size,
    squares,
    train,
)

TOLD = {
    "english": (
        "## Submission\n\nSubmit a single .zip file with one PNG for each tile of `test/`. The name"
        " must be `<id>_mask.png`, in the colours of the table.",
        "{id}_mask.png",
    ),
    "a tar of TIFFs": (
        "Submission format\n-----------------\n\nYou must submit your masks as a .tar or .zip of "
        "single-band TIFF files, each `{tile_id}_kelp.tif` of 350 x 350 pixels, 1 for kelp and 0 "
        "for no kelp.",
        "{id}_kelp.tif",
    ),
    "without a sign": ("Upload a zip. Submit one PNG per image, image_id.png.", "{id}.png"),
    "a heading": (
        "# Data\nImages are `[n]_photo.jpg`.\n# What to submit\nA PNG for each image of test, "
        "called `[n]_pred.png`.",
        "{id}_pred.png",
    ),
    "a page": (
        "<h2>Submission</h2><p>Upload a zip with one PNG per image, &lt;id&gt;_out.png.</p>",
        "{id}_out.png",
    ),
    "a tree": (
        "# Submit\n\nMasks as PNG for each image:\n\n    submission.zip\n      ├── masks/\n"
        "      │   ├── <id>.png\n      └── ...\n",
        "masks/{id}.png",
    ),
    "below a further heading": (
        "# Submission\n\nBy Friday.\n\n## Format\n\nA PNG for each image: `<id>.png`.\n\n"
        "## Limits\n\nThree a day.",
        "{id}.png",
    ),
    "twice": (
        "# Overview\nSubmit a PNG for each image.\n# Submission\nA zip of PNGs, `<id>.png` each.",
        "{id}.png",
    ),
    "as train": (
        "Submit a zip of PNG files `<id>.png` in the same format as the training masks.",
        "{id}.png",
    ),
    "german": (
        "## Abgabe\n\nEin ZIP mit einem PNG je Bild; es heißt `<id>_maske.png`.",
        "{id}_maske.png",
    ),
    "french": (
        "Soumettez une archive .zip avec un PNG par image de test, nommé `<id>_masque.png`.",
        "{id}_masque.png",
    ),
    "spanish": ("Envíe un .zip con un PNG por imagen: `{id}_mascara.png`.", "{id}_mascara.png"),
    "portuguese": ("Envie um .zip com um PNG para cada imagem: `<id>.png`.", "{id}.png"),
    "italian": ("Inviate uno zip con un PNG per ogni immagine, `<id>.png`.", "{id}.png"),
    "dutch": ("Lever een zip in met voor elke foto een PNG, `<id>.png`.", "{id}.png"),
    "polish": ("Wyślij plik .zip z jednym PNG na każdy obraz: `<id>.png`.", "{id}.png"),
    "czech": ("Odešlete .zip s jedním PNG pro každý snímek: `<id>.png`.", "{id}.png"),
    "russian": (
        "Отправьте архив .zip, в котором для каждого изображения есть файл PNG `<id>.png`.",
        "{id}.png",
    ),
    "ukrainian": ("Надішліть .zip, де для кожного знімка є PNG `<id>.png`.", "{id}.png"),
    "turkish": ("Her görüntü için bir PNG (`<id>.png`) içeren .zip gönderin.", "{id}.png"),
    "indonesian": ("Kirim berkas .zip dengan satu PNG untuk setiap citra: `<id>.png`.", "{id}.png"),
    "vietnamese": ("Nộp một tệp .zip với một PNG cho mỗi ảnh: `<id>.png`.", "{id}.png"),
    "swedish": ("Skicka in en zip med en PNG för varje bild: `<id>.png`.", "{id}.png"),
    "norwegian": ("Lever en zip med én PNG for hvert bilde: `<id>.png`.", "{id}.png"),
    "finnish": ("Palauta zip, jossa on jokaisesta kuvasta PNG `<id>.png`.", "{id}.png"),
    "estonian": ("Esita zip, milles on iga pildi kohta PNG `<id>.png`.", "{id}.png"),
    "hungarian": ("Küldjék be zipben: minden képhez egy PNG, `<id>.png`.", "{id}.png"),
    "romanian": ("Trimiteți un .zip cu un PNG pentru fiecare imagine: `<id>.png`.", "{id}.png"),
    "bulgarian": ("Изпратете .zip с PNG за всяко изображение: `<id>.png`.", "{id}.png"),
    "greek": ("Υποβάλετε ένα .zip με ένα PNG για κάθε εικόνα: `<id>.png`.", "{id}.png"),
    "arabic": ("أرسل ملف zip فيه ملف PNG لكل صورة: `<id>.png`.", "{id}.png"),
    "persian": ("یک فایل zip ارسال کنید با یک PNG برای هر تصویر: `<id>.png`.", "{id}.png"),
    "basque": ("Bidali zip bat, irudi bakoitzeko PNG batekin: `<id>.png`.", "{id}.png"),
    "chinese": ("## 提交\n\n请提交 zip，每张图像一个 PNG，命名为 `<编号>_m.png`。", "{id}_m.png"),
    "japanese": ("各画像ごとにPNG `{画像ID}_m.png` をzipで提出してください。", "{id}_m.png"),
    "korean": ("이미지마다 PNG 하나 `<번호>_m.png`를 zip으로 묶어 제출하세요.", "{id}_m.png"),
}  # fmt: skip


def stated_by(folder: Path, text: str) -> Any:
    folder.mkdir(exist_ok=True)
    name = "page.html" if text.startswith("<") else "README.md"
    (folder / name).write_text(text, encoding="utf-8")
    return readme_files(scan_folder(folder, "data"))


@pytest.mark.parametrize("name", TOLD)
def test_a_text_tells_that_pictures_are_sent_and_their_names(tmp_path: Path, name: str) -> None:
    text, template = TOLD[name]
    told = stated_by(tmp_path / "data", text)
    assert told is not None
    assert [one.template for one in told.names] == [template]


def test_a_long_sentence_is_quoted_up_to_a_whole_word(tmp_path: Path) -> None:
    text = "Send a .zip with a PNG for each image, with the very same name" + " and more words" * 9
    told = stated_by(tmp_path / "data", text)
    begin, _, end = told.quote.rpartition(" ")
    assert end == "…"
    assert {*begin.split()} <= {*text.split()}
    assert 100 < len(told.quote) <= 120


NOT_TOLD = {
    "masks of train": (
        "The training masks are PNG files `<id>_mask.png` in train.zip, one for each image. Predict"
        " the masks of test."
    ),
    "masks of train in the sentence": (
        "Submit a zip; how a mask is drawn is shown by the training data, one PNG each."
    ),
    "masks of train below the heading": (
        "## Submission\n\nThe masks of train are PNGs, one for each image. The score is IoU."
    ),
    "masks beside images": "Each image has a mask, one PNG, `<id>_mask.png`. Submit by Friday.",
    "images to predict": (
        "The test images are in test.zip, one PNG each (`<id>.png`). Predict their masks."
    ),
    "images below the heading": (
        "## Submission\n\nThe images are in `test/` as PNG files (`<id>.png`). The score is IoU."
    ),
    "a CSV": (
        "Submit the columns id and rle as CSV. Each mask of train is a PNG file, `<id>_mask.png`."
    ),
    "runs": "Submit the masks, which you find as PNG for each image of train, as run-lengths.",
    "the truth": "Submissions are compared against the PNG masks of the tiles, one for each.",
    "the score": "Submissions are evaluated by the IoU of each PNG mask.",
    "denied": "Please do not submit PNG files in a zip.",
    "a CSV in another section": (
        "# Submission\n## Masks\nA PNG for each image, `<id>.png`.\n## Or runs\nA CSV of runs."
    ),
    "figures": "Submit a zip with submission.csv; PNG figures of your masks are welcome.",
    "a report": "Upload a report of two pages. Figures are PNG.",
    "masks of train, in German": (
        "Die Trainingsmasken liegen als PNG `<id>_maske.png` im Ordner, eine für jedes Bild."
        " Abgabe ist am Freitag."
    ),
    "masks of train, in Chinese": "训练集的掩码是 PNG，每张一个 `<编号>_mask.png`。请提交结果。",
    "two sections": (
        "# Phase 1: submit\nA PNG for each image, `<id>_a.png`.\n"
        "# Phase 2: submit\nA PNG for each image, `<id>_b.png`."
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_TOLD)
def test_other_texts_tell_no_pictures_to_send(tmp_path: Path, name: str) -> None:
    assert stated_by(tmp_path / "data", NOT_TOLD[name]) is None


@pytest.mark.parametrize(("values", "pairs"), [
    ("1 for water and 0 for the rest", [{0, 1}]),
    ("0 or 255", [{0, 255}]),
    ("0/1, of 512 x 512 pixels and 8 bit", [{0, 1}]),
    ("values from 0 to 255", []),
    ("values between 0 and 1", []),
    ("grey levels 0–255", []),
    ("0.5 or 1 points", []),
])  # fmt: skip
def test_two_values_of_pixels_are_no_range(
    tmp_path: Path, values: str, pairs: list[set[int]]
) -> None:
    told = stated_by(tmp_path / "data", f"Submit a zip with a PNG for each image, {values}.")
    assert [set(one) for one in told.pairs] == pairs


@pytest.mark.parametrize(("text", "folder"), [
    ("Submit one PNG per image. Put all PNGs into a folder called `masks` and zip it.", "masks"),
    ("Laden Sie ein PNG je Bild hoch: alle PNGs im Ordner `ergebnis`, als .zip.", "ergebnis"),
    ("每张图像提交一个 PNG;\n将全部 png 放在 `out` 文件夹内,压缩为 `out.zip`。", "out"),
    ("画像ごとにPNGを提出。PNGは「result」フォルダに入れ、zipにしてください。", "result"),
    ("이미지마다 PNG를 제출하세요. PNG를 `out` 폴더에 넣어 zip으로 압축합니다.", "out"),
    ("Submit one PNG per image in a zip. Images are in the folder `images`.", ""),
    ("Submit a zip of one PNG per image, named as the images in the folder `test`.", ""),
    ("Submit one PNG per image in a zip called `masks`.", ""),
])  # fmt: skip
def test_a_text_names_the_folder_that_is_packed(tmp_path: Path, text: str, folder: str) -> None:
    assert stated_by(tmp_path / "data", f"# Submission\n\n{text}\n").folder == folder


def submission(found: Inferred) -> tuple[dict[str, Any], list[str]]:
    """Return `submission` and the keys to choose."""
    document = yaml.safe_load(found.text)
    return document["submission"], document.get("to_choose", [])


def readme(data: Path, text: str) -> None:
    (data / "README.md").write_text(f"# Squares\n\n{text}\n", encoding="utf-8")


def one_class(data: Path) -> None:
    train(data, [255])


def two_classes(data: Path) -> None:
    train(data, [1, 2])
    (data / "classes.txt").write_text("background\nroad\ncar\n")


def runs(data: Path) -> None:
    images(data)
    rows = [f"tr{n},{3 + n} 4 60 {5 + n}" for n in range(9)]
    (data / "train.csv").write_text("\n".join(["image,rle", *rows]) + "\n")


def classes_alone(data: Path) -> None:
    """Write masks of which each pixel is of one of three classes."""
    train(data, [1, 2])
    (data / "classes.txt").write_text("road\ncar\ntree\n")


TREE = """## 提交说明

将全部影像的预测结果放入文件夹 `result`，压缩为 `result.zip` 后提交：

```
result.zip
└── result
    ├── te0.png
    ├── te1.png
    └── ...
```

1. 单通道；
2. 像素取值为 0、1、2，请不要提交彩色图。
"""
ZIP = "Submit a zip with one PNG for each image of test"
SURE: dict[str, tuple[Callable[[Path], None], str, str, dict[int, str]]] = {
    "two values": (
        one_class,
        f"{ZIP}, `<image>_pred.png`, of 0 and 1.",
        "{id}_pred.png",
        {0: "background", 1: "foreground"},
    ),
    "of runs": (
        runs,
        f"{ZIP}, `<image>.png`, of 0 and 255.",
        "{id}.png",
        {0: "background", 255: "foreground"},
    ),
    "TIFFs": (
        one_class,
        "Submit a zip with one TIFF for each image, {image_id}.tif: 1 is something, 0 is not.",
        "{id}.tif",
        {0: "background", 1: "foreground"},
    ),
    "BMPs": (
        one_class,
        "Submit a zip with one BMP for each image, masks/te0.bmp: 1 is something, 0 is not.",
        "masks/{id}.bmp",
        {0: "background", 1: "foreground"},
    ),
    "an example": (
        one_class,
        f"{ZIP}, as te2_x.png, of 0 and 255.",
        "{id}_x.png",
        {0: "background", 255: "foreground"},
    ),
    "the name of the image": (
        one_class,
        f"{ZIP}, with the same name as the image and values 0 and 255.",
        "{id}.png",
        {0: "background", 255: "foreground"},
    ),
    "numbers of classes": (
        two_classes,
        f"{ZIP}, `[id].png`; a pixel is the class index.",
        "{id}.png",
        {0: "background", 1: "road", 2: "car"},
    ),
    "a list of values": (
        two_classes,
        f"{ZIP}, `[id].png`; its pixels are 0, 1 or 2.",
        "{id}.png",
        {0: "background", 1: "road", 2: "car"},
    ),
    "a folder in a tree": (
        classes_alone,
        TREE,
        "result/{id}.png",
        {0: "road", 1: "car", 2: "tree"},
    ),
    "as in train": (
        two_classes,
        f"{ZIP}, `[id].png`, in the same format as the training masks.",
        "{id}.png",
        {0: "background", 1: "road", 2: "car"},
    ),
}


@pytest.mark.parametrize("name", SURE)
def test_what_a_text_tells_is_the_form_of_the_file(tmp_path: Path, name: str) -> None:
    make, text, template, values = SURE[name]
    make(tmp_path / "data")
    readme(tmp_path / "data", text)
    found = infer(tmp_path / "data", tmp_path)
    sent, open_keys = submission(found)
    assert sent["file"] == {"kind": "png", "name": template, "mask_values": values}
    assert "sample" not in sent
    assert "submission.file" not in open_keys
    assert "README.md says" in found.text.partition("submission:")[2]
    names = ["background", *(found.competition.classes or ["foreground"])]
    shown = [n for n, one in enumerate(names) if one in values.values()]
    masks = [(f"te{n}", np.maximum(squares(n, shown), shown[0])) for n in range(N_TEST)]
    file = write_masks(tmp_path / "sent.zip", found.competition, masks)
    assert check(file, found.competition) == []
    value_of = {name: value for value, name in values.items()}
    expected = np.array([value_of.get(one, 99) for one in names], np.uint8)[masks[1][1]]
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == [template.replace("{id}", f"te{n}") for n in range(N_TEST)]
        with Image.open(io.BytesIO(archive.read(archive.namelist()[1]))) as image:
            np.testing.assert_array_equal(np.asarray(image), expected)


OPEN = {
    "values of one class": (one_class, f"{ZIP}, `<id>.png`.", "{id}.png"),
    "values of two readings": (
        one_class,
        f"{ZIP}, `<id>.png`. Pixels are 0 and 1. Pixels are 0 and 255.",
        "{id}.png",
    ),
    "no name": (one_class, f"{ZIP}, of 0 and 255.", "{id}.png"),
    "two names": (one_class, f"{ZIP}, `<id>_a.png` or `<id>_b.png`, of 0 and 255.", "{id}_a.png"),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_a_text_leaves_open_is_a_question(tmp_path: Path, name: str) -> None:
    make, text, template = OPEN[name]
    make(tmp_path / "data")
    readme(tmp_path / "data", text)
    found = infer(tmp_path / "data", tmp_path)
    sent, open_keys = submission(found)
    assert sent["file"]["name"] == template
    assert open_keys == ["submission.file"]
    assert "# or file: {kind: png" in found.text.partition("\n  file:")[2]


def test_numbers_of_train_are_a_guess_where_a_text_tells_none(tmp_path: Path) -> None:
    two_classes(tmp_path / "data")
    readme(tmp_path / "data", f"{ZIP}, `<id>.png`.")
    found = infer(tmp_path / "data", tmp_path)
    values = submission(found)[0]["file"]["mask_values"]
    assert values == {0: "background", 1: "road", 2: "car"}
    assert "does not tell the values" in " ".join(found.text.replace("#", "").split())


@pytest.mark.parametrize("name", ["masks of train", "a CSV", "the truth"])
def test_without_pictures_to_send_the_guess_is_runs(tmp_path: Path, name: str) -> None:
    train(tmp_path / "data", [255])
    readme(tmp_path / "data", NOT_TOLD[name])
    sent, _ = submission(infer(tmp_path / "data", tmp_path))
    assert "file" not in sent
    assert sent["columns"] == {"id": "id", "rle": "value"}


def test_a_note_asks_to_pack_a_tar_by_hand(tmp_path: Path) -> None:
    train(tmp_path / "data", [255])
    text = "Submit a .tar with a TIFF for each image, `<id>.tif`, of 0 and 1."
    readme(tmp_path / "data", text)
    found = infer(tmp_path / "data", tmp_path)
    assert submission(found)[0]["file"]["name"] == "{id}.tif"
    assert any("asks for a TAR" in note for note in found.notes)


def with_a_file_of_each_class(data: Path) -> None:
    images(data)
    for number in range(9):
        for place, name in enumerate(CLASSES):
            mask = squares(number, [0] * place + [255])
            mask[10 : 12 + number, 9:] = 255  # both classes share pixels
            save(data / f"train/masks/{name}/tr{number}.png", mask)


def test_classes_that_share_pixels_need_a_file_each(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with_a_file_of_each_class(data)
    readme(data, f"{ZIP}, `<id>.png`, of 0 and 255.")
    found = infer(data, tmp_path)
    assert "file" not in submission(found)[0]
    assert any("classes that share pixels" in note for note in found.notes)
    readme(data, f"{ZIP} and class, `<id>_<class>.png`, of 0 and 255.")
    sent, open_keys = submission(infer(data, tmp_path))
    assert sent["file"]["name"] == "{id}_{class}.png"
    assert open_keys == []


COLOURS = np.array([[0, 0, 0], [0, 64, 255], [0, 128, 0]], np.uint8)


def tiles(data: Path, *, with_table: bool) -> None:
    """Write tiles `7_sat.jpg` with masks `7_mask.png` in colours, and a table of all tiles."""
    rng = np.random.default_rng(7)
    rows = ["image_id,split,sat_image_path,mask_path"]
    for n in range(16):
        part = "train" if n < 12 else "test"
        name = f"{part}/{4000 + n}"
        save(data / f"{name}_sat.jpg", rng.integers(0, 255, (*size(0), 3), dtype=np.uint8))
        if part == "train":
            mask = np.where(squares(0, [1]) > 0, 1, 2)
            mask[0, : n % 3] = 0  # unknown
            save(data / f"{name}_mask.png", COLOURS[mask])
        of_mask = f"{name}_mask.png" if part == "train" else ""
        rows.append(f"{4000 + n},{part},{name}_sat.jpg,{of_mask}")
    names = ["name,r,g,b", "unknown,0,0,0", "water,0,64,255", "forest,0,128,0"]
    (data / "class_dict.csv").write_text("\n".join(names) + "\n")
    if with_table:
        (data / "metadata.csv").write_text("\n".join(rows) + "\n")


@pytest.mark.parametrize("with_table", [True, False])
def test_colours_of_the_masks_are_sent_by_the_ids_of_train(
    tmp_path: Path, with_table: bool
) -> None:
    data = tmp_path / "data"
    tiles(data, with_table=with_table)
    text = "Tiles are `<id>_sat.jpg`, each with a mask `<id>_mask.png`.\n\n## Submission\n\n"
    readme(data, f"{text}{ZIP}.\nThe name must be `<id>_mask.png`, in the colours of the table.")
    found = infer(data, tmp_path)
    sent, open_keys = submission(found)
    assert sent["file"]["name"] == "{id}_mask.png"
    assert sent["file"]["mask_values"] == {
        "#000000": "background", "#0040ff": "water", "#008000": "forest",
    }  # fmt: skip
    assert open_keys == []
    spec = found.competition
    assert list(load_samples(spec, "test")["id"]) == [str(4000 + n) for n in range(12, 16)]
    classes = np.where(squares(0, [1]) > 0, 1, 2).astype(np.uint8)
    places = {name: n for n, name in enumerate(spec.classes, 1)}
    predicted = np.array([0, places["water"], places["forest"]], np.uint8)[classes]
    masks = [(str(4000 + n), predicted) for n in range(12, 16)]
    file = write_masks(tmp_path / "sent.zip", spec, masks)
    assert check(file, spec) == []
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == [f"{4000 + n}_mask.png" for n in range(12, 16)]
        with Image.open(io.BytesIO(archive.read("4013_mask.png"))) as image:
            assert image.mode == "RGB"
            np.testing.assert_array_equal(np.asarray(image), COLOURS[classes])


@pytest.mark.parametrize(("black", "text"), [
    ("soil", f"{ZIP}, of the same name, in the same colours as the training masks."),
    ("background", f"{ZIP}, of the same name, in the same colours as the training masks."),
    ("soil", "## Abgabe\n\nEine ZIP-Datei, in der für jedes Testbild eine PNG-Maske gleichen "
     "Namens liegt, in denselben Farben wie die Trainingsmasken."),
])  # fmt: skip
def test_black_may_be_the_colour_of_a_class(tmp_path: Path, black: str, text: str) -> None:
    """Where each pixel is of a class, nothing is of none, and no colour is needed for it."""
    data = tmp_path / "data"
    for n in range(12):
        save(data / f"train/images/a{n:02}.png", np.full((*size(0), 3), n * 9, np.uint8))
        mask = np.where(squares(0, [1]) > 0, 1, 0)
        mask[0, : n % 3] = 2
        save(data / f"train/masks/a{n:02}.png", COLOURS[mask])
    for n in range(4):
        save(data / f"test/images/b{n}.png", np.full((*size(0), 3), n * 9, np.uint8))
    names = ["name,r,g,b", f"{black},0,0,0", "crop,0,64,255", "weed,0,128,0"]
    (data / "class_colors.csv").write_text("\n".join(names) + "\n")
    readme(data, text)
    sent, open_keys = submission(infer(data, tmp_path))
    colours = {"#000000": black, "#0040ff": "crop", "#008000": "weed"}
    assert sent["file"] == {"kind": "png", "name": "{id}.png", "mask_values": colours}
    assert open_keys == []


@pytest.mark.parametrize("with_table", [True, False])
def test_ids_to_predict_are_made_as_those_of_train(tmp_path: Path, with_table: bool) -> None:
    tiles(tmp_path / "data", with_table=with_table)
    spec = infer(tmp_path / "data", tmp_path).competition
    assert load_samples(spec, "train")["id"].iloc[0] == "4000"
    assert list(load_samples(spec, "test")["id"]) == [str(4000 + n) for n in range(12, 16)]
    assert load_samples(spec, "test")["images"].iloc[0] == ("data/test/4012_sat.jpg",)


def test_colours_are_a_question_beside_one_channel(tmp_path: Path) -> None:
    """ "One channel for each RGB tile" asks for numbers, and no text tells which."""
    data = tmp_path / "data"
    tiles(data, with_table=False)
    readme(data, f"{ZIP}, `<id>_mask.png`, of one channel for each RGB tile `<id>_sat.jpg`.")
    sent, open_keys = submission(infer(data, tmp_path))
    assert open_keys == ["submission.file"]
    assert sent["file"]["mask_values"] == {0: "background", 1: "water", 2: "forest"}


def kelp(data: Path, image: NDArray[np.uint8], n: int) -> None:
    part = "train" if n < 24 else "test"
    save(data / f"{part}_satellite/ID{n:03}_satellite.tif", image)
    if part == "train":
        save(data / f"train_kelp/ID{n:03}_kelp.tif", squares(0, [1] if n % 2 else [1, 1]))


def flood(data: Path, image: NDArray[np.uint8], n: int) -> None:
    part = "train" if n < 24 else "test"
    for place, kind in enumerate(("vv", "vh")):
        save(data / f"{part}_features/abc{n:03}_{kind}.tif", image[..., place])
    if part == "train":
        save(data / f"train_labels/abc{n:03}.tif", squares(0, [1] if n % 2 else [1, 1]))


TIFFS = {
    "kelp": (
        kelp,
        "You must submit a single .tar or .zip of single-band TIFF masks, 1 for kelp and 0 for no"
        " kelp, each `{tile_id}_kelp.tif`.",
        "{id}_kelp.tif",
        "ID024",
    ),
    "flood": (
        flood,
        "Submit a .zip with a .tif for each chip in the test set, named by its chip_id, e.g. "
        "abc025.tif, with 1 for water and 0 for no water.",
        "{id}.tif",
        "abc024",
    ),
}


@pytest.mark.parametrize("name", TIFFS)
def test_tiffs_of_remote_sensing_are_called_by_the_id_of_a_tile(tmp_path: Path, name: str) -> None:
    make, text, template, first = TIFFS[name]
    rng = np.random.default_rng(2)
    for n in range(30):
        make(tmp_path / "data", rng.integers(0, 255, (*size(0), 3), dtype=np.uint8), n)
    readme(tmp_path / "data", f"# Submission format\n\n{text}")
    found = infer(tmp_path / "data", tmp_path)
    sent, open_keys = submission(found)
    assert sent["file"]["name"] == template
    assert sent["file"]["mask_values"] == {0: "background", 1: "foreground"}
    assert open_keys == []
    assert load_samples(found.competition, "test")["id"].iloc[0] == first
    assert len(load_samples(found.competition, "train")) == 24


def test_an_id_is_what_a_name_of_images_has_in_its_place(tmp_path: Path) -> None:
    """Masks lie in a folder of their own, and have the names of images: ids are these stems."""
    data = tmp_path / "data"
    rng = np.random.default_rng(1)
    for n in range(12):
        part = "train" if n < 9 else "test"
        pixels = rng.integers(0, 255, (*size(0), 3), dtype=np.uint8)
        save(data / f"{part}/images/{n:03}_photo.png", pixels)
        if part == "train":
            save(data / f"train/masks/{n:03}_photo.png", squares(0, [255]))
    text = "Images are called [number]_photo.png."
    readme(data, f"{text}\n\n{ZIP}, called [number]_out.png, of 0 and 255.")
    found = infer(data, tmp_path)
    assert submission(found)[0]["file"]["name"] == "{id}_out.png"
    assert list(load_samples(found.competition, "test")["id"]) == ["009", "010", "011"]


def test_a_folder_that_is_packed_may_be_in_the_zip_or_not(tmp_path: Path) -> None:
    train(tmp_path / "data", [255])
    (tmp_path / "data/README.md").write_text(
        "Submit one PNG per image, `<id>.png`, 0 or 255. Zip the PNGs in a folder called `out`.\n"
    )
    found = infer(tmp_path / "data", tmp_path)
    file, open_keys = submission(found)
    assert file["file"]["name"] == "out/{id}.png"
    assert open_keys == ["submission.file"]
    assert "# or file: {kind: png, name: '{id}.png'" in found.text
