"""The README that lies beside the data of a class competition."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

from podium.hosting.spec import HostSpec

__all__ = ["format_in_words", "readme_of"]


def readme_of(spec: HostSpec, files: Path) -> str:
    """Return what the files in `files` are, as Markdown."""
    n_train, n_test = (_count(files / part) for part in ("train", "test"))
    lines = [
        f"# {spec.title}",
        "",
        f"Submissions are scored by `{spec.metric.name}`: "
        f"{'higher' if spec.scored_by.greater_is_better else 'lower'} is better. A team has "
        f"{spec.daily_limit} a day (UTC).",
    ]
    if spec.deadline is not None:
        lines.append(f"The competition ends at {spec.deadline.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")
    lines += [
        "",
        "| file | what it is |",
        "| --- | --- |",
        f"| `train/` | {n_train:,} images to learn from |",
        "| `train.csv` | the id of each and what is known of it; the image is `train/<id>.…` |",
    ]
    if (files / "train_masks").is_dir():
        lines.append(
            "| `train_masks/` | their masks: 0 is background, "
            + (
                "1, 2, … the classes in the order of competition.yaml, 255 unknown |"
                if spec.format.kind == "multiclass"
                else "255 foreground, 128 unknown |"
            )
        )
    lines += [
        f"| `test/` | {n_test:,} images to predict |",
        "| `sample_submission.csv` | a valid submission that says the same of every image |",
        "| `competition.yaml` | the same for podium: `podium init data` in the folder above takes "
        "it |",
        "",
        format_in_words(spec),
        "",
        "Names are numbers in no order, and files hold pixels alone: nothing but the picture says "
        "what it shows.",
        "",
    ]
    return "\n".join(lines)


def format_in_words(spec: HostSpec) -> str:
    """Return what stands in the columns of a submission, in a sentence or two."""
    form = spec.format
    header = ",".join(form.header)
    values = {
        "name": "the name of a class",
        "label": "the number of a class",
        "labels": f"the names of the classes, with {form.sep!r} between them",
        "prob": "a probability between 0 and 1",
        "scalar": "a number",
        "score": "a number",
        "topk": f"the {form.k} likeliest classes, the likeliest first, with {form.sep!r} between",
        "rle": "the pixels of the mask as runs `start length start length …`, counted from "
        f"{form.rle.base} "
        + ("down the columns" if form.rle.order == "F" else "along the rows")
        + "; empty where there is nothing",
    }
    said = values.get(form.value, f"a {form.value}")
    where = "each of the others" if form.wide else "the last"
    rows = {"image": "test image", "image_class": "test image and class"}
    each = f" with a row for each {rows[form.rows]}" if form.rows in rows else ""
    return (
        f"A submission is a CSV{each}. Its first line is `{header}`; the "
        f"first column is the id, {where} holds {said}."
    )


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())
