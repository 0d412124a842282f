"""Words of participants in every place that shows them: markup, formulas, SQL, escapes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html.parser import HTMLParser

import pytest
import requests

from podium.hosting import running
from podium.hosting.export import export_class
from podium.hosting.spec import HostFolder
from podium.hosting.users import add_users, read_users, write_class
from tests.hosting.test_app import Served
from tests.hosting.test_team_room import page_of

WORDS = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "|calc",
    '  =HYPERLINK("http://evil","x")',
    "＝1+1",
    "\t=1+1",
    "\r\n=1+1",
    "\u00a0=1+1",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</td></table><h1>first place",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "{{7*7}}${7*7}%s%n",
    "'; DROP TABLE submission; --",
    '" OR 1=1 --',
    "\u202e0.99999 eve",
    "a\u2028b\u0085c",
    "\x1b]0;title\x07",
    "x\0y",
    "\ud83d",
    "zwj 👩‍🔬",
    "é" * 5000,
]
_RUN = re.compile("^\\s*[=+\\-@|\uff1d\uff0b\uff0d\uff20]|^[\\t\\r\\n]")


@pytest.fixture
def served(host_of):
    """A class whose teams have each a hostile name, and submit with hostile words."""
    folder = host_of(daily_limit=50)
    teams = [word for word in WORDS if 0 < len(word.strip()) <= 100 and "\ud83d" not in word]
    add_users(HostFolder(folder), [(f"u{n}", team) for n, team in enumerate(teams)])
    with running(folder) as hosted:
        yield Served(hosted)


class _Tags(HTMLParser):
    """Gathers tags and their attributes."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def tags_of(text):
    parser = _Tags()
    parser.feed(text)
    return parser


@pytest.mark.slow
def test_no_word_of_a_participant_is_markup_a_formula_or_sql_anywhere(served, answers, tmp_path):
    users = [name for name in read_users(served.folder.tokens) if name.startswith("u")]
    empty = tags_of(requests.get(served.url, timeout=60).text)
    browser, address = page_of(served, "bob")
    empty_team = tags_of(browser.get(address, timeout=60).text)
    for n, user in enumerate(users):
        word = WORDS[n % len(WORDS)]
        assert served.submit(answers.text(n % 9).encode(), user=user, text=word, name=word)
    for word in WORDS:
        reply = served.submit(answers.text(1).encode(), user="bob", text=word, name=word)
        assert reply.status_code == 200
    broken = answers.text().replace("000,", "\x1b[31m=1+1<script>,")
    served.submit(broken.encode(), user="bob", text="broken")

    board = tags_of(requests.get(served.url, timeout=60).text)
    assert board.tags - empty.tags <= {"bdi", "small", "tr", "td", "th", "span"}
    assert not {one for one in board.attributes if one.startswith("on")}
    team = tags_of(browser.get(address, timeout=60).text)
    shown = {"input", "tr", "td", "th", "button", "span", "bdi", "br", "small"}
    assert team.tags - empty_team.tags <= shown
    assert not {one for one in team.attributes if one.startswith("on") or one == "src"}

    packed = requests.get(
        f"{served.url}/storage/leaderboard.zip", headers=served.headers("bob"), timeout=60
    ).content
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        (name,) = archive.namelist()
        rows = list(csv.reader(io.StringIO(archive.read(name).decode())))
    assert len(rows) == len({row["team"] for row in rows_of(served)}) + 1
    texts = [row[0] for row in rows]
    for best in (False, True):
        to = tmp_path / f"class-{best}.csv"
        export_class(served.folder, to, best=best)
        with to.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                named = ("team", "user", "users", "file", "description", "error")
                texts += [row[column] for column in named if column in row]
    write_class(served.folder, tmp_path / "tokens.csv")
    with (tmp_path / "tokens.csv").open(newline="") as file:
        texts += [row["team"] for row in csv.DictReader(file)]
    assert len(texts) > 4 * len(WORDS)
    assert [text for text in texts if _RUN.match(text)] == []
    assert [text for text in texts if "\x1b" in text or "\0" in text] == []


def rows_of(served):
    from podium.hosting.store import Store

    store = Store(served.folder.database)
    try:
        return store.submissions()
    finally:
        store.close()


def test_hostile_texts_are_escaped(served, answers):
    for word in WORDS:
        served.submit(answers.text().encode(), user="ann", text=word, name=word)
    listed = served.call("ListSubmissions", {"pageSize": 100}).json()["submissions"]
    assert len(listed) == len(WORDS)
    for entry, word in zip(reversed(listed), WORDS, strict=True):
        # Nothing is lost but what no line can show; what is shown is never longer than 500.
        assert (
            entry["description"]
            == "".join(one for one in word.replace("\ud83d", "?") if one.isprintable())[:500]
        )
        assert "/" not in entry["fileName"]
        assert entry["fileName"].isprintable()
    assert served.call("GetSubmissionLimits").json()["numToday"] == len(WORDS)
