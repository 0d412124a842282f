"""A list of images for each class: `annotations/dog.txt`, with the numbers of its images."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.competition.samples import load_samples
from tests.competition.infer.test_odd_labels import begin, put, table

TAGS = ("boat", "lamp", "river_bank", "snow")
N, OWNERS = 60, 12


def pictures(
    data: Path,
    *,
    stem: str = "im{}",
    is_wide: bool = False,
    has_owners: bool = True,
) -> dict[str, list[str]]:
    """Write pictures in folders of 20, lists of tags and of the parts; return the tags of train.

    A third of the owners is to be predicted. Of two tags a second list has a part.
    """
    owner = {n: f"o{n % OWNERS:02}" for n in range(1, N + 1)}
    test = [n for n in owner if n % OWNERS % 3 == 1]
    train = [n for n in owner if n not in test]
    for n in owner:
        put(data / f"pics/{n // 20}" / f"{stem.format(n)}.png", n)
    tags = {one: [n for n in train if (n * (k + 2)) % 7 < 2] for k, one in enumerate(TAGS)}
    lists = tags | {f"{one}_r1": tags[one][::3] for one in TAGS[:2]}
    lists["snow"] = [*lists["snow"], 9004]  # no picture has this number
    (data / "annotations").mkdir()
    for one, numbers in lists.items():
        text = "\r\n".join(map(str, numbers))
        (data / f"annotations/{one}.txt").write_text(text, encoding="utf-8", newline="")
    for part, numbers in (("train", train), ("test", test)):
        (data / f"{part}_ids.txt").write_text("\n".join(map(str, numbers)), encoding="utf-8")
    if has_owners:
        table(data / "pictures.csv", ("picture", "owner", "place"), *(
            (n, one, f"p{n % 3}") for n, one in owner.items()
        ))  # fmt: skip
    header = ("Id", *TAGS) if is_wide else ("Id", "Tags")
    cells = tuple("0110") if is_wide else ("lamp snow",)
    table(data / "sample_submission.csv", header, *((n, *cells) for n in test))
    return {str(n): [one for one in TAGS if n in tags[one]] for n in train}


@pytest.mark.parametrize("options", [
    {}, {"stem": "{}"}, {"is_wide": True}, {"has_owners": False},
])  # fmt: skip
def test_images_have_the_classes_whose_lists_name_them(
    tmp_path: Path, options: dict[str, bool]
) -> None:
    truth = pictures(tmp_path / "data", **options)
    found, notes = begin(tmp_path)
    assert (str(found.tasks["classify"]), found.classes) == ("multilabel", list(TAGS))
    train, test = load_samples(found, "train"), load_samples(found, "test")
    named = [[one for one, bit in zip(TAGS, label, strict=True) if bit] for label in train["label"]]
    assert dict(zip(train["id"], named, strict=True)) == truth
    assert len(test) == N // 3
    assert "each is a part of a list that is called alike" in notes
    assert "'9004' of lists of classes are no images of train" in notes
    if options.get("has_owners", True):
        assert found.folds.group == "owner"  # those of test are others


def test_lists_that_the_sample_does_not_name_are_no_classes(tmp_path: Path) -> None:
    pictures(tmp_path / "data")
    rows = ((n, "lamp fog") for n in range(1, N + 1) if n % OWNERS % 3 == 1)
    table(tmp_path / "data/sample_submission.csv", ("Id", "Tags"), *rows)
    with pytest.raises(Exception, match=r"no images to predict"):
        begin(tmp_path)
