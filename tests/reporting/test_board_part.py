"""The board's part of the page, from none to many submissions, against what is in the files."""

import dataclasses
import re
import types

import pytest
from inkless_pages import draw_nothing
from reporting.board_workspace import START, adopt, submit, watch, with_public_share
from reporting.test_report import Page, built, full

from podium.competition.scores.estimates import ExpectedScore
from podium.errors import DataError
from podium.reporting import board_summary, build_report
from podium.reporting.board_summary import (
    leaderboard_teams,
    submission_files,
    submission_outlooks,
    summarise_board,
)
from podium.reporting.pages import report_page
from podium.reporting.pages.templating import templates
from podium.reporting.report import page_digest
from podium.submissions.board.analysis import analyse
from podium.submissions.board.best_to_send import finished_work
from podium.submissions.board.leaderboard import Snapshot
from podium.submissions.board.view import board

PUBLIC = (0.55, 0.58, 0.6, 0.61, 0.66, 0.7, 0.72, 0.8)
EVERY = ("Leaderboard", "CV against LB", "Expected shake-up", "Finals")


def made_with(make, *public, share=0.4, **options):
    """Return a workspace with a submission for each public score."""
    made = with_public_share(make(), share)
    for place, score in enumerate(public, start=1):
        submit(made, place, score, **options)
    return made


def looked_at(made):
    problems = []
    view = board(made.workspace, made.competition)
    work = finished_work(made.workspace, made.competition, view)
    return summarise_board(made.workspace, made.competition, view, work, problems), view, problems


def drawn(page: Page) -> str:
    return " ".join(svg["aria-label"] for svg in page.all("svg"))


def test_without_a_submission_the_page_shows_only_the_command_that_makes_one(make):
    page = built(made_with(make))
    assert "Nothing was submitted yet. podium submit takes the best of what is" in page.text
    assert "uploads its file; runs that no blend has are blended first" in page.text
    assert not any(f" {title} " in page.text for title in EVERY)


def test_without_a_host_the_page_names_the_command_that_writes_the_file(make):
    page = built(make(), figures=False)
    assert "podium submit --dry-run takes the best of what is finished" in page.text
    assert "in submissions/ , for you to hand in; runs that" in page.text
    assert "uploads" not in page.text


def test_with_one_submission_the_page_names_what_is_missing(make):
    page = built(made_with(make, 0.6))
    assert all(title in page.text for title in EVERY)
    assert "Not fetched yet: podium board fetches it" in page.text
    assert "1 submission has an honest and a public score; a line through them takes 3" in page.text
    assert "One submission, which counts without a choice; a choice needs two" in page.text
    assert "Expected private accuracy by submission" in drawn(page)
    assert "Public against honest" not in drawn(page)


def test_of_three_the_line_is_the_one_that_the_scores_have(make):
    made = made_with(make, 0.5, 0.6, 0.7)
    page = built(made)
    line = looked_at(made)[0].analysis.cv_lb
    assert f"Public against honest accuracy of 3 submissions; slope {line.slope:.2f}" in drawn(page)
    printed = f"the slope is {line.slope:.2f} (robust, Theil–Sen: {line.robust_slope:.2f})"
    assert printed.replace("-", "−") in page.text
    assert f"rank correlation is {line.rank_correlation:.2f} (p {line.p:.3f})" in page.text


@pytest.mark.slow
def test_eight_submissions_have_their_scores_marks_intervals_and_two_finals(make):
    made = made_with(make, *PUBLIC)
    page = built(made)
    part, view, problems = looked_at(made)
    assert problems == []
    found = analyse(made.workspace, made.competition, view, 0.4)
    assert part.analysis == found, "the page says what podium finals says"
    for row in view.rows:
        assert f"{row.honest:.4f}" in page.text
        assert f"{row.honest_interval[0]:.4f} – {row.honest_interval[1]:.4f}" in page.text
        assert f"{row.public_score:.4f}" in page.text
    low, high = found.shake_up.submissions[0].private_interval
    assert f"{low:.4f} – {high:.4f}" in page.text
    for id, reason in zip(found.finals.chosen, found.finals.reasons, strict=True):
        assert part.named(reason)[1:] in page.text
        assert f"#submission-{id}" in {one["href"] for one in page.all("a")}
    assert f"{found.finals.choice.regret:.5f}" in page.text
    assert "Kaggle has no call that chooses them" in page.text
    assert "competitions/pets/submissions" in page.text


