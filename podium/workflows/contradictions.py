"""What the data have against a reading of them, so that a person looks there first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

import pandas as pd

from podium.competition.checks import Finding
from podium.competition.checks.joined_classes import check_joined_classes
from podium.competition.infer.files import guess_part
from podium.competition.samples import Split
from podium.competition.spec import Competition
from podium.competition.tables import read_table
from podium.errors import PodiumError, plural, shortened, some
from podium.submissions.format.csv_text import class_texts
from podium.submissions.format.spec import format_of, sample_with_rows
from podium.workflows.checking import OTHER_ROWS, check_format

__all__ = ["contradictions"]

_LONGEST = 300  # letters of a line


def contradictions(
    competition: Competition,
    samples: Mapping[Split, pd.DataFrame],
    unread: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return a line for each thing that a reading of the data does not explain.

    That are a sample submission which is no file of this format, has other rows than the test set,
    or several answers of which none is a class, classes that are joined of others, pictures in
    folders of train or test that are of no part, and images of train whose names end in a word that
    none of test ends in.

    Args:
        competition: as it was read.
        samples: of its parts that could be loaded.
        unread: pictures of the data folder that are of no part, as their paths below it.
    """
    found: list[Finding] = []
    if competition.submission.sample is not None:  # else the format is a guess, and said to be one
        with suppress(PodiumError):  # `podium check` reports it whole
            found += [one for one in check_format(competition) if _is_against(one)]
    found += check_joined_classes(competition)
    lines = [f"{one.title}: {one.detail}" for one in found]
    with suppress(PodiumError):
        lines += _of_unknown_answers(competition)
    lines += [*_among_images(samples, unread), *_of_other_ends(samples)]
    return tuple(shortened(one, _LONGEST) for one in lines)


def _is_against(finding: Finding) -> bool:
    return finding.level == "error" or finding.title == OTHER_ROWS


_NAMES = ("name", "labels")  # values of a submission that are names of classes
_FEWEST_ANSWERS = 2  # one alone may stand in for any


def _of_unknown_answers(competition: Competition) -> Iterator[str]:
    """Yield a line on each column of the sample that has several answers, none of them a class."""
    path = sample_with_rows(competition)
    if path is None:
        return
    table = read_table(path)
    for form in format_of(competition).answers:
        if form.value not in _NAMES or not form.classes:
            continue
        known = {*class_texts(form)}
        for column in form.answer_names:
            cells = table[column].unique() if column in table else ()
            answers = [one for one in cells if one not in ("", form.empty)]
            parts = {part for one in answers for part in _parts(one, form.sep)}
            if len(answers) >= _FEWEST_ANSWERS and not parts & known:
                yield (
                    f"{plural(len(answers), 'answer')} of the sample submission in {column!r}, and "
                    f"none is a class: {some(answers)}; classes are {some(form.classes)}"
                )


def _parts(answer: str, sep: str) -> list[str]:
    """Return an answer, and what it lists where a sign stands between classes."""
    return [answer, *(answer.split(sep) if sep else ())]


def _among_images(samples: Mapping[Split, pd.DataFrame], unread: Sequence[str]) -> Iterator[str]:
    """Yield a line on pictures that lie beside images of a part and are of none."""
    for part, frame in samples.items():
        folders = _ends_of_paths({file.rpartition("/")[0] for file in _files(frame)})
        beside = [one for one in unread if one.rpartition("/")[0] in folders]
        tails = {_tail(file) for file in _files(frame)} if beside else set[str]()
        stems = {_stem(file) for file in _files(frame)} if beside else set[str]()
        # No copy of a folder, and nothing that belongs to an image, as `tile_7_mask.png`.
        beside = [
            one for one in beside if _tail(one) not in tails and not _goes_with(_stem(one), stems)
        ]
        if beside:
            yield (
                f"{plural(len(beside), 'picture')} among those of {part} "
                f"{'is' if len(beside) == 1 else 'are'} of no part, as {beside[0]}"
            )
            return


def _tail(file: str) -> str:
    """Return the last folder and the name of a file, which a copy of a folder has, too."""
    return "/".join(file.split("/")[-2:])


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0]


def _goes_with(stem: str, stems: set[str]) -> bool:
    """Return whether a name is that of an image with something behind it."""
    ends = (match.start() for match in re.finditer(r"[_\-. ]", stem))
    return any(stem[:end] in stems for end in ends)


def _ends_of_paths(folders: Iterable[str]) -> set[str]:
    """Return what folders may be called below the data; they are paths of the workspace."""
    parts = [folder.split("/") for folder in folders]
    return {"/".join(each[at:]) for each in parts for at in range(len(each))}


_MOST_ENDS = 6  # of files that belong together, as bands or views
_FEWEST_OTHERS = 0.1  # of the files of train
_LAST_WORD = re.compile(r"(?<=[_\-. ])[^\W\d_]{1,15}$")


def _of_other_ends(samples: Mapping[Split, pd.DataFrame]) -> Iterator[str]:
    """Yield a line on files of train as `tile_7_chart.png`, where all of test are `tile_9_hh.png`.

    These are masks or drawings beside the images, perhaps, and no images to learn from.
    """
    if not {"train", "test"} <= {*samples}:
        return
    ends = {part: _last_words(_files(samples[part])) for part in ("train", "test")}
    if "" in ends["test"] or not 0 < len(ends["test"]) <= _MOST_ENDS:
        return
    n = ends["train"].total()
    for end, count in ends["train"].items():
        if not end or end in ends["test"] or guess_part(end) == "train":
            continue
        if count >= _FEWEST_OTHERS * n:
            yield (
                f"{plural(count, 'file')} of train end in {end!r}, and none of test, whose files "
                f"end in {', '.join(map(repr, sorted(ends['test'])))}: they may be no images"
            )


def _files(frame: pd.DataFrame) -> Iterator[str]:
    for files in frame["images"]:
        yield from files


def _last_words(files: Iterable[str]) -> Counter[str]:
    """Return how many files there are of each last word behind a sign; "" for none."""
    found = (_LAST_WORD.search(_stem(file)) for file in files)
    return Counter("" if one is None else one[0].casefold() for one in found)
