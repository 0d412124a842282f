"""Tests of the tree of errors: exit codes, texts, and what the operating system's errors become."""

import errno
import inspect
import re

import pytest

from podium import errors
from podium.errors import DataError, PodiumError, RunError, from_os_error, some, some_names, suggest

EXIT_CODES = {
    "UsageError": 2,
    "DataError": 2,
    "RecipeError": 2,
    "TextError": 2,
    "CodecError": 2,
    "SubmissionError": 2,
    "RunError": 1,
    "TaskTimeoutError": 1,
    "HostError": 1,
    "QuotaError": 1,
}


def every_class():
    found = inspect.getmembers(errors, inspect.isclass)
    return {name: kind for name, kind in found if issubclass(kind, PodiumError)}


def test_every_error_has_the_exit_code_of_the_design():
    classes = every_class()
    assert {n: k.exit_code for n, k in classes.items() if n != "PodiumError"} == EXIT_CODES


def test_the_tree_in_the_docstring_names_every_error_with_its_code():
    drawn = re.findall(r"── (\w+) +(\d) ", errors.__doc__)
    assert {name: int(code) for name, code in drawn} == EXIT_CODES


def test_a_message_shows_the_place_first_and_the_fix_on_a_line_of_its_own():
    error = DataError("the table is empty", where="train.csv:1", fix="download it again")
    assert str(error) == "train.csv:1: the table is empty\n  fix: download it again"


def test_place_and_fix_may_be_absent():
    assert str(RunError("it broke")) == "it broke"


@pytest.mark.parametrize(
    ("number", "word"),
    [(errno.ENOSPC, "free disk space"), (errno.EROFS, "--scratch"), (errno.EACCES, "right")],
)
def test_an_operating_system_error_names_the_file_and_the_way_out(number, word):
    error = from_os_error(OSError(number, "reason", "/data/x.npy"))
    assert isinstance(error, RunError)
    assert error.where == "/data/x.npy"
    assert error.message == "reason"
    assert word in error.fix


def test_an_os_error_without_a_number_keeps_its_text():
    assert str(from_os_error(OSError("12 requested and 3 written"))) == "12 requested and 3 written"


def test_only_the_first_offenders_are_shown_and_the_rest_counted():
    assert some(range(7)) == "0, 1, 2, 3, 4 and 2 more"
    assert some(["a"]) == "'a'"
    assert some([]) == ""


def test_long_lists_of_names_are_cut_and_their_length_is_told():
    assert some_names(["a", "b"]) == "a, b"
    assert some_names([f"c{k}" for k in range(1200)]) == "c0, c1, c2, c3, c4, c5 … (1,200)"


def test_advice_names_what_is_spelt_alike_and_else_what_there_is():
    known = ["Cat", "cat", "carts", "horse"]
    assert suggest("bcat", known, otherwise="none") == "write cat"
    assert suggest("zebra", known, otherwise="none") == "none"
    assert suggest("CATS", known, otherwise="none") == "none"
    both = suggest("CATS", known, "did you mean {}?", otherwise="none", n=3, any_case=True)
    assert both == "did you mean carts or Cat?"
    # Both are one edit away: a swap of neighbours is the likelier slip.
    assert suggest("lable", ["table", "label"], otherwise="none") == "write label"
    assert suggest("di", ["id", "images"], otherwise="none") == "write id"
    assert suggest("SDIE", ["sides", "side"], otherwise="none", any_case=True) == "write side"
    assert suggest("abcd", ["badc"], otherwise="none", cutoff=0.9) == "none"  # two swaps
    # A name that stands twice is given once, and still takes both places.
    assert suggest("run", ["ran", "runs", "runs"], otherwise="none", n=2) == "write runs"