def test_files_name_their_blend_and_what_became_of_them(make, monkeypatch):
    draw_nothing(monkeypatch)
    made = made_with(make, 0.6, None)
    first, second = (next(made.workspace.blends.glob(f"b{place}-*")).name for place in (1, 2))
    folder = made.workspace.submissions
    sent, unsent = "1\n", "never sent\n"  # as `submit` wrote the first
    before = f"{first}-before-01234567"
    contents = {first: sent, before: "0\n", second: unsent, "auto": unsent, "x": "7"}
    for name, text in contents.items():
        (folder / f"{name}.csv").write_text(text)
    view = board(made.workspace, made.competition)
    work = finished_work(made.workspace, made.competition, view)
    found = {
        one.name: one for one in submission_files(made.workspace, made.competition, view, work)
    }
    told = {name: (one.blend, one.is_current, one.public_score) for name, one in found.items()}
    assert told == {
        f"{first}.csv": (first, True, 0.6),
        f"{before}.csv": (first, False, None),
        f"{second}.csv": (second, True, None),
        "auto.csv": (second, True, None),
        "x.csv": (None, False, None),
    }
    best = work.ranked[0].score.id
    assert next(iter(found)).startswith(("auto" if best == second else first, best))
    text = build_report(made.workspace, made.competition).read_text(encoding="utf-8")
    table = text[text.index("Files in <code>") :].partition("</table>")[0]
    rows = re.findall(r'<tr><th scope="row"><bdi>(.*?)</bdi>(.*?)</tr>', table, re.DOTALL)
    assert [name for name, _ in rows] == list(found)
    cells = dict(rows)
    assert "not sent" not in cells[f"{first}.csv"]
    assert "0.6000" in cells[f"{first}.csv"]
    assert "earlier or other content" in cells[f"{before}.csv"]
    assert f"#blend-{second}" in cells["auto.csv"]
    assert "no blend" in cells["x.csv"]
    assert all("not sent" in cells[f"{one}.csv"] for one in (second, "auto", "x"))


def test_a_best_that_cannot_be_worked_out_is_named_and_stops_nothing(make, monkeypatch):
    def damaged(*_):
        raise DataError("predictions cannot be read")

    monkeypatch.setattr(report_page, "finished_work", damaged)
    page = built(made_with(make, 0.6), figures=False)
    assert "what to send: predictions cannot be read" in page.text
    assert "To send:" not in page.text
    assert "0.6000" in page.text


def test_the_marks_stand_at_the_best_scores(make, monkeypatch):
    draw_nothing(monkeypatch)
    made = made_with(make, 0.8, 0.7, 0.6)
    view = board(made.workspace, made.competition)
    text = build_report(made.workspace, made.competition).read_text(encoding="utf-8")
    rows = re.findall(r'<tr id="submission-([^"]+)">(.*?)</tr>', text, re.DOTALL)
    assert [id for id, row in rows if "best honest" in row] == [view.best_honest]
    assert [id for id, row in rows if "best public" in row] == [view.best_public]
    assert view.best_honest != view.best_public


@pytest.mark.slow
def test_a_submission_links_to_its_blend_and_an_adopted_one_is_marked(make):
    made = made_with(make, 0.6, 0.7)
    blend = next(made.workspace.blends.glob("b1-*")).name
    adopt(made, "adopted-1", 0.65, [blend])
    adopt(made, "adopted-2", 0.75)
    page = built(made)
    assert {f"#blend-{one.name}" for one in made.workspace.blends.iterdir()} <= {
        one["href"] for one in page.all("a")
    }
    assert page.text.count(" adopted ") == 2
    assert f"likely {blend} of m1" in page.text
    assert "by other means: by_hand.csv" in page.text
    part, view, _ = looked_at(made)
    assert part.names["adopted-2"] == "adopted-2"
    of_blend = next(row.id for row in view.rows if row.sources == (blend,))
    assert part.names[of_blend] == of_blend, "two submissions are of that blend"


