"""Rows that name other rows of their table hang together: they are a group of folds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from podium.competition.infer.conversions.ids.spelt_ids import key_of_signs
from podium.competition.infer.groups import links
from podium.competition.infer.scan import scan_folder
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from tests.competition.infer.test_odd_labels import begin, put, table


def groups_of(found: Competition) -> dict[str, str]:
    samples = load_samples(found, "train")
    return dict(zip(samples["id"], samples["group"], strict=True))


def parted(names: Sequence[str], links: Sequence[tuple[str, str]]) -> set[frozenset[str]]:
    """Return what hangs together, by merging sets until no link is between two of them."""
    parts = [{one} for one in names]
    for one, other in links:
        own = [part for part in parts if part & {one, other}]
        parts = [part for part in parts if part not in own] + [set[str]().union(*own)]
    return {frozenset(part & {*names}) for part in parts if part & {*names}}


def parts_of(groups: dict[str, str]) -> set[frozenset[str]]:
    return {frozenset(one for one in groups if groups[one] == group) for group in groups.values()}


@pytest.mark.parametrize("is_pair", [True, False])
def test_rows_that_name_each_other_are_a_group(tmp_path: Path, is_pair: bool) -> None:
    data = tmp_path / "data"
    ids = [f"E{n * 37 % 100:02}" for n in range(32)]
    for n, name in enumerate(ids):
        put(data / f"{'train' if n < 26 else 'test'}/{name}.png", n)
    # The first 20 are of ten people; a chain that most rows hang in leaves nothing to part.
    other = {one: ids[n + 1 - 2 * (n % 2)] for n, one in enumerate(ids[:20])}
    if not is_pair:
        other = {one: ids[n + 1] for n, one in enumerate(ids[:20])}
    rows = [(one, "RG" if n % 3 else "NRG", other.get(one, "")) for n, one in enumerate(ids[:26])]
    table(data / "labels.csv", ("Eye ID", "Final label", "Fellow eye"), *rows)
    table(data / "sample_submission.csv", ("Eye ID", "Final label"), *((x, "RG") for x in ids[26:]))
    found, notes = begin(tmp_path)
    assert found.folds.group == ("Fellow eye group" if is_pair else None)
    assert ("of each row that Fellow eye links" in notes) == is_pair
    if is_pair:
        groups = groups_of(found)
        assert all(groups[one] == groups[two] for one, two in other.items())
        assert len({*groups.values()}) == 10 + 6


KINDS = ("kelch", "krug", "teller")


def shards(
    data: Path,
    spelt: Callable[[int], str],
    linked: dict[int, str],
    *,
    label: Callable[[int], str] = lambda n: KINDS[n % 3],
    further: Callable[[int], str] | None = None,
    text: str = "",
) -> list[str]:
    """Write 40 pictures to learn from and 8 to predict, with a column of links; return the ids."""
    ids = [spelt(n) for n in range(48)]
    for n, name in enumerate(ids):
        put(data / f"{'train' if n < 40 else 'test'}/{name}.png", n)
    header = ("scherbe", "form", "passt_an", *(["grube"] if further else []))
    rows = [
        (one, label(n), linked.get(n, ""), *([further(n)] if further else []))
        for n, one in enumerate(ids[:40])
    ]
    table(data / "train.csv", header, *rows)
    table(data / "sample_submission.csv", ("scherbe", "form"), *((x, KINDS[0]) for x in ids[40:]))
    (data / "README.md").write_text(text, encoding="utf-8")
    return ids[:40]


def by_place(n: int) -> str:
    return f"K{n // 6}-{n * 7 % 48:03}"


TREES = {3: 1, 7: 3, 9: 3, 12: 9, 20: 19, 21: 20, 30: 5}


def test_chains_and_trees_of_links_are_one_group_each(tmp_path: Path) -> None:
    # Cells spell the ids with other signs, and one names two rows.
    links = {a: by_place(b).replace("-0", "/") for a, b in TREES.items()}
    links[33] = f"{by_place(32)}; {by_place(31)}"
    ids = shards(tmp_path / "data", by_place, links)
    found, _ = begin(tmp_path)
    assert found.folds.group == "passt_an group"
    named = [(ids[a], ids[b]) for a, b in [*TREES.items(), (33, 32), (33, 31)]]
    assert parts_of(groups_of(found)) == parted(ids, named)


NUMBERED = {a: str(b + 1) for a, b in TREES.items()}


@pytest.mark.parametrize(
    ("why", "is_group"), [("nothing", False), ("a text", True), ("labels", True)]
)
def test_numbers_that_rows_have_as_ids_are_links_where_more_tells_so(
    tmp_path: Path, why: str, is_group: bool
) -> None:
    links = NUMBERED | {n: str(n - 1) for n in (24, 27, 36, 39)}
    roots = {**TREES, 24: 22, 27: 25, 36: 34, 39: 37}

    def label(n: int) -> str:
        while why == "labels" and n in roots:
            n = roots[n]
        return KINDS[n * 5 % 7 % 3]

    text = "## passt_an\n\nNummer einer anderen Scherbe. Was so zusammenhängt, ist ein Gefäß.\n"
    shards(
        tmp_path / "data",
        lambda n: str(n + 1),
        links,
        label=label,
        text=text if why == "a text" else "Etwas anderes.",
    )
    found, _ = begin(tmp_path)
    assert (found.folds.group == "passt_an group") == is_group
    told = "zusammenhängt" in (tmp_path / "competition.yaml").read_text(encoding="utf-8")
    assert told == (why == "a text")


def test_cells_that_mostly_name_no_row_are_no_links(tmp_path: Path) -> None:
    links = {a: by_place(b) for a, b in list(TREES.items())[:4]}
    links |= {n: f"K99-{n:03}" for n in (14, 15, 16, 17)}
    shards(tmp_path / "data", by_place, links)
    found, _ = begin(tmp_path)
    assert found.folds.group is None


@pytest.mark.parametrize("crosses", [True, False])
def test_a_group_that_holds_all_that_is_linked_stays_else_it_is_asked(
    tmp_path: Path, crosses: bool
) -> None:
    near = {a: b for a, b in TREES.items() if a // 10 == b // 10 or crosses}
    near |= {} if crosses else {22: 21, 35: 34}
    links = {a: by_place(b) for a, b in near.items()}
    shards(tmp_path / "data", by_place, links, further=lambda n: f"patient{n // 10}")
    data = tmp_path / "data/train.csv"
    data.write_text(data.read_text().replace("grube", "patient"))
    found, _ = begin(tmp_path)
    if not crosses:
        assert found.folds.group == "patient"
        return
    assert found.folds.group == "passt_an group"
    written = (tmp_path / "competition.yaml").read_text()
    assert "group: patient" in written


def test_links_are_looked_for_in_few_of_many_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of 100 columns of counts was held against each other one, row by row."""
    rng = np.random.default_rng(5)
    cells = {f"v{n}": rng.permutation(500).astype(str) for n in range(100)}
    rows = pd.DataFrame({"name": [f"z{n}" for n in range(500)], **cells}, dtype=object)
    n_spelt = 0

    def counted(name: str) -> tuple[str, ...]:
        nonlocal n_spelt
        n_spelt += 1
        return key_of_signs(name)

    monkeypatch.setattr(links, "key_of_signs", counted)
    links.find_linked_rows(scan_folder(tmp_path, "data"), rows, "name", ["v0"], None)
    assert n_spelt < 200 * len(rows)
