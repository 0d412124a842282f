"""Layouts of competitions and data sets of streets from a car, a train or a boat."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from layouts.drawing import draw_class_map, draw_objects, draw_plane, paint_photo, save_pixels
from layouts.real.files import write_json, write_lines
from layouts.real.kinds import ANY, LABELS, MULTI, NUMBER, OBJECTS, ONE_MASK
from layouts.real.made import BROAD, SIZE, WIDE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.masks import planes_of, save_grey_mask, union
from layouts.real.names import hex_name, uuid_name
from layouts.real.photos import save_tiff, write_photos
from layouts.real.readings import (
    in_folders,
    reading_of,
    readings_by_colour,
    with_and_without,
    with_ground,
    with_mask_classes,
    with_masks,
    with_masks_by_value,
)
from layouts.real.tables import wide_row, write_competition
from layouts.runs import Codec, Plane
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

DRIVERS = tuple(f"c{n}" for n in range(10))


def _state_farm(data: Path) -> LayoutTruth:
    def more(made: Builder) -> None:
        rows = [
            [f"p{2 + number // 10:03d}", str(true.label), path.rpartition("/")[2]]
            for number, (path, true) in enumerate(made.train.items())
        ]
        made.table("driver_imgs_list.csv", ["subject", "classname", "img"], rows)

    return write_competition(
        data, images=("imgs/train/{label}/{name}.jpg", "imgs/test/{name}.jpg"),
        names=lambda part, number: f"img_{number * 13 + (7 if part == 'test' else 0)}",
        labels=DRIVERS, classes=DRIVERS, kind="multiclass", n=(50, 8), more=more,
        columns={"img": "key", **dict.fromkeys(DRIVERS, "number")},
        shown=lambda name: [f"{name}.jpg", *["0.1"] * 10], answer=wide_row(DRIVERS, ".jpg"),
    )  # fmt: skip


def _car_turns(data: Path) -> Readings:
    """Train, val and test with a table each; the label is a class of directions."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    sides = ("back", "front", "left", "right")
    tables: dict[str, list[list[str]]] = {"train": [], "val": []}
    for part, n in (("train", 28), ("val", 8), ("test", 10)):
        for k in range(n):
            label = sides[(k + k // 4) % 4]
            made.image(
                f"{part}/{k}.jpg",
                TrueSample(SIZE, label),
                part="test" if part == "test" else "train",
            )
            if part == "test":
                rows.append((str(k), label))
            else:
                tables[part].append([str(k), label])
    for part, cells in tables.items():
        made.table(f"{part}.csv", ["ImageID", "label"], cells)
    columns = {"ImageID": "key", "label": "text"}
    made.table(
        "sample_submission.csv", list(columns), [[one, sides[int(one) % 4]] for one, _ in rows]
    )
    truth = made.truth(LABELS, columns, rows, classes=sides)
    fewer = {path: one for path, one in truth.train.items() if not path.startswith("val/")}
    return truth, replace(truth, train=fewer)


TEAMS = ("ferrari", "mclaren", "mercedes", "redbull", "renault")


def _teams_of_racing(data: Path) -> Readings:
    """Numbers of images that begin anew in each part; a table of train and of val."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 30), ("val", 8), ("test", 10)):
        cells = list[tuple[str, ...]]()
        for k in range(n):
            label = TEAMS[k * 3 % 5]
            side = "test" if part == "test" else "train"
            made.image(f"{part}/{k}.jpg", TrueSample(SIZE, label), part=side)
            cells.append((str(k), label))
        if part == "test":
            rows = cells
        else:
            made.table(f"{part}.csv", ["ImageID", "label"], cells)
    columns = {"ImageID": "key", "label": "text"}
    shown = [[one, TEAMS[(k * 2 + 1) % 5]] for k, (one, _) in enumerate(rows)]
    made.table("sample_submission.csv", list(columns), shown)
    every = made.truth(LABELS, columns, rows, classes=TEAMS)
    train = {path: one for path, one in every.train.items() if path.startswith("train/")}
    return every, replace(every, train=train)


# ROB 535 (University of Michigan), perception: participants' code.
def _cars_of_a_game(data: Path) -> Readings:
    """Frames of a video game in a folder a drive, named by number, with clouds of points and boxes in binary files; the class of the car in front is sent."""
    made, cells, rows = Builder(data), list[list[str]](), Rows()
    for drive in range(22):
        part = "trainval" if drive < 15 else "test"
        guid = uuid_name("tenth", "rob535", drive)
        for k in range(3 if part == "trainval" else 2):
            frame, label = f"{k * 17:04d}", str((drive * 2 + k) * 5 % 7 % 3)
            base = f"{part}/{guid}/{frame}"
            side = "train" if part == "trainval" else "test"
            made.image(f"{base}_image.jpg", TrueSample((36, 60), label), part=side)
            for kind in ("cloud", "proj", *(["bbox"] if side == "train" else [])):
                numbers = made.random.normal(size=12).astype(np.float32)
                (data / f"{base}_{kind}.bin").write_bytes(numbers.tobytes())
            if side == "train":
                cells.append([f"{guid}/{frame}", label])
            else:
                rows.append((f"{guid}/{frame}", label))
    columns = {"guid/image": "key", "label": "text"}
    made.table("trainval/labels.csv", list(columns), cells)
    kinds = (("Unknown", "0"), ("Compacts", "1"), ("Sedans", "1"), ("SUVs", "1"), ("Coupes", "1"), ("Motorcycles", "2"), ("Boats", "0"), ("Industrial", "2"))  # fmt: skip
    made.table("classes.csv", ["class_id", "class_name", "label"], [[str(n), *one] for n, one in enumerate(kinds)])  # fmt: skip
    made.table("sample_submission.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=tuple("012")),)


def _steering(data: Path) -> Readings:
    """Three cameras a row, blanks behind the commas; the angle is to be predicted."""
    made = Builder(data)
    lines = ["center,left,right,steering,throttle,brake,speed"]
    for k in range(32):
        angle = round(((k * 7 % 32) - 16) * 0.0142, 7)
        stamp = f"2016_12_01_13_{30 + k // 10}_{(k * 7) % 60:02d}_{100 + 13 * k}"
        names = [f"IMG/{side}_{stamp}.jpg" for side in ("center", "left", "right")]
        made.image(f"data/{names[0]}", TrueSample(SIZE, float(angle)), part="train")
        for name in names[1:]:
            save_pixels(data / f"data/{name}", paint_photo(made.random, SIZE))
        lines.append(
            f"{names[0]}, {names[1]}, {names[2]}, {angle}, {k % 5 * 0.2:.1f}, 0, {22.14 + k / 7:.5f}"
        )
    write_lines(made, "data/driving_log.csv", lines)
    return (reading_of(made, NUMBER),)


def _drives(data: Path) -> Readings:
    """A text of a name, an angle, and after a comma the time, among the images; from code."""
    made, lines, top = Builder(data), [], "driving_dataset"
    for k in range(46):
        angle = 0.0 if k < 4 else round(float(made.random.normal(0, 30)), 2)
        write_photos(made, [f"{top}/{k}.jpg"], angle, (36, 64))
        moment = f"2018-07-01 17:{9 + k // 20:02d}:{k * 3 % 60:02d}:{k * 37 % 1000:03d}"
        lines.append(f"{k}.jpg {angle:.6f},{moment}")
    write_lines(made, f"{top}/data.txt", lines)
    return (reading_of(made, NUMBER),)


CAMVID = {
    "Animal": (64, 128, 64), "Building": (128, 0, 0), "Car": (64, 0, 128), "Road": (128, 64, 128),
    "Sky": (128, 128, 128), "Void": (0, 0, 0),
}  # fmt: skip


def _camvid(data: Path) -> Readings:
    made, n_classes = Builder(data), len(CAMVID)
    colours = np.array(list(CAMVID.values()), dtype=np.uint8)
    for n in range(30):
        part = "train" if n < 18 else "val" if n < 22 else "test"
        classes = draw_class_map(made.random, SIZE, n_classes, fill=True)
        classes[classes == 1] = 4 if n % 3 else 1
        name = f"{('0001TP', '0006R0', 'Seq05VD')[n % 3]}_{6690 + 30 * n:06d}"
        void = classes == n_classes
        true = TrueSample(SIZE, planes=planes_of(classes, n_classes), ignored=void)
        made.image(f"CamVid/{part}/{name}.png", true, part="train")
        save_pixels(data / f"CamVid/{part}_labels/{name}_L.png", colours[classes - 1])
    made.table("CamVid/class_dict.csv", ["name", "r", "g", "b"],
               [[one, *map(str, colour)] for one, colour in CAMVID.items()])  # fmt: skip
    kinds = {"segment": "multiclass"}
    is_test = in_folders("CamVid/test")
    plain = reading_of(made, kinds, test=is_test, mask_classes=CAMVID)
    no_void = lambda true: replace(true, ignored=None)  # noqa: E731
    every = replace(plain, train={path: no_void(true) for path, true in plain.train.items()})
    fewer = {
        path: replace(true, planes=true.planes[:-1] if true.planes else None)
        for path, true in plain.train.items()
    }
    ignored = replace(plain, train=fewer, mask_classes=tuple(CAMVID)[:-1])
    ground = replace(
        ignored, train={path: no_void(true) for path, true in fewer.items()},
    )  # fmt: skip
    return every, ignored, ground


CITY = {7: "road", 11: "building", 21: "vegetation", 23: "sky", 26: "car"}


def _cityscapes(data: Path) -> Readings:
    """Four files of truth an image; those of test hold nothing."""
    made, size = Builder(data), (24, 48)
    places = [("train", "aachen", 10), ("train", "bochum", 10), ("val", "lindau", 4),
              ("test", "berlin", 6)]  # fmt: skip
    for part, city, n in places:
        for k in range(n):
            name = f"{city}_000000_{19 + k:06d}"
            ids, polygons = np.zeros(size, dtype=np.uint8), []
            for value, label in CITY.items():
                top, left = (int(one) for one in made.random.integers(0, (14, 30)))
                ids[top : top + 10, left : left + 18] = value
                corners = [[left, top], [left + 17, top], [left + 17, top + 9], [left, top + 9]]
                polygons.append({"label": label, "polygon": corners})
            ids[:1] = 3
            planes = tuple(ids == value for value in (3, *CITY))
            true = TrueSample(size, planes=planes) if part != "test" else TrueSample(size)
            made.image(f"leftImg8bit/{part}/{city}/{name}_leftImg8bit.png", true, part="train")
            if part == "test":
                ids[:], polygons = 0, []
            truth = data / f"gtFine/{part}/{city}/{name}_gtFine"
            save_pixels(Path(f"{truth}_labelIds.png"), ids)
            save_pixels(Path(f"{truth}_color.png"), np.stack([ids * 5, ids * 3, ids * 9], axis=-1))
            save_pixels(
                Path(f"{truth}_instanceIds.png"), np.where(ids == 26, 26000, ids).astype(np.uint16)
            )  # type: ignore[arg-type]
            whole = {"imgHeight": size[0], "imgWidth": size[1], "objects": polygons}
            made.text(f"gtFine/{part}/{city}/{name}_gtFine_polygons.json", json.dumps(whole))
    made.text("license.txt", "The Cityscapes Dataset\n")
    made.text("README", "The Cityscapes Dataset. See https://www.cityscapes-dataset.com\n")
    kinds, is_test = {"segment": "multiclass"}, in_folders("leftImg8bit/test")
    numbers = tuple(map(str, (3, *CITY)))
    return (
        reading_of(made, kinds, test=is_test, mask_classes=numbers),
        reading_of(
            made, kinds, test=is_test, out=in_folders("leftImg8bit/val"), mask_classes=numbers
        ),
    )


def _kitti_road(data: Path) -> Readings:
    """Colours of road, of what is none, and black where nothing counts; lanes beside."""
    made, size, top = Builder(data), (24, 48), "data_road"
    for part, n in (("training", 10), ("testing", 4)):
        for kind in ("um", "umm", "uu"):
            for number in range(n):
                name, true = f"{kind}_{number:06d}", TrueSample(size)
                if part == "training":
                    for what in ("lane", "road") if kind == "um" else ("road",):
                        road = draw_plane(made.random, size)
                        outside = np.zeros(size, dtype=bool)
                        outside[:3] = True
                        road &= ~outside
                        colours = np.zeros((*size, 3), dtype=np.uint8)
                        colours[~outside, 0] = 255
                        colours[road, 2] = 255
                        path = f"{top}/{part}/gt_image_2/{kind}_{what}_{number:06d}.png"
                        save_pixels(data / path, colours)
                        # The road is drawn last, and is what is scored of every kind.
                        true = TrueSample(size, planes=(road,), ignored=outside)
                made.image(f"{top}/{part}/image_2/{name}.png", true, part="train")
                made.text(f"{top}/{part}/calib/{name}.txt", "P0: 7.215377e+02 0.000000e+00\n")
    is_test = in_folders(f"{top}/testing")
    scored = reading_of(made, ONE_MASK, test=is_test, mask_classes=[""])
    known = lambda true, planes: replace(true, planes=planes, ignored=None)  # noqa: E731
    plain = {
        path: known(one, one.planes) for path, one in scored.train.items() if one.planes
    }  # fmt: skip
    of_two, of_three = {}, {}
    for path, one in scored.train.items():
        if one.planes and one.ignored is not None:
            none = ~one.ignored & ~one.planes[0]
            of_two[path] = known(one, (none, one.planes[0]))
            of_three[path] = known(one, (one.ignored, none, one.planes[0]))
    kinds = {"segment": frozenset(["multiclass"])}
    return (
        scored,
        replace(scored, train=plain),
        replace(scored, train=of_two, kinds=kinds, mask_classes=("1", "2")),
        replace(scored, train=of_three, kinds=kinds, mask_classes=("1", "2", "3")),
    )


def _carla(data: Path) -> Readings:
    """Masks are RGB with the number of the class in red; images have the same names."""
    made = Builder(data)
    for part in "AB":
        for n in range(14):
            classes = draw_class_map(made.random, BROAD, 4, fill=True)
            numbers = np.array([0, 6, 7, 10], dtype=np.uint8)[classes - 1]
            name = f"{'0F'[part == 'B']}{2 + n // 7}_00_{n:03d}.png"
            top = f"data{part}/data{part}"
            true = TrueSample(BROAD, planes=planes_of(classes, 4))
            made.image(f"{top}/CameraRGB/{name}", true, part="train")
            zero = np.zeros_like(numbers)
            save_pixels(data / f"{top}/CameraSeg/{name}", np.stack([numbers, zero, zero], axis=-1))
    every = reading_of(made, MULTI, mask_classes=("0", "6", "7", "10"))
    some = {path: replace(one, planes=(one.planes or ())[1:]) for path, one in every.train.items()}
    return replace(every, train=some, mask_classes=("6", "7", "10")), every


STREETS = {
    0: (0, 0, 0),
    7: (128, 64, 128),
    11: (70, 70, 70),
    21: (107, 142, 35),
    26: (0, 0, 142),
}


def _kitti_pixels(data: Path) -> Readings:
    """Numbers, colours and objects of each image in three folders; names of classes nowhere."""
    made, top = Builder(data), "data_semantics"
    values = np.array(list(STREETS), dtype=np.uint8)
    colours = np.array(list(STREETS.values()), dtype=np.uint8)
    for k in range(24):
        places, name = draw_class_map(made.random, SIZE, 4, fill=False), f"{k:06d}_10.png"
        true = TrueSample(SIZE, planes=planes_of(places + 1, 5))
        made.image(f"{top}/training/image_2/{name}", true, part="train")
        numbers = values[places]
        save_pixels(data / f"{top}/training/semantic/{name}", numbers)
        save_pixels(data / f"{top}/training/semantic_rgb/{name}", colours[places])
        objects = (numbers.astype(np.uint16) * 256 + (numbers == 26)).astype(np.uint16)
        path = data / f"{top}/training/instance/{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(objects).save(path)
    write_photos(made, [f"{top}/testing/image_2/{k:06d}_10.png" for k in range(8)], None)
    is_test, names = in_folders(f"{top}/testing"), [str(one) for one in STREETS]
    every = reading_of(made, MULTI, test=is_test, mask_classes=names)
    known = {
        path: replace(one, planes=one.planes[1:], ignored=one.planes[0]) if one.planes else one
        for path, one in every.train.items()
    }
    void = replace(every, train=known, mask_classes=tuple(names[1:]))
    ground = replace(void, train={path: replace(one, ignored=None) for path, one in known.items()})
    return ground, void, every, *readings_by_colour(every, list(STREETS.values()))


RAILS = (
    "road", "sidewalk", "construction", "tram-track", "fence", "pole", "traffic-light",
    "traffic-sign", "vegetation", "terrain", "sky", "human", "rail-track", "car", "truck",
    "trackbed", "on-rails", "rail-raised", "rail-embedded",
)  # fmt: skip


def _rails(data: Path) -> Readings:
    """Folders jpgs, jsons and uint8; a JSON has names and colours in the order of the numbers."""
    made, size = Builder(data), (40, 60)
    for k in range(24):
        places = draw_class_map(made.random, size, len(RAILS), fill=True)
        unknown = np.zeros(size, dtype=bool)
        unknown[:3] = k % 3 == 1
        planes = tuple(plane & ~unknown for plane in planes_of(places, len(RAILS)))
        name, true = f"rs{k:05d}", TrueSample(size, planes=planes, ignored=unknown)
        made.image(f"jpgs/rs19_val/{name}.jpg", true, part="train")
        save_pixels(
            data / f"uint8/rs19_val/{name}.png", np.where(unknown, 255, places - 1).astype(np.uint8)
        )
        about = {
            "frame": name,
            "imgHeight": size[0],
            "imgWidth": size[1],
            "objects": [{"label": "rail", "polyline": [[3, 39], [20, 5 + k % 7]]}],
        }
        write_json(made, f"jsons/rs19_val/{name}.json", about)
    labels = [
        {"color": [7 * n + 3, 64, 128 - 5 * n], "instances": False, "readable": one, "name": one, "evaluate": True}
        for n, one in enumerate(RAILS)
    ]  # fmt: skip
    write_json(
        made, "rs19-config.json", {"labels": labels, "version": 1.1, "folder_structure": "rs19"}
    )
    made.text(
        "readme.txt", "RailSem19: dense labels in uint8/rs19_val, 255 marks pixels to ignore.\n"
    )
    return (
        reading_of(made, MULTI, mask_classes=RAILS),
        reading_of(made, MULTI, mask_classes=[str(n) for n in range(len(RAILS))]),
    )


def _fish_eyes(data: Path) -> Readings:
    """Source images with masks, target images without; a row an image and class; 12 is no class."""
    made, size, codec = Builder(data), (40, 48), Codec("C", 1)
    rows = list[tuple[str, ...]]()
    tables: dict[str, list[list[str]]] = {"train_source": [], "val_source": [], "train_target": [], "test": []}  # fmt: skip
    for part, n in (("train_source", 18), ("val_source", 5), ("train_target", 12), ("test", 8)):
        for k in range(n):
            places = draw_class_map(made.random, size, 12, fill=True)
            while len(np.unique(places)) < 12:
                places = draw_class_map(made.random, size, 12, fill=True)
            if part != "train_target":
                places[0] = np.where(np.arange(size[1]) % 9 == 4, 13, places[0])
            name = f"{part.upper()}_{k:04d}"
            planes = planes_of(places, 12) if part != "train_target" else None
            path = f"{part}_image/{name}.png"
            true = TrueSample(size, planes=planes)
            made.image(path, true, part="test" if part == "test" else "train")
            row = [name, f"./{path}"]
            if part.endswith("source"):
                save_pixels(data / f"{part}_gt/{name}.png", places - 1)
                row.append(f"./{part}_gt/{name}.png")
            tables[part].append(row)
            if part == "test" and planes:
                rows += [
                    (f"{name}_class_{place}", codec.encode(plane))
                    for place, plane in enumerate(planes)
                ]
    for part, cells in tables.items():
        header = ["id", "img_path", *(["gt_path"] if part.endswith("source") else [])]
        made.table(f"{part}.csv", header, cells)
    columns = {"id": "key", "mask_rle": "rle"}
    made.table("sample_submission.csv", list(columns), [[one, "1 1"] for one, _ in rows])
    names = [str(n) for n in range(12)]
    plain = made.truth(MULTI, columns, rows, mask_classes=names, codec=codec)
    void = {
        path: replace(one, ignored=~union(one.planes)) if one.planes else one
        for path, one in plain.train.items()
    }
    found = list[LayoutTruth]()
    for truth in (plain, replace(plain, train=void)):
        fewer = {path: one for path, one in truth.train.items() if not path.startswith("val_")}
        found += [truth, replace(truth, train=fewer)]
    return tuple(found)


VISTAS = (
    ("animal--bird", "Bird", (165, 42, 42)), ("construction--flat--road", "Road", (128, 64, 128)),
    ("human--person", "Person", (220, 20, 60)), ("nature--sky", "Sky", (70, 130, 180)),
    ("object--vehicle--car", "Car", (0, 0, 142)), ("void--unlabeled", "Unlabeled", (0, 0, 0)),
)  # fmt: skip


def _vistas(data: Path) -> Readings:
    """Palettes whose colours a JSON has, in the order of the numbers; objects in masks of 16 bits."""
    made, n_classes = Builder(data), len(VISTAS)
    palette = [value for _, _, colour in VISTAS for value in colour]
    for part, n in (("training", 20), ("validation", 6), ("testing", 8)):
        for k in range(n):
            digest = base64.urlsafe_b64encode(bytes.fromhex(hex_name(part, k, length=32)))
            name, places = digest.decode()[:22], draw_class_map(made.random, SIZE, n_classes, fill=True)  # fmt: skip
            planes = planes_of(places, n_classes) if part != "testing" else None
            made.image(f"{part}/images/{name}.jpg", TrueSample(SIZE, planes=planes), part="train")
            if part == "testing":
                continue
            path = data / f"{part}/labels/{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            mask = Image.fromarray((places - 1).astype(np.uint8), mode="P")
            mask.putpalette([*palette, *[0] * (768 - len(palette))])
            mask.save(path)
            objects = (places.astype(np.uint16) - 1) * 256 + (places == 5)
            save_tiff(data / f"{part}/instances/{name}.png", objects.astype(np.uint16))
            ids = np.zeros((*SIZE, 3), dtype=np.uint8)
            ids[..., 0], ids[..., 1] = places, 7
            save_pixels(data / f"{part}/panoptic/{name}.png", ids)
    write_json(made, "config.json", {
        "labels": [{"color": list(colour), "instances": n in (0, 2, 4), "readable": readable, "name": name,
                    "evaluate": n < 5} for n, (name, readable, colour) in enumerate(VISTAS)],
        "version": "1.1", "mapping": "public", "folder_structure": "{split}/{content}/{image:s}.{extension:s}",
    })  # fmt: skip
    made.text("README", "Mapillary Vistas Dataset v1.1, research edition\n")
    made.text("LICENSE", "CC BY-NC-SA 4.0\n")

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        found = list[LayoutTruth]()
        for names in ([one[1] for one in VISTAS], [one[0] for one in VISTAS], list("012345")):
            every = reading_of(made, MULTI, test=in_folders("testing"), out=out, mask_classes=names)
            void = {
                path: replace(one, planes=one.planes[:-1], ignored=one.planes[-1])
                if one.planes
                else one
                for path, one in every.train.items()
            }
            ground = {path: replace(one, ignored=None) for path, one in void.items()}
            fewer = tuple(names[:-1])
            found += [replace(every, train=each, mask_classes=fewer) for each in (void, ground)]
            found.append(every)
        return found

    return tuple(with_and_without(read, in_folders("validation")))


DRIVABLE = {0: ("road", (128, 64, 128)), 2: ("building", (70, 70, 70)), 8: ("vegetation", (107, 142, 35)),
            10: ("sky", (70, 130, 180)), 13: ("car", (0, 0, 142))}  # fmt: skip


def _berkeley(data: Path) -> Readings:
    """Images far from labels, which are numbers, colours and outlines; 255 is unknown."""
    made, top, size = Builder(data), "bdd100k", (24, 40)
    values = np.array([*DRIVABLE, 255], dtype=np.uint8)
    colours = np.array([*(colour for _, colour in DRIVABLE.values()), (0, 0, 0)], dtype=np.uint8)
    for part, n in (("train", 20), ("val", 6), ("test", 8)):
        frames = []
        for k in range(n):
            name = f"{hex_name(part, k, length=8)}-{hex_name(k, part, length=8)}"
            places = draw_class_map(made.random, size, 5, fill=True)
            places[:3][:, : 5 + k] = 6
            true = TrueSample(size, planes=planes_of(places, 6) if part != "test" else None)
            made.image(f"{top}/images/10k/{part}/{name}.jpg", true, part="train")
            if part == "test":
                continue
            save_pixels(data / f"{top}/labels/sem_seg/masks/{part}/{name}.png", values[places - 1])
            save_pixels(
                data / f"{top}/labels/sem_seg/colormaps/{part}/{name}.png", colours[places - 1]
            )
            frames.append({"name": f"{name}.jpg", "labels": [
                {"id": f"{n}", "category": kind, "poly2d": [{"vertices": [[1, 2], [9, 2], [9, 8]], "types": "LLL", "closed": True}]}
                for n, (kind, _) in enumerate(DRIVABLE.values())]})  # fmt: skip
        if frames:
            write_json(made, f"{top}/labels/sem_seg/polygons/sem_seg_{part}.json", frames)
    numbers = [str(one) for one in DRIVABLE]

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        is_test = in_folders(f"{top}/images/10k/test")
        every = reading_of(made, MULTI, test=is_test, out=out, mask_classes=[*numbers, "255"])
        void = {
            path: replace(one, planes=one.planes[:-1], ignored=one.planes[-1])
            if one.planes
            else one
            for path, one in every.train.items()
        }
        ground = {path: replace(one, ignored=None) for path, one in void.items()}
        fewer = [replace(every, train=each, mask_classes=tuple(numbers)) for each in (void, ground)]
        every_colour = [*(colour for _, colour in DRIVABLE.values()), (0, 0, 0)]
        return [*fewer, every, *readings_by_colour(every, every_colour)]

    return tuple(with_and_without(read, in_folders(f"{top}/images/10k/val")))


def _void_or_class(every: LayoutTruth) -> list[LayoutTruth]:
    """Return readings whose last class is ignored, is none, and is one."""
    void = {
        path: replace(one, planes=one.planes[:-1], ignored=one.planes[-1]) if one.planes else one
        for path, one in every.train.items()
    }
    none = {path: replace(one, ignored=None) for path, one in void.items()}
    fewer = every.mask_classes[:-1]
    return [
        replace(every, train=void, mask_classes=fewer),
        every,
        replace(every, train=none, mask_classes=fewer),
    ]


def _without_first(truth: LayoutTruth) -> LayoutTruth:
    """Return the truth in which what is 0 is no class."""
    train = {
        path: replace(one, planes=one.planes[1:]) if one.planes else one
        for path, one in truth.train.items()
    }
    return replace(truth, train=train, mask_classes=truth.mask_classes[1:])


def _roads_of_india(data: Path) -> Readings:
    """Folders of drives; masks of seven classes and 255 for none, and masks of objects beside."""
    made, size, top = Builder(data), (24, 34), "idd20k_lite"
    values = np.array([*range(7), 255], dtype=np.uint8)
    for part, n in (("train", 22), ("val", 6), ("test", 8)):
        for k in range(n):
            drive, name = k // 3 * 7 + len(part), f"{(24541 + k * 7919 + n * 31) % 1000000:06d}"
            places = draw_class_map(made.random, size, 7, fill=True)
            places[:2, : 5 + k % 9] = 8
            planes = planes_of(places, 8) if part != "test" else None
            path = f"{top}/leftImg8bit/{part}/{drive}/{name}_image.jpg"
            made.image(path, TrueSample(size, planes=planes), part="train")
            if part == "test":
                continue
            save_pixels(data / f"{top}/gtFine/{part}/{drive}/{name}_label.png", values[places - 1])
            objects = np.where(places == 3, 1 + (np.arange(size[1]) > 16), values[places - 1])
            save_pixels(
                data / f"{top}/gtFine/{part}/{drive}/{name}_inst_label.png",
                objects.astype(np.uint8),
            )
    names = [*map(str, range(7)), "255"]

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        is_test = in_folders(f"{top}/leftImg8bit/test")
        every = reading_of(made, MULTI, test=is_test, out=out, mask_classes=names)
        found = _void_or_class(every)
        return [*found, *map(_without_first, found)]

    return tuple(with_and_without(read, in_folders(f"{top}/leftImg8bit/val")))


def _streets_of_cambridge(data: Path) -> Readings:
    """A folder of images and one of masks for each part; lists of pairs below a root of its own."""
    made, top = Builder(data), "CamVid"
    for part, n in (("train", 22), ("val", 6), ("test", 8)):
        lines = []
        for k in range(n):
            name = f"{('0001TP', '0006R0', '0016E5', 'Seq05VD_f')[k % 4]}_{6690 + k * 30 + n * 900:06d}.png"
            if name.startswith("Seq"):
                name = f"Seq05VD_f{n * 90 + k * 30:05d}.png"
            places = draw_class_map(made.random, SIZE, 12, fill=True)
            path = f"{top}/{part}/{name}"
            made.image(path, TrueSample(SIZE, planes=planes_of(places, 12)), part="train")
            save_pixels(data / f"{top}/{part}annot/{name}", places - 1)
            lines.append(f"/SegNet/CamVid/{part}/{name} /SegNet/CamVid/{part}annot/{name}")
        write_lines(made, f"{top}/{part}.txt", lines)

    def read(out: Callable[[str], bool]) -> list[LayoutTruth]:
        every = reading_of(
            made,
            MULTI,
            test=in_folders(f"{top}/test"),
            out=out,
            mask_classes=list(map(str, range(12))),
        )
        found = _void_or_class(every)
        return [found[1], found[0], found[2], *map(_without_first, found)]

    return tuple(with_and_without(read, in_folders(f"{top}/val")))


ON_THE_ROAD = ((0, 0, 255), (255, 0, 0), (0, 152, 225), (0, 203, 151), (69, 47, 142), (86, 62, 67))
"""Cars, pedestrians, the sky, buildings, the lane, and the own car."""


def _streets_of_signate(data: Path) -> Readings:
    """Masks of colours, whose names are on the page alone; a JSON of each image's day and route."""
    made, size = Builder(data), (24, 36)
    colours = np.array(ON_THE_ROAD, dtype=np.uint8)
    for k in range(28):
        places, name = draw_class_map(made.random, size, 6, fill=True), f"train_{k * 37:04d}"
        true = TrueSample(size, planes=planes_of(places, 6))
        made.image(f"seg_train_images/{name}.jpg", true, part="train")
        save_pixels(data / f"seg_train_annotations/{name}.png", colours[places - 1])
        about = {
            "route": ("urban", "residential", "highway")[k % 3],
            "timeofday": ("day", "night", "morning")[k % 3],
        }
        write_json(made, f"seg_train_annotations/{name}.json", {"attributes": about})
    for k in range(10):
        made.image(f"seg_test_images/test_{k * 7:03d}.jpg", TrueSample(size), part="train")
    order = sorted(range(6), key=lambda place: ON_THE_ROAD[place])
    test = in_folders("seg_test_images")
    found = list[LayoutTruth]()
    for wanted in (order, list(range(6))):
        truth = reading_of(made, MULTI, test=test, mask_classes=[""] * 6)
        train = {
            path: replace(one, planes=tuple(one.planes[place] for place in wanted))
            for path, one in truth.train.items()
            if one.planes is not None
        }
        found.append(replace(truth, train=train))
    return tuple(found)


RUGD = (
    ("void", 0, 0, 0),
    ("dirt", 108, 64, 20),
    ("sand", 255, 229, 204),
    ("grass", 0, 102, 0),
    ("tree", 0, 255, 0),
    ("pole", 0, 153, 153),
    ("water", 0, 128, 255),
    ("sky", 0, 0, 255),
    ("vehicle", 255, 255, 0),
    ("container/generic-object", 255, 0, 127),
    ("asphalt", 64, 64, 64),
    ("gravel", 255, 128, 0),
    ("building", 255, 0, 0),
    ("mulch", 153, 76, 0),
    ("rock-bed", 102, 102, 0),
    ("log", 102, 0, 0),
    ("bicycle", 0, 255, 128),
    ("person", 204, 153, 255),
    ("fence", 102, 0, 204),
    ("bush", 255, 153, 204),
    ("sign", 0, 102, 102),
    ("rock", 153, 204, 255),
    ("bridge", 102, 255, 255),
    ("concrete", 101, 101, 11),
    ("picnic-table", 114, 85, 47),
)


def _off_the_road(data: Path) -> Readings:
    """Folders of scenes; masks of 25 colours, of which each image has a few; a text of the colours."""
    made, size = Builder(data), (28, 34)
    colours = np.array([one[1:] for one in RUGD], dtype=np.uint8)
    for place, scene in enumerate(("creek", "park-1", "trail-3", "village")):
        for k in range(9):
            used = [0, 3, 4, 7, *(1 + (n * 5 + k * 3 + place * 7) % 24 for n in range(4))]
            used = list(dict.fromkeys(used))
            numbers = np.array(used)[draw_class_map(made.random, size, len(used), fill=True) - 1]
            name = f"{scene}/{scene}_{1 + k * 60:05d}.png"
            planes = tuple(numbers == n for n in range(25))
            made.image(
                f"RUGD_frames-with-annotations/{name}",
                TrueSample(size, planes=planes),
                part="train",
            )
            save_pixels(data / f"RUGD_annotations/{name}", colours[numbers])
    write_lines(
        made,
        "RUGD_annotations/RUGD_annotation-colormap.txt",
        [f"{n} {' '.join(map(str, one))}" for n, one in enumerate(RUGD)],
    )
    names = [one[0] for one in RUGD]
    every = reading_of(made, MULTI, mask_classes=[*names[1:], "void"])
    train = {
        path: replace(one, planes=(*one.planes[1:], one.planes[0]))
        for path, one in every.train.items()
        if one.planes
    }
    every = replace(every, train=train)
    return tuple(_void_or_class(every))


def _course_of_tsinghua(data: Path) -> Readings:
    """All images in one folder; masks of two of the three parts; texts of numbers for each part."""
    made, size, lists = Builder(data), WIDE, dict[str, list[str]]()
    tests = set[str]()
    for k in range(52):
        part = ("train", "train", "train", "val", "test")[k % 5]
        name = f"{k * 7 + 1:04d}"
        lists.setdefault(part, []).append(name)
        path = f"dataset/images/{name}.jpg"
        if part == "test":
            tests.add(path)
            made.image(path, TrueSample(size), part="train")
            continue
        used = np.array([0, *((k * 3 + n * 7) % 20 + 1 for n in range(3))], dtype=np.uint8)
        numbers = used[draw_class_map(made.random, size, 3, fill=False)]
        planes = tuple(numbers == n for n in range(1, 21))
        made.image(path, TrueSample(size, planes=planes), part="train")
        save_pixels(data / f"dataset/annotations_trainval/{name}.png", numbers)
    for part, names in lists.items():
        write_lines(made, f"{part}.txt", names)
    made.text(
        "eval.py", "import numpy as np\n\n\ndef miou(hist):\n    return np.diag(hist).mean()\n"
    )
    numbers_of = [str(n) for n in range(1, 21)]
    vals = {f"dataset/images/{one}.jpg" for one in lists["val"]}
    found = with_and_without(
        lambda out: [
            reading_of(
                made, MULTI, test=lambda path: path in tests, out=out, mask_classes=numbers_of
            )
        ],
        lambda path: path in vals,
    )
    return (*found, *(with_ground(one) for one in found))


DRIVING = ((64, 32, 32), (255, 0, 0), (128, 128, 96), (0, 255, 102), (204, 0, 255))
"""The road, the lines on it, where no car can go, what moves, and the own car."""


def _drives_of_comma(data: Path) -> Readings:
    """Long names of frames, the same for masks of five colours; a readme tells the colours; from the readme and memory."""
    made, size = Builder(data), WIDE
    colours = np.array(DRIVING, dtype=np.uint8)
    for k in range(34):
        places = draw_class_map(made.random, size, 5, fill=True)
        day = f"2018-{1 + k % 12:02d}-{1 + k * 7 % 28:02d}--{k * 5 % 24:02d}-{k * 11 % 60:02d}-{k * 13 % 60:02d}"
        name = (
            f"{k * 29:04d}_{hex_name('comma', k % 7, length=16)}_{day}_{k % 40}_{k * 71 % 1200}.png"
        )
        made.image(f"imgs/{name}", TrueSample(size, planes=planes_of(places, 5)), part="train")
        save_pixels(data / f"masks/{name}", colours[places - 1])
    made.text(
        "README.md",
        "# comma10k\n\nimgs/ -- the images\nmasks/ -- the segmentation masks\n\n## Categories of internal segnet\n\n 1 - #402020 - road (all parts, anywhere nobody would look at you funny for driving)\n 2 - #ff0000 - lane markings (don't include non lane markings like turn arrows and crosswalks)\n 3 - #808060 - undrivable\n 4 - #00ff66 - movable (vehicles and people/animals)\n 5 - #cc00ff - my car (and anything inside it, including wires, mounts, etc.)\n",
    )
    given = reading_of(made, MULTI, mask_classes=[""] * 5)
    by_colour = sorted(range(5), key=lambda place: DRIVING[place])
    return with_mask_classes(given, by_colour), given


OFF_ROAD = (
    (255, 255, 255),
    (178, 176, 153),
    (128, 255, 0),
    (156, 76, 30),
    (255, 0, 128),
    (255, 0, 0),
    (0, 160, 0),
    (40, 80, 0),
    (1, 88, 255),
)
"""Nothing, smooth trail, grass, rough trail, puddles, obstacles, low plants, high plants, the sky."""


def _trails_of_yamaha(data: Path) -> Readings:
    """A folder an image, with a photo and a mask of the same names in each, numbers with a palette; two parts; from a listing."""
    made, size, top = Builder(data), WIDE, "yamaha_v0"
    for part, first, n in (("train", 0, 28), ("valid", 839, 9)):
        for k in range(n):
            used = np.array([0, 7, 8, *((k * 3 + n) % 6 + 1 for n in range(3))], dtype=np.uint8)
            numbers = used[draw_class_map(made.random, size, 6, fill=True) - 1]
            folder = f"{top}/{part}/iid{first + k * 13:06d}"
            true = TrueSample(size, planes=tuple(numbers == place for place in range(1, 9)))
            made.image(f"{folder}/rgb.jpg", true, part="train")
            image = Image.fromarray(numbers, mode="P")
            image.putpalette([one for colour in OFF_ROAD for one in colour])
            image.save(data / f"{folder}/labels.png")
    names = [str(place) for place in range(1, 9)]
    plain = reading_of(made, MULTI, test=in_folders(f"{top}/valid"), mask_classes=names)
    void = {
        path: replace(one, ignored=~np.any(one.planes, axis=0)) if one.planes else one
        for path, one in plain.train.items()
    }
    return plain, replace(plain, train=void), with_ground(plain)


STREETS_OF_ACDC_STREETS = {0: (7, (128, 64, 128)), 2: (11, (70, 70, 70)), 8: (21, (107, 142, 35)), 10: (23, (70, 130, 180)), 13: (26, (0, 0, 142))}  # fmt: skip


def _streets_in_bad_weather(data: Path) -> Readings:
    """A folder of each weather above those of parts; three masks an image by ends of names; images of clear days have none."""
    made, size, rgb, gt = Builder(data), WIDE, "rgb_anon", "gt"
    ids, colours = (
        list(STREETS_OF_ACDC_STREETS),
        [one for _, one in STREETS_OF_ACDC_STREETS.values()],
    )
    places_of, voids = dict[str, NDArray[np.uint8]](), dict[str, Plane]()
    films = {"fog": "GOPR0475", "night": "GOPR0351", "rain": "GP010402", "snow": "GOPR0606"}
    for weather, film in films.items():
        for part, n in (("train", 7), ("val", 3), ("test", 3)):
            for k in range(n):
                name = f"{film}_frame_{k * 37 + len(part):06d}"
                path = f"{rgb}/{weather}/{part}/{film}/{name}_rgb_anon.png"
                clear = f"{rgb}/{weather}/{part}_ref/{film}/{name}_rgb_ref_anon.png"
                write_photos(made, [path, clear], None, size)
                if part == "test":
                    continue
                place = draw_class_map(made.random, size, 5, fill=True) - 1
                void = draw_plane(made.random, size)
                places_of[path], voids[path] = place, void
                train_ids = np.where(void, 255, np.array(ids, dtype=np.uint8)[place])
                label_ids = np.where(
                    void, 0, np.array([a for a, _ in STREETS_OF_ACDC_STREETS.values()])[place]
                )
                painted = np.where(void[..., None], 0, np.array(colours, dtype=np.uint8)[place])
                stem = f"{gt}/{weather}/{part}/{film}/{name}_gt"
                save_pixels(data / f"{stem}_labelTrainIds.png", train_ids.astype(np.uint8))
                save_pixels(data / f"{stem}_labelIds.png", label_ids.astype(np.uint8))
                save_pixels(data / f"{stem}_labelColor.png", painted.astype(np.uint8))
    test: Callable[[str], bool] = lambda path: "/test/" in path  # noqa: E731
    clear_test: Callable[[str], bool] = lambda path: "/test_ref/" in path  # noqa: E731
    clear_all: Callable[[str], bool] = lambda path: "_ref/" in path  # noqa: E731
    val: Callable[[str], bool] = lambda path: "/val/" in path or "_ref/" in path  # noqa: E731
    drawn = {path: tuple((place == n) & ~voids[path] for n in range(5)) for path, place in places_of.items()}  # fmt: skip
    with_void = {path: (voids[path], *planes) for path, planes in drawn.items()}
    void_last = {path: (*planes, voids[path]) for path, planes in drawn.items()}
    names = tuple(map(str, ids))
    found = list[LayoutTruth]()
    for out in (clear_test, clear_all, val):
        base = reading_of(made, MULTI, test=test, out=out)
        found.append(with_masks(base, drawn, names, ignored=voids))
        found.append(with_masks(base, drawn, names))
        found.append(with_masks(base, with_void, ("0",) * 6))
        found.append(with_masks(base, void_last, ("0",) * 6))
    return tuple(found)


# MaSTr1325, obstacles at sea: memory, and users' code.
def _boats_at_sea(data: Path) -> Readings:
    """Photos from a boat with masks of 0 (obstacles), 1 (water), 2 (sky) and 4 (unknown), and with the horizon of its sensor as a further picture each."""
    made, size, end = Builder(data), (48, 64), "512x384"
    maps = dict[str, np.ndarray]()
    for k in range(1, 37):
        values = np.full(size, 1, dtype=np.uint8)
        sky = 14 + k % 9
        values[:sky] = 2
        values[sky - 2 : sky] = 4
        values[sky + 4 :][draw_plane(made.random, (size[0] - sky - 4, size[1]))] = 0
        path = f"MaSTr1325_images_{end}/{k:04d}.jpg"
        write_photos(made, [path], None, size)
        maps[path] = values
        save_pixels(data / f"MaSTr1325_masks_{end}/{k:04d}m.png", values)
        horizon = np.zeros(size, dtype=bool)
        horizon[sky + k % 3 :] = True
        save_grey_mask(data / f"MaSTr1325_imus_{end}/{k:04d}.png", horizon)
    plain = reading_of(made, MULTI)
    ways = (((0, 1, 2), 4), ((1, 2), 4), ((0, 1, 2, 4), None), ((1, 2, 4), None))
    return tuple(with_masks_by_value(plain, maps, values, ignored) for values, ignored in ways)


def _road_users(data: Path) -> Readings:
    """Masks of sixteen bits, a class times a thousand and a number; rows of one object each, in a form of the host's own."""
    made, rows, size = Builder(data), Rows(), (40, 56)
    classes = ("33", "36", "38")
    for k in range(48):
        is_test = k >= 36
        objects = tuple((int(classes.index(("33", "36", "33", "38")[(k + n) % 4])), plane)
                        for n, plane in enumerate(draw_objects(made.random, size, 1 + k % 4)))  # fmt: skip
        true = TrueSample(size, objects=objects)
        if is_test:
            name = hex_name("wad", k, length=32)
            made.image(f"test/{name}.jpg", true, part="test")
            rows.extend((name, classes[place], str(int(plane.sum())), "1", "") for place, plane in objects)  # fmt: skip
            continue
        name = f"170908_{61500 + k}{k * 137 % 1000:03d}_Camera_{5 + k % 2}"
        made.image(f"train_color/{name}.jpg", true, part="train")
        numbers, seen = np.full(size, 65535, dtype=np.uint16), dict[int, int]()
        for place, plane in objects:
            numbers[plane] = int(classes[place]) * 1000 + seen.get(place, 0)
            seen[place] = seen.get(place, 0) + 1
        save_pixels(data / f"train_label/{name}_instanceIds.png", numbers)  # type: ignore[arg-type]
    columns = {"ImageId": "key", "LabelId": "text", "PixelCount": "free", "Confidence": "free", "EncodedPixels": "free"}  # fmt: skip
    shown = [[one, "33", "100", "0.5", "10 50|110 50|"] for one in dict.fromkeys(row[0] for row in rows)]  # fmt: skip
    made.table("sample_submission.csv", list(columns), shown)
    return (made.truth(OBJECTS, columns, rows, mask_classes=classes),)


def _side_by_side(data: Path) -> Readings:
    """A photo and its colours are the two halves of one picture."""
    made = Builder(data)
    for part, n in (("train", 16), ("val", 6)):
        for k in range(1, n + 1):
            left = paint_photo(made.random, SIZE)
            places = draw_class_map(made.random, SIZE, 3, fill=True)
            right = np.array([(128, 64, 128), (70, 130, 180), (0, 0, 142)], dtype=np.uint8)[
                places - 1
            ]
            save_pixels(
                data / f"cityscapes_data/{part}/{k}.jpg", np.concatenate([left, right], axis=1)
            )
            made.train[f"cityscapes_data/{part}/{k}.jpg"] = TrueSample((SIZE[0], 2 * SIZE[1]))
    return (reading_of(made, MULTI),)


def _poses_of_cars(data: Path) -> Readings:
    """Seven numbers a car in one cell; masks hide the cars that do not count."""
    made, cells, names, size = Builder(data), list[list[str]](), list[str](), (30, 40)
    for k in range(36):
        part, name = "train" if k < 26 else "test", f"ID_{hex_name('pku', k, length=9)}"
        made.image(f"{part}_images/{name}.jpg", TrueSample(size), part=part)
        if k % 3:
            pixels = np.where(draw_plane(made.random, size), 255, 0).astype(np.uint8)
            save_pixels(data / f"{part}_masks/{name}.jpg", np.stack([pixels] * 3, axis=-1))
        if part == "test":
            names.append(name)
            continue
        cars = [
            f"{(16, 5, 46)[n % 3]} {0.1548 + n / 17:.6g} {-2.574 - k / 90:.6g} -3.1{n}02 {7.96 + n * 3:.6g} {3.2 + n:.6g} {11.02 + k:.6g}"
            for n in range(1 + k % 4)
        ]
        cells.append([name, " ".join(cars)])
    made.table("train.csv", ["ImageId", "PredictionString"], cells)
    shown = "0.0 0.0 0.0 0.0 0.0 0.0 1.0"
    made.table(
        "sample_submission.csv", ["ImageId", "PredictionString"], [[one, shown] for one in names]
    )
    (data / "car_models").mkdir()
    (data / "car_models/baojun-310-2017.pkl").write_bytes(b"\x80\x03}q\0." * 4)
    made.text(
        "camera/camera_intrinsic.txt",
        "fx = 2304.5479\nfy = 2305.8757\ncx = 1686.2379\ncy = 1354.9849\n",
    )
    return (reading_of(made, {}),)


def _boxes_of_kitti(data: Path) -> Readings:
    """Boxes of objects in a text for each image, in pixels and in metres."""
    made, kinds = Builder(data), ("Car", "Pedestrian", "Cyclist", "DontCare")
    for k in range(30):
        made.image(f"training/image_2/{k:06d}.png", TrueSample((20, 40)), part="train")
        lines = []
        for n in range(1 + k % 4):
            kind = kinds[(k + n) % 4]
            place = f"{3 + n * 8}.00 {4 + k % 5}.00 {10 + n * 8}.41 {15 + k % 4}.83"
            deep = (
                "-1 -1 -1 -1000 -1000 -1000 -10"
                if kind == "DontCare"
                else f"1.89 0.48 1.20 1.84 1.47 {8 + k}.41 0.01"
            )
            lines.append(
                f"{kind} {'-1 -1 -10' if kind == 'DontCare' else f'0.00 {n % 3} -0.20'} {place} {deep}"
            )
        write_lines(made, f"training/label_2/{k:06d}.txt", lines)
        write_lines(
            made,
            f"training/calib/{k:06d}.txt",
            ["P0: 7.07e+02 0.0 6.04e+02 0.0 0.0 7.07e+02 1.80e+02 0.0 0.0 0.0 1.0 0.0"],
        )
    for k in range(10):
        made.image(f"testing/image_2/{k:06d}.png", TrueSample((20, 40)), part="test")
        write_lines(
            made,
            f"testing/calib/{k:06d}.txt",
            ["P0: 7.21e+02 0.0 6.09e+02 0.0 0.0 7.21e+02 1.72e+02 0.0 0.0 0.0 1.0 0.0"],
        )
    return (reading_of(made, {}),)


LAYOUTS = (
    RealLayout("state-farm-distracted-driver-detection", "code", _state_farm),
    DataSet("aicrowd-f1-car-rotation", "memory", _car_turns),
    DataSet(
        "aicrowd-f1-team-classification", "memory", _teams_of_racing, doubt="words of the labels"
    ),
    DataSet("rob535-perception", "code", _cars_of_a_game, doubt="the sample"),
    DataSet("Udacity driving", "memory", _steering, has_test=False),
    DataSet("Sully Chen's drives", "code", _drives, has_test=False),
    DataSet("CamVid (Kaggle)", "memory", _camvid),
    DataSet("Cityscapes", "code (torchvision)", _cityscapes, doubt="labelIds of test hold 0 alone"),
    DataSet("kitti-road", "memory", _kitti_road),
    DataSet("Carla (Lyft)", "memory", _carla, has_test=False),
    DataSet("kitti-semantics", "memory", _kitti_pixels),
    DataSet("RailSem19", "memory", _rails, has_test=False),
    DataSet("dacon-samsung-camera-invariant", "memory", _fish_eyes, doubt="the runs of the sample"),
    DataSet("Mapillary Vistas", "memory", _vistas),
    DataSet("BDD100K", "memory", _berkeley),
    DataSet("IDD Lite", "memory", _roads_of_india),
    DataSet("CamVid (SegNet)", "memory", _streets_of_cambridge),
    DataSet(
        "signate-ai-edge-contest-segmentation",
        "code",
        _streets_of_signate,
        doubt="attributes of the JSON",
    ),
    DataSet("RUGD", "code", _off_the_road, has_test=False),
    DataSet(
        "tsinghua-cv21b-segmentation", "page", _course_of_tsinghua, doubt="names of the images"
    ),
    DataSet("comma10k", "page and memory", _drives_of_comma, has_test=False),
    DataSet("Yamaha off-road", "page", _trails_of_yamaha),
    DataSet("ACDC streets", "memory", _streets_in_bad_weather),
    DataSet("MaSTr1325", "code and memory", _boats_at_sea, has_test=False),
    DataSet("cvpr-2018-autonomous-driving", "memory", _road_users, doubt="pixels of no object"),
    DataSet("Cityscapes (pairs)", "memory", _side_by_side, refusal=r"\S"),
    DataSet("pku-autonomous-driving", "memory", _poses_of_cars, refusal=ANY),
    DataSet("KITTI objects", "memory", _boxes_of_kitti, refusal=ANY),
)
