"""Write docs/recipes.md, competition.md and formats.md from the models that check those files.

And docs/metrics.md and docs/api.md from docstrings.

Run: python docs/write_reference.py   (`make docs`)
"""

from __future__ import annotations

import importlib
import inspect
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import podium
from podium.competition import metrics, readers
from podium.competition.presets import Preset, all_presets
from podium.competition.sections.data import RleSpec
from podium.competition.sections.submission import AnswerColumn, FormatParameters
from podium.competition.sections.tasks import Combination, CombinedMetricSpec
from podium.competition.spec import Competition
from podium.models import backbones, decoders
from podium.predictions.views import NAMES as VIEWS
from podium.submissions import values
from podium.tasks.protocols.find import find_kind, kind_names
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName, is_of_images
from podium.training import losses, methods, policies
from podium.training.recipe import Recipe
from podium.training.starters import starters
from podium.workspace import extensions
from podium.workspace.extensions import names

HERE = Path(__file__).parent
PAGES = {
    "recipes.md": (
        "Recipes: every key",
        "Here you look up a key of `recipes/*.yaml`. Unknown keys are refused.",
        Recipe,
    ),
    "competition.md": (
        "competition.yaml: every key",
        "Here you look up a key of the file that `podium init` writes, with a comment on every "
        "line. Paths are relative to it.",
        Competition,
    ),
}
# Parts that are found by their file names, so that a new file shows here, too.
NAMES: dict[type[BaseModel], list[tuple[str, Callable[[], list[str]]]]] = {
    Recipe: [
        ("Names for `input.train`", lambda: names(policies)),
        ("Names in `phases[].loss.classify`", lambda: losses_of("classify")),
        ("Names in `phases[].loss.segment`", lambda: losses_of("segment")),
        ("Names for `phases[].method.name`", lambda: names(methods)),
        ("Backbones beside timm's", lambda: names(backbones)),
        ("Names for `model.heads.segment.decoder`", lambda: names(decoders)),
        ("Names in `phases[].freeze`", lambda: ["backbone", "classify", "segment"]),
        ("Names in `predict.tta`, see [tta.md](tta.md)", lambda: [*VIEWS, *PARAMETRIC_VIEWS]),
    ],
    Competition: [
        ("Names for `metric.name`, of labels (task classify)", lambda: metrics_of("classify")),
        ("Names for `metric.name`, of masks (task segment)", lambda: metrics_of("segment")),
        ("Names for `submission.value`, see [formats.md](formats.md)", values.names),
    ],
}
PARAMETRIC_VIEWS = ("d4", "scale:1.25", "shift:4:-4", "crop:0.9:centre", "five_crop:0.9")
SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "at least"}


def page(title: str, intro: str, model: type[BaseModel]) -> str:
    """Return the page of one model: a table for it and one for each model inside it."""
    parts = [f"# {title}", intro, "Made by `make docs` from the models that read these files."]
    if model is Recipe:
        parts += starter_recipes()
    for name, inner in sections(model):
        doc = " ".join((inner.__doc__ or "").split("\n\n")[0].split())
        heading = f"## `{name}`" if name else "## Top level"
        parts += [heading, *([doc] if doc and name else []), table(inner)]
    if model is Recipe:
        parts += options_of_methods()
    if model is Competition:
        parts += options_of_readers()
    for title_of_names, package in NAMES[model]:
        found = ", ".join(f"`{name}`" for name in package())
        parts.append(f"## {title_of_names}\n\n{found}")
    return "\n\n".join(parts) + "\n"


def starter_recipes() -> list[str]:
    """Return a heading and a table of the recipes that are there at the beginning."""
    rows = [f"| `{one.name}` | {one.summary} |" for one in starters()]
    suggested = (
        "Those of `podium recipes suggest --write`, for your data and machine ([good_start.md]"
        "(good_start.md)): `suggested-probe` is `probe` with the network within reach, the size of "
        "images and the rounds of self-training that fit."
    )
    rows.append(f"| `suggested-NAME` | {suggested} |")
    intro = (
        "`podium init` writes those that fit the task into `recipes/`. A recipe of your own takes "
        "another name: a file that is there is never written over."
    )
    return [
        "## Recipes that are there",
        intro,
        "\n".join(["| recipe | what it is |", "| --- | --- |", *rows]),
    ]


