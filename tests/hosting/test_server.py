from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from podium.errors import HostError, RunError, UsageError
from podium.hosting import client_environment, init_host, running, serve
from podium.hosting.address import note_on_address
from podium.hosting.spec import HostFolder
from podium.submissions import Endpoint
from podium.submissions.upload.client import KaggleClient
from podium.workspace.locks import hold


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_a_served_host_ends_with_exit_code_0_on_a_signal_and_keeps_its_submissions(
    host_of, tmp_path, answers, told
):
    folder = host_of()
    script = f"""
from pathlib import Path
from podium.hosting import serve
class Loud:
    def say(self, message): print(message, flush=True)
serve(Path({str(folder)!r}), port=0, progress=Loud())
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    try:
        url = process.stdout.readline().split(" at ")[1].split()[0]
        env = client_environment(folder, "bob", url)
        assert requests.get(url, timeout=60).status_code == 200
        file = tmp_path / "f.csv"
        file.write_text(answers.text())
        client = KaggleClient(Endpoint(url, env), "shapes", timeout_s=60)
        assert client.submit(file, "kept") == 1
        process.send_signal(told)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    with running(folder) as hosted:
        listed = KaggleClient(hosted.endpoint("bob"), "shapes", timeout_s=60).listing()
    assert [entry.description for entry in listed.submissions] == ["kept"]


def test_a_folder_is_served_once_at_a_time(host_of):
    folder = host_of()
    lock = HostFolder(folder).locks / "serving"
    with hold(lock, what="this host"), pytest.raises(RunError, match="this host is being worked"):
        serve(folder, port=0)


def test_an_unknown_user_is_named_with_the_known_ones(host_of):
    with pytest.raises(UsageError, match="'eve'") as caught:
        client_environment(host_of(), "eve", "http://127.0.0.1:1")
    assert "ann, bob" in caught.value.fix


def test_names_of_the_room_are_there_without_loading_a_server():
    code = "import sys, podium.hosting; assert 'uvicorn' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert callable(init_host)


def test_a_port_that_another_host_has_is_refused_with_the_competition_that_is_served_there(host_of):
    with running(host_of()) as hosted:
        port = int(hosted.url.rpartition(":")[2])
        with pytest.raises(HostError, match="the competition shapes is served there") as caught:
            serve(hosted.folder.root, port=port)
    assert "Ctrl-C" in caught.value.fix
    assert f"--port {port + 1}" in caught.value.fix


def test_a_port_that_another_program_has_is_refused_without_a_competition(host_of):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(HostError) as caught:
            serve(host_of(), port=other.getsockname()[1])
    assert "competition" not in caught.value.message


def test_another_server_at_the_address_is_reported(host_of):
    folder = Path("my host")
    with running(host_of()) as hosted:
        url = hosted.url
        assert note_on_address(url, "shapes", folder) == ""
        assert "the competition shapes, not digits" in note_on_address(url, "digits", folder)
        assert "no podium host, not shapes" in note_on_address(f"{url}/other", "shapes", folder)
    assert note_on_address(url, "shapes", folder) == (
        f"nothing answers at {url} now: start the host in another terminal: podium host serve "
        "'my host'"
    )
