from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.errors import DataError
from podium.submissions.format.csv_text import LineError, cells_at, read_lines, read_table

cells = st.text(st.sampled_from('ab ,"\n\r\té𝄞;'), max_size=6)
tables = st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(rows=tables, ending=st.sampled_from(["\n", "\r\n"]), bom=st.booleans())
def test_what_a_csv_writer_wrote_is_read_as_a_csv_reader_reads_it(
    tmp_path_factory, rows, ending, bom
):
    text = io.StringIO(newline="")
    lone = any("\r" in cell for row in rows for cell in row)  # Python's writer would not quote it
    quoting = csv.QUOTE_ALL if lone else csv.QUOTE_MINIMAL
    csv.writer(text, lineterminator=ending, quoting=quoting).writerows(rows)
    path = tmp_path_factory.mktemp("lines") / "t.csv"
    path.write_bytes(b"\xef\xbb\xbf" * bom + text.getvalue().encode())
    lines = list(read_lines(path, longest=1000))
    assert [line.cells for line in lines] == list(csv.reader(io.StringIO(text.getvalue(), "")))
    with path.open("rb") as file:
        for line in reversed(lines):  # any line may be read again, from its place
            assert cells_at(file, line.offset, longest=1000) == line.cells


def test_a_line_is_numbered_by_where_it_begins(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('id,x\na,"1\n2\n3"\n\nb,4')
    found = [(line.number, line.cells) for line in read_lines(path, longest=100)]
    assert found == [(1, ["id", "x"]), (2, ["a", "1\n2\n3"]), (5, []), (6, ["b", "4"])]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"id,x\n" + b"a" * 101, 2, "more than 100 characters"),
        (b'id,x\na,"' + b"1 2\n" * 50, 2, "more than 100 characters"),
        (b"id,x\na,\xff\n", 2, "not UTF-8"),
        (b'id,x\na,"1\n\xff"\n', 2, "not UTF-8"),
        (b"id,x\ra,1\rb,2\r", 1, "carriage return"),
    ],
)
def test_an_unreadable_file_is_reported_with_its_line(tmp_path, content, line, words):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(LineError, match=words) as caught:
        list(read_lines(path, longest=100))
    assert caught.value.line == line


def test_a_table_of_the_competition_that_cannot_be_read_is_a_data_error(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"id,x\na,\xff\n")
    with pytest.raises(DataError, match="not UTF-8") as caught:
        read_table(path)
    assert caught.value.where == f"{path}:2"


def test_a_line_longer_than_allowed_is_never_held(tmp_path):
    import tracemalloc

    path = tmp_path / "t.csv"
    path.write_bytes(b'"' + b"x" * 20_000_000)
    tracemalloc.start()
    with pytest.raises(LineError):
        list(read_lines(path, longest=1000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000  # the buffer of the file


def test_a_cell_longer_than_python_s_own_limit_is_read(tmp_path):
    path = tmp_path / "t.csv"
    long = "1 2 " * 100_000
    path.write_text(f'id,"x"\na,"{long}"\n')
    assert read_table(path) == (["id", "x"], [["a", long.strip()]])