def table(model: type[BaseModel]) -> str:
    """Return the keys of one model."""
    rows = [row(key, field) for key, field in model.model_fields.items()]
    return "\n".join(["| key | value | default | |", "| --- | --- | --- | --- |", *rows])


def options_of_methods() -> list[str]:
    """Return a heading and a table for each learning method that has options."""
    parts = []
    for name in names(methods):
        options = extensions.load(methods, name, "METHOD").Options
        for path, inner in sections(options) if options.model_fields else []:
            of = f"its `{path}`" if path else "further keys"
            parts += [f"## `method: {{name: {name}}}`: {of}", table(inner)]
    return parts


def options_of_readers() -> list[str]:
    """Return a heading and a table for the options of each reader of images."""
    parts = []
    for name in readers.names():
        parts += [f"## `data.reader: {{name: {name}}}`", table(readers.get(name).options)]
    return parts


FORMATS = """# Submission formats

With this page you can describe the file that your competition expects. `podium init` writes the
format where it recognises it.

A format is a choice of the parameters below, under `submission` in competition.yaml. What
`submission` does not say comes from its preset, then from the header of the sample submission.

    # a known competition, its metric and frame, too; the sample's header, ids and order win, and so
    # does what is said here
    submission: {preset: severstal}
    submission: {preset: severstal, sample: data/sample.csv}
    submission: {preset: severstal, empty: "-1"}

    # one number an image, or one a class in columns or in rows
    submission: {columns: {id: id, target: value}, value: prob}
    submission: {columns: {id: id, "*": "prob[*]"}, value: prob}
    submission: {rows: image_class, id: "{id}_{class}", columns: {row_id: id, fractured: value},
                 value: prob}

    # a class of each of several outputs, in columns or in rows
    submission: {columns: {id: id, colour: "value[colour]", shape: "value[shape]"}, value: name}
    submission: {rows: image_class, id: "{id}_{class}", columns: {row_id: id, target: value},
                 value: name}
    # their probabilities: a column each, or a row an output and a column for each of its classes
    submission: {columns: {id: id, red: "prob[colour=red]", blue: "prob[colour=blue]",
                           disc: "prob[shape=disc]", square: "prob[shape=square]"}}
    submission: {rows: image_class, id: "{id}_{class}",
                 columns: {row_id: id, mild: "prob[Mild]", severe: "prob[Severe]"}}

    # a name, a set, a ranking, a class and how sure it is, the ids of the nearest images
    submission: {columns: {id: id, label: value}, value: name}
    submission: {columns: {Id: id, Predicted: value}, value: labels, sep: " ", empty: ""}
    submission: {columns: {Image: id, Id: value}, value: topk, k: 5, unknown: new_whale}
    submission: {columns: {id: id, landmarks: value}, value: name, item: "{label} {conf}"}
    submission: {columns: {id: id, images: value}, value: topk, k: 100, item: "{id}"}

    # masks: one an image, one a class, one an object, all objects in a cell, or a row a pixel
    submission: {columns: {id: id, rle_mask: value}, value: rle, rle: {base: 1, order: F}}
    submission: {columns: {id: id, rle_mask: value}, value: rle, rle: {counts: true, order: C}}
    submission: {rows: image_class, columns: {id: id, class: class_name, predicted: value},
                 value: rle}
    submission: {rows: instance, columns: {ImageId: id, EncodedPixels: value}, value: rle,
                 overlap: forbid}
    submission: {columns: {ID: id, ImageWidth: width, ImageHeight: height, cells: value},
                 value: coco64, item: "{label} {conf} {mask}"}
    submission: {rows: pixel, id: "{id}_{row}_{column}", columns: {id: id, value: value},
                 value: prob}

    # masks as files: a ZIP with a PNG, TIFF or BMP each; the sample is a table of their sizes
    submission: {sample: masks.csv, value: rle,
                 columns: {id: id, rle: value, height: height, width: width},
                 file: {kind: png, name: "{id}.tif", mask_values: {0: background, 1: foreground}}}
    # in colours, in place of numbers; without a sample the sizes are those of the images to predict
    submission: {rows: image_class, value: rle,
                 file: {kind: png, name: "{id}_mask.png",
                        mask_values: {"#000000": background, "#ff0000": cat, "#0000ff": dog}}}

    # several answers a row: a label and a mask; an entry is a field as above, or a value of a task
    submission:
      columns:
        - {name: id, value: id}
        - {name: label, value: name, task: classify}
        - {name: rle, value: rle, task: segment, rle: {base: 0}, empty: "-"}
    # the same for each class of an image: how likely it is there, and its mask
    submission:
      rows: image_class
      columns:
        - {name: id, value: id}
        - {name: class, value: class_name}
        - {name: prob, value: prob, task: classify}
        - {name: rle, value: rle, task: segment}
    # and for each object: its mask, and the label of its image in every row
    submission:
      rows: instance
      columns:
        - {name: id, value: id}
        - {name: label, value: name, task: classify}
        - {name: rle, value: rle, task: segment}

A list has [an entry](#an-entry-of-a-list-of-submissioncolumns) for each column, in the order of the
file. `value` is a field (`id`, `class`, `class_number`, `class_name`, `width`, `height`, `text[…]`,
`file[…]`) or the name of [a value](#values). An entry may carry options of its value; what it
leaves open is as `submission` has it. Rows of pixels hold one answer.

The metric of such a file scores one task, or is made of scores of each (for several of one task see
[metrics](metrics.md#a-sum-of-metrics-of-one-task)):

    # a weighted sum; in short, a list: metric: [{name: accuracy, task: classify, weight: 0.5}, …]
    metric:
      name: combined
      parts:
        - {name: accuracy, task: classify, weight: 0.5}
        - {name: mean_dice, task: segment, weight: 0.5, empty: one}
    # each row scored alone, and the mean over rows: the IoU of the mask where the label is right
    metric: {name: rowwise, expression: right * iou}
    # as written out; `as` names a part, every further key is an option of its metric
    metric:
      name: rowwise
      expression: right * iou
      parts:
        - {name: accuracy, task: classify, as: right}
        - {name: mean_iou, task: segment, as: iou, over: image, empty: one}

An expression has names of parts, numbers, `+ - * /`, brackets, `min` and `max`. Its parts are
scores that a single row has. Without `parts` it may use `right` (accuracy of classify), `iou` and
`dice` (of segment, empty masks that are right count one). A row in which a part has no score is
left out of the mean. The figures of `podium report` are of the part of masks alone.

A class in each of several columns is learnt in one workspace, as
[several outputs](targets.md#several-outputs-a-class-of-each). Labels of two kinds in a row, as a
period and a list of materials, are learnt in two workspaces. The second one takes the column of
the first from the file that was written there, by the id:

    # ../periods/competition.yaml: podium init ../data --label period
    submission: {columns: {object: id, period: value, materials: 'text[bronze]'}}
    # competition.yaml: podium init ../data --label materials
    submission:
      columns: {object: id, period: 'file[../periods/submissions/auto.csv]', materials: value}

`podium submit` stops where that file is missing or lacks a row; `podium check FILE` warns where it
has changed since.

Made by `make docs` from the models that read these files."""


