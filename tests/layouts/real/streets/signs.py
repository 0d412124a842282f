"""Layouts of competitions and data sets of traffic signs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from layouts.drawing import save_pixels
from layouts.real.files import write_lines
from layouts.real.kinds import LABELS
from layouts.real.made import SIZE, Builder, DataSet, Readings
from layouts.real.photos import write_photos
from layouts.real.readings import in_folders, reading_of, with_class_names
from layouts.real.tables import write_competition

__all__ = ["LAYOUTS"]


def _gtsrb(data: Path) -> Readings:
    made, classes = Builder(data), ["0", "1", "2", "14"]
    head = ["Width", "Height", "Roi.X1", "Roi.Y1", "Roi.X2", "Roi.Y2", "ClassId", "Path"]
    box, rows = ["24", "20", "5", "5", "19", "15"], list[list[str]]()
    for label in classes:
        for track in range(3):
            for frame in range(3):
                name = f"Train/{label}/{int(label):05d}_{track:05d}_{frame:05d}.png"
                write_photos(made, [name], label)
                rows.append([*box, label, name])
        save_pixels(data / f"Meta/{label}.png", np.full(SIZE, 30 + int(label), dtype=np.uint8))
    made.table("Train.csv", head, rows)
    tests = [f"Test/{n:05d}.png" for n in range(8)]
    write_photos(made, tests, "1")
    made.table("Test.csv", head, [[*box, classes[n % 4], one] for n, one in enumerate(tests)])
    made.table("Meta.csv", ["Path", "ClassId", "ShapeId", "ColorId", "SignId"],
               [[f"Meta/{one}.png", one, "1", "0", "3.29"] for one in classes])  # fmt: skip
    return (reading_of(made, LABELS, test=in_folders("Test"), classes=classes),)


def _traffic_signs(data: Path) -> Readings:
    """Folders are 00002, and 2 is sent."""
    signs = ("00000", "00001", "00002", "00003")
    truth = write_competition(
        data, images=("train_images/{label}/{name}.ppm", "test_images/{name}.ppm"),
        names=lambda part, number: (
            f"{number // 12:05d}_{number:05d}" if part == "train" else f"{number:05d}"
        ),
        labels=signs, classes=signs, kind="multiclass", columns={"Filename": "key", "ClassId": "text"},
        shown=lambda name: [name, "0"], answer=lambda name, true: [name, str(int(str(true.label)))],
    )  # fmt: skip
    return truth, with_class_names(truth, signs, [str(int(one)) for one in signs])


def _signs_of_germany(data: Path) -> Readings:
    """PPM files, a table with semicolons in each class folder, and one for test."""
    made, classes, top = Builder(data), ("00000", "00001", "00014"), "GTSRB"
    header = "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"
    for label in classes:
        lines = [header]
        for track in range(3):
            for k in range(4):
                name = f"{track:05d}_{k:05d}.ppm"
                write_photos(made, [f"{top}/Final_Training/Images/{label}/{name}"], label)
                lines.append(f"{name};24;20;5;5;19;15;{int(label)}")
        write_lines(made, f"{top}/Final_Training/Images/{label}/GT-{label}.csv", lines)
    lines = [header]
    for k in range(9):
        label = classes[k * 2 % 3]
        write_photos(made, [f"{top}/Final_Test/Images/{k:05d}.ppm"], label)
        lines.append(f"{k:05d}.ppm;24;20;5;5;19;15;{int(label)}")
    write_lines(made, "GT-final_test.csv", lines)
    made.text(f"{top}/Readme-Images.txt", "The German Traffic Sign Recognition Benchmark\n")
    is_test = in_folders(f"{top}/Final_Test")
    of = {one: str(int(one)) for one in classes}
    return (
        reading_of(made, LABELS, test=is_test, classes=classes),
        reading_of(
            made, LABELS, test=is_test, classes=list(of.values()), label=lambda one: of[str(one)]
        ),
    )


def _chinese_signs(data: Path) -> Readings:
    """Two texts with semicolons between and behind: name, size, box, class; zeros in names."""
    made, classes = Builder(data), ("0", "3", "17", "54")
    texts = {"TSRD-Train": "TsignRecgTrain4170Annotation.txt", "TSRD-Test": "TsignRecgTest1994Annotation.txt"}  # fmt: skip
    for folder, n in (("TSRD-Train", 36), ("TSRD-Test", 12)):
        lines = []
        for k in range(n):
            label = classes[k * 3 % 4]
            name = f"{int(label):03d}_{1 + k:04d}.png"
            if folder == "TSRD-Test":
                name = f"{int(label):03d}_1_{1 + k:04d}_1_j.png"
            write_photos(made, [f"{folder}/{name}"], label)
            lines.append(f"{name};24;20;3;2;21;17;{label};")
        write_lines(made, texts[folder], lines)
    is_test, padded = in_folders("TSRD-Test"), [f"{int(one):03d}" for one in classes]
    return (
        reading_of(made, LABELS, test=is_test, classes=classes),
        reading_of(
            made, LABELS, test=is_test, classes=padded, label=lambda one: f"{int(str(one)):03d}"
        ),
    )


# Belgian traffic signs (BelgiumTSC): its Readme, and memory of the tables.
def _signs_of_belgium(data: Path) -> Readings:
    """Class folders of five digits with a table with semicolons in each, in both parts; PPM files."""
    made, folders = Builder(data), tuple(f"{n:05d}" for n in (0, 1, 7, 19, 32, 61))
    for top, n in (("BelgiumTSC_Training/Training", 7), ("BelgiumTSC_Testing/Testing", 3)):
        for folder in folders:
            lines = ["Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"]
            for k in range(n):
                pole = 25 + int(folder) * 61 + n * 3 + k // 3  # of one pole, and of no other class
                name, size = f"{pole:05d}_{k % 3:05d}.ppm", (36 + k % 4, 34)
                write_photos(made, [f"{top}/{folder}/{name}"], folder, size)
                lines.append(f"{name};{size[1]};{size[0]};4;4;30;31;{int(folder)}")
            write_lines(made, f"{top}/{folder}/GT-{folder}.csv", lines)
        made.text(f"{top}/Readme.txt", "The structure of the directory and the format of the annotations follow those of the GTSRB.\n")  # fmt: skip
    test = in_folders("BelgiumTSC_Testing")
    numbers = {one: str(int(one)) for one in folders}
    return (
        reading_of(made, LABELS, test=test, classes=folders),
        reading_of(made, LABELS, test=test, classes=numbers.values(), label=lambda one: numbers[str(one)]),
    )  # fmt: skip


LAYOUTS = (
    DataSet("GTSRB (Kaggle)", "memory", _gtsrb, doubt="folders in small letters may be there, too"),
    DataSet("nyu-cv-fall-2018", "code", _traffic_signs, doubt="name of the sample"),
    DataSet("GTSRB (original)", "memory", _signs_of_germany),
    DataSet("TSRD", "memory", _chinese_signs),
    DataSet("Belgian traffic signs", "memory", _signs_of_belgium),
)
