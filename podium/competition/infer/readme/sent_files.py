"""Masks that are sent as pictures in a ZIP, as a README beside the data tells it.

README.md: "Submit a .zip with one PNG for each tile, `<id>_mask.png`, in the colours of the table."

A sentence tells it that speaks of submitting and of PNGs, TIFFs or BMPs; below a heading of
submitting, one that has a picture for each image. A statement on masks of train, or of those that
answers are compared with, tells nothing; and where a CSV or runs are named beside it, it is not
plain.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from podium.competition.ids.patterns import IMAGE_SUFFIXES
from podium.competition.infer.files import DataFolder, guess_part
from podium.competition.infer.readme.metrics import scoring_words
from podium.competition.infer.readme.texts import SENTENCE_END, is_of_train, texts_as_written
from podium.competition.languages import PhraseMeaning, is_called, meaning_words
from podium.competition.phrases import (
    any_phrase,
    any_word,
    bounded,
    is_denied,
    plain_text,
    words_pattern,
)
from podium.competition.spelling import NON_JOINER
from podium.errors import shortened

__all__ = ["NameInText", "StatedFiles", "readme_files"]

_LONGEST_QUOTE = 120
_LOWEST = 7  # level of a heading without signs of one
_NEAR = 3  # words between a negation and what it denies

_SUFFIX = r"\.(?:png|tiff?|bmp)"
_PICTURE = re.compile(bounded(r"\.?(?:png|tiff?|geotiff|bmp)s?"))
_TIFF = re.compile(bounded(r"\.?(?:geo)?tiff?s?"))
_BMP = re.compile(bounded(r"\.?bmps?"))
_ARCHIVE = re.compile(bounded(r"\.?(?:zip|tar|tgz|7z)"))
_ZIP = re.compile(bounded(r"\.?zip"))
_TAR = re.compile(bounded(r"\.?(?:tar|tgz)"))
_OTHER_FORM = re.compile(bounded(r"\.?(?:csv|tsv|jsonl?|xlsx|npy|npz)|rles?|run[ -]?lengths?"))
_FILE_NAME = re.compile(r"[\w.-]+\.\w{2,5}")

_HEADING = re.compile(
    r"^[^\S\n]{0,3}(?:(?P<level>#{1,6})[^\S\n]*(?P<marked>[^\n]+?)[^\S\n]*#*|\*\*(?P<bold>[^*\n]{1,60})\*\*:?|"
    r"[【■](?P<sign>[^】\n]{1,40})】?|(?P<lined>[^\n]{1,60})\n[^\S\n]{0,3}(?:={3,}|-{3,}))[^\S\n]*$",
    re.MULTILINE,
)
_WRAPPED = re.compile(r"\n(?!\s*(?:\n|[-*•#|>]))")
_BLOCK_TAG = re.compile(r"</?(?:p|li|ul|ol|tr|div|pre|table)\b[^<>]*>|<br\s*/?>", re.IGNORECASE)
_HEADING_TAG = re.compile(r"<h\d\b[^<>]*>(.*?)</h\d>", re.IGNORECASE | re.DOTALL)
_ANY_TAG = re.compile(r"</?[a-z]\w*(?:\s[^<>]*)?>", re.IGNORECASE)

_FIELD = r"(?:<[^<>\n]{1,30}>|\{[^{}\n]{1,30}\}|\[[^\[\]\n]{1,30}\](?!\())"
_ENDS = "|".join(re.escape(one) for one in sorted(IMAGE_SUFFIXES, key=len, reverse=True))
_TEMPLATE = re.compile(
    rf"(?<![\w./<{{\[-])(?P<name>(?:[\w./-]|{_FIELD}){{0,80}}?{_FIELD}(?:[\w./-]|{_FIELD}){{0,80}}?"
    rf"(?:{_ENDS}))(?![\w/-])",
    re.IGNORECASE,
)
_NAMED_BY_WORD = re.compile(
    rf"(?<![\w./<{{\[-])(?P<front>[\w./-]{{0,80}}?)(?P<place>(?:[a-z]{{1,20}}_)?id)"
    rf"(?P<end>(?:[_.-][\w.-]{{0,80}})?"
    rf"(?:{_ENDS}))(?![\w/-])",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    rf"(?<![\w./<>{{}}\[\]-])[\w./-]{{0,80}}\d[\w.-]{{0,80}}{_SUFFIX}(?![\w/-])", re.IGNORECASE
)
_IN_TREE = re.compile(r"(?P<depth>[\s│|]*[├└][─-]*\s*)(?P<token>[^\s#]+)")

_NUMBER = re.compile(
    r"(?<![\w.,×/-])(?:(?P<slashed>0\s?/\s?(?:1|255))|0|1|255)"
    r"(?![\w×/]|[.,]\d|\s?[x×*]\s?\d|\s?(?:%|bit|px))"
)
_RANGE = re.compile(
    r"(?<![\w.×])(?P<first>[01])\s?(?:[-–—~～]|\.\.+|…)\s?(?P<last>\d{1,3})(?!\w|[.,×-]\d)"
)
_PAIRS = (frozenset({0, 1}), frozenset({0, 255}))


@dataclass(frozen=True)
class NameInText:
    """The name of a file in a text.

    Attributes:
        template: with {id}, and {class} where a class has a file of its own; an example as it is.
        place: what stands in the text where the id belongs; "" in an example.
    """

    template: str
    place: str


class StatedFiles(NamedTuple):
    """Masks as pictures, as a text tells them.

    Attributes:
        path: of the text.
        quote: the sentence that states it.
        names: of the files, as they may be; () where the text shows none.
        others: the names of images, of the same places for an id.
        has_name_of_image: whether the text states that a file has the name of its image.
        suffix: of the files.
        pairs: the two values that pixels of one class may have, as several sentences tell them.
        listed: the values that pixels may have, as lists and ranges of numbers tell them.
        in_colours: whether the text speaks of colours.
        in_one_channel: whether it speaks of one number a pixel.
        as_train: whether the files are as those of train are.
        by_number: whether a pixel is the number of its class.
        is_tar: whether a TAR is asked for, and no ZIP.
        folder: into which the files are to be put before they are packed; "" where none is named.
    """

    path: str
    quote: str
    names: tuple[NameInText, ...]
    others: tuple[NameInText, ...]
    has_name_of_image: bool
    suffix: str
    pairs: frozenset[frozenset[int]]
    listed: frozenset[frozenset[int]]
    in_colours: bool
    in_one_channel: bool
    as_train: bool
    by_number: bool
    is_tar: bool
    folder: str = ""


def readme_files(folder: DataFolder) -> StatedFiles | None:
    """Return how masks are sent as pictures; None where no text is plain on it, or two differ."""
    found = list[StatedFiles]()
    for path, text in texts_as_written(folder):
        spelt = _as_text(path, text)
        sections = _sections(spelt)
        if any(_names_other_form(one, folder) for one in _submitting(sections)):
            return None
        every = tuple(_templates(spelt))
        for heading, body in sections:
            stated = _stated(path, heading, body, every)
            found += [stated] if stated is not None else []
    return _together(found)


def _together(found: Sequence[StatedFiles]) -> StatedFiles | None:
    """Return what several sections tell; None where they show other names, or there are none."""
    named = [one for one in found if one.names]
    if not found or len({tuple(name.template for name in one.names) for one in named}) > 1:
        return None
    first = (named or found)[0]
    return first._replace(
        others=tuple(name for one in found for name in one.others),
        has_name_of_image=any(one.has_name_of_image for one in found),
        pairs=frozenset(pair for one in found for pair in one.pairs),
        listed=frozenset(values for one in found for values in one.listed),
        in_colours=any(one.in_colours for one in found),
        in_one_channel=any(one.in_one_channel for one in found),
        as_train=any(one.as_train for one in found),
        by_number=any(one.by_number for one in found),
        is_tar=all(one.is_tar for one in found),
        folder=next((one.folder for one in found if one.folder), ""),
    )


def _as_text(path: str, text: str) -> str:
    """Return a text without the signs of HTML and the backslashes of Markdown."""
    text = text.replace(NON_JOINER, "")
    if path.lower().endswith((".html", ".htm")):
        text = _HEADING_TAG.sub(r"\n## \1\n", text)
        text = _ANY_TAG.sub("", _BLOCK_TAG.sub("\n\n", text))
    return html.unescape(re.sub(r"\\(?=[<>{}\[\]_*])", "", text))


def _sections(text: str) -> list[tuple[str, str]]:
    """Return headings, each behind those that it stands below, and the text below each.

    The text before the first one has the heading "".
    """
    found, above, start, heading = list[tuple[str, str]](), list[tuple[int, str]](), 0, ""
    for one in _HEADING.finditer(text):
        found.append((heading, text[start : one.start()]))
        level = len(one["level"] or "") or _LOWEST
        above = [*(each for each in above if each[0] < level), (level, _of_heading(one))]
        heading, start = ". ".join(name for _, name in above), one.end()
    return [*found, (heading, text[start:])]


def _of_heading(match: re.Match[str]) -> str:
    return next(match[name] for name in ("marked", "bold", "sign", "lined") if match[name])


def _sentences(body: str) -> list[str]:
    """Return the sentences of a section, without the lines of a tree of files."""
    lines = [line for line in body.split("\n") if _IN_TREE.match(line) is None]
    return [one for one in SENTENCE_END.split(_WRAPPED.sub(" ", "\n".join(lines))) if one.strip()]


def _submitting(sections: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield the texts on submitting: sections with such a heading, and sentences."""
    for heading, body in sections:
        if _speaks_of("submit", plain_text(heading)):
            yield body
        yield from (one for one in _sentences(body) if _speaks_of("submit", plain_text(one)))


