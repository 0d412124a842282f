"""Tables on stdout: what stands in the data stands on the screen."""

from __future__ import annotations

import pytest

from podium.cli.tables import fit_columns, print_table


def test_a_title_longer_than_its_table_stays_on_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = "/data/" + "deep/" * 40 + "folds.csv"
    print_table(("fold", "rows"), [(0, 8)], title=f"{path} (stratified)")
    assert f"{path} (stratified)" in capsys.readouterr().out.splitlines()


def test_names_that_look_like_markup_are_printed_as_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("class",), [("[bold]cat[/bold]",)], title="[red]runs[/red]")
    printed = capsys.readouterr().out
    assert "[bold]cat[/bold]" in printed
    assert "[red]runs[/red]" in printed


def test_names_are_broken_before_a_column_is_left_out_and_no_cell_is_folded() -> None:
    columns = {"family": ["hill_climb"], "numbers fitted": ["2"], "seconds": ["1.5"]}
    wide = (10 + 3) + (14 + 3) + (7 + 3)
    assert fit_columns(columns, ("seconds",), wide) == columns
    broken = {"family": ["hill_climb"], "numbers\nfitted": ["2"], "seconds": ["1.5"]}
    assert fit_columns(columns, ("seconds",), wide - 1) == broken
    assert fit_columns(columns, ("seconds",), wide - 7) == broken
    assert list(fit_columns(columns, ("seconds",), wide - 8)) == ["family", "numbers\nfitted"]
    assert list(fit_columns(columns, ("seconds",), 1)) == ["family", "numbers\nfitted"]
    assert list(fit_columns(columns, ("numbers fitted",), 30)) == ["family", "seconds"]


@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_a_table_fits_and_breaks_no_name(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["convnext-joint-4deffe10", "unet-0e87a8fc"]
    rows = [(name, "0.3798 0.3539 0.3532", "a message of many words") for name in names]
    print_table(("run", "folds", "message"), rows, width=width)
    out = capsys.readouterr().out
    words = out.split()
    assert set(names) <= set(words)
    assert words.count("0.3539") == words.count("words") == 2
    assert max(len(line.rstrip()) for line in out.splitlines()) <= max(width, len(names[0]))


def test_a_table_of_more_columns_than_fit_is_turned_if_its_rows_fit_beside_each_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    classes = [f"class_{i}" for i in range(9)]
    rows = [(fold, *(10 * fold + i for i in range(9))) for fold in range(3)]
    print_table(("fold", *classes), rows, width=40)
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.split()]
    assert lines[0] == ["fold", "0", "1", "2"]
    for i, name in enumerate(classes):
        assert [name, *(str(10 * fold + i) for fold in range(3))] in lines


def test_a_row_that_begins_with_a_number_is_a_card_named_by_its_column(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("fold", "rows"), [(3, "x" * 30)], width=20)
    assert capsys.readouterr().out.splitlines()[0] == "fold 3"
