"""The table of the board fits its terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from command_line import podium

from podium.cli import board
from podium.cli.board import print_board
from podium.competition.scores.estimates import ExpectedScore
from podium.errors import UsageError
from podium.submissions.board.analysis import BoardAnalysis, CvLb, Point
from podium.submissions.board.view import BlendScore, BoardRow, BoardView, RunScore
from podium.submissions.upload.client import Limits

ROW = BoardRow(
    "0a1b2c3d", "2026-11-20T06:00:00+00:00", ("blend-of-many-0a1b2c3d",), "complete", "kaggle", 1,
    0.7123, (0.65, 0.77), 0.74, 0.7351, 0.7212, "two backbones and a longer message", "",
    rank=123, n_teams=4567,
)  # fmt: skip
VIEW = BoardView(
    "accuracy", True, "kaggle", (ROW,), (), limits=Limits(1, 1, 4), own=(7, "us", 0.7351),
    n_teams=4567, seen="2026-11-20T20:30:00+00:00", asked="2026-11-20T20:30:00+00:00",
)  # fmt: skip


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal_and_the_scores_stay(width, capsys):
    print_board(VIEW, width=width)
    table, _, below = capsys.readouterr().out.partition("* the best")
    assert max(len(line.rstrip()) for line in table.splitlines()) <= width
    row = next(line for line in table.splitlines() if "0a1b2c3d" in line)
    assert "0.7123 *" in row
    assert "0.7351 *" in row
    assert ("two backbones" in row) == (width == 200)
    assert "us is 7 of 4567" in below
    assert "submissions left today: 4 (the day ends at 00:00 UTC, in 3 h 30 min)" in below


def test_columns_without_room_are_named_and_no_other(capsys):
    members = ("net-22222222", "far-33333333")
    blend = BlendScore("auto-11111111", members, 0.81, (0.7, 0.9), 0.85, weighed=members)
    view = replace(VIEW, blends=(blend,))
    for width in (60, 80, 100, 200):
        print_board(view, width=width)
        table, _, line = capsys.readouterr().out.partition("columns that do not fit: ")
        lists, _, _ = line.partition("; a wider terminal")
        of_table = {
            one.partition(" (table ")[2].removesuffix(")"): one.partition(" (table ")[0].split(", ")
            for one in lists.split("; ")
            if one
        }
        assert set(of_table) <= {"blends", "submissions"}
        named = [name for listed in of_table.values() for name in listed]
        assert bool(named) == (width < 200)
        header = " ".join(word for row in table.splitlines() for word in row.split())
        for name in ("members", "interval", "from", "message", "rank", "when (UTC)"):
            assert (name in named) or f"{name} " in header
        assert all(len(listed) == len(set(listed)) for listed in of_table.values())
        # What stands in the table of blends is not said to lack room there.
        _, _, blends = table.partition("blends\n")
        of_blends = " ".join(blends.partition("submissions\n")[0].split())
        assert ("interval" in of_table.get("blends", [])) == ("interval" not in of_blends)


@pytest.mark.parametrize(("gain", "shown"), [(0.02, "0.7300 (0.690 to 0.770)"), (None, "0.7300 +")])
def test_a_score_by_single_models_is_marked_where_their_mean_is_sent(gain, shown, capsys):
    found = ExpectedScore(0.73, (0.69, 0.77), gain, n_models=3, n_rows=200)
    print_board(replace(VIEW, rows=(replace(ROW, expected=found),)), width=200)
    out = capsys.readouterr().out
    assert shown in out
    assert ("0.690 to 0.770" not in out) == ("+ by single ones" in out) == (gain is None)


@pytest.mark.parametrize(
    ("n_public", "ends"),
    [
        (60, "the public score, 60 of 200 test rows"),
        (None, "all 200 test rows"),
    ],
)
def test_the_board_tells_of_which_rows_a_range_to_expect_is(n_public, ends, capsys):
    """It is the one that `podium blend` shows, of the public rows where their number is known."""
    found = ExpectedScore(0.73, (0.69, 0.77), 0.0, 3, 200, n_public, n_public and (0.6, 0.8))
    print_board(replace(VIEW, rows=(replace(ROW, expected=found),)), width=200)
    out = capsys.readouterr().out
    range_of = ("0.600", "0.800") if n_public else ("0.690", "0.770")
    assert f"0.7300 ({' to '.join(range_of)})" in out
    assert f"(95 %: {'0 to '.join(range_of)}0)" in str(found)
    assert ("to expect (public)" in out) == (n_public is not None)
    [below] = [one for one in out.splitlines() if one.startswith("to expect: ")]
    assert below.endswith(f"by the mean of the fold models; its range (95 %) is of {ends}")


def test_where_nothing_tells_what_to_expect_the_reason_stands_below(capsys):
    found = ExpectedScore(None, None, None, n_models=3, n_rows=200, why_not="no scored row is new")
    print_board(replace(VIEW, rows=(replace(ROW, expected=found),)), width=200)
    out = capsys.readouterr().out
    assert "nothing to expect of the test set: no scored row is new" in out
    assert "to expect   " not in out
    assert "+ by single ones" not in out


def test_blends_and_files_that_were_not_sent_are_on_the_board(capsys):
    members = ("net-22222222", "far-33333333")
    blend = BlendScore("auto-11111111", members, 0.81, (0.7, 0.9), 0.85, weighed=members)
    print_board(replace(VIEW, blends=(blend,), unsent=("auto-11111111.csv",)), width=200)
    out = capsys.readouterr().out
    row = next(line for line in out.splitlines() if "auto-11111111 " in line)
    assert row.split() == [
        "auto-11111111", "net-22222222,", "far-33333333", "0.8100", "0.700", "to", "0.900", "0.8500"
    ]  # fmt: skip
    assert "not sent: submissions/auto-11111111.csv" in out.splitlines()


def test_where_files_are_handed_in_by_hand_one_line_states_it(tmp_path, capfd):
    (tmp_path / "competition.yaml").write_text(
        "name: shapes\ntasks: {classify: multiclass}\nclasses: [cat, dog]\n"
        'data: {train: {images: "train/{class}/*.png"}, test: {images: "test/*.png"}}\n'
        "metric: {name: accuracy}\n"
    )
    (tmp_path / "submissions").mkdir()
    (tmp_path / "submissions/auto.csv").write_text("id,label\n")
    shown = podium(tmp_path, "board")
    assert shown.splitlines() == [
        "no leaderboard: competition.yaml names no host, and files are handed in by hand",
        f"file: {tmp_path / 'submissions/auto.csv'}",
    ]
    assert "fix:" not in capfd.readouterr().err


def test_blends_of_other_rows_have_their_number(capsys):
    one = ("net-22222222",)
    few, all_rows = (
        BlendScore(f"auto-{n}", one, honest, None, honest, scored_rows=n, weighed=one)
        for n, honest in ((219, 0.968), (273, 0.9583))
    )
    print_board(replace(VIEW, blends=(few, all_rows)), width=100)
    out = capsys.readouterr().out
    rows = {one.split()[0]: one.split() for one in out.splitlines() if "auto-" in one}
    assert rows["auto-219"][2:4] == ["0.9680", "219"]
    assert rows["auto-273"][2:4] == ["0.9583", "273"]
    assert "of rows: how many a blend was scored on; scores of other rows do not compare" in out
    print_board(replace(VIEW, blends=(all_rows, replace(all_rows, id="auto-2"))), width=100)
    assert "of rows" not in capsys.readouterr().out


def test_a_run_that_another_metric_scored_has_the_command_that_scores_it_again(capsys):
    scored = RunScore("new-22222222", {"0": 0.7}, 0.7, selected_on_fold=False)
    before = RunScore("old-11111111", {}, None, selected_on_fold=False)
    print_board(replace(VIEW, runs=(before, scored)), width=200)
    assert (
        "scored by another metric: podium train runs/old-11111111/recipe.yaml scores it again, "
        "without training"
    ) in capsys.readouterr().out.splitlines()
    print_board(replace(VIEW, runs=(scored,)), width=200)
    assert "another metric" not in capsys.readouterr().out


N = 5000


def test_a_run_that_lacks_folds_is_marked(capsys):
    runs = tuple(
        RunScore(name, {"0": 0.7, "1": 0.9}, 0.8, selected_on_fold=False, n_folds=n_folds)
        for name, n_folds in (("half", 5), ("whole", 2), ("old", None))
    )
    print_board(replace(VIEW, runs=runs), width=200)
    lines = capsys.readouterr().out.splitlines()
    marks = [line for line in lines if "of 5 folds" in line or "of 2 folds" in line]
    assert [line.split()[0] for line in marks] == ["half"]
    assert "2 of 5 folds" in marks[0]


def test_imports_stand_below_the_runs_with_their_scores(capsys):
    forest = RunScore("forest-33333333", {"0": 0.61, "1": 0.65}, 0.63, selected_on_fold=False)
    of_test_alone = RunScore("test-44444444", {}, None, selected_on_fold=False)
    print_board(replace(VIEW, imports=(forest, of_test_alone)), width=100)
    out = capsys.readouterr().out
    rows = {
        one.split()[0]: one.split()[1:] for one in out.splitlines() if "-33" in one or "-44" in one
    }
    assert rows["forest-33333333"] == ["0.6100", "0.6500", "0.6300"]
    assert "0." not in "".join(rows["test-44444444"])
    assert out.index("imports") < out.index("forest-33333333")
    print_board(VIEW, width=100)
    assert "imports" not in capsys.readouterr().out


def test_of_many_imports_the_best_and_the_latest_are_shown(capsys):
    imports = tuple(
        RunScore(f"import-{n:08d}", {}, 0.9 if n == 3 else 0.5 + n / 1000, selected_on_fold=False)
        for n in range(30)
    )
    print_board(replace(VIEW, imports=imports), width=100, most=board.ON_A_SCREEN)
    out = capsys.readouterr().out
    listed = [line.split()[0] for line in out.splitlines() if line.strip().startswith("import-")]
    assert len(listed) == board.ON_A_SCREEN
    assert "import-00000003" in listed
    assert listed[-1] == "import-00000029"
    assert "10 of 30 imports, the best and the latest; podium board --all" in out


def test_board_without_submissions_states_so(capsys):
    print_board(replace(VIEW, rows=(), unsent=("a.csv",)), width=80)
    lines = capsys.readouterr().out.splitlines()
    assert "no submission yet: podium submit" in lines
    assert not any(line.strip() == "submissions" or "─" in line for line in lines)


def row(number, **changes):
    """Return a submission; the oldest is number 0, and the scores rise and fall."""
    score = 0.5 + (number * 7919 % N) / N / 4
    about = {"honest": score, "public_score": 1 - score, "message": "", "rank": None}
    return replace(ROW, id=f"{number:08x}", **{**about, **changes})


@pytest.fixture
def many():
    return replace(VIEW, rows=tuple(row(number) for number in reversed(range(N))))


def test_the_best_and_the_latest_of_thousands_fit_on_a_screen(many, capsys):
    print_board(many, most=board.ON_A_SCREEN)
    short = capsys.readouterr().out
    assert len(short.splitlines()) <= 24
    assert "10 of 5,000 submissions, the best and the latest; podium board --all" in short
    lines = [line.strip() for line in short.splitlines()]
    listed = [line.split()[0] for line in lines if line.startswith("0000")]
    assert len(listed) == board.ON_A_SCREEN
    assert listed == sorted(listed, reverse=True)
    assert listed[:5] == [one.id for one in many.rows[:5]]
    for best, score in ((many.best_honest, 0.5 + (N - 1) / N / 4), (many.best_public, 0.5)):
        assert f"{score:.4f} *" in next(line for line in lines if line.startswith(best))


def test_board_shows_all_rows_with_all_or_where_they_fit(many, capsys):
    print_board(replace(many, rows=many.rows[:200]))
    assert capsys.readouterr().out.count("complete") == 200
    few = replace(many, rows=many.rows[:10])
    print_board(few, most=board.ON_A_SCREEN)
    assert "--all" not in (text := capsys.readouterr().out)
    assert text.count("complete") == 10


def test_a_rehearsal_or_a_failed_one_takes_no_place_of_the_best(many, capsys):
    odd = [row(N, honest=9.0, target="host"), row(N + 1, honest=9.0, state="failed")]
    later = [row(N + 2 + number, honest=None, public_score=None) for number in range(20)]
    print_board(replace(many, rows=(*later[::-1], *odd[::-1], *many.rows)), most=10)
    shown = capsys.readouterr().out
    assert many.best_honest in shown
    assert not any(one.id in shown for one in odd)


def test_finals_that_cannot_be_proposed_are_refused_before_anything_is_printed(
    many, monkeypatch, capsys
):
    points = tuple(Point(one.id, 0.5, 0.9, 0.5, 9.0, "odd") for one in many.rows)
    line = CvLb(N, points, 1.0, 0.0, 1.0, 0.0, 0.5, 0.1)
    refused = BoardAnalysis(
        cv_lb=line,
        why_not={"finals": "no submission has predictions"},
        left_out={one.id: "its source is not known" for one in many.rows},
    )
    monkeypatch.setattr(board, "load_board", lambda *_, **__: many)
    monkeypatch.setattr(board.board, "analyse_board", lambda *_, **__: refused)
    options = {"n": None, "public_share": None, "offline": True, "seed": 0, "as_json": False}
    with pytest.raises(UsageError, match="no submission has predictions"):
        board.propose_finals(None, None, **options)
    assert capsys.readouterr().out == ""
    board._print_finals(refused, many, None)
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) <= 20
    assert "and 4,995 more" in printed
    assert f"left out: {many.best_public} (public 0.5000)" in printed
    assert "left out: 4,995 more" in printed


def test_a_blend_that_is_the_file_of_a_run_is_marked_as_such(capsys):
    run = RunScore("net-22222222", {"0": 0.83}, 0.83, selected_on_fold=False)
    blend = BlendScore("auto-11111111", ("net-22222222",), 0.81, (0.7, 0.9), 0.85)
    one_file = "auto-11111111 and net-22222222 are one file: take the scores of the blend"
    for same in ("net-22222222", "far-33333333", ""):
        print_board(replace(VIEW, runs=(run,), blends=(replace(blend, same_file_as=same),)))
        assert (one_file in capsys.readouterr().out) == (same == run.id)