def formats_page() -> str:
    """Return the page of submission formats: parameters, values, and every preset."""
    fields = " ".join((FormatParameters.__doc__ or "").split("\n\n", 1)[1].split())
    kinds = [values.get(name) for name in values.names()]
    rows = [f"| `{one.name}` | {one.description} | {', '.join(names_held(one))} |" for one in kinds]
    presets = [preset_row(preset) for preset in all_presets()]
    parts = [
        FORMATS,
        f"## `submission`\n\n{fields}",
        table(FormatParameters),
        "## An entry of a list of `submission.columns`",
        table(AnswerColumn),
        "## `submission.rle`",
        table(RleSpec),
        "## Values",
        "\n".join(["| value | a cell holds | of tasks |", "| --- | --- | --- |", *rows]),
        "## Presets",
        "`podium presets NAME` shows what one stands for.",
        "\n".join(
            [
                "| preset | competition | task | metric | what to look out for |",
                "| --- | --- | --- | --- | --- |",
                *presets,
            ]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def preset_row(preset: Preset) -> str:
    """Return the table row of one preset."""
    task = ", ".join(f"{task}: {kind}" for task, kind in preset.tasks.items())
    code = " (code)" * (preset.kind == "code")
    note = " ".join(preset.note.split())
    cells = (f"`{preset.name}`", f"{preset.slug}{code}", task, preset.metric.name, note)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


METRICS = """# Metrics: every name, its options and its edges

Here you look up a metric: what it scores, its formula, its options, and where it is undefined.

`metric: {name: map_at_k, k: 5}` in competition.yaml: every further key is an option of that metric.
What is undefined is an error that names the column or the row, never nan; scores are computed in
float64. Folds are pooled, not averaged: what a metric adds up is kept for each row or image. The
option `n_classes`, which several have, is set where the task is known: sums of different rows agree
in their length then.

What is scored are probabilities (of a regression values), decisions, rankings (the likeliest
classes, best first), a class and how sure it is, the objects of an image, or volumes. Networks say
probabilities; the decision of a blend makes the rest of them.

Of several outputs (`multioutput`) a metric of one class is taken by output: `accuracy_by_output`,
or `accuracy` alone in competition.yaml, with `weights` of the outputs
([below](#means-over-outputs)).

## A sum of metrics of one task

Many hosts score by several metrics of the same task, as `(|SRCC| + |PLCC|) / 2` of image quality.
List them under `parts`, each with its weight and its options:

    metric:
      parts:
        - {name: auc, weight: 0.5}
        - {name: f1, weight: 0.5, average: macro}
    # in short
    metric: {name: 0.5 auc + 0.5 f1, f1: {average: macro}}

Such a sum is a metric like any other, called by its terms: `0.5 auc + 0.5 f1`. Weights are taken as
they are; 1 where none is written. Terms are all gains (higher is better), or all losses; a loss
among gains has a negative weight: `r2 - 0.1 rmse`. Beside another task a `task` stands in each part
([formats](formats.md)), where one task may have several.

Terms may score probabilities and decisions of one prediction. A run is scored with the plain
decision. Thresholds, class weights and cut points are tuned for the terms of decisions, which is
exact: the others score alike, whatever is decided. Methods of blending fit weights for the whole
sum; those followed by a threshold, for the terms of probabilities. A file may have a column
column for each form, and a host scores each term on its own column:

    submission:
      columns:
        - {name: id, value: id}
        - {name: prob, value: prob}
        - {name: label, value: label}

Of a file of probabilities alone a host makes plain decisions; one of labels alone is refused. Terms
of masks must all score masks, all objects or all volumes.

`podium.score("0.5 auc + 0.5 f1", y, {"probs": p, "decisions": p >= 0.4})` is the same in Python,
with options as `f1={"average": "macro"}`. `podium init` writes a sum that a text beside the data
names. The bars of |SRCC| are left out: they differ for a negative correlation alone, which ranks
the wrong way round.

Made by `make docs` from the metrics' own files."""
FOUND = {"n_classes", "kind"}  # options that podium sets itself where it knows the task
SCORED = {
    "probs": "probabilities",
    "decisions": "decisions",
    "ranking": "rankings",
    "confident": "a class and how sure it is",
    "instances": "objects",
    "volumes": "volumes",
}


SHARED = {
    "_mask_ratios.py": "Averages of masks",
    "_by_output.py": "Means over outputs",
    "_sum.py": "Sums",
}
"""What several metrics refer to, and its title."""


def metrics_page() -> str:
    """Return the page of metrics: of labels first, each with its options and what its file says."""
    parts = [METRICS]
    for title, task in (("Metrics of labels", "classify"), ("Metrics of masks", "segment")):
        listed = ", ".join(f"[`{name}`](#{name})" for name in metrics_of(task))
        parts += [f"## {title}\n\n{listed}", *(metric_section(name) for name in metrics_of(task))]
    for file, title in SHARED.items():
        module = importlib.import_module(f"{metrics.__name__}.{file.removesuffix('.py')}")
        parts.append(f"### {title}\n\n{(module.__doc__ or '').strip()}")
    return "\n\n".join(parts) + "\n"


def metric_section(name: str) -> str:
    """Return what one metric needs, its options with their defaults, and its docstring."""
    metric = metrics.get(name)
    better = "higher" if metric.greater_is_better else "lower"
    facts = (
        f"Of {SCORED[metric.needs]}; tasks: {', '.join(sorted(metric.kinds))}; {better} is better."
    )
    given = [f"`{key}: {option(one)}`" for key, one in metric.options.items() if key not in FOUND]
    options = f" Options and defaults: {', '.join(given)}." if given else ""
    module = importlib.import_module(f"{metrics.__name__}.{name}")
    told = re.sub(
        r"`(_\w+\.py)`",
        lambda found: f"[{SHARED[found[1]]}](#{SHARED[found[1]].lower().replace(' ', '-')})",
        (module.__doc__ or "").strip(),
    )
    return f"### {name}\n\n{facts}{options}\n\n{told}"


def option(value: Any) -> str:
    """Return the default of an option as YAML would hold it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(option, value))}]"
    return "null" if value is None else str(value)


def metrics_of(task: str) -> list[str]:
    """Return the names of the metrics that score labels or masks."""
    return [name for name in names(metrics) if metrics.get(name).task == task]


def losses_of(task: TaskName) -> list[str]:
    """Return the names of the losses that fit labels or masks."""
    found = {name: extensions.load(losses, name, "LOSS") for name in names(losses)}
    of_task = [find_kind(task, name) for name in kind_names(task)]
    fit = {name: one for name, one in found.items() if any(map(one.fits, of_task))}
    if is_of_images(task):
        return [name for name, loss in fit.items() if loss.form == "pixelwise"]
    return [name for name, loss in fit.items() if not loss.of_cosines]


def names_held(value: values.Value) -> list[str]:
    """Return the names of the kinds whose answers a cell of `value` holds, each once."""
    tasks = (PIXELS,) if isinstance(value, values.MaskValue) else (IMAGES,)
    found = (find_kind(task, name) for task in tasks for name in kind_names(task))
    return sorted({str(one) for one in found if value.holds(one)})


def sections(model: type[BaseModel], name: str = "") -> list[tuple[str, type[BaseModel]]]:
    """Return the model and every model inside it, with its path of keys, each once."""
    found = [(name, model)]
    for key, field in model.model_fields.items():
        for inner in models_in(field.annotation):
            path = f"{name}.{field.alias or key}".strip(".")
            if inner is CombinedMetricSpec:  # in the file its keys stand where those of one do
                inner, path = Combination, f"{path} of several scores"
            found += [one for one in sections(inner, path) if one[1] not in {m for _, m in found}]
    return found


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the pydantic models that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def row(key: str, field: Any) -> str:
    """Return the table row of one key."""
    bounds = ", ".join(
        f"{sign} {getattr(one, name)}"
        for one in field.metadata
        for name, sign in SIGNS.items()
        if hasattr(one, name)
    )
    described = " ".join((field.description or "").split())
    text = ". ".join(part for part in (described, bounds) if part)
    cells = (f"`{field.alias or key}`", kind(field.annotation), default(field), text)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def kind(annotation: Any) -> str:
    """Return an annotation as a reader of YAML would say it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return kind(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in arguments)
    if origin in (Union, UnionType):
        return " or ".join(kind(one) for one in arguments if one is not NoneType)
    if origin in (list, tuple):
        inside = [kind(one) for one in arguments if one is not ...]
        return f"list of {' and '.join(dict.fromkeys(inside))}"
    if origin is dict:
        return f"{kind(arguments[0])}: {kind(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "see below"
    if annotation is Kind:
        every = dict.fromkeys([*kind_names(IMAGES), *kind_names(PIXELS)])
        return ", ".join(f"`{one}`" for one in every)
    names = {
        str: "text",
        int: "whole number",
        float: "number",
        bool: "true, false",
        Any: "anything",
    }
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))


