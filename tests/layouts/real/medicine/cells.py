"""Layouts of competitions and data sets of cells, blood and proteins under a microscope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import tifffile

from layouts.drawing import draw_objects, draw_plane, save_pixels
from layouts.real.files import write_box_xml, write_lines
from layouts.real.kinds import ANY, LABELS, MULTI, NUMBER, OBJECTS, ONE_MASK, RANKS, SEVERAL, TWO
from layouts.real.made import BROAD, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import draw_some_objects, planes_of, save_grey_mask, union
from layouts.real.names import hex_name, part_by_number, uuid_name
from layouts.real.photos import save_tiff, write_grey, write_photos
from layouts.real.readings import (
    any_of,
    beyond_scope,
    in_folders,
    objects_as_one_mask,
    reading_of,
    with_and_without,
    with_masks,
    with_train_labels,
    without_labels,
)
from layouts.real.tables import label_sets, wide_row, write_competition
from layouts.runs import Codec
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

CERVIX = ("Type_1", "Type_2", "Type_3")


def _cervix(data: Path) -> LayoutTruth:
    return write_competition(
        data, images=("train/{label}/{name}.jpg", "test/{name}.jpg"),
        names=lambda part, number: str(number + (0 if part == "test" else 100)), labels=CERVIX,
        classes=CERVIX, kind="multiclass",
        columns={"image_name": "key", **dict.fromkeys(CERVIX, "number")},
        shown=lambda name: [f"{name}.jpg", "0.17", "0.53", "0.30"], answer=wide_row(CERVIX, ".jpg"),
    )  # fmt: skip


def _cells(data: Path) -> LayoutTruth:
    """Six grey PNGs a site, two sites a well; rows are wells."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train": [], "test": []}
    classes, about = ("0", "3", "513", "840"), []
    for part, experiments in {
        "train": ["HEPG2-01", "HUVEC-01", "RPE-02"],
        "test": ["U2OS-04"],
    }.items():
        for place, experiment in enumerate(experiments):
            for number in range(8):
                plate, well = 1 + number // 4, f"{'BC'[number % 2]}{3 + number % 4:02d}"
                label, name = classes[(number * 3 + place) % 4], f"{experiment}_{plate}_{well}"
                for site in (1, 2):
                    stem = f"{part}/{experiment}/Plate{plate}/{well}_s{site}_w"
                    for channel in range(1, 7):
                        grey = made.random.integers(0, 255, (20, 20)).astype(np.uint8)
                        save_pixels(data / f"{stem}{channel}.png", grey)
                        about.append([f"{name}_s{site}_w{channel}", "30.1", "12.2"])
                    true = TrueSample((20, 20), label, unit=name)
                    (made.train if part == "train" else made.test)[f"{stem}1.png"] = true
                facts = [name, experiment, str(plate), well]
                tables[part].append([*facts, label] if part == "train" else facts)
                if part == "test":
                    rows.append((name, label))
    header = ["id_code", "experiment", "plate", "well"]
    made.table("train.csv", [*header, "sirna"], tables["train"])
    made.table("test.csv", header, tables["test"])
    for part in ("train", "test"):
        # Wells of controls have pictures of their own, and a table.
        controls = []
        for experiment in dict.fromkeys(one[1] for one in tables[part]):
            for well in ("B02", "N23"):
                for site in (1, 2):
                    for channel in range(1, 7):
                        grey = made.random.integers(0, 255, (20, 20)).astype(np.uint8)
                        path = f"{part}/{experiment}/Plate1/{well}_s{site}_w{channel}.png"
                        save_pixels(data / path, grey)
                controls.append([f"{experiment}_1_{well}", experiment, "1", well, "1138",
                                 "negative_control"])  # fmt: skip
        made.table(f"{part}_controls.csv", [*header, "sirna", "well_type"], controls)
    made.table("pixel_stats.csv", ["id_code", "mean", "std"], about)
    made.table("sample_submission.csv", ["id_code", "sirna"], [[one, "0"] for one, _ in rows])
    columns = {"id_code": "key", "sirna": "text"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=classes)


def _malaria(data: Path) -> Readings:
    """All is there a second time, in a folder of the same name."""
    made, classes = Builder(data), ("Parasitized", "Uninfected")
    for label in classes:
        for n in range(12):
            name = f"C{33 + n // 3}P{1 + n // 3}thinF_IMG_20150619_114756a_cell_{162 + n}.png"
            path = f"cell_images/{label}/{name}"
            write_photos(made, [path], label)
            inner = data / f"cell_images/{path}"
            inner.parent.mkdir(parents=True, exist_ok=True)
            inner.write_bytes((data / path).read_bytes())
            made.train[f"cell_images/{path}"] = made.train[path]
        made.text(f"cell_images/{label}/Thumbs.db", "x")
        made.text(f"cell_images/cell_images/{label}/Thumbs.db", "x")
    inner_folder = in_folders("cell_images/cell_images")
    outer_folder = lambda path: not inner_folder(path)  # noqa: E731
    return (
        reading_of(made, TWO, out=inner_folder, classes=classes),
        reading_of(made, TWO, out=outer_folder, classes=classes),
    )


