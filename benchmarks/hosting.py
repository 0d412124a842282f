"""A class that submits at once: submissions a second, how long each waits, and that none is lost.

Run: python benchmarks/hosting.py [--students 50] [--threads 8] [--tries 7]

Each student has a daily limit of 5 and sends 7 CSVs over HTTP on loopback, in the three calls that
the official client makes. The host is a process of its own (`podium host serve`), the students are
threads of another. Afterwards what the host lists is compared with what it acknowledged. Small
files are scored in the host's process, the large ones in processes of their own.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import requests

from podium.competition.sections.tasks import MetricSpec
from podium.hosting.setup.from_solution import init_from_solution
from podium.hosting.spec import HostFolder
from podium.hosting.users import add_users

SERVICE = "competitions.CompetitionApiService"
CLASSES = ("cat", "cow", "dog")
DAILY_LIMIT = 5
CASES = {"1,000 rows, 12 kB": 1_000, "25,000 rows, 0.3 MB": 25_000}


def make_host(root: Path, n_rows: int) -> HostFolder:
    """Return a host of `n_rows` random classes, half of them public."""
    truth = np.random.default_rng(0).integers(0, 3, n_rows)
    usages = ("Public", "Private")
    rows = (f"{i:07d},{CLASSES[t]},{usages[i % 2]}" for i, t in enumerate(truth))
    (root / "solution.csv").write_text("\n".join(["id,label,Usage", *rows, ""]))
    (root / "sample.csv").write_bytes(submission(n_rows, 0))
    return init_from_solution(
        root / "class",
        root / "solution.csv",
        root / "sample.csv",
        MetricSpec(name="accuracy"),
        daily_limit=DAILY_LIMIT,
    )


def submission(n_rows: int, seed: int) -> bytes:
    """Return a CSV of random classes."""
    said = np.random.default_rng(seed).integers(0, 3, n_rows)
    rows = (f"{i:07d},{CLASSES[s]}" for i, s in enumerate(said))
    return "\n".join(["id,label", *rows, ""]).encode()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the host from a process of its own; the address."""
    command = [str(Path(sys.executable).parent / "podium"), "host", "serve", str(folder)]
    with subprocess.Popen(
        [*command, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if found := re.search(r"http://[\d.]+:\d+", line):
                    yield found[0]
                    break
        finally:
            process.terminate()


class Student:
    """One who submits through the three calls."""

    def __init__(self, url: str, slug: str, token: str) -> None:
        self._url, self._slug, self._session = url, slug, requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, **about: Any) -> requests.Response:
        return self._session.post(
            f"{self._url}/api/v1/{SERVICE}/{method}",
            json={"competitionName": self._slug, **about},
            timeout=600,
        )

    def submit(self, content: bytes, text: str) -> tuple[int, float]:
        """Return the status of the last call, and the seconds that all three took."""
        began = time.perf_counter()
        reply = self.call("StartSubmissionUpload", contentLength=len(content), fileName="s.csv")
        if reply.ok:
            upload = reply.json()
            reply = self._session.put(upload["createUrl"], data=content, timeout=600)
            if reply.ok:
                reply = self.call(
                    "CreateSubmission",
                    blobFileTokens=upload["token"],
                    submissionDescription=text,
                )
        return reply.status_code, time.perf_counter() - began

    def listed(self) -> list[str]:
        """Return the descriptions of the valid submissions."""
        reply = self.call("ListSubmissions", pageSize=200).json()["submissions"]
        return [entry["description"] for entry in reply if entry["status"] == "COMPLETE"]


def measure(n_rows: int, args: argparse.Namespace) -> str:
    """Return the row of the table for submissions of `n_rows`."""
    with tempfile.TemporaryDirectory() as folder:
        host = make_host(Path(folder), n_rows)
        names = [f"student{i}" for i in range(args.students)]
        tokens = add_users(host, [(name, "") for name in names])
        contents = [submission(n_rows, seed) for seed in range(10)]
        with served(host.root) as url:
            slug = host.spec().slug
            students = [Student(url, slug, tokens[name]) for name in names]
            jobs = [(i, f"{names[i]} {n}") for n in range(args.tries) for i in range(args.students)]

            def send(job: tuple[int, str]) -> tuple[int, str, int, float]:
                i, text = job
                return i, text, *students[i].submit(contents[i % 10], text)

            began = time.perf_counter()
            with ThreadPoolExecutor(args.threads) as threads:
                done = list(threads.map(send, jobs))
            took = time.perf_counter() - began
            listed = [student.listed() for student in students]
    taken = [
        [text for j, text, status, _ in done if j == i and status == 200] for i in range(len(names))
    ]
    n_taken = sum(map(len, taken))
    lost = sum(len(set(mine) - set(there)) for mine, there in zip(taken, listed, strict=True))
    doubled = sum(len(there) - len(set(there)) for there in listed)
    over = sum(max(0, len(there) - DAILY_LIMIT) for there in listed)
    refused = [status for *_, status, _ in done if status not in (200, 400)]
    assert not refused, f"other answers came: {sorted(set(refused))}"
    seconds = [one for *_, status, one in done if status == 200]
    p50, p99 = np.percentile(seconds, [50, 99])
    return (
        f"{n_taken} of {len(done)} | {n_taken / took:.0f} | {p50 * 1e3:.0f} | {p99 * 1e3:.0f} "
        f"| {lost} | {doubled} | {over}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=50)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--tries", type=int, default=7)
    args = parser.parse_args()
    print("| each file | taken | a second | p50 ms | p99 ms | lost | doubled | over quota |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, n_rows in CASES.items():
        print(f"| {name} | {measure(n_rows, args)} |", flush=True)


if __name__ == "__main__":
    main()