def default(field: Any) -> str:
    """Return the default of a key as YAML would hold it."""
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_unset=True)
    if value is PydanticUndefined:
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "" if value is None or value in ({}, [], ()) else f"`{value}`"


API = """# Python: every name

Here you look up what a function of `import podium` takes, returns and refuses. Each name has an
example. `help(podium.make_folds)` shows the same in a notebook. [python.md](python.md) leads
through the names in the order of the work.

Tests run every example and compare what it prints. Examples of a workspace run in `~/leaves`, a
competition of 36 images of cats, dogs and foxes with a small recipe `baseline`; `ws` is
`podium.Workspace("~/leaves", quiet=True)`. `make docs` makes this page from the docstrings."""
API_NAMES = {
    "Folds, scores and thresholds": "make_folds score threshold_curve fit_thresholds cross_fit",
    "Blends": "hill_climb simplex_weights blend combine",
    "Decisions and submission files": "decide write_submission check_submission",
    "Metrics, masks as text, views": "metrics.names metrics.get "
    "rle.encode rle.decode tta.view tta.inverse tta.average tta.average_masks",
    "A workspace": "Workspace Workspace.create Workspace.root Workspace.competition "
    "Workspace.recipes Workspace.samples Workspace.check Workspace.folds Workspace.train "
    "Workspace.train_all Workspace.runs Workspace.import_predictions Workspace.predict "
    "Workspace.predictions Workspace.oof "
    "Workspace.test Workspace.tune Workspace.blend Workspace.read_blend Workspace.submit "
    "Workspace.board Workspace.report load_competition",
    "What they return": "Blend Curve Competition PredictionSet Problem",
    "Errors": "PodiumError UsageError DataError SubmissionError",
}
_SECTION = re.compile(r"^(Args|Attributes|Returns|Raises|Example):\n", re.MULTILINE)
_ENTRY = re.compile(r"^(\w[\w, ]*): (.*(?:\n {4,}.*)*)", re.MULTILINE)


