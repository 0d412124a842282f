"""The mark and the ends of lines of a sample submission are those of the file to send."""

from __future__ import annotations

import codecs
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.infer.spec import infer
from podium.competition.samples import load_samples
from podium.submissions.format.checking import check
from podium.submissions.format.writing import write_submission

KINDS = ("cat", "dog")
N_TRAIN, N = 30, 40


def data_with(folder: Path, sample: bytes) -> Path:
    """Write labelled images, and a sample of these bytes for the last ten; return the folder."""
    (folder / "images").mkdir(parents=True)
    for k in range(N):
        Image.new("RGB", (8, 8), (k * 5, 9, 0)).save(folder / "images" / f"f{k:02}.jpg")
    rows = "".join(f"f{k:02},{KINDS[k % 2]}\n" for k in range(N_TRAIN))
    (folder / "train.csv").write_text(f"photo,kind\n{rows}")
    (folder / "sample_submission.csv").write_bytes(sample)
    return folder


def sample_of(mark: bytes, end: str, sep: str = ",") -> bytes:
    rows = [f"photo{sep}kind", *(f"f{k:02}{sep}cat" for k in range(N_TRAIN, N))]
    return mark + "".join(row + end for row in rows).encode()


@pytest.mark.parametrize("sep", [",", ";"])
@pytest.mark.parametrize(
    ("mark", "end", "keys"),
    [
        (codecs.BOM_UTF8, "\r\n", {"encoding": "utf-8-sig", "newline": "crlf"}),
        (b"", "\r\n", {"newline": "crlf"}),
        (codecs.BOM_UTF8, "\n", {"encoding": "utf-8-sig"}),
        (b"", "\n", {}),
    ],
)
def test_the_file_to_send_has_the_bytes_of_the_sample(
    tmp_path: Path, mark: bytes, end: str, keys: dict[str, str], sep: str
) -> None:
    content = sample_of(mark, end, sep)
    spec = infer(data_with(tmp_path / "data", content), tmp_path).competition
    other = {} if sep == "," else {"sep": sep}
    assert spec.submission.file.model_dump(exclude_defaults=True) == keys | other
    ids = list(load_samples(spec, "test")["id"])
    all_cats = np.zeros(len(ids), dtype=np.int64)
    file = write_submission(tmp_path / "sent.csv", spec, ids, np.eye(2)[all_cats], all_cats)
    assert file.read_bytes() == content
    assert check(file, spec) == []


def test_ends_of_both_kinds_show_none(tmp_path: Path) -> None:
    content = sample_of(b"", "\n").replace(b"\n", b"\r\n", 3)
    spec = infer(data_with(tmp_path / "data", content), tmp_path).competition
    assert spec.submission.file.newline is None


def test_a_file_that_differs_is_a_warning_for_each_difference(tmp_path: Path) -> None:
    """Readers of CSV take both: the file may be sent."""
    content = sample_of(codecs.BOM_UTF8, "\r\n")
    spec = infer(data_with(tmp_path / "data", content), tmp_path).competition
    sent = tmp_path / "sent.csv"
    sent.write_bytes(sample_of(b"", "\n"))
    mark, ends = check(sent, spec)
    assert [(one.level, one.line) for one in (mark, ends)] == [("warning", 1)] * 2
    assert "does not start with a byte order mark" in mark.message
    assert "encoding='utf-8-sig'" in str(mark.fix)
    assert "lines end with LF, and those of the host's sample with CRLF" in ends.message
    assert r"lineterminator='\r\n'" in str(ends.fix)
    sent.write_bytes(sample_of(codecs.BOM_UTF8, "\n"))
    assert [one.message for one in check(sent, spec)] == [ends.message]
    sent.write_bytes(sample_of(b"", "\r\n"))
    assert [one.message for one in check(sent, spec)] == [mark.message]


def test_where_nothing_is_known_of_the_ends_both_pass(tmp_path: Path) -> None:
    spec = infer(data_with(tmp_path / "data", sample_of(b"", "\n")), tmp_path).competition
    sent = tmp_path / "sent.csv"
    sent.write_bytes(sample_of(b"", "\r\n"))
    assert check(sent, spec) == []
