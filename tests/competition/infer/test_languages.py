"""Words of hosts in many languages: a file a language, words of two parts, nothing by accident."""

from __future__ import annotations

import importlib
from typing import get_args

import pytest

from podium.competition.infer import languages
from podium.competition.infer.files import guess_part
from podium.competition.infer.languages import Meaning, begins_as, is_called, meaning_words
from podium.competition.infer.sample.submission import sample_submissions
from podium.workspace import extensions

NAMES = extensions.names(languages)


@pytest.mark.parametrize("name", NAMES)
def test_a_language_has_known_meanings_and_words_in_lower_case(name: str) -> None:
    words: dict[str, str] = importlib.import_module(f"{languages.__name__}.{name}").WORDS
    assert words.keys() <= {*get_args(Meaning)}
    for text in words.values():
        assert text == text.lower()  # as words of names are
        assert len(text.split()) == len(set(text.split())) > 0


def test_every_meaning_has_english_words() -> None:
    words = importlib.import_module(f"{languages.__name__}.english").WORDS
    assert words.keys() == {*get_args(Meaning)}


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
        ("صور الاختبار", "test"),
    ],
)  # fmt: skip
def test_a_folder_is_of_the_part_that_its_words_name(name: str, part: str) -> None:
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


def test_a_label_map_lists_classes() -> None:
    assert is_called("labelmap.txt", "class list")