def api_page() -> str:
    """Return the page of what `import podium` offers: an index of each group, then each name."""
    parts = [API]
    for title, listed in API_NAMES.items():
        names_of_group, rows = listed.split(), []
        for name in names_of_group:
            anchor = heading(name).replace(".", "").replace(" ", "-").lower()
            first = " ".join((inspect.getdoc(offered(name)) or "").split("\n\n")[0].split())
            rows.append(f"| [`{name}`](#{anchor}) | {first} |")
        parts += [f"## {title}", "\n".join(["| name | |", "| --- | --- |", *rows])]
        parts += [f"### {heading(name)}\n\n{described(name)}" for name in names_of_group]
    return "\n\n".join(parts) + "\n"


def heading(name: str) -> str:
    """Return the heading of a name; of a class another one than of the function of its name."""
    return f"class {name}" if inspect.isclass(offered(name)) else name


def offered(name: str) -> Any:
    """Return what `podium.<name>` is; of a property, the function that gets it."""
    found: Any = podium
    for part in name.split("."):
        is_property = isinstance(found, type) and isinstance(vars(found).get(part), property)
        found = vars(found)[part].fget if is_property else getattr(found, part)
    return found


def described(name: str) -> str:
    """Return the call of a name and its docstring, as Markdown."""
    text, *sections = _SECTION.split(inspect.getdoc(offered(name)) or "")
    parts = [call(name), text.strip()]
    for title, body in zip(sections[::2], sections[1::2], strict=True):
        inner = inspect.cleandoc(body)
        if title == "Example":
            parts.append(f"```pycon\n{inner}\n```")
        elif title == "Returns":
            parts.append(f"**{title}**: {' '.join(inner.split())}")
        else:
            found = [f"- `{key}`: {' '.join(text.split())}" for key, text in _ENTRY.findall(inner)]
            parts.append(f"**{title}**\n\n" + "\n".join(found))
    return "\n\n".join(part for part in parts if part)