def _white_cells(data: Path) -> Readings:
    """Three folds with two class folders each; a table for one test, none for the other."""
    made, rows, labels = Builder(data), [], dict[str, str]()
    for fold in range(3):
        for k in range(1, 6):
            labels[f"C-NMC_training_data/fold_{fold}/all/UID_{1 + 9 * fold}_{k}_1_all.bmp"] = "all"
        for k in range(1, 4):
            labels[f"C-NMC_training_data/fold_{fold}/hem/UID_H{1 + 7 * fold}_{k}_1_hem.bmp"] = "hem"
    first, last = "C-NMC_test_prelim_phase_data", "C-NMC_test_final_phase_data"
    for k in range(1, 10):
        label = ("hem", "all")[k % 3 > 0]
        labels[f"{first}/{first}/{k}.bmp"] = label
        patient = f"UID_{'H' if label == 'hem' else ''}{40 + k}_{k}_1_{label}.bmp"
        rows.append([patient, f"{k}.bmp", str(int(label == "all"))])
    for path, label in labels.items():
        write_photos(made, [path], label)
    write_photos(made, [f"{last}/{last}/{k}.bmp" for k in range(1, 9)], None)
    made.table(f"{first}/{first}_labels.csv", ["Patient_ID", "new_names", "labels"], rows)
    return (
        reading_of(made, TWO, test=in_folders(last), out=in_folders(first), classes=("all", "hem")),
        reading_of(made, TWO, test=in_folders(last), classes=("all", "hem")),
        reading_of(made, TWO, test=in_folders(first, last), classes=("all", "hem")),
        reading_of(made, TWO, test=in_folders(first), out=in_folders(last), classes=("all", "hem")),
    )


BLOOD = ("EOSINOPHIL", "LYMPHOCYTE", "MONOCYTE", "NEUTROPHIL")


def _blood(data: Path) -> Readings:
    """Two sets in folders twice in each other: boxes of one, class folders of the other."""
    made, one, other = (
        Builder(data),
        "dataset-master/dataset-master",
        "dataset2-master/dataset2-master",
    )
    for label in BLOOD:
        write_photos(
            made,
            [f"{other}/images/TRAIN/{label}/_{k % 3}_{207 + 31 * k}.jpeg" for k in range(9)],
            label,
        )
        write_photos(
            made,
            [f"{other}/images/TEST/{label}/_{k % 2}_{1390 + 71 * k}.jpeg" for k in range(4)],
            label,
        )
        write_photos(
            made,
            [f"{other}/images/TEST_SIMPLE/{label}/_0_{187 + 53 * k}.jpeg" for k in range(2)],
            label,
        )
    lines = [",Image,Category"]
    for k in range(12):
        write_photos(made, [f"{one}/JPEGImages/BloodImage_{k:05d}.jpg"], None)
        write_box_xml(made, f"{one}/Annotations/BloodImage_{k:05d}.xml", "RBC")
        lines.append(
            f'{k},{k},"{BLOOD[k % 4]}{", " + BLOOD[1] if k == 5 else ""}"'
            if k != 8
            else f"{k},{k},"
        )
    write_lines(made, f"{one}/labels.csv", lines)
    write_lines(made, f"{other}/labels.csv", lines)
    top, beside = f"{other}/images", f"{one}/JPEGImages"
    return (
        reading_of(
            made,
            LABELS,
            test=in_folders(f"{top}/TEST", f"{top}/TEST_SIMPLE"),
            out=in_folders(beside),
            classes=BLOOD,
        ),
        reading_of(
            made,
            LABELS,
            test=in_folders(f"{top}/TEST"),
            out=in_folders(beside, f"{top}/TEST_SIMPLE"),
            classes=BLOOD,
        ),
        reading_of(
            made,
            LABELS,
            test=in_folders(f"{top}/TEST_SIMPLE"),
            out=in_folders(beside, f"{top}/TEST"),
            classes=BLOOD,
        ),
        reading_of(
            made,
            LABELS,
            test=in_folders(f"{top}/TEST_SIMPLE"),
            out=in_folders(beside),
            classes=BLOOD,
        ),
        reading_of(
            made, LABELS, test=in_folders(f"{top}/TEST"), out=in_folders(beside), classes=BLOOD
        ),
    )


