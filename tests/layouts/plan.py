"""Plans of layouts: one choice in each dimension, drawn by seed so that they fit one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from layouts.runs import Codec

__all__ = ["DIMENSIONS", "LayoutPlan", "plan_of"]

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class LayoutPlan:
    """One choice in each dimension; "-" where a dimension has no meaning for the layout.

    Attributes:
        family: what is predicted: labels, units, masks, objects, or joint: a label and a mask.
        tree: where images lie: flat (all in one folder), parts (train/, test/), inner
            (train/images/), outer (images/train/), nested (a folder level of sites), folder (one an
            image), classes (the folder is the label).
        ids: the grammar of the names of images.
        train_ids, sample_ids: how a table or the sample names an image: bare, ext or path.
        test_list: where the test images are listed: folder, table, or sample alone.
        extra: further columns of the train table.
        label: kind of label. names: how classes are named. label_form: column, onehot, cell (of
            several labels), folders.
        mask: binary, exclusive (a pixel is of one class) or overlapping.
        mask_source: files, runs, or both.
        mask_place: where mask files lie.
        mask_file: what the pixels of a mask file mean.
        class_list: the file that names classes.
        run_rows: what a row of the table of runs is.
        codec: of its runs.
        empty: the cell of an empty mask, of train and of the sample.
        partial: what images without a mask have.
        sample_rows: what a row of the sample is.
        sample_value: what its cells hold.
        separator: in the ids of its rows.
        key_class: how rows name a class: name, number0 or number1.
        placeholder: what its cells show.
        sample_order: of its rows.
        square: whether height and width are the same.
        habit: what some hosts do: call the sample otherwise (name), put the rows to predict into
            the table of train, without an answer (rows), mark what is not known by -999 (code),
            name the classes in JSON (json), put the images to predict, which have no mask, among
            those of train (pool), write masks as archives of arrays (npz), or tables with
            semicolons in a code page (page), or give each image folders of its own, of a plate and
            a well, with its mask beside it, below folders of any name (plates).
            Of units of two columns: both columns in the sample (pair), a date in another spelling
            in its ids (dates), or a table of units, whose columns are folders (branches).
    """

    seed: int
    family: str
    tree: str = "parts"
    ids: str = "number"
    extension: str = "png"
    train_ids: str = "bare"
    sample_ids: str = "bare"
    test_list: str = "folder"
    extra: str = "none"
    label: str = "-"
    names: str = "-"
    label_form: str = "-"
    unit: str = "-"
    mask: str = "-"
    mask_source: str = "-"
    mask_place: str = "-"
    mask_file: str = "-"
    class_list: str = "-"
    run_rows: str = "-"
    codec: Codec | None = None
    empty: str = "-"
    partial: str = "-"
    sample_rows: str = "-"
    sample_value: str = "-"
    separator: str = "-"
    key_class: str = "-"
    placeholder: str = "-"
    sample_order: str = "images"
    square: str = "no"
    habit: str = "none"

    def value(self, dimension: str) -> str:
        """Return the choice in a dimension, for tables."""
        found = getattr(self, dimension)
        if isinstance(found, Codec):
            return found.name
        return "-" if found is None else str(found) or "blank"


DIMENSIONS = tuple(one.name for one in fields(LayoutPlan) if one.name != "seed")


def plan_of(seed: int) -> LayoutPlan:
    """Return the plan with this number: the same today and tomorrow."""
    random = np.random.default_rng([24, seed])
    family = _pick(random, ["labels"] * 7 + ["masks"] * 8 + ["objects"] * 2 + ["joint"] * 2
                   + ["units"] * 2)  # fmt: skip
    plan = LayoutPlan(seed, family)
    plan = replace(
        plan,
        ids=_pick(random, _GRAMMARS),
        extension=_pick(random, ["png", "png", "jpg", "tif"]),
        extra=_pick(random, ["none", "none", "none", "group", "size", "source"]),
        sample_order=_pick(random, ["images", "images", "shuffled"]),
        square=_pick(random, ["no"] * 6 + ["yes"]),
    )
    make = {
        "labels": _labels, "units": _units, "masks": _masks, "objects": _objects, "joint": _joint
    }[family]  # fmt: skip
    plan = make(plan, random)
    # Of numbers of their own, so that a plan is otherwise what it was without habits.
    plan = replace(plan, habit=_habit(plan, np.random.default_rng([24, seed, 1])))
    return replace(plan, tree="unit", test_list="sample") if plan.habit == "branches" else plan


def _habit(plan: LayoutPlan, random: np.random.Generator) -> str:
    possible = ["none"] * 3
    if plan.sample_rows != "none":
        possible.append("name")
    if plan.family == "units" and plan.unit == "two columns":
        possible += ["pair", "pair", "dates", "dates", "branches", "branches"]
    is_column = plan.family == "labels" and plan.label_form == "column"
    if is_column and plan.sample_rows == "image" and plan.sample_value in ("class", "number"):
        possible += ["page"]
    if is_column and plan.test_list == "sample" and plan.sample_rows == "image":
        possible += ["rows", "rows"]
    if is_column and plan.label == "regression" and plan.names == "fractions":
        possible += ["code", "code"]
    if plan.class_list.split(" ")[0] in ("csv", "colours", "txt"):
        possible += ["json", "json"]
    if plan.family == "masks" and plan.mask_source == "files" and plan.tree != "folder":
        possible += ["pool", "pool"] * (plan.sample_rows != "none")
        possible += ["npz"] * (plan.mask_file in ("0 1", "0 255", "indices", "void 255", "spaced"))
    if plan.family == "masks" and plan.mask_source == "files" and plan.tree in ("parts", "inner"):
        possible += ["plates"] * 3 * (plan.mask_file != "class file")
    return _pick(random, possible)


_GRAMMARS = (
    "number", "padded", "prefixed", "hash", "words", "dashed", "dotted", "part", "slices", "double"
)  # fmt: skip
_SIGNS = ("_", "_", "__", "-", "/", ".", " ")


def _pick(random: np.random.Generator, choices: Sequence[Choice]) -> Choice:
    return choices[int(random.integers(len(choices)))]


def _tables(plan: LayoutPlan, random: np.random.Generator, trees: Sequence[str]) -> LayoutPlan:
    """Return the plan with a tree, and tables that name its images."""
    tree = _pick(random, trees)
    forms = ["bare", "bare", "bare", "ext"] + ["path"] * (tree not in ("folder",))
    train_ids = _pick(random, forms)
    # The sample names images as train does, as a rule; paths hold the part, so they are its own.
    sample_ids = _pick(random, [train_ids] * 4 + ["bare", "ext"])
    lists = ["folder", "folder", "table", "sample"]
    if tree == "flat":
        lists = ["table", "sample"]
    return replace(
        plan, tree=tree, train_ids=train_ids, sample_ids=sample_ids, test_list=_pick(random, lists)
    )


_TREES = ("flat", "parts", "parts", "parts", "inner", "outer", "nested")


def _labels(plan: LayoutPlan, random: np.random.Generator) -> LayoutPlan:
    label = _pick(
        random,
        ["binary", "binary", "multiclass", "multiclass", "multilabel", "ordinal", "regression"],
    )
    plan = replace(plan, label=label)
    if label in ("binary", "multiclass") and random.random() < 0.25:
        plan = replace(
            plan, tree="classes", label_form="folders", test_list="folder", extra="none",
            sample_ids=_pick(random, ["bare", "ext", "ext", "path"]),
            names=_pick(random, ["words", "spaced", "underscored", "codes"]),
        )  # fmt: skip
    else:
        plan = _tables(plan, random, _TREES)
        plan = replace(plan, **_label_forms(label, random))
    return _label_sample(plan, random)


def _label_forms(label: str, random: np.random.Generator) -> dict[str, str]:
    if label == "regression":
        return {"label_form": "column", "names": _pick(random, ["fractions", "fractions", "whole"])}
    if label == "ordinal":
        return {"label_form": "column", "names": "numbers0"}
    names = _pick(random, ["words", "spaced", "underscored", "numbers0", "numbers1", "codes"])
    if label == "binary":
        names = _pick(random, ["words", "underscored", "numbers0", "numbers0"])
        return {"label_form": "column", "names": names}
    if label == "multiclass":
        form = _pick(random, ["column", "column", "onehot"])
        names = "words" if form == "onehot" and names.startswith("numbers") else names
        return {"label_form": form, "names": names}
    form = _pick(random, ["cell", "onehot"])
    if form == "cell":
        names = _pick(random, ["words", "underscored", "numbers0", "codes"])
    return {"label_form": form, "names": "words" if form == "onehot" else names}


def _label_sample(plan: LayoutPlan, random: np.random.Generator) -> LayoutPlan:
    """Return the plan with a sample submission of labels."""
    if random.random() < 0.05 and plan.test_list != "sample":
        return replace(plan, sample_rows="none", sample_order="images")
    label = plan.label
    values = {
        "binary": [("image", "prob"), ("image", "prob"), ("image", "class")],
        "multiclass": [("image", "class"), ("image", "class"), ("image", "wide")],
        "multilabel": [("image", "class"), ("image", "wide"), ("melted", "prob"), ("keys", "prob")],
        "ordinal": [("image", "class")],
        "regression": [("image", "number")],
    }[label]
    rows, value = _pick(random, values)
    placeholders = {
        "prob": ["half", "zero", "random"],
        "class": ["one", "one", "random"],
        "wide": ["zero", "uniform", "random", "first"],
        "number": ["zero", "mean", "random"],
    }[value]
    plan = replace(
        plan, sample_rows=rows, sample_value=value, placeholder=_pick(random, placeholders)
    )
    if rows == "melted":
        return replace(plan, separator=_pick(random, _SIGNS), key_class="name")
    if rows == "keys":
        return replace(plan, key_class="name")
    return plan


def _units(plan: LayoutPlan, random: np.random.Generator) -> LayoutPlan:
    label = _pick(random, ["binary", "binary", "multiclass", "ordinal", "regression"])
    plan = replace(
        plan, label=label, tree=_pick(random, ["parts", "inner", "nested"]), label_form="column",
        train_ids=_pick(random, ["bare", "ext"]), test_list="table", extra="none",
        unit=_pick(random, ["column", "column", "two columns", "folder"]),
        names=_label_forms(label, random)["names"], sample_ids="unit",
    )  # fmt: skip
    if plan.unit == "folder":
        plan = replace(plan, tree="unit", test_list="sample", train_ids="unit")
    plan = _label_sample(plan, random)
    if plan.sample_rows == "none":
        plan = replace(plan, sample_rows="image", sample_value="class", placeholder="one")
        plan = replace(plan, sample_value="number") if label == "regression" else plan
        plan = replace(plan, placeholder="zero") if label == "regression" else plan
    sign = _pick(random, _SIGNS) if plan.unit == "two columns" else "-"
    return replace(plan, sample_rows="unit", separator=sign)


_CODECS = (
    [Codec()] * 5
    + [Codec("C", 1)] * 3
    + [Codec("F", 0)] * 2
    + [Codec("C", 0)] * 2
    + [Codec("F", 0, relative=True), Codec("F", 1, relative=True)]
)


def _masks(plan: LayoutPlan, random: np.random.Generator) -> LayoutPlan:
    mask = _pick(random, ["binary", "binary", "exclusive", "exclusive", "exclusive", "overlapping"])
    source = _pick(random, ["files", "files", "runs", "runs", "both"])
    plan = replace(plan, mask=mask, mask_source=source)
    if source == "files":
        plan = replace(
            plan, tree=_pick(random, ["parts", "inner", "outer", "folder"]), test_list="folder",
            extra="none", train_ids="-", sample_ids=_pick(random, ["bare", "bare", "ext"]),
        )  # fmt: skip
    else:
        trees = ["parts", "parts", "inner", "outer", *["flat"] * (source == "runs")]
        plan = _tables(plan, random, trees)
    if plan.train_ids == "path" or plan.sample_ids == "path":
        plan = replace(plan, train_ids="ext", sample_ids="ext")
    if source != "runs":
        plan = replace(plan, **_mask_files(plan, random))
    if source != "files":
        plan = replace(plan, **_run_tables(plan, random))
    return _mask_sample(plan, random)


def _mask_files(plan: LayoutPlan, random: np.random.Generator) -> dict[str, str]:
    place = "image" if plan.tree == "folder" else _pick(random, ["folder", "folder", "suffix"])
    if plan.mask == "binary":
        file = _pick(random, ["0 1", "0 255", "0 255", "bits", "colour", "void 255"])
        named = "none"
    elif plan.mask == "overlapping":
        file, named = "class file", "none"
        place = _pick(random, ["folder", "suffix"])
    else:
        file = _pick(
            random,
            ["indices", "indices", "no background", "void 255", "void last", "spaced", "colours",
             "class file"],
        )  # fmt: skip
        named = _pick(random, ["none", "txt", "txt", "csv"])
        named = {"colours": "colours", "class file": "none"}.get(file, named)
        if file in ("no background", "void last", "spaced") and named == "none":
            named = "txt"
        if file == "spaced":
            named = "csv"
        if file == "class file":
            place = "folder"
        if named not in ("none",) and file != "void last":
            named += _pick(random, ["", " with background"]) if file != "no background" else ""
    if plan.tree == "folder" and file == "class file":
        place = "image"
    if file == "void last" and plan.seed % 3 == 0:
        named = "txt with void"
    partial = _pick(random, ["all", "all", "empty", "no file"])
    return {
        "mask_place": place, "mask_file": file, "class_list": named, "partial": partial,
        "names": "-" if plan.mask == "binary" else _pick(random, ["words", "spaced", "underscored"])
        if named != "none" or file == "class file" else "numbers1",
    }  # fmt: skip


def _run_tables(plan: LayoutPlan, random: np.random.Generator) -> dict[str, object]:
    codec = _pick(random, _CODECS)
    if plan.mask == "binary":
        rows = _pick(random, ["image", "image", "parts"])
        if plan.mask_source == "runs" and random.random() < 0.1:
            codec = Codec(coco=True)
            rows = "image"
        names = "-"
    else:
        rows = _pick(random, ["joined", "columns"])
        names = _pick(random, ["words", "underscored", "numbers1", "numbers1"])
        if plan.mask_source == "both":
            names = plan.names
    partial = _pick(random, ["all", "empty", "empty", "no row"])
    if rows == "joined" or plan.mask_source == "both":
        partial = _pick(random, ["all", "empty"])
    return {
        "codec": codec,
        "run_rows": rows,
        "names": names,
        "partial": partial,
        "empty": _pick(random, ["", "", "-1", "-", "1 0"]) if not codec.coco else "",
        "separator": _pick(random, _SIGNS) if rows == "joined" else "-",
        "key_class": "number1" if names == "numbers1" else "name" if names != "-" else "-",
    }


def _mask_sample(plan: LayoutPlan, random: np.random.Generator) -> LayoutPlan:
    if random.random() < 0.08 and plan.test_list != "sample":
        return replace(plan, sample_rows="none", sample_order="images")
    placeholder = _pick(random, ["empty", "empty", "1 1", "random"])
    if plan.empty == "-":
        plan = replace(plan, empty=_pick(random, ["", "", "-1", "1 0"]))
    codec = plan.codec or _pick(random, _CODECS)
    codec = Codec() if codec.coco else codec
    plan = replace(plan, placeholder=placeholder, sample_value="rle", codec=plan.codec or codec)
    if plan.mask == "binary":
        rows = _pick(random, ["image", "image", "image", "suffix"])
        sign = _pick(random, _SIGNS) if rows == "suffix" else plan.separator
        return replace(plan, sample_rows=rows, separator=sign)
    rows = {"joined": "joined", "columns": "keys"}.get(plan.run_rows)
    rows = rows or _pick(random, ["joined", "joined", "keys"])
    number = _pick(random, ["number0", "number1"])
    key = "number1" if plan.names == "numbers1" else _pick(random, ["name", "name", number])
    if plan.key_class != "-":
        key = plan.key_class
    sign = plan.separator if plan.separator != "-" else _pick(random, _SIGNS)
    return replace(
        plan, sample_rows=rows, key_class=key, separator=sign if rows == "joined" else "-"
    )


def _objects(plan: LayoutPlan, random: np.random.Generator) -> LayoutPlan:
    source = _pick(random, ["runs", "runs", "files", "numbered"])
    plan = replace(
        plan, mask="objects", mask_source="runs" if source == "runs" else "files",
        codec=_pick(random, _CODECS[:-2]), empty=_pick(random, ["", "", "-1"]), extra="none",
        mask_file={"runs": "-", "files": "object file", "numbered": "object numbers"}[source],
        placeholder=_pick(random, ["empty", "1 1", "random"]), sample_value="rle",
        sample_rows=_pick(random, ["object", "object", "several", "counter"]),
    )  # fmt: skip
    if source == "runs":
        plan = _tables(plan, random, ["parts", "inner", "flat"])
        plan = replace(plan, run_rows="object", partial=_pick(random, ["all", "empty"]))
        if plan.train_ids == "path" or plan.sample_ids == "path":
            plan = replace(plan, train_ids="ext", sample_ids="ext")
    elif source == "files":
        plan = replace(plan, tree="folder", mask_place="image", train_ids="-", partial="all")
    else:
        plan = replace(plan, tree="inner", mask_place="folder", train_ids="-", partial="all")
    if plan.sample_rows == "counter":
        plan = replace(plan, separator=_pick(random, ["_", "-"]))
    return plan


def _joint(plan: LayoutPlan, random: np.random.Generator) -> LayoutPlan:
    plan = _tables(plan, random, ["parts", "parts", "inner", "flat"])
    if plan.train_ids == "path" or plan.sample_ids == "path":
        plan = replace(plan, train_ids="ext", sample_ids="ext")
    label = _pick(random, ["binary", "multiclass", "multiclass"])
    rows = _pick(random, ["label and rle", "label and rle", "rle and label", "rle", "label"])
    return replace(
        plan, label=label, label_form="column", mask="binary", mask_source="runs",
        names=_pick(random, ["words", "underscored", "numbers0"]),
        run_rows="image", codec=_pick(random, _CODECS), empty=_pick(random, ["", "", "-1"]),
        partial=_pick(random, ["all", "empty", "empty"]), sample_rows=rows,
        sample_value={"rle": "rle", "label": "class"}.get(rows, "both"),
        placeholder=_pick(random, ["empty", "1 1", "random"]),
    )  # fmt: skip
