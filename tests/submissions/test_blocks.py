from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.submissions.format import csv_text
from podium.submissions.format.csv_text import CsvBlock, LineError, read_blocks, read_lines

texts = st.lists(st.text(st.sampled_from('ab1 ,,"\n\n\r\té'), max_size=12), min_size=0, max_size=30)


def lines_of(path, n_columns):
    found = []
    for part in read_blocks(path, n_columns, longest=500):
        found += [part.line(i) for i in range(len(part))] if isinstance(part, CsvBlock) else [part]
    return found


def _or_error(read):
    try:
        return [(one.number, one.offset, one.cells) for one in read()]
    except LineError as error:
        return (error.message, error.line)


@settings(max_examples=400, deadline=None)
@given(parts=texts, ending=st.sampled_from(["\n", "\r\n"]), size=st.sampled_from([16, 40, 1 << 20]))
def test_blocks_and_lone_lines_together_are_the_lines_of_the_file(
    tmp_path_factory, parts, ending, size
):
    path = tmp_path_factory.mktemp("blocks") / "t.csv"
    path.write_bytes(("id,x" + ending + ending.join(parts)).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_text, "BLOCK_BYTES", size)
        patch.setattr(csv_text, "_ODD_LINES", 2)
        in_blocks = _or_error(lambda: lines_of(path, 2))
    assert in_blocks == _or_error(lambda: list(read_lines(path, longest=500)))


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_plain_lines_come_in_one_block_with_the_places_of_their_cells(tmp_path, ending):
    path = tmp_path / "t.csv"
    path.write_bytes(ending.join(["id,x,y", "a,,12", "bb,3,", ""]).encode())
    header, block = read_blocks(path, 3, longest=500)
    assert header.cells == ["id", "x", "y"]
    assert [block.column(c) for c in range(3)] == [["a", "bb"], ["", "3"], ["12", ""]]
    assert block.number == 2


def test_a_file_of_many_plain_lines_hardly_ever_leaves_its_blocks(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("id,x\n" + "".join(f"{i},{'7' * 300}\n" for i in range(20_000)))
    parts = list(read_blocks(path, 2, longest=1000))
    assert sum(not isinstance(part, CsvBlock) for part in parts) == 1
    assert sum(len(part) for part in parts if isinstance(part, CsvBlock)) == 20_000
