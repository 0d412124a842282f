"""Tables of labels as annotators return them: cells as they were written, rows by their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.truths.annotator_labels import read_annotation_rows
from podium.errors import DataError

WANTED = [("a", "one"), ("b", "two")]


@pytest.mark.parametrize(
    "content",
    [
        b"id,label\na,one\nb,two\n",
        b"\xef\xbb\xbfid,label\r\na,one\r\nb,two",
        b"id;label\r\na;one\r\n;\r\nb;two\r\n",
        b"label\tid\none\ta\ntwo\tb\n",
        b"id,label\ra,one\rb,two\r",
        b" id , label ,x\na,one\n\nb,two,,\n",
    ],
)
def test_tables_of_spreadsheets_are_read(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "answers.csv"
    file.write_bytes(content)
    rows = read_annotation_rows(file)
    assert [(row.cells["id"], row.cells["label"]) for row in rows] == WANTED
    assert all(row.trouble is None for row in rows)


def test_a_row_is_named_by_the_line_in_which_it_begins(tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text('id,label\n"a\nb",one\n\nc, two \nd,e,f\n')
    rows = read_annotation_rows(file)
    assert [row.line for row in rows] == [2, 5, 6]
    assert rows[0].cells["id"] == "a\nb"
    assert (rows[1].cells["label"], rows[1].cell("label")) == (" two ", "two")
    assert rows[2].trouble is not None
    assert "3 cells, and 2 columns" in rows[2].trouble[0]


@pytest.mark.parametrize(
    ("content", "what", "line"),
    [
        (b"id,name\na,b\n", "no column label", ":1"),
        (b"id,label,label\na,b,c\n", "columns stand twice", ":1"),
        (b'id,label\na,b\nc,"d\ne,f\n', "cannot be read", ":3"),
        (b"id,label\na,f\xfcnf\n", "not UTF-8", ""),
        (b" \n", "the table is empty", ""),
    ],
)
def test_an_unreadable_table_is_reported(
    tmp_path: Path, content: bytes, what: str, line: str
) -> None:
    file = tmp_path / "answers.csv"
    file.write_bytes(content)
    with pytest.raises(DataError, match=what) as caught:
        read_annotation_rows(file)
    assert f"{file}{line}" in str(caught.value)
    assert caught.value.fix


def test_a_missing_file_and_a_folder_are_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such table"):
        read_annotation_rows(tmp_path / "no.csv")
    with pytest.raises(DataError, match="a folder"):
        read_annotation_rows(tmp_path)