def _speaks_of(meaning: PhraseMeaning, plain: str) -> bool:
    """Return whether a text of `plain_text` has a phrase, and no negation before it."""
    found = any_phrase(meaning).finditer(plain)
    return any(not is_denied(plain, one.start(), words=1) for one in found)


def _names_other_form(text: str, folder: DataFolder) -> bool:
    """Return whether a text names a CSV, runs or another form; a file of the data is none."""
    known = {one.rpartition("/")[2].lower() for one in (*folder.tables, *folder.others)}
    rest = _FILE_NAME.sub(lambda one: "" if one[0].lower() in known else one[0], text)
    plain = plain_text(rest)
    return _OTHER_FORM.search(plain) is not None or bool(any_phrase("row for each").search(plain))


def _stated(path: str, heading: str, body: str, every: Sequence[NameInText]) -> StatedFiles | None:
    """Return what a section tells of masks to send; None where it does not tell them plainly."""
    is_below = _speaks_of("submit", plain_text(heading))
    sentences = _sentences(body)
    telling = [one for one in sentences if _is_of_sent_pictures(one, is_below=is_below)]
    has_root = any(map(_is_of_submission, body.split("\n")))
    in_tree = _names_in_tree(body) if is_below or telling or has_root else []
    if in_tree and not telling:
        telling = in_tree
    if not telling:
        return None
    own = [one for one in sentences if one in telling or not _is_of_training(plain_text(one))]
    plain = plain_text("\n".join([*own, *telling]))
    names = _names([*telling, *in_tree], [*own, *in_tree])
    told = "" if re.search(r"\bpngs?\b", plain) else plain_text("\n".join(telling))
    endings = (end for end, named in ((".tif", _TIFF), (".bmp", _BMP)) if named.search(told))
    as_train = any(_is_as_train(plain_text(one)) for one in sentences)
    return StatedFiles(
        path,
        shortened(" ".join(telling[0].split()), _LONGEST_QUOTE),
        tuple(names),
        tuple(every),
        _speaks_of("same name", plain),
        next(endings, ".png"),
        _pairs(own),
        _listed(own),
        _speaks_of("colours", plain),
        _speaks_of("one channel", plain),
        as_train,
        _speaks_of("class number", plain),
        _TAR.search(plain) is not None and _ZIP.search(plain) is None,
        next(filter(None, map(_packed_folder, own)), ""),
    )


