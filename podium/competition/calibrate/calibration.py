"""What can be known of a competition's formats from its data, how surely, and from what.

The sample submission's header and ids are believed first, then the training data, then what the
competition's pages say (the preset of a known competition). Where they contradict each other, that
is told.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from podium.competition.calibrate.codec_answers import Answer, CodecAnswer
from podium.competition.calibrate.codec_evidence import judge
from podium.competition.calibrate.parameter import Parameter
from podium.competition.calibrate.preset import PresetMatch, listed, match_preset
from podium.competition.calibrate.sample import sample_parameters
from podium.competition.calibrate.texts import train_texts
from podium.competition.data_spec import MaskTable
from podium.competition.infer.files import DataFolder, look_into
from podium.competition.infer.submission import Sample, is_sample, read_sample
from podium.competition.patterns import Pattern
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.tables import read_table
from podium.errors import DataError, UsageError
from podium.workspace.atomic import write_text
from podium.workspace.yaml_edits import with_values

__all__ = ["Calibration", "calibrate", "codec_of", "with_preset", "write"]

_RLE = ("order", "base", "relative")


@dataclass(frozen=True)
class Calibration:
    """What was found, and what a person should read."""

    parameters: tuple[Parameter, ...]
    notes: tuple[str, ...]

    @property
    def changes(self) -> tuple[Parameter, ...]:
        return tuple(one for one in self.parameters if one.changes)


def codec_of(
    competition: Competition,
    samples: pd.DataFrame,
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
) -> tuple[CodecAnswer | None, str]:
    """Return how the masks of train are written, and in which table; None where none is a text."""
    images, where = train_texts(competition, samples, folder, tables)
    return (judge(images), where) if images else (None, where)


def calibrate(competition: Competition) -> Calibration:
    """Return what the data of a competition say of its formats.

    Raises:
        DataError: the training samples cannot be read.
    """
    folder = look_into(*_data_folder(competition))
    tables, sample = _tables(competition, folder)
    answer: CodecAnswer | None = None
    where = ""
    if "segment" in competition.tasks:
        answer, where = codec_of(competition, load_samples(competition, "train"), folder, tables)
    submission = competition.submission
    match = match_preset(
        sample,
        names=(submission.preset, competition.kaggle.slug),
        folders=(competition.name, folder.path.name),
        tasks=competition.tasks,
        relative=None if answer is None else answer.is_relative,
    )
    found = [_of_preset(match, competition)]
    found += _of_train(answer, where, match, competition)
    found += _of_submission(answer, match, competition)
    notes = [] if answer is None else _doubts(answer, where)
    if sample is not None:
        more, told = sample_parameters(competition, sample, folder)
        found += [_empty_of_preset(one, match) for one in more]
        notes += told
    notes += _contradictions(found, match, competition)
    return Calibration(tuple(found), tuple(notes))


def write(calibration: Calibration, file: Path) -> tuple[Parameter, ...]:
    """Set what is certain or likely in a competition.yaml, whose comments stay; return what.

    Raises:
        UsageError: a key cannot be set, because of how the file is written.
    """
    changes = calibration.changes
    if not changes:
        return ()
    values = {tuple(one.name.split(".")): one.value for one in changes}
    try:
        text = with_values(file.read_text(encoding="utf-8"), values)
    except ValueError as error:
        raise UsageError(str(error), where=file, fix="change the file by hand") from error
    write_text(file, text)
    return changes


def _data_folder(competition: Competition) -> tuple[Path, str]:
    """Return the folder that holds all that competition.yaml names, and how it is spelt there."""
    data = competition.data
    sources = [one for one in (data.train, data.test, data.unlabelled) if one is not None]
    paths = [pattern for source in sources for pattern in source.patterns]
    folders = [Pattern(path).fixed_part for path in paths]
    tables = [source.table for source in sources]
    mask = data.train.mask
    tables.append(mask.table if isinstance(mask, MaskTable) else None)
    tables.append(competition.submission.sample)
    if isinstance(mask, str):
        folders.append(Pattern(mask).fixed_part)
    folders += [table.rpartition("/")[0] for table in tables if table is not None]
    root = competition.root
    common = Path(os.path.commonpath([root / folder for folder in folders]))
    spelt = common.relative_to(root).as_posix() if common.is_relative_to(root) else str(common)
    return common, spelt


def _tables(
    competition: Competition, folder: DataFolder
) -> tuple[dict[str, pd.DataFrame], Sample | None]:
    """Return the tables but for the sample submission, and that."""
    tables, sample = {}, None
    named = competition.submission.sample
    for path in sorted(folder.tables, key=len):
        try:
            table = read_table(folder.path / path, where=path)
        except DataError:
            continue
        if folder.spell(path) == named:
            sample = read_sample(path, table)
        elif is_sample(path):
            sample = sample or (read_sample(path, table) if named is None else None)
        else:
            tables[path] = table
    return tables, sample


def _of_preset(match: PresetMatch, competition: Competition) -> Parameter:
    now = competition.submission.preset
    if match.preset is None:
        among = f": {listed(match)}" if match.others else ""
        fix = "name it: kaggle.slug, or submission.preset" if match.others else ""
        return Parameter("preset", None, "not sure", match.why + among, now, fix)
    return Parameter("preset", match.preset.name, match.sure, match.why, now)


def _of_train(
    answer: CodecAnswer | None, where: str, match: PresetMatch, competition: Competition
) -> Iterable[Parameter]:
    if answer is None:
        return
    codec = competition.data.train.mask_codec
    is_key = isinstance(competition.data.train.mask, MaskTable)
    start = "data.train.mask_codec" if is_key else f"runs of {where}"
    for name, one in with_preset(answer, match).items():
        if name == "kind" and one.value == codec.kind:
            continue
        now = getattr(codec, name) if is_key else None
        yield Parameter(f"{start}.{name}", one.value, one.sure, one.why, now, one.fix, is_key)
    scale = answer.scale
    if scale.value != 1:
        fix = "podium reads masks at the size of their images: shrink the images to it"
        yield Parameter("size of the masks", f"1/{scale.value}", scale.sure, scale.why, "1", fix)


def with_preset(answer: CodecAnswer, match: PresetMatch) -> dict[str, Answer]:
    """Return the answers of the data; where they are not sure, those of a preset that fits."""
    found = dict(answer.answers)
    if answer.n_texts == 0:
        return found
    for name in set(found) & set(_RLE):
        said = match.runs_say(name)
        if found[name].sure == "not sure" and said is not None:
            value, whose = said
            why = f"so {whose} of the presets has it; the data do not say: {found[name].why}"
            found[name] = replace(found[name], value=value, sure="likely", why=why, fix="")
    return found


def _empty_of_preset(one: Parameter, match: PresetMatch) -> Parameter:
    """Return what stands for nothing as the preset has it, where the sample does not show it."""
    preset = match.preset
    if one.name != "submission.empty" or one.sure != "not sure" or preset is None:
        return one
    if preset.submission.value != "rle":
        return one
    why = f"so the preset {preset.name} has it; every cell of the sample has a mask"
    return replace(one, value=preset.submission.empty, sure="likely", why=why, fix="")


def _doubts(answer: CodecAnswer, where: str) -> list[str]:
    notes = []
    if answer.n_left_out:
        n = f"{answer.n_left_out:,} of {answer.n_texts:,}"
        notes.append(f"{where}: {n} cells can be read under no codec: `podium check` names them")
    if answer.told:
        notes.append(f"{where}: {answer.told}: ask which of the two is right")
    return notes


def _of_submission(
    answer: CodecAnswer | None, match: PresetMatch, competition: Competition
) -> Iterable[Parameter]:
    """Give the codec to submit in: that of train, which a host writes alike, or the preset's."""
    form = competition.submission
    if form.value == "rle":
        answers = {} if answer is None else with_preset(answer, match)
        for name in _RLE:
            now = getattr(form.rle, name)
            if name in answers and answers[name].sure != "not sure":
                why = f"as the masks of train are written: {answers[name].why}"
                value = answers[name].value
            elif (said := match.runs_say(name)) is not None:
                value, whose = said
                why = f"so {whose} of the presets has it"
            else:
                why = "no header shows it, and no mask of train that is written so tells it"
                fix = "see the competition's page, and score a few training masks"
                yield Parameter(f"submission.rle.{name}", now, "not sure", why, now, fix, True)
                continue
            yield Parameter(f"submission.rle.{name}", value, "likely", why, now, "", True)
    if match.preset is not None and match.preset.frame != "native":
        frame = list(match.preset.frame)
        now = competition.frame if competition.frame == "native" else list(competition.frame)
        why = f"so the preset {match.preset.name} has it: masks are sent at this size"
        yield Parameter("frame", frame, "likely", why, now, "", True)


def _contradictions(
    found: Sequence[Parameter], match: PresetMatch, competition: Competition
) -> Iterable[str]:
    preset = match.preset
    if preset is None:
        return
    if preset.note:
        yield f"{preset.name}: {preset.note.strip()}"
    if preset.submission.value == "rle":
        for one in found:
            name = one.name.rpartition(".")[2]
            if name not in _RLE or one.sure == "not sure" or one.name.startswith("submission."):
                continue
            said = getattr(preset.submission.rle, name)
            if said != one.value:
                yield (
                    f"the preset {preset.name} says {name} {said}, the training masks {one.value} "
                    f"({one.why}): the data are believed"
                )
    for task, kind in preset.tasks.items():
        mine = competition.tasks.get(task)
        if mine is not None and mine != kind:
            yield f"the preset {preset.name} says tasks.{task} is {kind}, competition.yaml {mine}"
