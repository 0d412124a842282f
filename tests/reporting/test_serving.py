"""The report over loopback: whom it answers, and what it writes."""

import http.client
import socket
import threading

import pytest
from browser import Chromium
from reporting.conftest import made_labels

from podium.errors import HostError
from podium.reporting import serving
from podium.reporting.labels.sheet import ImageToLabel, write_sheet
from podium.reporting.serving import serving_report
from podium.workspace.progress import SILENT

REQUEST = "label-a-3fa1c2d4"


@pytest.fixture
def made(tmp_path):
    made = made_labels(tmp_path)
    images = [ImageToLabel(f"train{i:02d}", (f"train/train{i:02d}.png",), "0", "cat", 0.5, 1.0)
              for i in range(2)]  # fmt: skip
    write_sheet(made.workspace.labels / REQUEST, made.competition, REQUEST, images, SILENT)
    return made


@pytest.fixture
def server(made):
    with serving_report(made.workspace, made.competition) as started:
        yield started


def ask(server, method, path, body=None, **headers):
    """Return status and text of a request, with exactly these headers beside the usual ones."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    headers = {"Host": f"127.0.0.1:{server.port}", **headers}
    if body is not None:
        headers.setdefault("Content-Length", str(len(body)))
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body)
    reply = connection.getresponse()
    text = reply.read().decode(errors="replace")
    connection.close()
    return reply, text


def test_it_listens_to_this_machine_and_answers_to_its_own_name(server):
    assert server.server_address[0] == "127.0.0.1"
    sheet = f"/labels/{REQUEST}/"
    for host in ("127.0.0.1", "localhost"):
        reply, _ = ask(server, "GET", sheet, Host=f"{host}:{server.port}")
        assert reply.status == 200
    for host in ("evil.example", f"evil.example:{server.port}", "127.0.0.1", "", "127.0.0.1:1"):
        reply, text = ask(server, "GET", sheet, Host=host)
        assert reply.status == 403, host
        assert "<html" not in text


def test_no_other_origin_may_read_and_nothing_is_kept_or_guessed(server):
    reply, text = ask(server, "GET", f"/labels/{REQUEST}/", Origin="http://evil.example")
    assert "data-live" in text
    assert reply.headers["Access-Control-Allow-Origin"] is None
    assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "connect-src 'self'" in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"


def test_it_gives_the_files_of_a_sheet_and_no_others(server, made):
    assert ask(server, "GET", f"/labels/{REQUEST}/thumbnails/00001.webp")[0].status == 200
    made.workspace.labels.joinpath(REQUEST, "secret.html").write_text("x")
    for path in (
        f"/labels/{REQUEST}/secret.html",
        "/labels/../competition.yaml",
        "/labels/%2e%2e/competition.yaml",
        "/labels/../labels/",
        "/labels/./",
        f"/labels/{REQUEST}/thumbnails/../index.html",
        f"/labels/{REQUEST}/../../train.csv",
        "/competition.yaml",
        "//evil.example/",
        "/labels/none/",
    ):
        assert ask(server, "GET", path)[0].status == 404, path


def test_answers_of_its_own_sheet_become_a_file(server, made):
    own = f"http://127.0.0.1:{server.port}"
    file = made.workspace.labels / REQUEST / "answers.csv"
    path, body = f"/labels/{REQUEST}/answers", b"id,label\na,cat\n"
    for origin in ("http://evil.example", "null", None):
        headers = {} if origin is None else {"Origin": origin}
        assert ask(server, "POST", path, body, **headers)[0].status == 403
    assert ask(server, "POST", path, b"", Origin=own, Content_Length="99999999")[0].status == 413
    assert ask(server, "POST", path, None, Origin=own)[0].status == 411
    assert ask(server, "POST", path, b"", Origin=own, Content_Length="-1")[0].status == 411
    assert ask(server, "POST", "/labels/none/answers", body, Origin=own)[0].status == 404
    assert ask(server, "POST", f"/labels/{REQUEST}/", body, Origin=own)[0].status == 404
    assert not file.exists()
    reply, text = ask(server, "POST", path, body, Origin=own)
    assert (reply.status, text.strip()) == (200, f"labels/{REQUEST}/answers.csv")
    assert file.read_bytes() == body
    assert ask(server, "PUT", path, body, Origin=own)[0].status == 501


def test_answers_that_are_cut_off_leave_those_before(server, made):
    file = made.workspace.labels / REQUEST / "answers.csv"
    file.write_text("id,label\n")
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
        host = f"127.0.0.1:{server.port}"
        raw.sendall(
            f"POST /labels/{REQUEST}/answers HTTP/1.0\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
            "Content-Length: 100\r\n\r\nid,la".encode()
        )
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(100) == b""
    assert file.read_text() == "id,label\n"


def test_idle_connections_take_no_more_than_their_places(server, monkeypatch):
    held = []
    try:
        place = ("127.0.0.1", server.port)
        # The last waits for the accepting thread: those before it have their places then.
        held += [socket.create_connection(place, timeout=20) for _ in range(serving.MOST_AT_ONCE)]
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(server, "GET", "/nothing")
    finally:
        for one in held:
            one.close()
    for _ in range(200):  # as soon as those are gone
        try:
            reply, _ = ask(server, "GET", "/nothing")
        except (OSError, http.client.HTTPException):
            continue
        break
    assert reply.status == 404


def test_a_port_that_is_taken_is_an_error_with_a_fix(server, made):
    with (
        pytest.raises(HostError, match=f"port {server.port}"),
        serving_report(made.workspace, made.competition, port=server.port),
    ):
        pass


def test_many_that_ask_have_one_page_made(server, made, monkeypatch):
    built, release = [], threading.Event()

    def build(workspace, competition, progress):
        built.append(1)
        release.wait(20)
        workspace.report.parent.mkdir(exist_ok=True)
        workspace.report.write_text('<html lang="en">page')

    monkeypatch.setattr(serving, "build_report", build)
    made.workspace.report.parent.mkdir(exist_ok=True)
    made.workspace.report.write_text('<html lang="en">before')
    first = threading.Thread(target=lambda: ask(server, "GET", "/state"))
    first.start()
    while not built:
        pass
    _, text = ask(server, "GET", "/")
    assert "before" in text, "while a page is made the one before is shown"
    assert len(built) == 1
    release.set()
    first.join(20)
    assert "data-live>page" in ask(server, "GET", "/")[1]


@pytest.mark.slow
def test_a_page_in_a_browser_follows_a_training_and_a_sheet_saves_its_answers(
    browser: Chromium, made
):
    run = made.add_run("a-00000001", folds=())
    (run / "fold-0").mkdir()
    with serving_report(made.workspace, made.competition) as server:
        tab = browser.open(server.url, width=1000)
        assert tab.run("document.querySelectorAll('#run-a-00000001 .plot svg').length") == 0
        (run / "fold-0" / "metrics.csv").write_text(
            "phase,epoch,lr,train_loss,valid_loss,accuracy\nall,1,0.001,2.0,1.9,0.3\n"
        )
        tab.wait_for("document.querySelectorAll('#run-a-00000001 .plot svg').length > 0")
        assert tab.complaints == []
        tab.close()
        sheet = browser.open(f"{server.url}labels/{REQUEST}/", width=1000)
        sheet.run("document.querySelector('.picks button').click()")
        printed = "[...document.querySelectorAll('.bar output')].map((one) => one.textContent)"
        sheet.wait_for(f"{printed}.some((one) => one.startsWith('saved in'))")
        lines = (made.workspace.labels / REQUEST / "answers.csv").read_text().splitlines()
        assert lines[0].startswith("id,image,predicted")
        assert lines[1].startswith("train00,")
        assert len(lines) == 2
        assert sheet.complaints == []
        sheet.close()
