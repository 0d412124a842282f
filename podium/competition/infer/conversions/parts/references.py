"""Pictures that stand beside each image, in folders and with names of one word more.

rgb/fog/train/f1/7_rgb.png     rgb/fog/test/f2/9_rgb.png
rgb/fog/train_ref/f1/7_rgb_ref.png     rgb/fog/test_ref/f2/9_rgb_ref.png     left out

Where there are masks, they are of the images: a picture of the same place on a clear day has none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from podium.competition.ids.patterns import is_image
from podium.competition.infer.conversions.masks.look_folders import look_of_picture
from podium.competition.infer.files import guess_part
from podium.competition.languages import is_called
from podium.errors import plural, some

__all__ = ["find_references", "note_of_references"]

_FEWEST = 3
_LOOKED_AT = 8
_FEWEST_VALUES = 16
"""Values that a photograph has more of."""


def find_references(root: Path, paths: Sequence[str]) -> frozenset[str]:
    """Return the pictures that stand beside the images of train and of test, by one word more.

    Every picture of a folder with that word is a photograph and has its image, whose folder and
    name lack the word alone.

    Args:
        root: the data folder.
        paths: of all files below it.
    """
    images = [path for path in paths if is_image(path)]
    known = {path.rpartition(".")[0] for path in images}
    of_word: dict[str, list[str]] = defaultdict(list)
    parts: dict[str, set[str]] = defaultdict(set)
    alone = set[str]()
    for path in images:
        for word, part, image in _without_words(path):
            of_word[word].append(path)
            parts[word].add(part)
            alone |= set() if image in known else {word}
    found = set[str]()
    for word, each in of_word.items():
        if word in alone or not {"train", "test"} <= parts[word] or len(each) < _FEWEST:
            continue
        looks = (look_of_picture(root / one) for one in each[:: max(1, len(each) // _LOOKED_AT)])
        if all(one is not None and len(one.values) > _FEWEST_VALUES for one in looks):
            found |= {*each}
    return frozenset(found)


def _without_words(path: str) -> Iterator[tuple[str, str, str]]:
    """Yield each word more of a folder of a part, the part, and the path without it and suffix."""
    levels = path.rpartition(".")[0].split("/")
    for depth, name in enumerate(levels[:-1]):
        part, words = guess_part(name), re.split(r"[-_ .]+", name)
        for word in words if part != "other" and len(words) > 1 else ():
            if not word.isalpha() or guess_part(word) != "other":
                continue
            if is_called(word, "image", "mask", "label"):
                continue
            levels_of_image = [*levels]
            levels_of_image[depth] = _without_word(name, word)
            levels_of_image[-1] = _without_word(levels[-1], word)
            yield word, part, "/".join(levels_of_image)


def _without_word(name: str, word: str) -> str:
    """Return a name without a word and the sign before it, or behind it where it is the first."""
    return re.sub(rf"[-_ .]{word}(?![^\W_])|^{word}[-_ .]", "", name, count=1)


def note_of_references(references: frozenset[str]) -> str:
    """Return where pictures beside the images lie, and how to use them; "" without any."""
    if not references:
        return ""
    places = sorted({path.rpartition("/")[0] for path in references})
    return (
        f"{plural(len(references), 'picture')} in {some(places, 3)} "
        f"{'is' if len(references) == 1 else 'are'} not used: each has the "
        "name of an image with a word more, and none has a mask. For an input more, name both in "
        "data.train and in data.test, as images: {image: …, reference: …}"
    )
