"""Files of annotation tools give masks, numbers of objects and labels; each tool tells the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image

from podium.competition.infer.annotations.shapes import names_of_categories
from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.errors import DataError

HEIGHT, WIDTH = 30, 40
N_TRAIN, N_TEST = 9, 4
LABELS = ("adult", "chick")
Box = tuple[str, int, int, int, int]
"""Label, left, top, right, bottom."""


def boxes(number: int) -> list[Box]:
    """Return the objects of an image: of every third none, at different places."""
    rng = np.random.default_rng(number)
    found = []
    for k in range(0 if number % 3 == 0 else 1 + number % 4):
        left, top = int(rng.integers(2, 30)), int(rng.integers(2, 20))
        label = LABELS[(k + number) % 2]
        found.append((label, left, top, left + int(rng.integers(2, 9)), top + 5))
    return found


def name(number: int) -> str:
    return f"flight_{number:03}.png"


def pictures(data: Path) -> None:
    rng = np.random.default_rng(7)
    for number in range(N_TRAIN + N_TEST):
        file = data / ("train" if number < N_TRAIN else "test") / name(number)
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)).save(file)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def sample(data: Path, columns: str, cells: str) -> None:
    rows = [f"{name(n)},{cells}" for n in range(N_TRAIN, N_TRAIN + N_TEST)]
    write(data / "sample_submission.csv", "\n".join([columns, *rows]) + "\n")


def corners(box: Box) -> list[tuple[int, int]]:
    _, left, top, right, bottom = box
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def middle(box: Box) -> tuple[float, float]:
    _, left, top, right, bottom = box
    return (left + right) / 2, (top + bottom) / 2


def via_shape(box: Box, form: str) -> dict[str, Any]:
    _, left, top, right, bottom = box
    if form == "point":
        x, y = middle(box)
        return {"name": "point", "cx": x, "cy": y}
    if form == "box":
        return {"name": "rect", "x": left, "y": top, "width": right - left, "height": bottom - top}
    xs, ys = zip(*corners(box), strict=True)
    return {"name": "polygon", "all_points_x": list(xs), "all_points_y": list(ys)}


def via_table(data: Path, form: str) -> None:
    rows = []
    for number in range(N_TRAIN):
        each = boxes(number)
        for k, one in enumerate(each):
            cells = via_shape(one, form), {"kind": one[0]}
            rows.append([name(number), 900, "{}", len(each), k, *map(json.dumps, cells)])
        if not each:
            rows.append([name(number), 900, "{}", 0, 0, "{}", "{}"])
    columns = "filename file_size file_attributes region_count region_id region_shape_attributes"
    table = pd.DataFrame(rows, columns=[*columns.split(), "region_attributes"])
    table.to_csv(data / "via_export_csv.csv", index=False)


def via_json(data: Path, form: str) -> None:
    content = {}
    for number in range(N_TRAIN):
        regions = [
            {"shape_attributes": via_shape(one, form), "region_attributes": {"kind": one[0]}}
            for one in boxes(number)
        ]
        content[f"{name(number)}900"] = {"filename": name(number), "regions": regions}
    write(data / "via_region_data.json", json.dumps(content))


def label_studio(data: Path, form: str) -> None:
    kind = {"point": "keypointlabels", "box": "rectanglelabels", "area": "polygonlabels"}[form]
    tasks = []
    for number in range(N_TRAIN):
        results = []
        for one in boxes(number):
            label, left, top, right, bottom = one
            x, y = middle(one) if form == "point" else (left, top)
            value: dict[str, Any] = {kind: [label], "x": 100 * x / WIDTH, "y": 100 * y / HEIGHT}
            value |= {"width": 100 * (right - left) / WIDTH}
            value |= {"height": 100 * (bottom - top) / HEIGHT}
            value |= {"points": [[100 * x / WIDTH, 100 * y / HEIGHT] for x, y in corners(one)]}
            about = {"original_width": WIDTH, "original_height": HEIGHT, "type": kind}
            results.append({**about, "value": value})
        address = f"/data/upload/3/{number:08x}-{name(number)}"
        tasks.append({"data": {"image": address}, "annotations": [{"result": results}]})
    write(data / "project-3.json", json.dumps(tasks))


def labelme(data: Path, form: str) -> None:
    for number in range(N_TRAIN):
        shapes = []
        for one in boxes(number):
            points = [middle(one)] if form == "point" else corners(one)
            points = [points[0], points[2]] if form == "box" else points
            kind = {"point": "point", "box": "rectangle", "area": "polygon"}[form]
            shapes.append({"label": one[0], "shape_type": kind, "points": points})
        content = {"imagePath": name(number), "imageHeight": HEIGHT, "imageWidth": WIDTH}
        write(
            data / f"train/{Path(name(number)).stem}.json",
            json.dumps({**content, "shapes": shapes}),
        )


def cvat(data: Path, form: str) -> None:
    lines = ["<?xml version='1.0' encoding='utf-8'?>", "<annotations>", "<version>1.1</version>"]
    for number in range(N_TRAIN):
        lines.append(
            f'<image id="{number}" name="train/{name(number)}" width="{WIDTH}" height="{HEIGHT}">'
        )
        for one in boxes(number):
            label, left, top, right, bottom = one
            points = [middle(one)] if form == "point" else corners(one)
            text = ";".join(f"{x:.2f},{y:.2f}" for x, y in points)
            place = f'xtl="{left}" ytl="{top}" xbr="{right}" ybr="{bottom}"'
            shape = {
                "point": f'<points label="{label}" points="{text}"/>',
                "box": f'<box label="{label}" {place}/>',
                "area": f'<polygon label="{label}" points="{text}"/>',
            }
            lines.append(shape[form])
        lines.append("</image>")
    write(data / "annotations.xml", "\n".join([*lines, "</annotations>"]))


def pascal_voc(data: Path, form: str) -> None:
    for number in range(N_TRAIN):
        lines = ["<annotation>", f"<filename>{name(number)}</filename>"]
        lines.append(f"<size><width>{WIDTH}</width><height>{HEIGHT}</height></size>")
        for one in boxes(number):
            label, left, top, right, bottom = one
            lines.append(f"<object><name>{label}</name><bndbox><xmin>{left}</xmin>")
            lines.append(f"<ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox>")
            if form == "area":
                each = enumerate(corners(one), start=1)
                outline = "".join(f"<x{k}>{x}</x{k}><y{k}>{y}</y{k}>" for k, (x, y) in each)
                lines.append(f"<polygon>{outline}</polygon>")
            lines.append("</object>")
        file = data / f"annotations/{Path(name(number)).stem}.xml"
        write(file, "\n".join([*lines, "</annotation>"]))


def yolo(data: Path, form: str) -> None:
    for number in range(N_TRAIN):
        lines = []
        for one in boxes(number):
            label, left, top, right, bottom = one
            shares = [(x / WIDTH, y / HEIGHT) for x, y in corners(one)]
            if form == "box":
                x, y = middle(one)
                shares = [(x / WIDTH, y / HEIGHT)]
                shares += [((right - left) / WIDTH, (bottom - top) / HEIGHT)]
            numbers = [f"{number:.6f}" for pair in shares for number in pair]
            lines.append(" ".join([str(LABELS.index(label)), *numbers]))
        write(data / f"labels/train/{Path(name(number)).stem}.txt", "\n".join(lines))
    write(data / "data.yaml", f"names: [{', '.join(LABELS)}]\n")


def coco(data: Path, form: str) -> None:
    content: dict[str, list[dict[str, Any]]] = {"images": [], "annotations": []}
    for number in range(N_TRAIN):
        size = {"height": HEIGHT, "width": WIDTH}
        content["images"].append({"id": number, "file_name": name(number), **size})
        for label, left, top, right, bottom in boxes(number):
            about = {"image_id": number, "category_id": LABELS.index(label) + 1}
            place = [left, top, right - left, bottom - top]
            about["id"] = len(content["annotations"]) + 1
            content["annotations"].append({**about, "bbox": place, "iscrowd": 0})
    content["categories"] = [{"id": k, "name": one} for k, one in enumerate(LABELS, start=1)]
    write(data / "instances.json", json.dumps(content))


def geojson(data: Path, form: str) -> None:
    for number in range(N_TRAIN):
        features = []
        for one in boxes(number):
            ring = [*corners(one), corners(one)[0]]
            place: Any = middle(one) if form == "point" else [ring]
            kind = {"point": "Point", "area": "Polygon"}[form]
            about = {"objectType": "annotation", "classification": {"name": one[0]}}
            geometry = {"type": kind, "coordinates": place}
            features.append({"type": "Feature", "geometry": geometry, "properties": about})
        content = {"type": "FeatureCollection", "features": features}
        file = data / f"annotations/{Path(name(number)).stem}.geojson"
        write(file, json.dumps(content))


Writer = Callable[[Path, str], None]


def json_lines(data: Path, form: str) -> None:
    lines = []
    for number in range(N_TRAIN):
        each = [
            {"type": one[0], "coordinates": [[*corners(one), corners(one)[0]]]}
            for one in boxes(number)
        ]
        lines.append(json.dumps({"id": name(number).partition(".")[0], "annotations": each}))
    write(data / "polygons.jsonl", "\n".join(lines) + "\n")


def json_an_image(data: Path, form: str) -> None:
    for number in range(N_TRAIN):
        drawn = [
            {"id": k, "type": form, "corners": corners(one), "label": one[0]}
            for k, one in enumerate(boxes(number))
        ]
        if form == "box":
            drawn = [{**one, "corners": [one["corners"][0], one["corners"][2]]} for one in drawn]
        file = data / f"drawn/{Path(name(number)).stem}.json"
        write(file, json.dumps({"drawings": drawn, "hints": {}, "size": {"height": HEIGHT}}))


def points_an_image(data: Path, form: str) -> None:
    for number in range(N_TRAIN):
        seen = []
        for one in boxes(number):
            x, y = middle(one)
            seen.append({"x": x, "y": y, "classe": one[0]})
        file = data / f"seen/{Path(name(number)).stem}.json"
        write(file, json.dumps({"image": name(number), "annotator": "E3", "seen": seen}))


WRITERS: Mapping[str, tuple[Writer, Sequence[str]]] = {
    "VIA's table": (via_table, ("point", "box", "area")),
    "VIA's JSON": (via_json, ("point", "box", "area")),
    "Label Studio": (label_studio, ("point", "box", "area")),
    "labelme": (labelme, ("point", "box", "area")),
    "CVAT": (cvat, ("point", "box", "area")),
    "Pascal VOC": (pascal_voc, ("box", "area")),
    "YOLO": (yolo, ("box", "area")),
    "COCO": (coco, ("box",)),
    "GeoJSON": (geojson, ("point", "area")),
    "JSON lines": (json_lines, ("area",)),
    "JSON an image": (json_an_image, ("area",)),
    "points in JSON": (points_an_image, ("point",)),
}


def cases(*forms: str) -> list[Any]:
    return [
        pytest.param(writer, form, id=f"{tool}, {form}")
        for tool, (writer, own) in WRITERS.items()
        for form in own
        if form in forms
    ]


def read_counts(root: Path) -> dict[str, list[int]]:
    table = pd.read_csv(root / "made/tables/counts.csv").dropna()
    return {row[0]: [int(cell) for cell in row[1:]] for row in table.itertuples(index=False)}


@pytest.mark.parametrize(("writer", "form"), cases("point", "box"))
def test_objects_are_counted_where_the_sample_has_a_column_a_class(
    writer: Writer, form: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    pictures(data)
    writer(data, form)
    sample(data, "file,adult,chick", "0,0")
    found = infer(data, tmp_path)
    spec = found.competition
    assert spec.tasks == {"classify": "multitarget"}
    assert spec.classes == ["adult", "chick"]
    truth = {
        name(n): [sum(one[0] == label for one in boxes(n)) for label in LABELS]
        for n in range(N_TRAIN)
    }
    assert read_counts(tmp_path) == truth
    assert "to_choose" not in found.text, "nothing is asked"


@pytest.mark.parametrize("column", ["count", "n_birds", "anzahl"])
def test_all_objects_are_counted_where_the_sample_has_a_count(column: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    via_table(data, "area")
    sample(data, f"file,{column}", "0")
    found = infer(data, tmp_path)
    assert found.competition.tasks == {"classify": "regression"}
    assert read_counts(tmp_path) == {name(n): [len(boxes(n))] for n in range(N_TRAIN)}


@pytest.mark.parametrize(("column", "own"), [("nb_chicks", ["chick"]), ("count", LABELS)])
def test_points_in_a_json_an_image_are_counted_not_a_fact_of_another_table(
    column: str, own: Sequence[str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    pictures(data)
    points_an_image(data, "point")
    write(data / "flights.csv", "flight,weather\nflight,sun\nother,rain\n")
    sample(data, f"image,{column}", "7.5")
    write(data / "README.md", "The score is the mean absolute error.\n")
    found = infer(data, tmp_path)
    assert found.competition.tasks == {"classify": "regression"}
    assert found.competition.metric.name == "mae"
    assert "to_choose" not in found.text
    truth = {name(n): [sum(one[0] in own for one in boxes(n))] for n in range(N_TRAIN)}
    assert read_counts(tmp_path) == truth
    told = next(note for note in found.notes if "points in records of JSON" in note)
    assert ("'adult' are in no column" in told) == (len(own) == 1)


def test_numbers_or_sizes_of_areas_are_a_question(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    via_table(data, "area")
    sample(data, "file,adult,chick", "0,0")
    found = infer(data, tmp_path)
    assert "to_choose: [data.train.table]" in found.text
    assert found.competition.tasks == {"classify": "multitarget"}
    shares = pd.read_csv(tmp_path / "made/tables/shares.csv", index_col="image")
    percent = pd.read_csv(tmp_path / "made/tables/percent.csv", index_col="image")
    for number in range(N_TRAIN):
        for label in LABELS:
            own = np.zeros((HEIGHT, WIDTH), dtype=bool)
            for one, left, top, right, bottom in boxes(number):
                own[top:bottom, left:right] |= one == label
            assert shares.loc[name(number), label] == pytest.approx(own.mean(), abs=1e-6)
            assert percent.loc[name(number), label] == pytest.approx(100 * own.mean(), abs=1e-4)


@pytest.mark.parametrize("lists_empty", [True, False])
def test_images_that_no_file_lists_have_none_unless_others_without_are_listed(
    lists_empty: bool, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    pictures(data)
    via_table(data, "point")
    table = pd.read_csv(data / "via_export_csv.csv", dtype=str, keep_default_na=False)
    gone = name(1) if lists_empty else name(3)
    keep = table["filename"] != gone
    if not lists_empty:
        keep &= table["region_count"] != "0"
    table[keep].to_csv(data / "via_export_csv.csv", index=False)
    sample(data, "file,adult,chick", "0,0")
    found = infer(data, tmp_path).competition
    counts = read_counts(tmp_path)
    assert (gone in counts) != lists_empty
    assert lists_empty or counts[gone] == [0, 0]
    assert (found.data.unlabelled is not None) == lists_empty
    if lists_empty:
        [[path]] = load_samples(found, "unlabelled")["images"]
        assert path.endswith(gone)


@pytest.mark.parametrize(
    ("told", "is_left_out"),
    [
        ("Birds in bushes are marked as `<difficult>1</difficult>`. They are not counted.", True),
        ("Les oiseaux cachés sont *difficult* : ils ne sont pas comptés.", True),
        ("Difficult birds are birds, too.\n\nFiles of 2019 are not counted.", False),
        ("", False),
    ],
)
def test_a_row_for_each_class_counts_objects_by_class_in_any_spelling(
    told: str, is_left_out: bool, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    pictures(data)
    spelt = {"adult": ["Adult", "adult ", "adult"], "chick": ["chick", "CHICK"]}
    truth = {}
    for number in range(N_TRAIN):
        lines, n = ["<annotation>"], {"adult": 0, "chick": 0}
        for k, (label, left, top, right, bottom) in enumerate(boxes(number)):
            is_hard = (number + k) % 3 == 0
            n[label] += not (is_hard and is_left_out)
            each = spelt[label][k % len(spelt[label])]
            lines.append(f"<object><name>{each}</name><difficult>{int(is_hard)}</difficult>")
            lines.append(f"<bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax>")
            lines.append(f"<ymax>{bottom}</ymax></bndbox></object>")
        stem = Path(name(number)).stem
        truth[stem] = [n["adult"], n["chick"]]
        write(data / f"annotations/{stem}.xml", "\n".join([*lines, "</annotation>"]))
    stems = [Path(name(number)).stem for number in range(N_TRAIN, N_TRAIN + N_TEST)]
    rows = [f"{stem}_{label},0" for stem in stems for label in ("adult", "chick")]
    write(data / "sample_submission.csv", "\n".join(["ID,Number", *rows]) + "\n")
    write(data / "README.md", f"The score is the mean absolute error (MAE).\n\n{told}\n")
    found = infer(data, tmp_path).competition
    assert found.tasks == {"classify": "multitarget"}
    assert found.classes == ["adult", "chick"]
    assert read_counts(tmp_path) == truth
    form = found.submission
    assert (form.rows, form.id, form.value) == ("image_class", "{id}_{class}", "scalar")
    assert found.metric.name == "mae"
    assert found.to_choose == []


@pytest.mark.parametrize(("writer", "form"), cases("area"))
def test_outlines_of_every_tool_are_drawn_alike(writer: Writer, form: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    writer(data, form)
    sample(data, "file,rle", "1 1")
    infer(data, tmp_path)
    for number in range(N_TRAIN):
        own = np.zeros((HEIGHT, WIDTH), dtype=bool)
        for _, left, top, right, bottom in boxes(number):
            own[top:bottom, left:right] = True
        drawn = sorted((tmp_path / "made/masks").glob(f"{Path(name(number)).stem}*.png"))
        planes: list[NDArray[np.bool_]] = [np.asarray(Image.open(one)) > 0 for one in drawn]
        assert planes
        assert np.array_equal(np.any(planes, axis=0), own), number


def test_boxes_in_a_json_an_image_are_not_drawn(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    json_an_image(data, "box")
    sample(data, "file,rle", "1 1")
    with pytest.raises(DataError, match="asks for masks"):
        infer(data, tmp_path)


def test_a_json_an_image_is_of_the_parallel_tree_and_its_classes_may_overlap(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    rng = np.random.default_rng(11)
    kinds = ("gill", "stalk", "cap")
    for number in range(12):
        part = "train" if number < 8 else "test"
        file = data / f"{part}/photos/site_{number // 2}/view_{number % 2}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)).save(file)
        if part == "test":
            continue
        # The one overlaps with the next by two columns.
        drawn = [
            {"type": "poly", "label": kind, "points": corners((kind, left, number, left + 8, 20))}
            for kind, left in zip(kinds, (3, 9, 15), strict=True)
        ]
        place = f"{part}/drawn/site_{number // 2}/view_{number % 2}.json"
        write(data / place, json.dumps({"shown": drawn, "by": "A"}))
    infer(data, tmp_path)
    for number in range(8):
        for kind, left in zip(kinds, (3, 9, 15), strict=True):
            own = np.zeros((HEIGHT, WIDTH), dtype=bool)
            own[number:20, left : left + 8] = True
            file = f"made/masks/site_{number // 2}/view_{number % 2}_{kind}.png"
            assert np.array_equal(np.asarray(Image.open(tmp_path / file)) > 0, own), file


@pytest.mark.parametrize(
    ("writer", "form"), [one for one in cases("box") if re.search("CVAT|VOC|YOLO|COCO", one.id)]
)
def test_boxes_are_no_masks(writer: Writer, form: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    writer(data, form)
    sample(data, "file,rle", "1 1")
    with pytest.raises(DataError, match="are boxes without outlines"):
        infer(data, tmp_path)


@pytest.mark.parametrize(("writer", "form"), cases("box"))
def test_boxes_of_every_tool_are_refused_where_boxes_are_to_be_sent(
    writer: Writer, form: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    pictures(data)
    writer(data, form)
    sample(data, "file,kind,score,xmin,ymin,xmax,ymax", "adult,0.5,1,1,5,5")
    with pytest.raises(DataError, match="are boxes without outlines") as refused:
        infer(data, tmp_path)
    assert "for how many objects an image has" in f"{refused.value.message} {refused.value.fix}"


@pytest.mark.parametrize(
    ("cells", "is_refused"),
    [("adult 0.5 1 1 5 5 chick 0.4 2 2 6 6", True), ("adult 1 1 5 5", True), ("1 1", False)],
)
def test_boxes_are_refused_by_the_cells_of_the_sample_and_drawn_for_runs(
    cells: str, is_refused: bool, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    pictures(data)
    label_studio(data, "box")
    sample(data, "file,found", cells)
    if is_refused:
        with pytest.raises(DataError, match="are boxes without outlines"):
            infer(data, tmp_path)
    else:
        assert "segment" in infer(data, tmp_path).competition.tasks


@pytest.mark.parametrize(
    ("text", "is_count"),
    [
        ("Count the birds of both kinds in each photo.", True),
        ("Wie viele birds sind auf jedem Foto?", True),
        ("Count the eggs. All birds are grey.", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("writer", [label_studio, coco])
def test_a_column_is_the_number_of_all_boxes_where_a_text_states_that_it_is_counted(
    writer: Writer, text: str, is_count: bool, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    pictures(data)
    writer(data, "box")
    write(data / "README.md", text)
    sample(data, "file,birds", "0")
    if not is_count:
        with pytest.raises(DataError, match="are boxes without outlines"):
            infer(data, tmp_path)
        return
    assert infer(data, tmp_path).competition.tasks == {"classify": "regression"}
    assert read_counts(tmp_path) == {name(n): [len(boxes(n))] for n in range(N_TRAIN)}


def test_a_sample_that_is_of_neither_labels_nor_masks_is_reported_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    label_studio(data, "area")
    sample(data, "file,remark", "none yet")
    found = infer(data, tmp_path)
    told = [one for one in found.notes if "seems to hold neither" in one]
    assert len(told) == 1
    assert "there is no sample submission" not in found.text


def of_via(number: int, label: str) -> dict[str, Any]:
    return {"filename": name(number), "file_attributes": {"species": label}, "regions": []}


def of_studio(number: int, label: str) -> dict[str, Any]:
    chosen = {"type": "choices", "from_name": "species", "value": {"choices": [label]}}
    address = f"/data/upload/3/{number:08x}-{name(number)}"
    return {"data": {"image": address}, "annotations": [{"result": [chosen]}]}


@pytest.mark.parametrize("tool", ["VIA's JSON", "VIA's table", "Label Studio", "CVAT"])
def test_what_was_chosen_for_whole_images_is_their_label(tool: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    labels = {n: ("heron", "stork", "crane")[n % 3] for n in range(N_TRAIN)}
    if tool == "VIA's JSON":
        content = {f"{name(n)}900": of_via(n, label) for n, label in labels.items()}
        write(data / "via.json", json.dumps(content))
    elif tool == "VIA's table":
        rows = [
            [name(n), json.dumps({"species": label}), 0, "{}", "{}"] for n, label in labels.items()
        ]
        columns = ["filename", "file_attributes", "region_count", "region_shape_attributes"]
        table = pd.DataFrame(rows, columns=[*columns, "region_attributes"])
        table.to_csv(data / "via.csv", index=False)
    elif tool == "Label Studio":
        write(data / "p.json", json.dumps([of_studio(n, label) for n, label in labels.items()]))
    else:
        lines = [
            f'<image name="{name(n)}" width="{WIDTH}" height="{HEIGHT}"><tag label="{label}"/>'
            "</image>"
            for n, label in labels.items()
        ]
        write(data / "annotations.xml", "\n".join(["<annotations>", *lines, "</annotations>"]))
    sample(data, "file,species", "heron")
    found = infer(data, tmp_path)
    assert found.competition.tasks == {"classify": "multiclass"}
    assert found.competition.classes == ["crane", "heron", "stork"]
    table = pd.read_csv(tmp_path / "made/tables/labels.csv")
    assert dict(zip(table["image"], table.iloc[:, 1], strict=True)) == {
        name(n): label for n, label in labels.items()
    }


def test_a_region_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    cvat(data, "area")
    file = data / "annotations.xml"
    write(file, file.read_text(encoding="utf-8").replace(";", " ", 1))
    sample(data, "file,rle", "1 1")
    with pytest.raises(DataError, match=r"flight_001\.png cannot be read"):
        infer(data, tmp_path)


@pytest.mark.parametrize("form", ["geojson", "wkt"])
def test_a_hole_is_outside(form: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    outer, hole = [(4, 3), (20, 3), (20, 19), (4, 19)], [(8, 7), (14, 7), (14, 13), (8, 13)]
    rows = ["image,species,geometry"]
    for number in range(N_TRAIN):
        rings = [[(x + number, y) for x, y in (*ring, ring[0])] for ring in (outer, hole)]
        if form == "geojson":
            geometry = {"type": "Polygon", "coordinates": rings}
            feature = {"type": "Feature", "geometry": geometry, "properties": {"class": "ring"}}
            content = {"type": "FeatureCollection", "features": [feature]}
            write(data / f"marks/{Path(name(number)).stem}.geojson", json.dumps(content))
        texts = ", ".join(f"({', '.join(f'{x} {y}' for x, y in ring)})" for ring in rings)
        rows.append(f'{name(number)},ring,"POLYGON ({texts})"')
    if form == "wkt":
        write(data / "train.csv", "\n".join(rows) + "\n")
    sample(data, "file,rle", "1 1")
    infer(data, tmp_path)
    for number in range(N_TRAIN):
        own = np.zeros((HEIGHT, WIDTH), dtype=bool)
        own[3:19, 4 + number : 20 + number] = True
        own[7:13, 8 + number : 14 + number] = False
        drawn = np.asarray(Image.open(tmp_path / f"made/masks/{Path(name(number)).stem}.png")) > 0
        assert np.array_equal(drawn, own)


def test_coordinates_on_a_map_are_not_drawn(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    geojson(data, "area")
    for file in (data / "annotations").iterdir():
        write(file, file.read_text().replace('coordinates": [[[', 'coordinates": [[[4000'))
    sample(data, "file,rle", "1 1")
    with pytest.raises(DataError, match="asks for masks"):
        infer(data, tmp_path)


def test_pictures_that_show_how_masks_are_sent_are_noted(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    cvat(data, "area")
    assert not [one for one in infer(data, tmp_path).notes if "how masks are sent" in one]
    for number in range(N_TRAIN, N_TRAIN + N_TEST):
        file = data / "제출예시" / name(number)
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(np.zeros((HEIGHT, WIDTH), dtype=np.uint8)).save(file)
    notes = infer(data, tmp_path).notes
    assert [one for one in notes if one.startswith(f"{N_TEST} pictures in 제출예시")]


def test_objects_to_send_as_packed_masks_are_those_of_json_lines(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures(data)
    json_lines(data, "area")
    sample(data, "id,height,width,prediction_string", "30,40,0 1.0 eNoLTDAwMgAABJkBdQ==")
    found = infer(data, tmp_path).competition
    assert (found.tasks, found.classes) == ({"segment": "instance"}, list(LABELS))
    objects = pd.read_csv(tmp_path / "made/tables/objects.csv", keep_default_na=False)
    drawn = objects[objects["counts"] != ""].groupby("image").size()
    wanted = {name(n).partition(".")[0]: len(boxes(n)) for n in range(N_TRAIN) if boxes(n)}
    assert {key.partition(".")[0]: n for key, n in drawn.items()} == wanted


@pytest.mark.parametrize("form", ["GeoJSON", "GeoJSON, inside", "JSON an image", "labelme"])
@pytest.mark.parametrize("labels", [LABELS, ("Ad-ult", "CHICK"), ("3", "8")])
def test_the_class_of_an_outline_is_what_the_sample_asks_for_by_any_name(
    form: str, labels: tuple[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    pictures(data)
    for number in range(N_TRAIN):
        abouts = [
            {"by": "xyz"[k % 3], "type": "adult", "zz": labels[LABELS.index(one[0])], "n": k % 2}
            for k, one in enumerate(boxes(number))
        ]
        rings = [[*corners(one), corners(one)[0]] for one in boxes(number)]
        file, content = data / f"marks/{Path(name(number)).stem}.json", dict[str, Any]()
        pairs = [*zip(abouts, rings, strict=True)]
        if form.startswith("GeoJSON"):
            features = [
                {
                    "properties": {"of": about} if "inside" in form else about,
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                }
                for about, ring in pairs
            ]
            file, content = file.with_suffix(".geojson"), {"type": "FeatureCollection"}
            content |= {"features": features}
        elif form == "labelme":
            shapes = [{**about, "label": "bird", "points": ring} for about, ring in pairs]
            content = {"imagePath": name(number), "shapes": shapes}
        else:
            content = {"drawn": [{**about, "ring": ring} for about, ring in pairs]}
        write(file, json.dumps(content))
    asked = labels if labels[0].isdecimal() else LABELS
    rows = [f"{name(n)},{one},1 1" for n in range(N_TRAIN, N_TRAIN + N_TEST) for one in asked]
    write(data / "sample_submission.csv", "\n".join(["file,what,rle", *rows]) + "\n")
    infer(data, tmp_path)
    for number in range(N_TRAIN):
        for label, spelt in zip(LABELS, labels, strict=True):
            own = np.zeros((HEIGHT, WIDTH), dtype=bool)
            for one, left, top, right, bottom in boxes(number):
                own[top:bottom, left:right] |= one == label
            file = tmp_path / f"made/masks/{Path(name(number)).stem}_{spelt}.png"
            assert np.array_equal(np.asarray(Image.open(file)) > 0, own)


@pytest.mark.parametrize(
    ("text", "n_classes"),
    [("There are adults and chicks.", 2), ("", 1), ("Adults and chicks, by xu and yo.", 1)],
)
def test_the_class_of_a_feature_is_what_a_text_names_alone(
    text: str, n_classes: int, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    pictures(data)
    write(data / "README.md", text)
    geojson(data, "area")
    for k, file in enumerate((data / "annotations").iterdir()):
        own = file.read_text().replace('"classification": {"name"', '"zz": {"name"')
        own = re.sub(r'\{"name": ("\w+")\}', rf'\1, "by": "{["xu", "yo"][k % 2]}"', own)
        write(file, own)
    sample(data, "file,rle", "1 1")
    found = infer(data, tmp_path)
    assert len([*(tmp_path / "made/masks").glob("*.png")]) == N_TRAIN * n_classes
    asked = [one for one in found.notes if "drawn as one class" in one]
    assert len(asked) == (n_classes == 1)
    assert all("'zz' ('adult', 'chick')" in one and "'by' ('xu', 'yo')" in one for one in asked)


def test_categories_are_named_by_texts_that_differ_where_they_have_no_name() -> None:
    named = [{"id": 3, "name": "cat"}, {"id": 7, "name": "cat"}]
    assert names_of_categories(named) == {3: "cat", 7: "cat"}
    titled = [{"id": k, "supercategory": "bird", "title": one} for k, one in enumerate(LABELS)]
    assert names_of_categories(titled) == dict(enumerate(LABELS))
    with pytest.raises(KeyError):
        names_of_categories([{"id": 1, "supercategory": "a"}, {"id": 2, "supercategory": "a"}])


@pytest.mark.parametrize(
    ("writer", "form"), [one for one in cases("box") if re.search("VOC|YOLO|COCO", one.id)]
)
def test_boxes_beside_class_folders_are_not_used_where_classes_are_sent(
    writer: Writer, form: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    pictures(data)
    writer(data, form)
    for number in range(N_TRAIN):
        place = next(data.rglob(name(number)))
        folder = data / "train" / ("pond", "reed")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        place.rename(folder / name(number))
    sample(data, "file,pond,reed", "0.5,0.5")
    found = infer(data, tmp_path)
    assert found.competition.classes == ["pond", "reed"]
    assert any("boxes in" in note and "class folders" in note for note in found.notes)
