"""The pages of a host: what they say is true, and nothing of a team is more than text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st

from podium.competition.sections.tasks import MetricSpec
from podium.hosting import running
from podium.hosting.pages import LeaderboardRow, format_duration, leaderboard_page, leaderboard_rows
from podium.hosting.spec import HostSpec
from podium.submissions.format.spec import SubmissionFormat

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
SPEC = HostSpec(
    slug="shapes",
    title="Shapes <b>& co",
    metric=MetricSpec(name="accuracy"),
    format=SubmissionFormat(columns={"id": "id", "label": "value"}, value="name", kind="binary"),
    deadline=NOON + timedelta(days=2, hours=3),
)


class Words(HTMLParser):
    """Gathers tags and words, so that what a team is called can be told from what it does."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)


def shown(lines, *, is_over=False, public_share=0.3, spec=SPEC):
    return leaderboard_page(
        spec, lines, now=NOON, is_over=is_over, public_share=public_share, higher_is_better=True
    )


def line(team="ann", rank=1, moved=None):
    return LeaderboardRow(rank, team, 0.5, 3, NOON - timedelta(hours=1), moved)


def at(hours_ago):
    return NOON - timedelta(hours=hours_ago)


SCORED = [("a", 0.4, at(60)), ("b", 0.6, at(50)), ("c", 0.5, at(40)), ("a", 0.9, at(2))]


def test_places_are_compared_with_those_at_midnight():
    leaderboard = [("a", 0.9, at(2)), ("b", 0.6, at(50)), ("c", 0.5, at(40)), ("d", 0.1, at(1))]
    scored = [*SCORED, ("d", 0.1, at(1))]
    lines = leaderboard_rows(leaderboard, scored, now=NOON, is_over=False, higher_is_better=True)
    assert [(one.rank, one.team, one.moved, one.entries) for one in lines] == [
        (1, "a", 2, 2),
        (2, "b", -1, 1),
        (3, "c", -1, 1),
        (4, "d", None, 1),
    ]
    assert lines[0].last == at(2)


def test_at_the_end_places_are_compared_with_the_public_board():
    private = [("c", 0.55, at(40)), ("a", 0.5, at(60)), ("b", 0.2, at(50))]
    lines = leaderboard_rows(private, SCORED, now=NOON, is_over=True, higher_is_better=True)
    assert [(one.team, one.moved) for one in lines] == [("c", 2), ("a", -1), ("b", -1)]


def test_a_lower_score_is_better_where_it_is_an_error():
    leaderboard = [("a", 0.4, at(60)), ("c", 0.5, at(40)), ("b", 0.6, at(50))]
    lines = leaderboard_rows(leaderboard, SCORED, now=NOON, is_over=False, higher_is_better=False)
    assert [one.moved for one in lines] == [0, 0, 0]


def test_the_page_names_its_board_and_the_duration():
    text = shown([line()])
    assert "Public leaderboard, on 30% of the test images. The other 70% decide" in text
    assert "2026-12-05 15:00 UTC (in 2 days 3 hours)" in text
    text = shown([line()], is_over=True)
    assert "Final leaderboard, on the private part" in text
    assert "2026-12-05 15:00 UTC (over)" in text
    assert "Since the public board" in text
    assert "on all test images" in shown([line()], public_share=1.0)
    assert "No submission has a score yet" in shown([])


@given(st.text(max_size=60) | st.text("<>/&'\"=;! -abip", max_size=60))
@example("<script>alert(1)</script>")
@example("\"'><img src=x onerror=alert(1)>")
@example("&lt;b&gt;<!-- </table>")
def test_a_team_s_name_is_text_whatever_it_holds(team):
    words = Words(shown([line(team)]))
    assert {tag for tag, _ in words.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "h1", "nav", "a", "dl", "div"),
        *("dt", "dd", "table", "caption", "thead", "tr", "th", "tbody", "td", "bdi", "small"),
        *("span", "footer"),
    }
    assert len(words.tags) == len(Words(shown([line("ann")])).tags)
    assert not any(name.startswith("on") for _, attrs in words.tags for name in attrs)


def test_the_table_is_one_for_screen_readers():
    words = Words(shown([line(moved=3), line("bob", 2, -1)]))
    heads = [attrs.get("scope") for tag, attrs in words.tags if tag == "th"]
    assert heads == ["col"] * 6 + ["row"] * 2
    assert any(tag == "caption" for tag, _ in words.tags)
    assert ("html", {"lang": "en"}) in words.tags
    assert not any(tag == "script" for tag, _ in words.tags)
    assert [attrs["title"] for _, attrs in words.tags if "title" in attrs].count("up 3") == 2


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_words_stand_out_from_their_ground_in_light_and_dark():
    """WCAG 2.1, 1.4.3: 4.5 to 1 for text."""
    style = shown([])
    schemes = re.findall(r":root \{(.*?)\}", style, flags=re.DOTALL)
    assert len(schemes) == 2
    for scheme in schemes:
        colour = dict(re.findall(r"--(\w+): (#\w+)", scheme))
        colour = {
            name: one if len(one) == 7 else "#" + "".join(c * 2 for c in one[1:])
            for name, one in colour.items()
        }
        for ground in ("paper", "shade"):
            for ink in ("ink", "soft", "mark", "up", "down"):
                bright, dark = sorted((_luminance(colour[ink]), _luminance(colour[ground])))[::-1]
                assert (bright + 0.05) / (dark + 0.05) >= 4.5, (ink, ground, scheme)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=1), "1 day"),
        (timedelta(days=3, minutes=5), "3 days"),
        (timedelta(hours=5, minutes=1, seconds=30), "5 hours 1 minute"),
        (timedelta(seconds=59), "less than a minute"),
    ],
)
def test_a_duration_is_shown_in_its_two_largest_units(span, words):
    assert format_duration(span) == words


def test_the_help_has_every_command_with_this_address_and_no_token(host_of):
    folder = host_of()
    with running(folder) as hosted:
        answer = requests.get(f"{hosted.url}/competitions/shapes/help", timeout=60)
        text = answer.text
        assert f"export HTTP_PROXY={hosted.url}" in text
        assert "kaggle competitions submit shapes -f submission.csv" in text
        assert "sample.csv" in text
        assert "THE-TOKEN-YOU-WERE-GIVEN" in text
        assert "podium_" not in text
        assert "script" not in Words(text).tags
        evil = requests.get(
            f"{hosted.url}/competitions/shapes/help",
            headers={"Host": "<script>alert(1)</script>"},
            timeout=60,
        )
        assert "<script" not in evil.text


def test_a_browser_that_has_the_page_is_sent_nothing(host_of):
    with running(host_of()) as hosted:
        first = requests.get(hosted.url, timeout=60)
        tag = first.headers["etag"]
        again = requests.get(hosted.url, headers={"If-None-Match": tag}, timeout=60)
        other = requests.get(hosted.url, headers={"If-None-Match": '"x"'}, timeout=60)
    # The minute may have changed between the two.
    assert again.status_code == 304 or again.headers["etag"] != tag
    assert (other.status_code, first.headers["content-security-policy"][:18]) == (
        200,
        "default-src 'none'",
    )
