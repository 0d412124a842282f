"""Words of hosts in many languages: a file a language, words of two parts, nothing by accident."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from podium.competition import languages
from podium.competition.infer.files import guess_part
from podium.competition.infer.labels.evidence import readme_amounts
from podium.competition.infer.masks.choice import find_truth
from podium.competition.infer.readme.metrics import readme_directions
from podium.competition.infer.sample.submission import sample_submissions
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.units_of_measure import find_measure
from podium.competition.languages import (
    Meaning,
    PhraseMeaning,
    UnitName,
    begins_as,
    is_called,
    meaning_words,
    numerals,
)
from podium.competition.phrases import is_denied, one_spelling, phrase_pattern, plain_signs
from podium.competition.truths.turns import is_called_direction
from podium.workspace import extensions

NAMES = extensions.names(languages)
CONTRADICTIONS: list[tuple[Meaning, ...]] = [
    ("train", "test", "unlabelled"),
    ("image", "mask", "count"),
    ("example", "scoring"),
    ("span start", "span end"),
    ("row", "column"),
    ("first", "second", "third"),
    ("negation", "labelled"),
    ("background", "labelled"),
]
CONTRADICTING_PHRASES: list[tuple[PhraseMeaning, ...]] = [
    ("first", "second", "third"),
    ("truth", "another"),
    ("truth", "denial"),
    ("used", "denial"),
    ("square", "cubic", "per"),
    ("square", "in the unit"),
]


def language(name: str) -> ModuleType:
    return importlib.import_module(f"{languages.__name__}.{name}")


def spellings(phrases: str) -> Iterator[str]:
    """Yield all ways to write phrases, with the words in brackets and without."""
    for phrase in filter(None, phrases.split("|")):
        words = []
        for word in phrase.split():
            ways = word.strip("()").replace("*", "").split("/")
            words.append(["", *ways] if word.startswith("(") else ways)
        for chosen in itertools.product(*words):
            yield " ".join(filter(None, chosen))


def text_beside(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "README.md").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_language_maps_lower_case_words_to_known_meanings(name: str) -> None:
    words: dict[str, str] = language(name).WORDS
    assert words.keys() <= {*get_args(Meaning)}
    for text in words.values():
        assert text == text.lower()  # as words of names are
        assert len(text.split()) == len(set(text.split())) > 0


@pytest.mark.parametrize(
    ("table", "known"), [("PHRASES", get_args(PhraseMeaning)), ("UNITS", get_args(UnitName))]
)
@pytest.mark.parametrize("name", NAMES)
def test_phrases_of_a_language_have_known_meanings_and_are_found(
    name: str, table: str, known: tuple[str, ...]
) -> None:
    own: dict[str, str] = getattr(language(name), table, {})
    assert own.keys() <= {*known}
    for phrases in own.values():
        assert phrases == phrases.lower()
        assert len(each := [one.strip() for one in phrases.split("|")]) == len(set(each))
        pattern = phrase_pattern(phrases)
        for spelt in spellings(phrases):
            text = plain_signs(one_spelling(spelt.replace("{n}", "0")))
            assert pattern.search(f"{text} "), spelt


def test_every_meaning_has_english_words() -> None:
    english = language("english")
    assert english.WORDS.keys() == {*get_args(Meaning)}
    assert english.PHRASES.keys() == {*get_args(PhraseMeaning)}


@pytest.mark.parametrize("meanings", CONTRADICTIONS)
def test_no_word_of_any_language_has_two_meanings_that_contradict(
    meanings: tuple[Meaning, ...],
) -> None:
    for first, second in itertools.combinations(meanings, 2):
        assert not meaning_words(first) & meaning_words(second)


@pytest.mark.parametrize("meanings", CONTRADICTING_PHRASES)
@pytest.mark.parametrize("name", NAMES)
def test_no_phrase_of_a_language_has_two_meanings_that_contradict(
    name: str, meanings: tuple[PhraseMeaning, ...]
) -> None:
    own: dict[str, str] = getattr(language(name), "PHRASES", {})
    each = [{*spellings(own.get(meaning, ""))} for meaning in meanings]
    assert all(not one & other for one, other in itertools.combinations(each, 2))


@pytest.mark.parametrize("name", NAMES)
def test_a_language_s_units_are_those_of_its_file(name: str) -> None:
    for unit, phrases in getattr(language(name), "UNITS", {}).items():
        for spelt in spellings(phrases):
            found = find_measure(spelt)
            assert found is not None, spelt
            assert found.name == unit, spelt


@pytest.mark.parametrize("name", NAMES)
def test_columns_and_texts_name_directions_in_each_language(tmp_path: Path, name: str) -> None:
    own: dict[str, str] = getattr(language(name), "PHRASES", {})
    for spelt in spellings(own.get("direction", "")):
        assert is_called_direction(f"mean_{spelt}"), spelt
    for n, spelt in enumerate(spellings(own.get("directions", ""))):
        text_beside(tmp_path / str(n), f"x {spelt.upper()}.")
        assert readme_directions(scan_folder(tmp_path / str(n), "data")), spelt


@pytest.mark.parametrize("name", NAMES)
def test_texts_rule_out_numbers_below_zero_in_each_language(tmp_path: Path, name: str) -> None:
    phrases = getattr(language(name), "PHRASES", {}).get("zero or more", "")
    for n, spelt in enumerate(spellings(phrases)):
        for number, is_told in (("0", True), ("1", "{n}" not in spelt), ("1.0", False)):
            if number == "1.0" and "{n}" not in spelt:
                continue
            folder = tmp_path / f"{n} {number}"
            text_beside(folder, f"x: {spelt.replace('{n}', number)}.")
            found = readme_amounts(scan_folder(folder, "data"))
            assert bool(found) is is_told, (spelt, number)


@pytest.mark.parametrize("name", NAMES)
def test_texts_tell_the_truth_from_another_mask_in_each_language(tmp_path: Path, name: str) -> None:
    own: dict[str, str] = getattr(language(name), "PHRASES", {})
    told = [(spelt, "alpha") for spelt in spellings(own.get("truth", ""))]
    told += [(spelt, "beta") for spelt in spellings(own.get("another", ""))]
    for n, (spelt, chosen) in enumerate(told):
        text_beside(tmp_path / str(n), f"alpha: {spelt}")
        folder = scan_folder(tmp_path / str(n), "data")
        found = find_truth(folder, {"alpha": ["alpha"], "beta": ["beta"]})
        assert found.chosen == chosen, spelt


def test_numerals_are_those_of_their_places() -> None:
    assert [numerals()[one] for one in ("one", "two", "six")] == [1, 2, 6]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("testbilder", "test"), ("Trainingsbilder", "train"), ("trainmasks", "train"),
        ("obrazy_testowe", "test"), ("tanító", "train"), ("tanito", "train"), ("teszt", "test"),
        ("träningsbilder", "train"), ("sin_etiquetar", "unlabelled"), ("testset", "test"),
        ("não_rotuladas", "unlabelled"), ("изображения_тест", "test"), ("contest", "other"),
        ("latest", "other"), ("straining", "other"), ("protest", "other"), ("images", "other"),
        ("greatest_data", "other"), ("داده\u200cهای_آموزش", "train"), ("آزمون", "test"),
        ("عکس\u200cهای آزمون", "test"), ("بی\u200cبرچسب", "unlabelled"), ("صور_التدريب", "train"),
        ("صور الاختبار", "test"), ("某某_测试集B", "test"), ("訓練集_2019", "train"),
        ("验证集", "holdout"), ("学習用画像", "train"), ("テスト画像", "test"), ("猫と犬", "other"),
        ("훈련데이터", "train"), ("无瑕疵样本", "other"),
    ],
)  # fmt: skip
def test_folder_belongs_to_the_part_that_its_name_states(name: str, part: str) -> None:
    assert guess_part(name) == part


@pytest.mark.parametrize("name", ["ground_truth", "maskenbilder", "maschere", "Máscaras", "gt"])
def test_masks_are_called_in_many_ways(name: str) -> None:
    assert is_called(name, "mask")


@pytest.mark.parametrize("name", ["truthful", "unmasking", "legt", "images"])
def test_a_part_of_a_word_is_no_word(name: str) -> None:
    assert not is_called(name, "mask")


def test_words_count_with_accents_and_without() -> None:
    assert {"máscara", "mascara"} <= meaning_words("mask")
    assert begins_as("exemple_réponses.csv", "sent")
    assert begins_as("exemple_reponses.csv", "sent")


@pytest.mark.parametrize(
    "name",
    [
        "Примерен отговор.csv", "примерно_решение.csv", "зразок відповіді.csv",
        "δείγμα_υποβολής.csv", "model_de_raspuns.csv", "exemplu raspunsuri.csv",
        "przykład_odpowiedzi.csv", "exempel_svar.csv", "نمونه_پاسخ.csv",
        "نمونه\u200cی پاسخ\u200cها.csv", "نموذج الإجابات.csv",
    ],
)  # fmt: skip
def test_samples_are_called_so_in_many_languages(name: str) -> None:
    assert sample_submissions([name, "train.csv"]) == [name]


@pytest.mark.parametrize("spelt", ["عکس\u200cها", "عکسها", "عکس ها", "عكسها", "الصور"])
def test_images_are_called_so_with_signs_between_letters_and_without(spelt: str) -> None:
    assert is_called(spelt, "image")
    assert not is_called(spelt, "mask", "label", "group", "count")


@pytest.mark.parametrize(
    ("spelt", "meaning"),
    [
        ("Prüfung", "test"), ("Prufung", "test"), ("pruefung", "test"), ("Pruefbilder", "test"),
        ("sinav", "test"), ("zkouska", "test"), ("czesc", "piece"), ("tlo", "background"),
        ("umaerket", "void"),
    ],
)  # fmt: skip
def test_words_are_known_as_they_are_written_without_accents(spelt: str, meaning: Meaning) -> None:
    assert is_called(spelt, meaning)


@pytest.mark.parametrize("name", NAMES)
def test_a_language_has_ascii_for_letters_of_its_own(name: str) -> None:
    own: dict[str, str] = getattr(language(name), "ASCII", {})
    assert {*own} <= {*getattr(language(name), "LETTERS", "")}
    for letter, spelt in own.items():
        assert spelt.isascii()
        assert len(spelt) == 2, letter  # one letter is that without its accent


def test_a_label_map_lists_classes() -> None:
    assert is_called("labelmap.txt", "class list")


@pytest.mark.parametrize(
    ("between", "words", "denied"),
    [
        (" ", 0, True),
        ("\n", 0, True),
        (" be ", 0, False),
        (" be ", 1, True),
        (" to be ", 1, False),
        (", ", 1, False),  # another part of the sentence
        ("where ", 1, False),  # the word goes on
    ],
)
def test_a_word_of_negation_denies_what_follows_it(between: str, words: int, denied: bool) -> None:
    for word in sorted(meaning_words("negation")):
        before = plain_signs(one_spelling(f"please {word}{between}"))
        text = f"{before}left out, no"
        assert is_denied(text, len(before), words=words) == denied, word
