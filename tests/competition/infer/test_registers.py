"""A register of all images: a table labels some of them, and the sample names others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.errors import DataError
from tests.competition.infer.test_odd_labels import begin, put, table

MUSEUMS = {
    "KRO": "Muzeum Rzemiosla w Krosnie",
    "LDZ": "Muzeum Wlokna - Lodz",
    "GDA": "Dwor Gdanski",
}
PATTERNS = {3: "plain", 7: "anchor", 12: "star"}
Button = tuple[str, int, int]


def buttons() -> list[Button]:
    """Return museum, number and code of each button; numbers come back in every museum."""
    rng = np.random.default_rng(4)
    return [
        (museum, int(number) + 1, [*PATTERNS][rng.integers(3)])
        for museum in MUSEUMS
        for number in rng.permutation(200)[:40]
    ]


def file_name(museum: str, number: int, widths: dict[str, int]) -> str:
    return f"{museum}_{number:0{widths[museum]}}.png"


ONE_WIDTH = dict.fromkeys(MUSEUMS, 4)


def write_buttons(
    data: Path, rows: list[Button], widths: dict[str, int], prefix: str = "guzik:"
) -> list[Button]:
    """Write all; return those to predict. Every tenth is in store, and neither of both."""
    order = np.random.default_rng(6).permutation(len(rows))
    mixed = [rows[n] for n in order]
    stored, sent, known = mixed[::10], mixed[1::10] + mixed[2::10], []
    known = [one for one in mixed if one not in stored and one not in sent]
    for n, (museum, number, _) in enumerate(rows):
        name = file_name(museum, number, widths)
        put(data / f"photos/{MUSEUMS[museum]}/tray-{n % 3}/{name}", n)
    register = (
        (museum, number, "spr" if one in sent else "mag" if one in stored else "ucz", n % 7)
        for n, one in enumerate(mixed)
        for museum, number, _ in [one]
    )
    table(data / "register.csv", ("museum", "no", "set", "metal"), *register)
    table(data / "findings.csv", ("museum", "no", "code"), *known)
    table(data / "legend.csv", ("code", "pattern"), *PATTERNS.items(), (15, "eagle"))
    names = ["star", "anchor", "plain"]
    cells = [(f"{prefix}{museum.lower()}-{number}", *[0.33] * 3) for museum, number, _ in sent]
    table(data / "sample_submission.csv", ("button", *names), *cells)
    return sent


@pytest.mark.parametrize("prefix", ["guzik:", ""])
@pytest.mark.parametrize("widths", [ONE_WIDTH, {"KRO": 4, "LDZ": 3, "GDA": 5}])
def test_rows_of_a_register_that_the_sample_names_are_to_predict(
    tmp_path: Path, widths: dict[str, int], prefix: str
) -> None:
    rows = buttons()
    sent = write_buttons(tmp_path / "data", rows, widths, prefix)
    found, _ = begin(tmp_path)
    train, test = (load_samples(found, part) for part in ("train", "test"))
    codes = {file_name(museum, number, widths): code for museum, number, code in rows}
    names = {
        file_name(museum, number, widths): f"{prefix}{museum.lower()}-{number}"
        for museum, number, _ in sent
    }
    assert len(train) == len(rows) - len(sent) - 12
    for (image,), label in zip(train["images"], train["label"], strict=True):
        assert found.classes[label] == PATTERNS[codes[Path(image).name]]
    got = {
        Path(image).name: name for (image,), name in zip(test["images"], test["id"], strict=True)
    }
    assert got == names


def test_a_sample_of_rows_that_have_labels_is_not_parted_from_the_register(tmp_path: Path) -> None:
    data = tmp_path / "data"
    sent = write_buttons(data, buttons(), ONE_WIDTH)
    text = (data / "findings.csv").read_text()
    (data / "findings.csv").write_text(text + "".join(f"{a},{b},{c}\n" for a, b, c in sent[:5]))
    with pytest.raises(DataError, match="no images to predict"):
        begin(tmp_path)
