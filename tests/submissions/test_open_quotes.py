"""A quote that never closes: the reader of Python closes it at the end of the file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from podium.submissions.format.csv_text import LineError, read_lines


@pytest.mark.parametrize(
    "rows", ['1,"x\n', '1,"x"\n2,"y', '1,"a\nb\n2,c\n', '1,"""\n', '1,"a"",\n2,b\n']
)
def test_a_quote_that_never_closes_is_an_error_of_the_line_where_it_opens(
    tmp_path: Path, rows: str
) -> None:
    file = tmp_path / "sent.csv"
    file.write_text("id,value\n" + rows)
    with pytest.raises(pd.errors.ParserError):
        pd.read_csv(file)
    with pytest.raises(LineError, match="never closed") as caught:
        list(read_lines(file, longest=1000))
    opened = rows.index('"') if rows.count('"') != 3 or rows[2:5] == '"""' else rows.rindex('"')
    assert caught.value.line == 2 + rows[:opened].count("\n")


@pytest.mark.parametrize("rows", ['1,ab"c\n', '1,"a""b"\n', '1,"a\nb"\n2,c\n', '1,""\n'])
def test_quotes_that_pandas_reads_are_read_alike(tmp_path: Path, rows: str) -> None:
    file = tmp_path / "sent.csv"
    file.write_text("id,value\n" + rows)
    expected = pd.read_csv(file, dtype=str, keep_default_na=False)
    lines = [line.cells for line in read_lines(file, longest=1000)]
    assert lines == [["id", "value"], *expected.to_numpy().tolist()]