_QUOTED_NAME = re.compile(r"[`'\"“”„«»‘’「」『』](?P<name>[\w-]+)/?[`'\"“”„«»‘’「」『』]")


def _packed_folder(sentence: str) -> str:
    """Return the folder that pictures are put into before they are packed; "" without one.

    Example:
        >>> _packed_folder("Put the PNGs into a folder called `masks` and zip it.")
        'masks'
        >>> _packed_folder("Zip the PNGs; their names are those in the folder `test`.")
        ''
    """
    plain = plain_text(sentence)
    if not (_PICTURE.search(plain) and _ARCHIVE.search(plain)):
        return ""
    folder = words_pattern(meaning_words("folder")).pattern
    for match in _QUOTED_NAME.finditer(sentence):
        before, behind = plain_text(sentence[: match.start()]), plain_text(sentence[match.end() :])
        is_folder = re.search(rf"(?:{folder})\w*(?:\s\w+)?\s?$", before) or re.match(
            rf"\s?(?:{folder})", behind
        )
        if is_folder and guess_part(match["name"]) == "other":
            return match["name"]
    return ""


def _is_of_sent_pictures(sentence: str, *, is_below: bool) -> bool:
    """Return whether a sentence states that pictures are sent.

    Args:
        sentence: of a text.
        is_below: whether it stands below a heading of submitting.
    """
    plain = plain_text(sentence)
    picture, submit = _PICTURE.search(plain), any_phrase("submit").search(plain)
    if picture is None or (submit is None and not is_below):
        return False
    if any(is_denied(plain, one.start(), words=_NEAR) for one in (picture, submit) if one):
        return False
    is_as_train = _is_as_train(plain)
    is_of_others = _is_of_training(plain) or any_phrase("truth").search(plain) is not None
    if is_of_others and not is_as_train:
        return False
    has_each = any_phrase("one for each").search(plain) is not None
    has_name = next(_templates(sentence), None) is not None
    of_masks = words_pattern(meaning_words("mask")).search(plain) is not None
    if submit is None:
        return has_each or (has_name and of_masks)
    is_packed = bool(_ARCHIVE.search(plain) or re.search(any_word("folder"), plain))
    if scoring_words().search(plain) or any_phrase("against").search(plain):
        return is_packed  # else what is sent may be compared with these pictures
    return has_each or has_name or is_packed or of_masks


