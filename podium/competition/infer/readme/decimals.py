"""How many digits behind the point a host takes, as a README beside the data tells it.

README.md: "Send the direction in whole degrees."                     →    decimals: 0
"""

from __future__ import annotations

import re

from podium.competition.infer.files import DataFolder
from podium.competition.infer.languages import is_called, meaning_words
from podium.competition.infer.readme.phrases import words_pattern
from podium.competition.infer.readme.texts import SENTENCE_END, texts_beside
from podium.competition.infer.sample.submission import SampleSubmission

__all__ = ["readme_decimals"]

_WHOLE = re.compile(
    r"(?<!\w)(?:integers?|whole (?:numbers?|degrees?|units?)|no decimals|without decimals|"
    r"ganzzahlig\w*|ganzen? (?:zahl(?:en)?|grad)|nombres? entiers?|degrés? entiers?|entiers?|"
    r"números? enteros?|grados? enteros?|enteros?|numer[oi] inter[oi]|grad[oi] inter[oi]|inter[oi]|"
    r"números? inteiros?|graus inteiros|inteiros?|gehele? (?:getal(?:len)?|graden)|"
    r"liczb\w* całkowit\w*|całkowit\w*|cel[éáýaeo]\w* čísl\w*|celočíseln\w*|celé stupně|"
    r"heltal|hela (?:tal|grader)|hele (?:tal|tall|grader)|heltall|heil(?:ar|um|tala|tölur|tölu)\w*|"
    r"kokonais\w*|egész (?:szám\w*|fok\w*)|număr întreg|numere întregi|tam ?sayı\w*|"
    r"cel\w* broj\w*|цел(?:ое|ые|ых|ыми|ом|ым) (?:числ\w*|градус\w*)|целочислен\w*|"
    r"ціл(?:е|і|их|ими) (?:числ\w*|градус\w*)|ακέραι\w*)(?!\w)|整数|整數|정수|"
    r"أعداد? صحيح|عدد صحیح|عدد صحيح|اعداد صحیح"
)
_PLACES = re.compile(
    r"(?<!\w)(?P<n>[0-9]|one|two|three|four|five|six) (?:decimals?|decimal (?:places|digits)|"
    r"digits after the (?:decimal )?point|nachkommastellen?|décimales?|decimales|decimali|"
    r"casas decimais|decimalen)(?!\w)"
)
_NAMED = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_ASKS = "send|sent|submit|submission|submitted|predict|answer|rounded|round"


def readme_decimals(folder: DataFolder, sample: SampleSubmission | None) -> tuple[int, str] | None:
    """Return the digits behind the point of the numbers to send, and which text says so.

    A sentence counts that says nothing of train, and of what is sent: a word for it, the sample's
    name, or a column of its values. The sample itself must hold no number with more digits.

    Args:
        folder: of the data.
        sample: the sample submission; None: there is none.

    Returns:
        None where no text says it, or the sample contradicts.
    """
    if sample is None or not sample.values:
        return None
    cells = [cell for name in sample.values for cell in sample.table[name]]
    most = max((len(cell.partition(".")[2]) for cell in cells), default=0)
    columns = "|".join(re.escape(name.casefold()) for name in sample.values)
    asked = re.compile(
        rf"(?<!\w)(?:{_ASKS}|{columns}|sample)(?!\w)|"
        rf"{words_pattern(meaning_words('sent') | meaning_words('target')).pattern}"
    )
    for path, text in texts_beside(folder, by_item=True):
        for sentence in SENTENCE_END.split(text):
            whole, places = _WHOLE.search(sentence), _PLACES.search(sentence)
            if whole is None and places is None:
                continue
            if asked.search(sentence) is None or _is_of_train(sentence):
                continue
            if whole is not None and most == 0:
                return 0, f"{path} says {whole[0]!r}"
            if places is not None:
                told = places["n"]
                n = _NAMED[told] if told in _NAMED else int(told)
                if most <= n:
                    return n, f"{path} says {places[0]!r}"
    return None


def _is_of_train(sentence: str) -> bool:
    return any(is_called(word, "train") for word in re.findall(r"\w+", sentence))
