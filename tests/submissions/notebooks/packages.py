"""Packages of a few bytes, what a notebook writes, and what a stand-in holds."""

from __future__ import annotations

import hashlib

from podium.submissions.packages import PackedFile, PackRecord
from tests.submissions.kaggle_stand_in import SLUG

GOOD = "id,label\na.png,cat\nb.png,dog\nc.png,eel\n"
ADDRESS = f"ann/{SLUG}-podium"


def pack_of(folder, weights):
    folder.mkdir()
    files = {"weights-r-fold-0.safetensors": weights, "run-r.json": b"{}", "recipe-r.yaml": b"a: 1"}
    listed = {}
    for name, content in files.items():
        (folder / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        listed[name] = PackedFile(bytes=len(content), sha256=digest)
    record = PackRecord(
        id=PackRecord.id_of(listed),
        title="stars",
        competition="pets",
        created="2026-01-02T03:04:05Z",
        podium="0",
        blend="blend-1",
        honest=0.5,
        runs=(),
        files=listed,
    )
    (folder / "pack.json").write_text(record.model_dump_json())
    return folder


def writes(text=GOOD):
    def hook(folder):
        (folder / "submission.csv").write_text(text)

    return hook


def count(host):
    """Return how many dataset versions, notebook versions and submissions there are."""
    versions = sum(map(len, host.datasets.values()))
    return versions, sum(map(len, host.kernels.values())), len(host.submissions)
