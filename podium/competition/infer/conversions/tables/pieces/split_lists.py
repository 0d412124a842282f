"""Lists of train and of test that cut a list of all images with their labels in two.

All.txt:          7.jpg 2.5, 8.jpg 3.1, 9.jpg 1.2
split/train.txt:  7.jpg 2.5, 9.jpg 1.2              →  tables of train and of test
split/test.txt:   8.jpg 3.1
fold_1/train_1.txt, fold_1/test_1.txt …             the same for cross-validation, left out
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.texts.lists_of_images import table_of_list
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import DataFolder, guess_part
from podium.errors import plural

__all__ = ["ListsOfSplit", "lists_of_split"]

_LARGEST = 100_000_000  # bytes of a list


class ListsOfSplit(NamedTuple):
    """The tables of the two parts by their names, and what was left out."""

    tables: dict[str, MadeTable]
    note: str


def lists_of_split(folder: DataFolder) -> ListsOfSplit | None:
    """Return the tables of the one split of a list that texts give; None without exactly one.

    A folder has one text called as train and one as test. They share no line, and together have
    the lines of a text that lies beside them or above, each of another image, with a label behind
    it. Splits whose folders or files differ in their numbers alone are folds of a
    cross-validation, and are not used.
    """
    found = list(_splits(folder))
    alike: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for one in found:
        alike["\n".join(re.sub(r"\d+", "0", path) for path in one[:2])].append(one)
    single = [each[0] for each in alike.values() if len(each) == 1]
    if len(single) != 1:
        return None
    train, test, whole = single[0]
    tables = {}
    for name, path in (("train", train), ("test", test)):
        table = table_of_list(folder, folder.path / path)
        if table is None or len(table.columns) < 2 or not table["image"].is_unique:
            return None
        if not all(len(folder.named(cell)) == 1 for cell in table["image"]):
            return None
        tables[f"{name}_of_split.csv"] = MadeTable((path,), f"a list with a part of {whole}", table)
    n_folds = len(found) - 1
    folds = f"; {plural(n_folds, 'further split')} of it, numbered as folds, not" if n_folds else ""
    return ListsOfSplit(tables, f"{train} and {test} cut {whole} in two, and are used{folds}")


def _splits(folder: DataFolder) -> Iterator[tuple[str, str, str]]:
    """Yield the texts of train, of test and of all, for each folder that has such lists."""
    of_folder: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    wholes = list[str]()
    for path in folder.texts:
        where, _, name = path.rpartition("/")
        part = guess_part(name)
        if part in ("train", "test"):
            of_folder[where][part].append(path)
        elif part == "other":
            wholes.append(path)
    lines: dict[str, list[str]] = {}
    for where, parts in of_folder.items():
        if len(parts["train"]) != 1 or len(parts["test"]) != 1:
            continue
        train, test = parts["train"][0], parts["test"][0]
        own, others = _lines(folder, train), _lines(folder, test)
        every = {*own, *others}
        if not own or not others or len(every) < len(own) + len(others):
            continue
        for whole in wholes:
            above = whole.rpartition("/")[0]
            if where != above and not f"{where}/".startswith(f"{above}/" if above else ""):
                continue
            if whole not in lines:
                lines[whole] = _lines(folder, whole)
            if len(lines[whole]) == len(every) and set(lines[whole]) == every:
                yield train, test, whole
                break


def _lines(folder: DataFolder, path: str) -> list[str]:
    """Return the lines of a text that are not blank, `[]` of a large one."""
    file = folder.path / path
    if file.stat().st_size > _LARGEST:
        return []
    found = (one.strip() for one in read_text(file, folder).splitlines())
    return [one for one in found if one]