def _is_of_training(plain: str) -> bool:
    """Return whether a sentence speaks of train, also in a script without blanks."""
    return is_of_train(plain) or any_phrase("training").search(plain) is not None


def _is_as_train(plain: str) -> bool:
    """Return whether a sentence states that something is as it is in train."""
    is_of_masks = _is_of_training(plain) or any_phrase("truth").search(plain) is not None
    return is_of_masks and any_phrase("same form").search(plain) is not None


def _is_of_submission(line: str) -> bool:
    """Return whether a line is the name of a folder or an archive of what is sent."""
    name = re.fullmatch(r"[\s`>]*(?P<name>[\w-]+)(?:\.(?:zip|tar(?:\.gz)?|tgz)|/)[\s`:]*", line)
    plain = "" if name is None else plain_text(re.sub(r"[_-]", " ", name["name"]))
    return any_phrase("submit").search(plain) is not None


def _templates(text: str) -> Iterator[NameInText]:
    """Yield the names of pictures that have a place for the id.

    Example:
        >>> [one.template for one in _templates("`<id>_sat.jpg`, [image_id]_pred.png, tile_id.tif")]
        ['{id}_sat.jpg', '{id}_pred.png', '{id}.tif']
    """
    for match in _TEMPLATE.finditer(text):
        name = _with_fields(match["name"])
        if name is not None:
            yield name
    for match in _NAMED_BY_WORD.finditer(text):
        if not _is_of_class(match["place"]):
            front = match["front"].rpartition("/")
            path = "".join((_below_archive(front[0]), front[1], front[2]))
            yield NameInText(f"{path}{{id}}{match['end']}".lstrip("/"), match["place"].lower())


def _with_fields(name: str) -> NameInText | None:
    """Return a name with {id} and {class} for the fields that a text has; None of other fields."""
    places = re.findall(_FIELD, name)
    of_class = [one for one in places if _is_of_class(one[1:-1])]
    of_id = [one for one in places if one not in of_class]
    if len(of_id) != 1 or len(of_class) > 1:
        return None
    name = name.replace(of_id[0], "{id}")
    return NameInText(
        _below_archive(name.replace(of_class[0], "{class}") if of_class else name),
        of_id[0][1:-1].casefold(),
    )


