"""A team's page in a browser: who gets in, what is shown, what can be ticked, and by whom."""

from __future__ import annotations

import http.client
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import requests

from podium.hosting import running
from podium.hosting.spec import HostFolder, parse_deadline, set_deadline
from podium.hosting.users import renew_token
from tests.hosting.test_app import Served


@pytest.fixture
def served(host_of):
    with running(host_of(daily_limit=5)) as hosted:
        yield Served(hosted)


def page_of(served, user="ann"):
    """Return a browser that is logged in, and the address of its page."""
    browser, address = requests.Session(), f"{served.url}/competitions/shapes/team"
    token = served.hosted.endpoint(user).env["KAGGLE_API_TOKEN"]
    reply = browser.post(address, data={"do": "login", "token": token}, timeout=60)
    assert reply.status_code == 200
    assert "?" not in reply.url
    assert token not in reply.text + str(browser.cookies.items())
    return browser, address


def choose(browser, address, refs, **changes):
    text = browser.get(address, timeout=60).text
    key = re.search(r"name=key value='(\w+)'", text)[1]
    form = {"do": "choose", "key": key, "final": refs, **changes}
    return browser.post(address, data=form, timeout=60)


@pytest.mark.slow
def test_a_team_ticks_its_finals_until_the_deadline(served, answers):
    for wrong in (1, 5, 9):
        served.submit(answers.text(wrong).encode(), text=f"<i>{wrong}</i>")
    served.submit(b"id,label\n", text="broken")
    browser, address = page_of(served)
    text = browser.get(address, timeout=60).text
    assert "&lt;i&gt;5&lt;/i&gt;" in text
    assert "<i>" not in text
    assert text.count("type=checkbox") == 3
    assert text.count("> counts<") == 2
    assert "Private" not in text
    text = choose(browser, address, [3]).text
    assert "value=3 aria-label='submission 3' checked" in text
    for refs in ([1, 2, 3], [4], [99], ["x"]):
        assert choose(browser, address, refs).status_code == 400
    set_deadline(HostFolder(served.folder.root), parse_deadline("now") - timedelta(seconds=1))
    right = answers.decisions(9) == answers.truth
    (row,) = served.call("GetLeaderboard").json()["submissions"]
    assert row["score"] == f"{right[~answers.public].mean():.5f}"
    assert choose(browser, address, [1]).status_code == 400
    assert "Private" in browser.get(address, timeout=60).text


def test_team_room_refuses_requests_without_a_token_or_with_a_forged_cookie(served):
    address = f"{served.url}/competitions/shapes/team"
    wrong = requests.post(address, data={"do": "login", "token": "podium_x"}, timeout=60)
    assert wrong.status_code == 401
    browser, _ = page_of(served)
    (cookie,) = browser.cookies
    name, until, signed = cookie.value.split(".")
    assert "HttpOnly" in cookie._rest
    assert cookie._rest["SameSite"] == "strict"
    assert cookie.path == "/competitions/shapes/team"
    bob = "Ym9i"
    for value in ("", "x", "..", f"{bob}.{until}.{signed}", f"{name}.{int(until) + 1}.{signed}"):
        text = requests.get(address, cookies={cookie.name: value}, timeout=60).text
        assert "Your token" in text, value
    assert "Your token" not in browser.get(address, timeout=60).text
    renew_token(served.folder, "ann")
    assert "Your token" in browser.get(address, timeout=60).text


def test_a_form_of_another_page_changes_nothing(served, answers):
    served.submit(answers.text().encode())
    browser, address = page_of(served)
    assert choose(browser, address, [1], key="0" * 64).status_code == 403
    foreign = browser.post(
        address, data={"do": "choose"}, headers={"Origin": "http://evil"}, timeout=60
    )
    assert foreign.status_code == 403
    assert " checked" not in browser.get(address, timeout=60).text
    assert choose(browser, address, ["1"]).status_code == 200
    for crafted in (["x"], ["1", "x"], ["-1"], ["9" * 40]):
        assert choose(browser, address, crafted).status_code == 400
    assert " checked" in browser.get(address, timeout=60).text
    other, _ = page_of(served, "bob")
    assert choose(other, address, [1]).status_code == 400


@pytest.mark.parametrize(
    "target", ["http://example.org/", "https://localhost/", "http://evil:80/api", "ftp://x/"]
)
def test_requests_for_other_hosts_are_refused(served, target):
    connection = http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=60)
    connection.request("GET", target, headers={"Host": "example.org"})
    assert connection.getresponse().status == 421
    connection.close()
