"""The preset of a known competition, found by its slug, or by header and ids of its sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from podium.competition.calibrate.codec import Certainty
from podium.competition.images import image_size
from podium.competition.infer.sample.runs import EMPTY_CELLS
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.presets import Preset, all_presets, preset_names
from podium.competition.readers import Reader
from podium.errors import DataError, some
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import TaskName, of_pixels
from podium.workspace.subsets import some_of

__all__ = ["ImageSizes", "PresetMatch", "list_of_presets", "match_preset", "sizes_of_files"]

_SHOWN = 500  # rows of the sample
_OPENED = 20  # images whose headers are read

ImageSizes = Callable[[], Mapping[str, tuple[int, int]]]
"""Returns the (height, width) of some images, by name."""


_USUAL_NAMES = frozenset({
    "id", "image", "image_id", "file", "filename", "label", "labels", "target", "class", "category",
})  # fmt: skip
"""Columns of so many competitions that a header of them alone identifies none."""


@dataclass(frozen=True)
class PresetMatch:
    """The preset that fits, or None and those between which nothing decides."""

    preset: Preset | None
    sure: Certainty
    why: str
    others: tuple[Preset, ...] = ()
    is_named: bool = False
    """Whether a person named it."""

    @property
    def sure_values(self) -> Certainty:
        """How sure a value is that presets alone show; several that agree are likely right."""
        return "not sure" if self.preset is not None and self.sure == "not sure" else "likely"

    def runs_value(self, name: str) -> tuple[Any, str] | None:
        """Return the value of `name` that all fitting presets share, and their names, or None."""
        fitting = (self.preset,) if self.preset is not None else self.others
        runs = [one for one in fitting if one.submission.value == "rle"]
        values = {getattr(one.submission.rle, name) for one in runs}
        if len(values) != 1 or len(runs) < len(fitting):
            return None
        return values.pop(), " and ".join(one.name for one in runs)


def match_preset(
    sample: SampleSubmission | None,
    *,
    names: Sequence[str | None] = (),
    folders: Sequence[str | None] = (),
    tasks: Mapping[TaskName, Kind] | None = None,
    relative: bool | None = None,
    sizes: ImageSizes = dict,
) -> PresetMatch:
    """Return the preset that matches the competition.

    It is no surer than that where images have another size than all of the preset's competition.

    Args:
        sample: the sample submission.
        names: the slug or the preset, where they are known.
        folders: names chosen by a person, which may be those of a competition.
        tasks: of this competition; a preset of labels does not fit one of masks.
        relative: whether the training runs are so, where that is certain.
        sizes: of some images, which are opened only where a preset has a size of its own.
    """
    match = _match_by_name_or_sample(sample, names, folders, tasks, relative)
    expected = None if match.preset is None else match.preset.image_size
    if expected is None:
        return match
    for name, size in sizes().items():
        if size != expected:
            why = (
                f"{match.why}, but the images of that competition are {_by(expected)} (height × "
                f"width) and {name} is {_by(size)}"
            )
            return replace(match, sure="likely" if match.is_named else "not sure", why=why)
    return match


def sizes_of_files(files: Sequence[Path], reader: Reader) -> dict[str, tuple[int, int]]:
    """Return the (height, width) of some of `files`, from their headers; unreadable ones are left.

    Args:
        files: images.
        reader: of them.
    """

    def readable() -> Iterator[tuple[str, tuple[int, int]]]:
        for file in some_of(files, _OPENED):
            try:
                yield file.name, image_size(file, reader)
            except (DataError, OSError):
                continue

    return dict(readable())


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]:,} × {size[1]:,}"


def _match_by_name_or_sample(
    sample: SampleSubmission | None,
    names: Sequence[str | None],
    folders: Sequence[str | None],
    tasks: Mapping[TaskName, Kind] | None,
    relative: bool | None,
) -> PresetMatch:
    presets = all_presets()
    by_name = {name.lower(): preset for preset in presets for name in (preset.name, preset.slug)}
    for name in filter(None, names):
        if name.lower() in by_name:
            why = f"competition.yaml names {name}"
            return PresetMatch(by_name[name.lower()], "certain", why, is_named=True)
    for name in filter(None, folders):
        if name.lower() in by_name:
            return PresetMatch(
                by_name[name.lower()], "likely", f"the data or the workspace is called {name}"
            )
    if sample is None:
        return PresetMatch(None, "not sure", "there is no sample submission, and no slug")
    fitting = [one for one in presets if _fits(one, sample, tasks, relative)]
    header = ",".join(map(str, sample.table.columns[:4]))
    other = [one.name for one in fitting if _differ_in_objects(one, tasks)]
    fitting = [one for one in fitting if one.name not in other]
    alike = [one for one in fitting if tasks and dict(tasks) == one.tasks]
    if fitting and set(map(str.lower, map(str, sample.table.columns))) <= _USUAL_NAMES:
        why = f"many competitions have the header {header}"
        return PresetMatch(None, "not sure", why, tuple(alike or fitting))
    if len(fitting) == 1 or len(alike) == 1:
        of_kind = "" if len(fitting) == 1 else ", and this kind of task"
        n = len(preset_names())
        why = f"of {n} known competitions it alone has such ids and the header {header}{of_kind}"
        return PresetMatch((alike or fitting)[0], "likely", why)
    if fitting:
        why = f"several have the header {header} and such ids"
        return PresetMatch(None, "not sure", why, tuple(alike or fitting))
    if other:
        why = f"{some(other)} has the header {header}, but its masks are of another kind"
        return PresetMatch(None, "not sure", why)
    return PresetMatch(None, "not sure", f"no known competition has the header {header}")


def _fits(
    preset: Preset,
    sample: SampleSubmission,
    tasks: Mapping[TaskName, Kind] | None,
    relative: bool | None,
) -> bool:
    form = preset.submission
    fixed = [column for column in form.columns if column != "*"]
    header = [str(column) for column in sample.table.columns]
    if "*" in form.columns:
        known = len(header) > 2 and header[: len(fixed)] == fixed
        if not known or (preset.classes and set(header[len(fixed) :]) != set(preset.classes)):
            return False
        if not preset.classes and form.columns["*"].startswith("prob") and fixed == ["id"]:
            return False  # `id` and some columns: as any competition may have it
    elif header != fixed:
        return False
    if tasks and not set(preset.tasks) & set(tasks):
        return False
    if relative is not None and form.value == "rle" and form.rle.relative != relative:
        return False
    return _ids_fit(preset, sample) and _cells_fit(preset, sample)


def _differ_in_objects(preset: Preset, tasks: Mapping[TaskName, Kind] | None) -> bool:
    """Return whether one is of single objects and the other of masks of images."""
    one, other = of_pixels(preset.tasks), of_pixels(tasks or {})
    return one is not None and other is not None and one.finds_objects != other.finds_objects


def _ids_fit(preset: Preset, sample: SampleSubmission) -> bool:
    """Return whether ids that name a class name those of the preset."""
    form = preset.submission
    if not preset.classes or form.rows != "image_class":
        return True
    by_column = next((c for c, field in form.columns.items() if field == "class_name"), None)
    if by_column is not None:
        return set(sample.table[by_column][:_SHOWN]) <= set(preset.classes)
    if "_{class}" not in form.id:
        return True
    ends = tuple(f"_{name}" for name in preset.classes)
    return all(str(cell).endswith(ends) for cell in sample.table[sample.id][:_SHOWN])


def _cells_fit(preset: Preset, sample: SampleSubmission) -> bool:
    """Return whether the sample writes nothing as the preset does, where it writes it."""
    form = preset.submission
    column = next((c for c, field in form.columns.items() if field == "value"), None)
    if form.value != "rle" or column not in sample.table.columns:
        return True
    cells = set(sample.table[column][:_SHOWN])
    shown = (cells & set(EMPTY_CELLS)) - {""}
    return not shown or shown == {form.empty}


def list_of_presets(match: PresetMatch) -> str:
    """Return the presets between which nothing decides, as text."""
    return some([one.name for one in match.others])
