"""What a host's image has is not packed; what may not work with it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from podium.errors import UsageError
from podium.submissions.packages import wheels
from podium.submissions.packages.wheels import image_compatibility, read_freeze

FREEZE = """\
# a comment==1
-e git+https://example.org/thing.git@0123#egg=thing
Some_Name.X==1.2  # why
conda-thing @ file:///build/conda-thing
torch==2.6.0+cu124
old==1.0; python_version < "3"
"""


def test_a_freeze_is_read_with_its_odd_lines(tmp_path: Path) -> None:
    file = tmp_path / "image.txt"
    file.write_text(FREEZE)
    assert read_freeze(file) == {"some-name-x": "1.2", "torch": "2.6.0+cu124", "old": "1.0"}


@pytest.mark.parametrize("content", ["", "numpy\n", None])
def test_what_is_no_freeze_is_refused_with_how_to_make_one(
    tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "image.txt"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UsageError, match="pip freeze"):
        read_freeze(file)


def test_only_the_very_version_and_torch_are_left_to_the_image(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from packaging.specifiers import SpecifierSet

    taken = {"torch": SpecifierSet(">=2.7"), "numpy": SpecifierSet(">=1.26")}
    monkeypatch.setattr("podium.submissions.packages.wheels.ranges", lambda: taken)
    pinned = {
        "numpy": "2.4.6",
        "rich": "15.0.0",
        "timm": "1.0",
        "torch": "2.8.0",
        "torchvision": "1",
    }
    image = {"numpy": "1.26.4", "rich": "14.0", "torch": "2.6.0+cu124", "other": "3"}
    found = image_compatibility(image, pinned)
    assert found.left == {"torch": "2.6.0+cu124"}
    image["rich"] = "15.0.0+local"
    found = image_compatibility(image, pinned)
    assert found.left == {"torch": "2.6.0+cu124", "rich": "15.0.0+local"}
    needs, lacks, replaced = found.warnings
    assert needs == "the image has torch 2.6.0+cu124; podium needs >=2.7"
    assert lacks == "the image has no torchvision; add --all to pack it"
    assert "numpy 1.26.4 by 2.4.6" in replaced


def test_this_machine_as_the_image_brings_everything_and_nothing_is_to_be_minded() -> None:
    pinned = wheels.pins()
    assert image_compatibility(pinned, pinned).left == pinned
    assert image_compatibility(pinned, pinned).warnings == ()