@pytest.mark.slow
def test_an_odd_submission_is_named(make):
    made = made_with(make, 0.55, 0.58, 0.6, 0.01, share=None)
    page = built(made)
    odd = next(made.workspace.blends.glob("b4-*")).name
    assert f"; odd: {odd}" in drawn(page)
    assert "standard errors off: its public score is much worse" in page.text


@pytest.mark.parametrize(
    ("share", "options", "why"),
    [
        (
            None,
            {},
            "It is not known which share of the test set is public: write kaggle.public_share",
        ),
        (0.4, {"units": False}, "No submission has out-of-fold predictions here."),
    ],
)
def test_unavailable_analysis_is_explained_once(make, share, options, why):
    page = built(made_with(make, 0.5, 0.6, 0.7, share=share, **options))
    assert page.text.count(why) == 1
    assert "Nothing can be proposed, for the same reason." in page.text
    assert "Public against honest accuracy of 3" in drawn(page)
    assert "Expected private" not in drawn(page)


def test_leaderboard_of_one_snapshot_is_a_sentence_and_of_two_a_figure(make):
    made = made_with(make, 0.6)
    first = {"own": [3, "us", 0.6], "n_teams": 40}
    watch(made, first)
    page = built(made)
    assert "us is 3 of 40 with 0.6000. top team leads with 0.9000." in page.text
    assert "drawn from two snapshots on" in page.text
    assert "leaderboard" not in drawn(page)
    watch(made, first, {"own": [2, "us", 0.7], "n_teams": 41})
    page = built(made)
    assert "best team 0.9000 to 0.9000; our team 0.6000 to 0.7000" in drawn(page)
    assert "Rank of our team on the public leaderboard from 2026-11-01 to 2026-11-02: 3 to 2" in (
        drawn(page)
    )


def test_a_leaderboard_without_our_team_draws_no_rank(make):
    made = made_with(make)
    watch(made, {}, {"top": [["top team", 0.95]]})
    page = built(made)
    assert "Our team is unknown." in page.text
    assert "best team 0.9000 to 0.9500; our team unknown" in drawn(page)
    assert "Rank of our team" not in drawn(page)


def test_snapshots_of_another_host_or_competition_are_not_mixed_in(make):
    made = made_with(make)
    watch(made, {"slug": "old"}, {"target": "host"}, {"top": [["a", 0.5]]})
    (snapshot,) = looked_at(made)[0].snapshots
    assert snapshot.top == (("a", 0.5),)


def test_equal_teams_share_a_rank_and_ours_is_added_below_the_top():
    top = (
        ("a", 0.9),
        ("b", 0.8),
        ("c", 0.8),
        *((f"d{i}", 0.7 - i / 100) for i in range(12)),
        ("e", None),
    )
    seen = Snapshot(START, "kaggle", 99, top, (50, "us", 0.3), ())
    teams = leaderboard_teams(seen, greater_is_better=True)
    assert [team.rank for team in teams] == [1, 2, 2, 4, 5, 6, 7, 8, 9, 10, 50]
    assert [team.name for team in teams if team.is_own] == ["us"]
    ours = dataclasses.replace(seen, own=(2, "c", 0.8))
    assert [
        team.name for team in leaderboard_teams(ours, greater_is_better=True) if team.is_own
    ] == ["c"]


def test_places_go_by_public_and_by_expected_private_scores(make):
    made = made_with(make, 0.8, 0.6, 0.7)
    part, view, _ = looked_at(made)
    public = {row.id: row.public_score for row in view.rows}
    private = {one.row.id: one.expected.private for one in part.outlooks}
    for one in part.outlooks:
        better = [score for score in public.values() if score > public[one.row.id]]
        assert one.place == 1 + len(better)
        later = [score for score in private.values() if score > private[one.row.id] + 1e-3]
        assert one.expected_place == 1 + len(later)
    assert list(private.values()) == sorted(private.values(), reverse=True)