def _smear_cells(data: Path) -> Readings:
    """Class folders twice in each other; crops of cells in a folder inside, with outlines as text."""
    made, classes = (
        Builder(data),
        ("im_Dyskeratotic", "im_Koilocytotic", "im_Metaplastic", "im_Parabasal"),
    )
    for label in classes:
        for k in range(1, 6):
            write_photos(made, [f"{label}/{label}/{k:03d}.bmp"], label, (28, 36))
            for cell in range(1, 3):
                write_photos(made, [f"{label}/{label}/CROPPED/{k:03d}_{cell:02d}.bmp"], label)
                for end in ("cyt", "nuc"):
                    made.text(
                        f"{label}/{label}/CROPPED/{k:03d}_{cell:02d}_{end}.dat",
                        "2.1,3.0\n5.5,9.2\n",
                    )
    is_crop = lambda path: "/CROPPED/" in path  # noqa: E731
    return (
        reading_of(made, LABELS, out=lambda path: not is_crop(path), classes=classes),
        reading_of(made, LABELS, out=is_crop, classes=classes),
        reading_of(made, LABELS, classes=classes),
    )


def _marrow(data: Path) -> Readings:
    """Folders of numbers inside the class folders."""
    made, top, classes = Builder(data), "BM_cytomorphology_data", ("ABE", "ART", "BAS", "BLA")
    for label in classes:
        for first, names in ((1, range(1, 6)), (1001, range(1001, 1006))):
            folder = f"{top}/{label}/{first:04d}-{first + 999:04d}"
            write_photos(made, [f"{folder}/{label}_{k:05d}.jpg" for k in names], label)
    made.text(
        "abbreviations.csv", "ABE;Abnormal eosinophil\nART;Artefact\nBAS;Basophil\nBLA;Blast\n"
    )
    return (reading_of(made, LABELS, classes=classes),)


def _blood_in_an_archive(data: Path) -> Readings:
    """One archive of six arrays: images and labels of train, val and test."""
    made, arrays = Builder(data), {}
    for part, n in (("train", 32), ("val", 8), ("test", 10)):
        labels = np.arange(n) % 8
        arrays[f"{part}_images"] = made.random.integers(0, 255, (n, 28, 28, 3)).astype(np.uint8)
        arrays[f"{part}_labels"] = labels.astype(np.uint8)[:, None]
        for k, label in enumerate(labels):
            made.train[f"../made/images/{part}/{k}.png"] = TrueSample((28, 28), str(label))
    data.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(data / "bloodmnist.npz", **arrays)
    is_test, names = in_folders("../made/images/test"), tuple("01234567")
    out = reading_of(
        made, LABELS, test=is_test, out=in_folders("../made/images/val"), classes=names
    )
    both = reading_of(made, LABELS, test=is_test, classes=names)
    # The arrays have no names of files: val may be called otherwise where its images are made.
    other = {path.replace("/val/", "/holdout/"): one for path, one in both.train.items()}
    return both, replace(both, train=other), out


BLOOD_OF_PERIPHERAL_BLOOD_CELLS = {
    "basophil": ("BA",),
    "eosinophil": ("EO",),
    "erythroblast": ("ERB",),
    "ig": ("MY", "PMY", "MMY", "IG"),
    "lymphocyte": ("LY",),
    "monocyte": ("MO",),
    "neutrophil": ("SNE", "BNE", "NEUTROPHIL"),
    "platelet": ("PLATELET",),
}


def _cells_of_blood(data: Path) -> Readings:
    """Class folders with more than one beginning of names in some; a hidden file that is no image."""
    made, top = Builder(data), "PBC_dataset_normal_DIB"
    for place, (label, stems) in enumerate(BLOOD_OF_PERIPHERAL_BLOOD_CELLS.items()):
        names = [f"{stems[k % len(stems)]}_{100102 + k * 4217 + place}.jpg" for k in range(6)]
        write_photos(made, [f"{top}/{label}/{one}" for one in names], label, (44, 44))
    (data / f"{top}/neutrophil/.DS_169665.jpg").write_bytes(b"\0\0\0\1Bud1" + b"\0" * 99)
    return (reading_of(made, LABELS, classes=tuple(BLOOD_OF_PERIPHERAL_BLOOD_CELLS)),)