def _is_of_class(field: str) -> bool:
    """Return whether the field of a name is of a class, as `class_name` is and `image_id` not."""
    return is_called(field, "label", "object class") and not is_called(field, "image")


def _below_archive(name: str) -> str:
    """Return a path without the archive that it is in, and without `./`."""
    parts = [one for one in name.split("/") if one not in ("", ".")]
    packed = [n for n, one in enumerate(parts, 1) if re.search(r"\.(?:zip|tar|tgz|gz)$", one)]
    return "/".join(parts[packed[-1] if packed else 0 :])


def _names(near: Sequence[str], far: Sequence[str]) -> list[NameInText]:
    """Return the names of files to send: with places for ids, else examples.

    Args:
        near: the sentences that tell of these files.
        far: these and others beside them.
    """
    for texts in (near, far):
        found = {one.template: one for text in texts for one in _templates(text)}
        if kept := [one for name, one in found.items() if re.search(_SUFFIX + "$", name, re.I)]:
            return kept
    for texts in (near, far):
        names = dict.fromkeys(_below_archive(one[0]) for t in texts for one in _EXAMPLE.finditer(t))
        if names:
            return [NameInText(one, "") for one in names]
    return []


def _names_in_tree(body: str) -> list[str]:
    r"""Return the paths of the pictures in a tree of files, below its root.

    Example:
        >>> _names_in_tree("submission.zip\n├── masks/\n│   ├── 17.png\n└── ...")
        ['masks/17.png']
    """
    found, above = list[str](), list[tuple[int, str]]()
    for line in body.split("\n"):
        match = _IN_TREE.match(line)
        if match is None:
            continue
        depth, token = len(match["depth"]), match["token"].strip("`")
        above = [one for one in above if one[0] < depth]
        if re.search(rf"{_SUFFIX}$", token, re.IGNORECASE):
            # A tree of the data has parts of these.
            if all(guess_part(name) == "other" for _, name in above):
                found.append("/".join([*(name for _, name in above), token]))
        elif token.endswith("/") or "." not in token:
            above.append((depth, token.rstrip("/")))
    return found


@cache
def _range() -> re.Pattern[str]:
    """Return the pattern of what stands between the ends of a range."""
    return re.compile(rf"\W*(?:[–—~～…-]|\.\.|{any_word('range to')})\W*")


def _pairs(sentences: Collection[str]) -> frozenset[frozenset[int]]:
    """Return the pairs of two values that sentences tell: 0 and 1, or 0 and 255.

    Numbers of a range are none, as probabilities from 0 to 1 and levels of grey are.
    """
    found = set[frozenset[int]]()
    for sentence in sentences:
        plain = plain_text(sentence)
        numbers = list(_NUMBER.finditer(plain))
        values = frozenset(int(n) for one in numbers for n in re.findall(r"\d+", one[0]))
        gaps = [plain[a.end() : b.start()] for a, b in itertools.pairwise(numbers)]
        is_range = any(map(_range().fullmatch, gaps))
        if values in _PAIRS and not is_range and not any_phrase("between").search(plain):
            found.add(values)
    return frozenset(found)


@cache
def _lists() -> re.Pattern[str]:
    """Return the pattern of three numbers or more, with signs or a word between them."""
    number, joins = r"\d{1,3}", any_word("joins")
    between = rf"\s?(?:[,;/]\s?(?:{joins}\s)?|\s{joins}\s)\s?"
    return re.compile(rf"(?<![\w.×-]){number}(?:{between}{number}){{2,}}(?![\w×]|[.,-]\d)")


def _listed(sentences: Collection[str]) -> frozenset[frozenset[int]]:
    """Return the values of lists of three numbers or more, and of ranges, that sentences have.

    Example:
        >>> sorted(map(sorted, _listed(["Pixels are 0, 1, 2 or 3.", "Values: 0-4"])))
        [[0, 1, 2, 3], [0, 1, 2, 3, 4]]
    """
    found = set[frozenset[int]]()
    for sentence in sentences:
        plain = plain_text(sentence)
        found |= {
            frozenset(map(int, re.findall(r"\d+", one[0]))) for one in _lists().finditer(plain)
        }
        for one in _RANGE.finditer(plain):
            found.add(frozenset(range(int(one["first"]), int(one["last"]) + 1)))
    return frozenset(found)