def call(name: str) -> str:
    """Return how a name is called, without types; "" for a property and for a class of results."""
    one, of_class, method = offered(name), *name.rpartition(".")[::2]
    if of_class == "Workspace" and isinstance(vars(podium.Workspace)[method], property):
        return ""
    if inspect.isclass(one) and name not in ("Workspace", "PodiumError"):
        return ""
    given = [
        each.replace(annotation=inspect.Parameter.empty)
        for each in inspect.signature(one).parameters.values()
        if each.name != "self"
    ]
    is_method = of_class == "Workspace" and not inspect.ismethod(one)
    start = f"ws.{method}" if is_method else f"podium.{name}"
    whole = f"{start}{inspect.Signature(given)}".replace("'", '"')  # as the formatter has it
    indent = " " * (len(start) + 1)
    lines = textwrap.fill(whole, 100, subsequent_indent=indent, break_on_hyphens=False)
    if "\n" in lines and "*, " not in whole:  # a call in Python, too: the formatter formats it
        each = "".join(f"    {one},\n" for one in map(str, given))
        lines = f"{start}(\n{each})".replace("'", '"')
    return f"```python\n{lines}\n```"


def main() -> None:
    """Write the pages once all are made: where one fails, none is changed."""
    pages = {name: page(title, intro, model) for name, (title, intro, model) in PAGES.items()}
    pages |= {
        "formats.md": formats_page(),
        "metrics.md": metrics_page(),
        "api.md": api_page(),
    }
    for name, text in pages.items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