def _protein_atlas(data: Path) -> LayoutTruth:
    """Four grey PNGs a sample: one for each stain."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    labels = label_sets(
        "0",
        "16 0",
        "7 1 2 0",
        "5",
        "1",
        "18",
        "25 2",
        "0 25",
        "2",
        "16",
        "25",
        "7 5",
        "0 5 1",
        "2 0",
        "18 25",
        "7",
    )
    every = set().union(*(one for one in labels if isinstance(one, frozenset)))
    classes = sorted(every, key=int)
    for number in range(32):
        part = "train" if number < 24 else "test"
        name, label = hex_name(part, number, length=36), labels[number % 16]
        true = TrueSample(BROAD, label)
        for place, stain in enumerate(("blue", "green", "red", "yellow")):
            path = f"{part}/{name}_{stain}.png"
            grey = made.random.integers(0, 255, BROAD).astype(np.uint8)
            if place == 0:
                made.image(path, true, part=part, pixels=grey)
            else:
                made.image(path, true, part="train", pixels=grey, key="of another file")
        cell = " ".join(sorted(label, key=int)) if isinstance(label, frozenset) else ""
        (cells if part == "train" else rows).append((name, cell))  # type: ignore[attr-defined]
    made.train.pop("of another file")
    made.table("train.csv", ["Id", "Target"], cells)
    made.table("sample_submission.csv", ["Id", "Predicted"], [[name, "0"] for name, _ in rows])
    columns = {"Id": "key", "Predicted": "labels"}
    return made.truth({"classify": "multilabel"}, columns, rows, classes=classes)


def _proteins(data: Path) -> Readings:
    """Sets of numbers; the sample lies above the folder of all else."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    top = "Human protein atlas"
    sets = (
        "9",
        "4",
        "5 2",
        "0",
        "2",
        "4 5",
        "6 8 9",
        "3",
        "5",
        "8",
        "7",
        "1",
        "4 0",
        "6",
        "2 3",
        "5 7 0",
    )
    for number in range(42):
        part, label = "train" if number < 32 else "test", sets[number * 3 % 16]
        name = str(19567 + 311 * number % 9000)
        made.image(
            f"{top}/{part}/{name}.png", TrueSample(BROAD, frozenset(label.split())), part=part
        )
        (cells if part == "train" else rows).append((name, label))
    columns = {"Image": "key", "Label": "labels"}
    made.table(f"{top}/train.csv", list(columns), cells)
    made.table("submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(SEVERAL, columns, rows, classes=tuple("0123456789")),)


SMEARS = (
    "carcinoma_in_situ",
    "light_dysplastic",
    "moderate_dysplastic",
    "normal_columnar",
    "normal_intermediate",
    "normal_superficiel",
    "severe_dysplastic",
)


OF_CELL = ((0, 0, 128), (0, 0, 255), (128, 128, 128), (255, 0, 0))
"""Cytoplasm, nucleus, what is not known, and the ground, as the masks have them."""


def _smears(data: Path) -> Readings:
    """Class folders with masks of four colours among the images, told by the end of their names."""
    made, top = Builder(data), "smear2005/New database pictures"
    colours = np.array(OF_CELL, dtype=np.uint8)
    for place, label in enumerate(SMEARS):
        for k in range(1, 6):
            size = (20 + k, 22 + place)
            places = np.full(size, 4, dtype=np.uint8)
            plane = draw_plane(made.random, size)
            places[plane] = 1
            places[plane & np.roll(plane, 2, axis=1)] = 2
            places[:, :2] = 3
            stem = f"{top}/{label}/{149056321 + k * 7919 + place * 104729}-{149056335 + k * 7919 + place * 104729}-{k:03d}"
            made.image(
                f"{stem}.BMP", TrueSample(size, label, planes=planes_of(places, 4)), part="train"
            )
            save_pixels(data / f"{stem}-d.bmp", colours[places - 1])
    (data / "smear2005/new_database_results.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 60)
    found = list[LayoutTruth]()
    for kept, ignored in (
        ((0, 1, 2, 3), ()),
        ((0, 1, 2), ()),
        ((0, 1), ()),
        ((0, 1, 3), (2,)),
        ((0, 1), (2,)),
    ):
        truth = reading_of(made, {**LABELS, **MULTI}, classes=SMEARS, mask_classes=[""] * len(kept))
        train = {
            path: replace(
                one,
                planes=tuple(one.planes[n] for n in kept),
                ignored=union([one.planes[n] for n in ignored]) if ignored else None,
            )
            for path, one in truth.train.items()
            if one.planes
        }
        found.append(replace(truth, train=train))
    return tuple(found)


def _without_the_first(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth with the complement of its one mask."""
    train = {
        path: replace(one, planes=(~one.planes[0],)) if one.planes else one
        for path, one in truth.train.items()
    }
    return replace(truth, train=train)


def _membranes(data: Path) -> Readings:
    """Numbers for names; in the folder of test lie predictions, too; white is the inside of cells."""
    made, top = Builder(data), "data/membrane"
    for k in range(30):
        inside = ~draw_plane(made.random, (48, 48))
        pixels = made.random.integers(0, 255, (48, 48)).astype(np.uint8)
        true = TrueSample((48, 48), planes=(inside,))
        made.image(f"{top}/train/image/{k}.png", true, part="train", pixels=pixels)
        save_grey_mask(data / f"{top}/train/label/{k}.png", inside)
    for k in range(12):
        pixels = made.random.integers(0, 255, (48, 48)).astype(np.uint8)
        path = f"{top}/test/{k}.png"
        made.image(path, TrueSample((48, 48)), part="train", pixels=pixels)
        vague = made.random.integers(0, 255, (32, 32)).astype(np.uint8)
        save_pixels(data / f"{top}/test/{k}_predict.png", vague)
    truth = reading_of(made, ONE_MASK, test=in_folders(f"{top}/test"), mask_classes=[""])
    return truth, _without_the_first(truth)


def _made_up_cells(data: Path) -> Readings:
    """The count and the blur of an image stand in its name; few have a mask, of the same name; endings in capitals; from memory of the data page."""
    made, size = Builder(data), (44, 48)
    top, counts = "BBBC005_v1_images", dict[str, float]()
    blur = dict[str, str]()
    for k in range(48):
        count = (1, 5, 10, 14, 18, 23)[k // 8]
        focus = (1, 1, 4, 7, 10, 13, 17, 20)[k % 8]
        name = f"SIMCEPImages_{'ABCDEF'[k // 8]}{1 + k % 8:02d}_C{count}_F{focus}_s{1 + k * 3 % 25:02d}_w{1 + k % 2}.TIF"
        path, planes = f"{top}/{name}", None
        if focus == 1:
            plane = draw_plane(made.random, size)
            planes = (plane,)
            save_grey_mask(data / f"BBBC005_v1_ground_truth/{name}", plane)
        write_grey(made, path, TrueSample(size, float(count), planes=planes))
        counts[path], blur[path] = float(count), str(focus)
    both = reading_of(made, {**NUMBER, **ONE_MASK}, mask_classes=[""])
    of_count = sorted({str(int(one)) for one in counts.values()}, key=int)
    ranks = reading_of(made, {**RANKS, **ONE_MASK}, classes=of_count, mask_classes=[""])
    ranks = with_train_labels(ranks, {path: str(int(one)) for path, one in counts.items()})
    of_blur = sorted(set(blur.values()), key=int)
    blurs = reading_of(made, {**RANKS, **ONE_MASK}, classes=of_blur, mask_classes=[""])
    return both, ranks, with_train_labels(blurs, dict(blur)), without_labels(both)


def _nuclei(data: Path) -> LayoutTruth:
    """A folder an image with a PNG a nucleus; the same as runs in a table."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    codec = Codec()
    for number in range(20):
        part, size = "train" if number < 15 else "test", (32 + 4 * (number % 2), 40)
        name, objects = hex_name(part, number, length=64), draw_some_objects(made, size, number)
        path = f"stage1_{part}/{name}/images/{name}.png"
        made.image(path, TrueSample(size, objects=objects), part=part)
        for place, (_, plane) in enumerate(objects):
            cell = (name, codec.encode(plane))
            if part == "test":
                rows.append(cell)
                continue
            file = hex_name("nucleus", number, place, length=64)
            mask = data / f"stage1_train/{name}/masks/{file}.png"
            save_pixels(mask, plane.astype(np.uint8) * 255)
            cells.append(list(cell))
    columns = {"ImageId": "key", "EncodedPixels": "rle"}
    made.table("stage1_train_labels.csv", list(columns), cells)
    names = dict.fromkeys(one for one, _ in rows)
    made.table("stage1_sample_submission.csv", list(columns), [[one, "1 1"] for one in names])
    return made.truth({"segment": "instance"}, columns, rows, mask_classes=[""])


def _sartorius_cell_instance_segmentation(data: Path) -> LayoutTruth:
    """A row a cell, along the rows; facts about the image in each."""
    made, rows, table = Builder(data), list[tuple[str, ...]](), []
    size, codec = (34, 44), Codec("C", 1)
    for number in range(18):
        part = "train" if number < 14 else "test"
        name, objects = hex_name(part, number, length=12), draw_some_objects(made, size, number)
        made.image(f"{part}/{name}.png", TrueSample(size, objects=objects), part=part)
        kind = ("shsy5y", "astro", "cort")[number % 3]
        for _, plane in objects:
            text = codec.encode(plane)
            if part == "test":
                rows.append((name, text))
                continue
            facts = ["44", "34", kind, "11h30m00s", "2019-06-16", f"{kind}[diff]_E10-4", "0 days"]
            table.append([name, text, *facts])
    header = ["id", "annotation", "width", "height", "cell_type", "plate_time", "sample_date",
              "sample_id", "elapsed_timedelta"]  # fmt: skip
    made.table("train.csv", header, table)
    columns = {"id": "key", "predicted": "rle"}
    names = dict.fromkeys(one for one, _ in rows)
    made.table("sample_submission.csv", list(columns), [[one, ""] for one in names])
    return made.truth({"segment": "instance"}, columns, rows, mask_classes=[""])


def _cells_of_all_kinds(data: Path) -> Readings:
    """Images of several formats; a number for each cell in a TIFF; many images without labels."""
    made, size, ends = Builder(data), (40, 48), ("bmp", "png", "tif", "tiff")
    for k in range(1, 25):
        name, end = f"cell_{k:05d}", ends[k // 7]
        objects = tuple((0, one) for one in draw_objects(made.random, size, 2 + k % 3))
        true = TrueSample(size, objects=objects)
        made.image(f"Training-labeled/images/{name}.{end}", true, part="train")
        numbers = np.zeros(size, dtype=np.uint16)
        for place, (_, plane) in enumerate(objects):
            numbers[plane] = place + 1
        save_tiff(data / f"Training-labeled/labels/{name}_label.tiff", numbers)
    more = [f"Training-unlabeled/unlabeled_cell_{k:05d}.png" for k in range(6)]
    tests = [f"Tuning/images/cell_{k:05d}.{ends[k % 4]}" for k in range(1, 9)]
    write_photos(made, [*more, *tests], None, size)
    single = reading_of(made, {"segment": "instance"}, test=in_folders("Tuning"), mask_classes=[""])
    whole = {
        path: replace(one, planes=(union([plane for _, plane in one.objects]),), objects=None)
        if one.objects
        else one
        for path, one in single.train.items()
    }
    return single, replace(single, kinds={"segment": frozenset({"binary"})}, train=whole)


def _nuclei_of_broad(data: Path) -> Readings:
    """Images of 16 bits; small numbers of neighbours in the red of the masks; lists of masks."""
    made, size, parts = Builder(data), (40, 52), {}
    lists: dict[str, list[str]] = {"training": [], "validation": [], "test": []}
    for k in range(32):
        part = ("training", "training", "validation", "test")[k * 3 % 4]
        name = f"IXMtest_{'ABCDEFGH'[k // 4]}{2 + k * 5 % 23:02d}_s{1 + k % 9}_w1{hex_name('broad', k, length=8).upper()}-{hex_name(k, length=4).upper()}"
        planes = draw_objects(made.random, size, 2 + k % 3)
        mask = np.zeros((*size, 4), dtype=np.uint8)
        mask[..., 3] = 255
        for place, plane in enumerate(planes):
            mask[plane, 0] = 1 + place * (k % 2)
        deep = made.random.integers(120, 400, size)
        deep[mask[..., 0] > 0] += 900
        path = f"images/{name}.tif"
        save_tiff(data / path, deep.astype(np.uint16))
        made.train[path] = TrueSample(size, objects=tuple((0, plane) for plane in planes))
        save_pixels(data / f"masks/{name}.png", mask)
        parts[path] = part
        lists[part].append(f"{name}.png")
    for part, each in lists.items():
        write_lines(made, f"metadata/{part}.txt", each)
    is_test = lambda path: parts[path] == "test"  # noqa: E731

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        single = reading_of(made, {"segment": "instance"}, test=is_test, out=out, mask_classes=[""])
        return [single, objects_as_one_mask(single)]

    return tuple(with_and_without(read, lambda path: parts[path] == "validation"))


def _cells_in_time(data: Path) -> Readings:
    """Two films of frames; numbers of cells of a few frames, of all by machines, and marks of tracks."""
    made, size, top = Builder(data), (40, 44), "DIC-C2DH-HeLa"
    gold, silver = dict[str, TrueSample](), dict[str, TrueSample]()
    for film in ("01", "02"):
        tracks = []
        for k in range(18):
            planes = draw_objects(made.random, size, 2 + k % 3)
            path = f"{top}/{film}/t{k:03d}.tif"
            grey = made.random.integers(90, 160, size).astype(np.uint8)
            made.image(path, TrueSample(size), part="train", pixels=grey)
            numbers, marks = np.zeros(size, dtype=np.uint16), np.zeros(size, dtype=np.uint16)
            for place, plane in enumerate(planes):
                numbers[plane] = place + 1
                row, column = np.argwhere(plane)[len(np.argwhere(plane)) // 2]
                marks[row : row + 2, column : column + 2] = place + 1
            objects = tuple((0, plane) for plane in planes)
            gold[path] = TrueSample(size, objects=objects if k % 3 == 1 else None)
            silver[path] = TrueSample(size, objects=objects)
            if k % 3 == 1:
                save_tiff(data / f"{top}/{film}_GT/SEG/man_seg{k:03d}.tif", numbers)
            save_tiff(data / f"{top}/{film}_GT/TRA/man_track{k:03d}.tif", marks)
            save_tiff(data / f"{top}/{film}_ST/SEG/man_seg{k:03d}.tif", numbers)
            tracks.append(f"{k + 1} {k} {k} 0")
        write_lines(made, f"{top}/{film}_GT/TRA/man_track.txt", tracks)
    single = reading_of(made, {"segment": "instance"}, mask_classes=[""])
    first, second = replace(single, train=gold), replace(single, train=silver)
    return first, second, objects_as_one_mask(first), objects_as_one_mask(second)


def _cells_of_cellpose(data: Path) -> Readings:
    """Image and numbers of cells lie in one folder, told by the ends of their names."""
    made = Builder(data)
    for part, n in (("train", 32), ("test", 12)):
        for k in range(n):
            size = (40 + k % 4, 48)
            planes = draw_objects(made.random, size, 2 + k % 3)
            numbers = np.zeros(size, dtype=np.uint16)
            for place, plane in enumerate(planes):
                numbers[plane] = place + 1
            objects = tuple((0, plane) for plane in planes)
            made.image(f"{part}/{k:03d}_img.png", TrueSample(size, objects=objects), part="train")
            save_tiff(data / f"{part}/{k:03d}_masks.png", numbers)
    single = reading_of(made, OBJECTS, test=in_folders("test"), mask_classes=[""])
    return single, objects_as_one_mask(single)


def _plasma_cells(data: Path) -> Readings:
    """A mask file a cell, in which the cytoplasm is 20 and the nucleus 40; BMPs; from memory of the challenge's data."""
    made, top = Builder(data), "TCIA_SegPC_dataset"
    by_part = dict[str, TrueSample]()
    for part, first, n in (("train", 1, 26), ("validation", 301, 7), ("test", 501, 10)):
        for k in range(n):
            size, name = ((40, 48), (48, 40))[k % 5 == 2], str(first + k * 3)
            path = f"{top}/{part}/{part}/x/{name}.bmp"
            if part == "test":
                made.image(path, TrueSample(size), part="train")
                continue
            cells = draw_objects(made.random, size, 1 + k % 3)
            objects = tuple((0, plane) for plane in cells)
            made.image(path, TrueSample(size, objects=objects), part="train")
            outer, inner = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
            for place, plane in enumerate(cells, start=1):
                numbers = plane.astype(np.uint8) * 20
                rows, columns = np.nonzero(plane)
                middle = rows < np.sort(rows)[len(rows) // 2]
                numbers[rows[middle], columns[middle]] = 40
                save_pixels(data / f"{top}/{part}/{part}/y/{name}_{place}.bmp", numbers)
                outer |= numbers == 20
                inner |= numbers == 40
            by_part[path] = TrueSample(size, planes=(outer, inner))
    found = list[LayoutTruth]()
    for out in (any_of(), in_folders(f"{top}/validation")):
        test = in_folders(f"{top}/test")
        single = reading_of(made, OBJECTS, test=test, out=out, mask_classes=[""])
        both = reading_of(made, MULTI, test=test, out=out, mask_classes=["", ""])
        train = {path: by_part[path] for path in both.train}
        found += [single, objects_as_one_mask(single), replace(both, train=train)]
    return tuple(found)


TISSUES = ("Ganglioneuroblastoma_tissue", "HaCaT_human_keratinocyte", "Neuroblastoma_bone_marrow", "Neuroblastoma_tumor_touch")  # fmt: skip


def _nuclei_in_fluorescence(data: Path) -> Readings:
    """Masks with a number a nucleus, of the same names; drawings of them, and a table with semicolons; few nuclei alone once more."""
    made, top, size = Builder(data), "dataset", (48, 48)
    lines = ["Image_Name;Diagnosis;Preparation;Magnification;Modality;Signal_to_noise_ratio;Annotation"]  # fmt: skip
    for place, tissue in enumerate(TISSUES):
        for k in range(9):
            name = f"{tissue}_{k}"
            planes = draw_objects(made.random, size, 2 + k % 3)
            numbers = np.zeros(size, dtype=np.uint16)
            for n, plane in enumerate(planes, 1):
                numbers[plane] = n
            true = TrueSample(size, tissue, objects=tuple((0, plane) for plane in planes))
            write_grey(made, f"{top}/rawimages/{name}.tif", true)
            for folder in ("groundtruth", "visualized_groundtruth"):
                (data / f"{top}/{folder}").mkdir(parents=True, exist_ok=True)
            tifffile.imwrite(data / f"{top}/groundtruth/{name}.tif", numbers)
            shades = made.random.integers(60, 255, (5, 3)).astype(np.uint8)
            shades[0] = 0
            save_pixels(data / f"{top}/visualized_groundtruth/{name}.tif", shades[numbers])
            grey = made.random.integers(0, 255, size).astype(np.uint8)
            save_pixels(data / f"{top}/groundtruth_svgs/{name}.jpg", grey)
            if k < 2:
                (data / f"{top}/singlecell_groundtruth").mkdir(parents=True, exist_ok=True)
                few = np.where(numbers == 1, numbers, 0).astype(np.uint16)
                tifffile.imwrite(data / f"{top}/singlecell_groundtruth/{name}.tif", few)
            made.text(f"{top}/groundtruth_svgs/{name}.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"></svg>\n')  # fmt: skip
            lines.append(f"{name};{tissue.split('_')[0]};{'cryosection' if place % 2 else 'cytospin'};{(10, 20, 63)[k % 3]}x;Zeiss Axioplan;{k % 4 + 1};{'annotator1' if k % 2 else 'annotator2'}")  # fmt: skip
    write_lines(made, f"{top}/image_description.csv", lines)
    made.text(f"{top}/Readme.txt", "rawimages: Raw nuclear images in TIFF format\ngroundtruth: Annotated masks in TIFF format\n")  # fmt: skip
    whole = reading_of(made, {**LABELS, **OBJECTS}, classes=TISSUES, mask_classes=[""])
    single = without_labels(whole)
    unions = {path: (np.asarray(np.any([plane for _, plane in one.objects or ()], axis=0)),) for path, one in single.train.items()}  # fmt: skip
    return single, with_masks(single, unions, [""], kind=ONE_MASK), whole


def _single_cells(data: Path) -> LayoutTruth:
    """Labels of whole images; masks of cells are sent, and none are given."""
    sets = ("0", "8|5|0", "14|0", "16", "18", "5", "14", "7|13", "0|16", "13", "2|5", "8", "7", "2",
            "16|14|0", "12")  # fmt: skip
    made, cells, rows = Builder(data), [], []
    for number in range(32):
        part, name = part_by_number(number), uuid_name(number)
        for stain in ("blue", "green", "red", "yellow"):
            grey = made.random.integers(0, 255, (32, 32)).astype(np.uint8)
            made.image(f"{part}/{name}_{stain}.png", TrueSample((32, 32)), part=part, pixels=grey)
        if part == "train":
            cells.append([name, sets[number % len(sets)]])
        else:
            rows.append([name, "32", "32", "0 1 eNoLCAgIMAEABJkBdQ=="])
    made.table("train.csv", ["ID", "Label"], cells)
    header = ["ID", "ImageWidth", "ImageHeight", "PredictionString"]
    made.table("sample_submission.csv", header, rows)
    return beyond_scope(made)


def _parasites(data: Path) -> Readings:
    """Boxes of a class, a row each; an image without any has a row of zeros."""
    made, cells, names = Builder(data), list[list[str]](), list[str]()
    for k in range(40):
        part, name = "train" if k < 28 else "test", f"id_{hex_name('lacuna', k)}.jpg"
        made.image(f"images/{name}", TrueSample((40, 48)), part=part)
        if part == "test":
            names.append(name)
        elif k % 5 == 4:
            cells.append([name, "NEG", "1.0", "0.0", "0.0", "0.0", "0.0"])
        else:
            for n in range(1 + k % 3):
                box = [f"{2 + n * 9}.0", f"{3 + k % 9}.0", f"{9 + n * 9}.0", f"{14 + k % 9}.0"]
                cells.append([name, ("Trophozoite", "WBC")[(k + n) % 3 % 2], "1.0", *box])
    header = ["Image_ID", "class", "confidence", "ymin", "xmin", "ymax", "xmax"]
    made.table("Train.csv", header, cells)
    made.table("Test.csv", ["Image_ID"], [[one] for one in names])
    made.table(
        "SampleSubmission.csv",
        header,
        [[one, "Trophozoite", "0.5", "0", "0", "0", "0"] for one in names],
    )
    return (reading_of(made, {}),)


LAYOUTS = (
    RealLayout("intel-mobileodt-cervical-cancer-screening", "code", _cervix),
    RealLayout("recursion-cellular-image-classification", "memory", _cells),
    DataSet("Malaria cell images", "memory", _malaria, has_test=False),
    DataSet("c-nmc-2019", "code", _white_cells),
    DataSet("Blood cells (Kaggle)", "memory", _blood),
    DataSet("SIPaKMeD", "memory", _smear_cells, has_test=False),
    DataSet("Bone marrow cells", "memory", _marrow, has_test=False),
    DataSet("BloodMNIST", "memory", _blood_in_an_archive),
    DataSet("Peripheral blood cells", "code and memory", _cells_of_blood, has_test=False),
    RealLayout("human-protein-atlas-image-classification", "page", _protein_atlas),
    DataSet("jovian-pytorch-z2g", "code", _proteins),
    DataSet("Herlev smears", "memory", _smears, has_test=False, doubt="colours of the masks"),
    DataSet("U-Net membranes", "memory", _membranes),
    DataSet("BBBC005", "memory", _made_up_cells, has_test=False),
    RealLayout("data-science-bowl-2018", "page", _nuclei),
    RealLayout(
        "sartorius-cell-instance-segmentation",
        "page",
        _sartorius_cell_instance_segmentation,
        by_slug=True,
    ),
    DataSet("neurips-2022-cell-segmentation", "memory", _cells_of_all_kinds, doubt="folders"),
    DataSet("BBBC039", "memory", _nuclei_of_broad),
    DataSet("Cell Tracking Challenge: HeLa", "memory", _cells_in_time, has_test=False),
    DataSet("Cellpose", "memory", _cells_of_cellpose),
    DataSet("segpc-2021", "memory", _plasma_cells),
    DataSet(
        "S-BSST265", "page and memory", _nuclei_in_fluorescence, has_test=False, doubt="the table"
    ),
    RealLayout("hpa-single-cell-image-classification", "page", _single_cells),
    DataSet("lacuna-malaria-detection-challenge", "memory", _parasites, refusal=ANY),
)