def test_where_lower_is_better_the_lowest_comes_first(make):
    part, view, _ = looked_at(made_with(make, 0.8, 0.6, 0.7))
    losses = dataclasses.replace(view, greater_is_better=False)
    outlooks = submission_outlooks(losses, part.analysis, part.names)
    assert [one.row.id for one in outlooks] == [one.row.id for one in reversed(part.outlooks)]
    lowest = min(outlooks, key=lambda one: one.expected.public)
    assert lowest.place == 1


@pytest.mark.parametrize("error", [ValueError("broken arrays"), ZeroDivisionError("by zero")])
def test_an_analysis_that_fails_leaves_the_rest_of_the_page(make, monkeypatch, error):
    made = made_with(make, 0.5, 0.6, 0.7)

    def broken(*_):
        raise error

    monkeypatch.setattr(board_summary, "analyse", broken)
    page = built(made)
    assert f"analysis of the submission scores: {error}" in page.text
    assert "It could not be worked out." in page.text
    assert "0.7000" in page.text


def test_what_an_own_host_took_is_marked_beside_what_was_sent_to_kaggle(make):
    made = made_with(make, 0.6)
    submit(made, 9, 0.9, target="host", slug="x")
    page = built(made)
    assert " own host " in page.text
    assert "rehearsal" not in page.text
    assert "Best public score 0.6000 of 1 scored submission " in page.text


def test_the_leaderboard_of_an_own_host_is_shown_where_only_the_shell_is_pointed_at_it(make):
    made = made_with(make, 0.6, target="host")
    watch(made, {"target": "host", "own": [1, "ann", 0.6], "n_teams": 1, "top": [["ann", 0.6]]})
    page = built(made)
    assert "Team ann is 1 of 1 with 0.6000" in page.text
    assert "public leaderboard of our own host" in page.text
    assert "Best public score 0.6000 of 1 scored submission " in page.text
    assert " own host " not in page.text.replace("of our own host", ""), "a mark of all marks none"


def test_units_that_appear_and_a_newer_look_at_the_leaderboard_make_a_new_page(make):
    made = made_with(make, 0.6, 0.7)
    watch(made, {})
    states = [page_digest(made.workspace, made.competition)]
    for file in (
        made.workspace.board / "standings-kaggle.json",
        next(made.workspace.blends.glob("*/units.npz")),
    ):
        file.write_text("changed")
        states.append(page_digest(made.workspace, made.competition))
    assert len(set(states)) == 3


@pytest.mark.slow
def test_in_a_browser_the_board_is_not_too_wide_for_a_phone(make, browser):
    made = with_public_share(full(make))
    for place, score in enumerate((0.5, 0.6, 0.01), start=1):
        submit(made, place, score)
    us = {"own": [3, "us " * 40, 0.6], "n_teams": 4000}
    watch(made, us, us | {"top": [["t" * 200, 0.95]]})
    page = build_report(made.workspace, made.competition)
    tab = browser.open(page.as_uri(), width=390)
    assert tab.fits
    tab.close()


def test_a_score_to_expect_stands_beside_the_honest_one_without_their_difference():
    """A gain that was rounded by itself would not be the difference of both: 0.0591, not 0.0590."""
    source = templates().loader.get_source(templates(), "board.html")[0]
    start = source.index("{% macro as_expected(row) %}")
    macro = source[start : source.index("{% endmacro %}", start)] + "{% endmacro %}"
    expected = ExpectedScore(0.49032, (0.44, 0.54), 0.05907, n_models=3, n_rows=240)
    row = types.SimpleNamespace(id="a", expected=expected, public_score=0.5, honest=0.43125)
    page = templates().from_string(macro + "{{ as_expected(row) }}").render(row=row)
    assert "To expect is 0.4903 of the mean of 3 models; the honest score, 0.4313, is of" in page
    assert "0.059" not in page
