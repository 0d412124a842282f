"""Layouts of competitions and data sets of clothes and shoes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from layouts.drawing import draw_class_map, draw_objects, paint_photo, save_pixels
from layouts.real.files import write_json, write_lines, write_matlab
from layouts.real.kinds import ANY, LABELS, MULTI, SEVERAL, TWO
from layouts.real.made import SIZE, Builder, DataSet, Readings, RealLayout
from layouts.real.masks import draw_some_objects, planes_of
from layouts.real.names import hex_name, uuid_name
from layouts.real.photos import write_photos
from layouts.real.readings import in_folders, reading_of, with_labels, with_train_labels
from layouts.runs import Codec
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]


def _fashion(data: Path) -> Readings:
    """Tables of pixels for train and for test, which has labels, too."""
    made = Builder(data)
    for part, n in (("train", 30), ("test", 8)):
        rows = []
        for k in range(n):
            rows.append([str(k % 10), *map(str, made.random.integers(0, 255, 784))])
            path = f"../made/images/{part}/{k}.png"
            made.train[path] = TrueSample((28, 28), str(k % 10))
        made.table(f"fashion-mnist_{part}.csv",
                   ["label", *(f"pixel{one}" for one in range(1, 785))], rows)  # fmt: skip
    return (
        reading_of(
            made, LABELS, test=in_folders("../made/images/test"), classes=tuple("0123456789")
        ),
    )


def _fashion_products(data: Path) -> Readings:
    """Many answers beside each other; a row has more cells than the header; images are missing."""
    made, top, of = Builder(data), "fashion-dataset", dict[str, tuple[str, ...]]()
    header = "id,gender,masterCategory,subCategory,articleType,baseColour,season,year,usage,productDisplayName"
    kinds = (("Apparel", "Topwear", "Shirts"), ("Apparel", "Bottomwear", "Jeans"), ("Accessories", "Watches", "Watches"),
             ("Footwear", "Shoes", "Casual Shoes"), ("Apparel", "Topwear", "Tshirts"))  # fmt: skip
    lines, links = [header], ["filename,link"]
    for k in range(40):
        name, kind = 15970 + 1163 * k, kinds[k * 3 % 5]
        facts = (("Men", "Women")[k * 5 % 7 % 2], *kind, ("Navy Blue", "Blue", "Silver", "Black")[k % 4],
                 ("Fall", "Summer", "Winter")[k // 2 % 3], f"{2011 + k % 3}.0" if k != 9 else "", ("Casual", "Formal", "")[k % 3])  # fmt: skip
        title = "Turtle Check Men Navy Blue Shirt"
        if k == 17:
            title = "United Colors of Benetton Men, Stripes Black Shirt"
        lines.append(",".join([str(name), *facts, title]))
        links.append(f"{name}.jpg,http://assets.myntassets.com/v1/images/style/{name}.jpg")
        write_json(
            made,
            f"{top}/styles/{name}.json",
            {"notification": {}, "data": {"id": name, "price": 895}},
        )
        if k != 23:
            of[f"{top}/images/{name}.jpg"] = facts
            write_photos(made, [f"{top}/images/{name}.jpg"], kind[2])
    write_lines(made, f"{top}/styles.csv", lines)
    write_lines(made, f"{top}/images.csv", links)
    found = []
    for place in (3, 1, 2, 0, 4, 5):
        classes = sorted({one[place] for one in of.values()})
        truth = reading_of(made, TWO if place == 0 else LABELS, classes=classes)
        found.append(with_labels(truth, {path: one[place] for path, one in of.items()}))
    return tuple(found)


GARMENTS = ("Apparel Set", "Bags", "Shoes", "Topwear", "Watches")


def _shuffled_fashion(data: Path) -> Readings:
    """Facts and a noisy description beside each image; images of both parts lie in one folder."""
    made, rows, cells, tests = Builder(data), list[tuple[str, ...]](), [], []
    for number in range(40):
        part, label = "train" if number < 32 else "test", GARMENTS[number * 3 % 5]
        name = str(17 * number + 3)
        made.image(f"suffled-images/shuffled-images/{name}.jpg", TrueSample(SIZE, label), part=part)
        facts = [name, ("Men", "Women", "Boys")[number % 3], ("Black", "Navy Blue", "White")[number // 3 % 3],
                 ("Summer", "Fall")[number % 2], ("Casual", "Sports")[number // 2 % 2],
                 f"inkfruit mens {('chain', 'reaction', 'tee')[number % 3]} zqe {number}"]  # fmt: skip
        if part == "train":
            cells.append([*facts, label])
        else:
            tests.append(facts)
            rows.append((name, label))
    header = ["id", "gender", "baseColour", "season", "usage", "noisyTextDescription"]
    made.table("train.csv", [*header, "category"], cells)
    made.table("test.csv", header, tests)
    columns = {"id": "key", "category": "text"}
    made.table("sample_submission.csv", list(columns), [[one, GARMENTS[1]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=GARMENTS),)


def _apparels(data: Path) -> Readings:
    """An archive a part, with a table and a folder of images; ids go on from train to test."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    classes = tuple("0123456789")
    for k in range(40):
        true = TrueSample((28, 28), str((k * 3 + k // 10) % 10))
        made.image(f"train_LbELtWX/train/{k + 1}.png", true, part="train")
        cells.append([str(k + 1), str(true.label)])
    for k in range(12):
        true = TrueSample((28, 28), str(k * 7 % 10))
        made.image(f"test_ScVgIM0/test/{60001 + k}.png", true, part="test")
        rows.append((str(60001 + k), str(true.label)))
    columns = {"id": "key", "label": "text"}
    made.table("train_LbELtWX/train.csv", list(columns), cells)
    made.table("test_ScVgIM0/test.csv", ["id"], [[one] for one, _ in rows])
    made.table("sample_submission_I5njJSF.csv", list(columns), [[one, "0"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=classes),)


CLOTHES = {"3": "Blouse", "6": "Cardigan", "32": "Shorts", "41": "Dress"}


TOUCHES = ("a-line", "abstract print", "button-front", "denim", "floral", "lace", "pleated")


def _clothes_and_touches(data: Path) -> Readings:
    """Texts that begin with a count and a header; categories, attributes of 1 and -1, and parts."""
    made, lines = Builder(data), dict[str, list[str]]()
    parts, several = {}, {}
    for k in range(44):
        number = list(CLOTHES)[k * 3 % 4]
        item = f"{('Sheer_Pleated-Front', 'Abstract_Brushstroke', 'Faded_Denim')[k // 4 % 3]}_{CLOTHES[number]}"
        path = f"img/{item}/img_{1 + k:08d}.jpg"
        write_photos(made, [f"Img/{path}"], number)
        has = [(k * 3 + 5 * n) % 7 < 2 or n == k % 7 for n in range(len(TOUCHES))]
        several[f"Img/{path}"] = frozenset(
            one for one, bit in zip(TOUCHES, has, strict=True) if bit
        )
        parts[f"Img/{path}"] = part = ("train", "train", "val", "test")[k // 4 % 4]
        for name, cell in (
            ("Anno_coarse/list_category_img", number),
            ("Anno_coarse/list_attr_img", " ".join(f"{1 if bit else -1:2d}" for bit in has)),
            ("Anno_coarse/list_bbox", "003 002 021 017"),
            ("Eval/list_eval_partition", part),
        ):
            lines.setdefault(name, []).append(f"{path:<70} {cell}")
    heads = {
        "Anno_coarse/list_category_img": "image_name  category_label",
        "Anno_coarse/list_attr_img": "image_name  attribute_labels",
        "Anno_coarse/list_bbox": "image_name  x_1  y_1  x_2  y_2",
        "Eval/list_eval_partition": "image_name  evaluation_status",
    }
    for name, rows in lines.items():
        write_lines(made, f"{name}.txt", [str(len(rows)), heads[name], *rows])
    every = [CLOTHES.get(str(n), f"Category{n}") for n in range(1, 51)]
    write_lines(
        made, "Anno_coarse/list_category_cloth.txt",
        ["50", "category_name  category_type", *(f"{one:<14} {1 + n // 20}" for n, one in enumerate(every))],
    )  # fmt: skip
    write_lines(
        made, "Anno_coarse/list_attr_cloth.txt",
        [str(len(TOUCHES)), "attribute_name  attribute_type", *(f"{one:<30} {1 + n % 5}" for n, one in enumerate(TOUCHES))],
    )  # fmt: skip
    made.text("README.txt", "Large-scale Fashion (DeepFashion) Database\nCategory and Attribute Prediction Benchmark\n")  # fmt: skip
    found = list[LayoutTruth]()
    for left in ((), ("val",)):
        of: dict[str, Any] = {
            "test": lambda path: parts[path] == "test",
            "out": lambda path, left=left: parts[path] in left,
        }
        single = reading_of(made, LABELS, classes=CLOTHES, **of)
        named = reading_of(made, LABELS, classes=CLOTHES.values(), label=lambda one: CLOTHES[str(one)], **of)  # fmt: skip
        many = reading_of(made, SEVERAL, classes=TOUCHES, **of)
        labels = {
            side: {path: replace(one, label=several[path]) for path, one in each.items()}
            for side, each in (("train", many.train), ("test", many.test))
        }
        found += [named, single, replace(many, **labels)]  # type: ignore[arg-type]
    return tuple(found)


SHOES = (
    ("Boots", "Ankle", "Frye"), ("Boots", "Knee High", "UGG"), ("Sandals", "Flat", "Teva"),
    ("Shoes", "Oxfords", "Bostonian"), ("Shoes", "Heels", "Nine West"), ("Slippers", "Slipper Flats", "Acorn"),
)  # fmt: skip


def _shoes(data: Path) -> Readings:
    """Folders of category, kind and brand; ids of the table with a dash in place of the dot."""
    made, cells, of = Builder(data), [], {}
    for k in range(42):
        category, kind, brand = SHOES[k * 5 % 6]
        number = f"{100627 + k * 31}.{72 + k * 997}"
        path = f"ut-zap50k-images/{category}/{kind}/{brand}/{number}.jpg"
        write_photos(made, [path], category)
        of[path] = (category, kind, brand)
        heel = "" if k % 3 else "Under 1in"
        cells.append([number.replace(".", "-"), category, kind.replace(" ", "."), heel, "Leather", "Lace up",
                      ("Men", "Women")[k % 2], "Leather;Rubber" if k % 4 else "", ""])  # fmt: skip
    header = ["CID", "Category", "SubCategory", "HeelHeight", "Insole", "Closure", "Gender", "Material", "ToeStyle"]  # fmt: skip
    made.table("ut-zap50k-data/meta-data.csv", header, cells)
    write_matlab(
        data / "ut-zap50k-data/image-path.mat", imagepath=np.array(list(of), dtype=object)[:, None]
    )
    made.text("ut-zap50k-data/readme.txt", "UT Zappos50K: a large shoe dataset of 50,025 catalog images.\n")  # fmt: skip
    found = list[LayoutTruth]()
    for depth in range(3):
        labels = {path: each[depth] for path, each in of.items()}
        for named in (str, lambda one: str(one).replace(" ", ".")):
            truth = reading_of(
                made, LABELS, classes=sorted({named(one) for one in labels.values()})
            )
            train = {
                path: replace(one, label=named(labels[path])) for path, one in truth.train.items()
            }
            found.append(replace(truth, train=train))
    return tuple(found)


CLOTHES_OF_CLOTHING_FULL = ("Dress", "Not sure", "Pants", "Shoes", "Skip", "T-Shirt", "Undershirt")


def _clothes(data: Path) -> Readings:
    """Ids without endings; the images twice, whole and small; two classes that are none."""
    made, cells, of_kids = Builder(data), [], dict[str, str]()
    for k in range(44):
        label, name = CLOTHES_OF_CLOTHING_FULL[k * 5 % 7], uuid_name("eleventh", "clothing", k)
        kids = str(k * 3 % 8 == 1)
        for folder, size in (("original", (48, 36 + k % 3)), ("compressed", (24, 18 + k % 3))):
            path = f"images_{folder}/{name}.jpg"
            write_photos(made, [path], label, size)
            of_kids[path] = kids
        cells.append([name, str(4 + k * 11 % 300), label, kids])
    made.table("images.csv", ["image", "sender_id", "label", "kids"], cells)
    found = list[LayoutTruth]()
    for out in ("images_compressed", "images_original"):
        truth = reading_of(made, LABELS, out=in_folders(out), classes=CLOTHES_OF_CLOTHING_FULL)
        found.append(truth)
        kids_of = reading_of(made, TWO, out=in_folders(out), classes=("False", "True"))
        train = {path: replace(one, label=of_kids[path]) for path, one in kids_of.train.items()}
        found.append(replace(kids_of, train=train))
    return tuple(found)


APPARELS = (
    "black_dress",
    "black_pants",
    "black_shirt",
    "blue_dress",
    "blue_shirt",
    "red_dress",
    "red_pants",
    "white_shoes",
)


def _apparel_images(data: Path) -> Readings:
    """Class folders of a colour and a garment; names of hexadecimal letters; from memory of the data page."""
    made, both = Builder(data), dict[str, Label]()
    for label in APPARELS:
        for k in range(6):
            path = (
                f"{label}/{hex_name('apparel', label, k, length=40)}.{'png' if k == 5 else 'jpg'}"
            )
            write_photos(made, [path], label, (44, 34 + k))
            both[path] = frozenset(label.split("_"))
    one = reading_of(made, LABELS, classes=APPARELS)
    words = sorted({word for label in APPARELS for word in label.split("_")})
    return one, with_train_labels(reading_of(made, SEVERAL, classes=words), both)


FASHIONS = ("8", "17", "53", "62", "66", "95", "105", "137", "153", "171")


def _fashions_of_2018(data: Path) -> Readings:
    """JSON of lists of labels and of addresses; the numbers of images begin anew in each part."""
    made, rows = Builder(data), list[tuple[str, ...]]()
    for part, n in (("train", 34), ("validation", 8), ("test", 12)):
        images, known = [], []
        for k in range(1, n + 1):
            label = [one for one in FASHIONS if made.random.random() < 0.35] or ["66"]
            true = TrueSample((48, 36 + k % 3), frozenset(label))
            side = "test" if part == "test" else "train"
            made.image(f"{part}/{k}.jpg", true, part=side)
            address = (
                f"https://contestimg.wish.com/api/webimage/{hex_name(part, k, length=24)}-large"
            )
            images.append({"url": address, "imageId": str(k)})
            known.append({"labelId": label, "imageId": str(k)})
            if part == "test":
                rows.append((str(k), " ".join(label)))
        content: dict[str, Any] = {"images": images}
        if part != "test":
            content["annotations"] = known
            content["info"] = {"version": 1, "year": 2018, "url": "fgvc5", "contributor": "iMat"}
        write_json(made, f"{part}.json", content)
    columns = {"image_id": "key", "label_id": "labels"}
    shown = "95 66 137 17"
    made.table("sample_submission.csv", list(columns), [[one, shown] for one, _ in rows])
    every = made.truth(SEVERAL, columns, rows, classes=FASHIONS)
    train = {path: one for path, one in every.train.items() if path.startswith("train/")}
    return every, replace(every, train=train)


CLOTHES_OF_CLOTHING_SEGMENTATION = ("null", "accessories", "bag", "blazer")


def _clothing_segmentation(data: Path) -> Readings:
    """img_ and seg_ before the number; the same once more as JPEGs; a table of the classes."""
    made = Builder(data)
    for k in range(1, 25):
        places = draw_class_map(made.random, SIZE, 3, fill=False)
        photo = paint_photo(made.random, SIZE)
        made.image(
            f"png_images/IMAGES/img_{k:04d}.png",
            TrueSample(SIZE, planes=planes_of(places, 3)),
            part="train",
            pixels=photo,
        )
        save_pixels(data / f"png_masks/MASKS/seg_{k:04d}.png", places)
        save_pixels(data / f"jpeg_images/IMAGES/img_{k:04d}.jpeg", photo)
        save_pixels(data / f"jpeg_masks/MASKS/seg_{k:04d}.jpeg", places)
    made.table(
        "labels.csv",
        ["", "label_list"],
        [[str(n), name] for n, name in enumerate(CLOTHES_OF_CLOTHING_SEGMENTATION)],
    )
    return (reading_of(made, MULTI, mask_classes=CLOTHES_OF_CLOTHING_SEGMENTATION[1:]),)


def _garments(data: Path) -> LayoutTruth:
    """A row an object with its class; the size of the image in the table of train."""
    made, rows, table = Builder(data), list[tuple[str, ...]](), []
    codec, classes = Codec(), ("0", "6", "23", "31")
    for number in range(22):
        part, size = "train" if number < 17 else "test", (40, 30 + 2 * (number % 3))
        name = f"{hex_name(part, number, length=32)}.jpg"
        planes = [plane for _, plane in draw_some_objects(made, size, number)]
        objects = tuple(((number + n // 2) % 4, plane) for n, plane in enumerate(planes))
        made.image(f"{part}/{name}", TrueSample(size, objects=objects), part=part)
        for place, plane in objects:
            text = codec.encode(plane)
            if part == "train":
                table.append([name, text, str(size[0]), str(size[1]), classes[place]])
            else:
                rows.append((name, text, classes[place]))
    made.table("train.csv", ["ImageId", "EncodedPixels", "Height", "Width", "ClassId"], table)
    made.text("label_descriptions.json", json.dumps({"categories": [{"id": 0, "name": "shirt"}]}))
    columns = {"ImageId": "key", "EncodedPixels": "rle", "ClassId": "text"}
    names = dict.fromkeys(one[0] for one in rows)
    made.table("sample_submission.csv", list(columns), [[one, "1 1", "23"] for one in names])
    return made.truth({"segment": "instance"}, columns, rows, mask_classes=classes)


GARMENTS_OF_IMATERIALIST_FASHION_2020_FGVC7 = (
    "shirt, blouse", "top, t-shirt, sweatshirt", "sweater", "cardigan", "jacket", "vest", "pants", "shorts", "skirt",
    "coat", "dress", "jumpsuit", "cape", "glasses", "hat", "headband, head covering, hair accessory", "tie", "glove",
    "watch", "belt", "leg warmer", "tights, stockings", "sock", "shoe", "bag, wallet", "scarf", "umbrella", "hood",
    "collar", "lapel", "epaulette", "sleeve", "pocket", "neckline", "buckle", "zipper", "applique", "bead", "bow",
    "flower", "fringe", "ribbon", "rivet", "ruffle", "sequin", "tassel",
)  # fmt: skip


def _garments_of_2020(data: Path) -> Readings:
    """A row a garment with class and attributes; names of images without their ending."""
    made, cells, rows = Builder(data), [], list[tuple[str, ...]]()
    codec, kinds = Codec(), (1, 10, 23, 31, 33)
    for k in range(28):
        part, size = "train" if k < 21 else "test", (40, 30 + 2 * (k % 3))
        name = hex_name("garment", k, length=32)
        objects = tuple(
            ((k + n // 2) % 5, plane)
            for n, plane in enumerate(draw_objects(made.random, size, 1 + k % 4))
        )
        made.image(f"{part}/{name}.jpg", TrueSample(size, objects=objects), part=part)
        for place, plane in objects:
            number, touches = str(kinds[place]), ",".join(str(115 + 17 * n + k) for n in range(k % 4))  # fmt: skip
            text = codec.encode(plane)
            if part == "train":
                cells.append([name, text, str(size[0]), str(size[1]), number, touches])
            else:
                rows.append((name, text, number, ""))
    header = ["ImageId", "EncodedPixels", "Height", "Width", "ClassId", "AttributesIds"]
    made.table("train.csv", header, cells)
    columns = {"ImageId": "key", "EncodedPixels": "rle", "ClassId": "text", "AttributesIds": "free"}
    names = dict.fromkeys(one[0] for one in rows)
    made.table("sample_submission.csv", list(columns), [[one, "1 1", "32", "111,137"] for one in names])  # fmt: skip
    about = [{"id": n, "name": one, "supercategory": "upperbody" if n < 6 else "decorations", "level": 1 + (n > 26)}
             for n, one in enumerate(GARMENTS_OF_IMATERIALIST_FASHION_2020_FGVC7)]  # fmt: skip
    touches = [{"id": n, "name": f"{one} (opening)", "supercategory": "opening type", "level": 1}
               for n, one in ((115, "chained"), (137, "fly"), (149, "zip-up"))]  # fmt: skip
    write_json(made, "label_descriptions.json", {
        "info": {"year": 2020, "version": "1.0", "description": "The 2020 FGVC7 labels"},
        "categories": about, "attributes": touches,
    })  # fmt: skip
    truth = made.truth(
        {"segment": "instance"},
        columns,
        rows,
        mask_classes=[str(one) for one in kinds],
        codec=codec,
    )
    moved = {
        side: {
            path: replace(
                one, objects=tuple((kinds[place], plane) for place, plane in one.objects or ())
            )
            for path, one in each.items()
        }
        for side, each in (("train", truth.train), ("test", truth.test))
    }
    whole = replace(truth, mask_classes=GARMENTS_OF_IMATERIALIST_FASHION_2020_FGVC7, **moved)  # type: ignore[arg-type]
    return (
        truth,
        replace(
            truth,
            mask_classes=tuple(GARMENTS_OF_IMATERIALIST_FASHION_2020_FGVC7[one] for one in kinds),
        ),
        whole,
        replace(whole, mask_classes=tuple(str(n) for n in range(46))),
    )


POINTS = (
    "neckline_left",
    "neckline_right",
    "center_front",
    "shoulder_left",
    "shoulder_right",
    "armpit_left",
    "armpit_right",
    "waistline_left",
    "waistline_right",
    "cuff_left_in",
    "cuff_left_out",
    "cuff_right_in",
    "cuff_right_out",
    "top_hem_left",
    "top_hem_right",
    "waistband_left",
    "waistband_right",
    "hemline_left",
    "hemline_right",
    "crotch",
    "bottom_left_in",
    "bottom_left_out",
    "bottom_right_in",
    "bottom_right_out",
)


def _points_of_clothes(data: Path) -> Readings:
    """Points with a sign of being seen, three numbers in a cell; a folder a kind of garment."""
    made, kinds = Builder(data), ("blouse", "dress", "outwear", "skirt", "trousers")
    for part, n in (("train", 35), ("test", 15)):
        cells = []
        for k in range(n):
            kind, name = kinds[k % 5], hex_name("fashionai", part, k, length=32)
            path = f"Images/{kind}/{name}.jpg"
            made.image(f"{part}/{path}", TrueSample((48, 48)), part=part)
            marks = [
                f"{3 + place}_{5 + k % 9 + place % 7}_{(k + place) % 2}"
                if (place + k % 5) % 3
                else "-1_-1_-1"
                for place in range(24)
            ]
            cells.append([path, kind, *(marks if part == "train" else [])])
        header = ["image_id", "image_category"]
        if part == "train":
            made.table("train/Annotations/train.csv", [*header, *POINTS], cells)
        else:
            made.table("test/test.csv", header, cells)
    return (reading_of(made, {}),)


GARMENTS_OF_VISUAL_TAXONOMY_2024 = {
    "Men Tshirts": ("default", "round", "printed", "default", "short sleeves"),
    "Sarees": ("same as saree", "solid", "woven design", "no", "same as border"),
    "Kurtis": ("maroon", "straight", "calf length", "festive", "net"),
    "Women Tshirts": ("multicolor", "loose", "long", "crew neck", "default"),
    "Women Tops & Tunics": ("yellow", "fitted", "crop", "boxy", "solid"),
}


def _visual_taxonomy_2024(data: Path) -> Readings:
    """Ten columns of words, which mean other things in each category, with gaps; from code."""

    made, cells, tests, shown = Builder(data), [], [], []
    words = [f"attr_{n}" for n in range(1, 11)]
    for k in range(44):
        part, kind = (
            "train" if k < 32 else "test",
            list(GARMENTS_OF_VISUAL_TAXONOMY_2024)[k * 2 % 5],
        )
        number = k * 3 if k < 32 else k - 32
        path = f"{part}_images/{number:06d}.jpg"
        made.image(path, TrueSample((48, 36)), part=part)
        own = [*GARMENTS_OF_VISUAL_TAXONOMY_2024[kind], *[""] * 5]
        own = ["" if (k + n) % 6 == 0 else one for n, one in enumerate(own)]
        if part == "train":
            cells.append([str(number), kind, "5", *own])
        else:
            tests.append([str(number), kind])
            shown.append([str(number), kind, "10", *["dummy"] * 10])
    made.table("train.csv", ["id", "Category", "len", *words], cells)
    made.table("test.csv", ["id", "Category"], tests)
    made.table("sample_submission.csv", ["id", "Category", "len", *words], shown)
    pd.DataFrame({
        "Category": list(GARMENTS_OF_VISUAL_TAXONOMY_2024),
        "No_of_attribute": [5] * 5,
        "Attribute_list": [["color", "neck", "pattern", "print", "sleeve"]] * 5,
    }).to_parquet(data / "category_attributes.parquet")  # fmt: skip
    return (reading_of(made, {}),)


LAYOUTS = (
    DataSet("Fashion-MNIST (CSV)", "memory", _fashion),
    DataSet("Fashion products", "memory", _fashion_products, has_test=False),
    DataSet("uwaterloo-cs480-fashion", "memory", _shuffled_fashion),
    DataSet("analytics-vidhya-identify-the-apparels", "memory", _apparels),
    DataSet("DeepFashion attributes", "memory", _clothes_and_touches),
    DataSet("UT Zappos50K", "memory", _shoes, has_test=False),
    DataSet("Clothing (full)", "code and memory", _clothes, has_test=False),
    DataSet("Apparel images", "memory", _apparel_images, has_test=False),
    DataSet("imaterialist-challenge-fashion-2018", "code and memory", _fashions_of_2018),
    DataSet("Clothing segmentation", "memory", _clothing_segmentation, has_test=False),
    RealLayout("imaterialist-fashion-2019-FGVC6", "page", _garments, by_slug=True),
    DataSet(
        "imaterialist-fashion-2020-fgvc7", "memory", _garments_of_2020, doubt="the sample's cells"
    ),
    DataSet("tianchi-fashionai-keypoints", "code", _points_of_clothes, refusal=ANY),
    DataSet("visual-taxonomy-2024", "code", _visual_taxonomy_2024, refusal=ANY, doubt="the sample"),
)
