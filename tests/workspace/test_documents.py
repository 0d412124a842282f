"""Tests of documents: every problem at once, by line; extends; overrides."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from podium.errors import DataError, RecipeError
from podium.workspace.documents import RuleError, dump, dumps, locate_key, read_document


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Optimizer(Part):
    name: Literal["adamw", "sgd"] = "adamw"
    lr: Annotated[float, Field(gt=0)] = 1e-3
    clip: Annotated[float, Field(gt=0)] | None = None


class Phase(Part):
    name: str
    epochs: Annotated[int, Field(ge=1)]
    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    optimizer: Optimizer | None = None


class Described(Part):
    kind: Literal["red", "blue"] = Field(default="red", description="red: warm; blue: cold")
    other: Literal["up", "down"] = "up"


class Page(Part):
    page: ClassVar[str] = "docs/page.md"
    colour: Described = Described()


class Document(Part):
    seed: int = 0
    size: int | tuple[int, int] = 224
    views: tuple[str, str] = ("weak", "strong")
    weights: Literal["none", "balanced"] | list[float] = "none"
    source: str | None = Field(None, alias="from")
    pretrained: bool = True
    tasks: dict[Literal["classify"], str] = Field(default_factory=dict)
    losses: dict[str, dict[str, Any]] = Field(default_factory=dict)
    optimizer: Optimizer = Optimizer()
    epochs: Annotated[tuple[int | Literal["last"], ...], Field(min_length=1)] = (1,)
    phases: Annotated[list[Phase], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_differ(self):
        names = [phase.name for phase in self.phases]
        if len(set(names)) < len(names):
            raise ValueError("phases: two have the same name")
        return self


PHASES = "phases:\n  - {name: warm, epochs: 1}\n  - {name: joint, epochs: 2}\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Messages show paths relative to the current folder."""
    monkeypatch.chdir(tmp_path)


def write(text, name="r.yaml"):
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file.absolute()


def read(text, *overrides):
    return read_document(write(text), Document, error=RecipeError, overrides=overrides)


def complaint(text, *overrides):
    with pytest.raises(RecipeError) as caught:
        read(text, *overrides)
    return str(caught.value)


def test_a_key_is_located_by_its_line_and_what_is_no_key_stays_as_it_is():
    file = write(PHASES + "optimizer:\n  lr: 1\n")
    assert locate_key(file, "phases[1].epochs") == "r.yaml:3: phases[1].epochs"
    assert locate_key(file, "optimizer.lr") == "r.yaml:5: optimizer.lr"
    assert locate_key(file, "optimizer.lr", overrides=["optimizer.lr=2"]) == (
        "-o optimizer.lr=2: optimizer.lr"
    )
    assert locate_key(file, "phases[0].loss.classify") == "r.yaml:2: phases[0].loss.classify"
    for other in ("data/train.csv", "r.yaml:3", "phase joint: loss", "/a/b", "optimizer.rates"):
        assert locate_key(file, other) == other
    file.unlink()
    assert locate_key(file, "optimizer.lr") == "optimizer.lr"


def test_a_small_number_in_scientific_notation_is_a_number():
    assert read(PHASES + "optimizer: {lr: 5e-4}\n").optimizer.lr == 0.0005


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("sed: 1", "r.yaml:4: unknown key 'sed', did you mean 'seed'?"),
        ("zzz: 1", "r.yaml:4: unknown key 'zzz'\n  fix: remove it; the keys here are seed, size"),
        ("optimizer: {l: 1}", "r.yaml:4: unknown key 'l' in optimizer"),
        (
            "optimizer:\n  nam: sgd",
            "r.yaml:5: unknown key 'nam' in optimizer, did you mean 'name'?",
        ),
        # A key that stands there already is not what is meant.
        (
            "optimizer: {lr: 1, lrr: 1}",
            "r.yaml:4: unknown key 'lrr' in optimizer\n  fix: remove it",
        ),
        ("tasks: {clasify: x}", "unknown key 'clasify' in tasks, did you mean 'classify'?"),
        ("form: a", "r.yaml:4: unknown key 'form', did you mean 'from'?"),
        ("seed: x", "r.yaml:4: seed must be a whole number, got 'x'\n  fix: write a whole"),
        ("seed: true", "r.yaml:4: seed must be a whole number, got true\n  fix: write a whole"),
        ("optimizer: {lr: true}", "r.yaml:4: optimizer.lr must be a number, got true"),
        ("optimizer: {lr: .inf}", "r.yaml:4: optimizer.lr must be a finite number, got inf"),
        ("weights: [1, true]", "r.yaml:4: weights[1] must be a number, got true"),
        ("size: true", "r.yaml:4: size must be a whole number, got true"),
        ("size: [32, false]", "r.yaml:4: size[1] must be a whole number, got false"),
        ("seed: 1.5", "r.yaml:4: seed must be a whole number, got 1.5"),
        ("seed:", "r.yaml:4: seed must be a whole number, got nothing"),
        ("seed: x", "\n  fix: write a whole number in digits, as 0"),
        ("optimizer: {lr: fast}", "\n  fix: write a number in digits"),
        ("pretrained: 3", "r.yaml:4: pretrained must be true or false, got 3"),
        ("from: 0123", 'r.yaml:4: from must be text, got 123\n  fix: put it in quotes: "0123"'),
        ("optimizer: {lr: 0}", "r.yaml:4: optimizer.lr must be above 0, got 0"),
        ("optimizer: [1]", "r.yaml:4: optimizer must be a mapping of keys to values, got [1]"),
        (
            "optimizer: {name: sdg}",
            "r.yaml:4: optimizer.name must be one of 'adamw', 'sgd', got 'sdg'\n  fix: write sgd",
        ),
        ("optimizer: {name: SGD}", "got 'SGD'\n  fix: write sgd"),
        ("weights: some", "weights must be one of 'none', 'balanced' or a list, got 'some'"),
        ("weights: [1, x]", "weights[1] must be a number, got 'x'"),
        ("size: [1, 2, 3]", "size must be a whole number or"),
        ("views: [a]", "r.yaml:4: views needs 2 entries, got 1\n  fix: write the others, too"),
        ("views: []", "r.yaml:4: views needs 2 entries, got 0"),
        ("losses: {a: 3}", "r.yaml:4: losses.a must be a mapping of keys to values, got 3"),
        ("views: 3", "r.yaml:4: views must be a list, got 3\n  fix: write views: […, …]"),
        ("tasks: 3", "\n  fix: write tasks: {classify: …}"),
        ("optimizer: [1]", "\n  fix: write optimizer: {name: …}"),
        ("pretrained: 3", "\n  fix: write true or false"),
        ("from: {stem}", "\n  fix: put it in quotes: '{stem}'"),
        ("optimizer: {name: red}", "\n  fix: write one of them"),
    ],
)
def test_a_wrong_entry_is_reported_with_line_value_and_fix(lines, expected):
    assert expected in complaint(PHASES + lines + "\n")


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("kind: x1", "write one of them: docs/page.md#colour describes each"),
        ("other: x1", "write one of them"),
    ],
)
def test_the_page_that_describes_the_values_of_a_key_is_named(line, fix):
    file = write(f"colour: {{{line}}}\n")
    with pytest.raises(RecipeError) as raised:
        read_document(file, Page, error=RecipeError)
    assert raised.value.fix == fix


def test_a_misspelt_key_is_one_problem_and_all_stand_in_the_order_of_their_lines():
    """`phase` is meant as `phases`, so that is not missing, too."""
    with pytest.raises(RecipeError) as raised:
        read("pretrained: 7\noptimizer: {nam: a}\nphase: []\nseed: x\n")
    lines = str(raised.value).splitlines()[1:]
    assert [line.split(":")[1] for line in lines] == ["1", "2", "3", "4"]
    assert "unknown key 'phase', did you mean 'phases'?" in lines[2]


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        ("{name: a, epoch: 5}", "did you mean 'epochs'?"),
        ("{name: a}", "r.yaml:2: phases[0] needs the key 'epochs'\n  fix: add epochs: …"),
        ("{name: a, epochs: 0}", "phases[0].epochs must be at least 1, got 0"),
        (
            "{name: a, epochs: 1, threshold: 80}",
            "r.yaml:2: phases[0].threshold must be in [0, 1], got 80\n  fix: write 0.8",
        ),
        (
            "{name: a, epochs: 1, threshold: 1.5}",
            "got 1.5\n  fix: write a number in [0, 1], as 0.5",
        ),
        ("{name: a, epochs: 1, threshold: 2}", "got 2\n  fix: write a number in [0, 1], as 0.5"),
        (
            "{name: a, epochs: 1, threshold: .inf}",
            "r.yaml:2: phases[0].threshold must be in [0, 1]",
        ),
        ("{name: a, epochs: 1, optimizer: sgd}", "got 'sgd'\n  fix: write {name: sgd}"),
        ("{name: a, epochs: 1, threshold: -1}", "phases[0].threshold must be in [0, 1], got -1"),
        ("{name: a, epochs: 1, optimizer: {lr: -1}}", "phases[0].optimizer.lr must be above 0"),
        ("{name: a, epochs: 1, optimizer: {x: 1}}", "unknown key 'x' in phases[0].optimizer"),
    ],
)
def test_a_wrong_entry_deep_inside_is_named_by_its_path(phase, expected):
    assert expected in complaint(f"phases:\n  - {phase}\n")


def test_a_wrong_entry_is_not_reported_again_as_missing():
    """pydantic does not count it."""
    wrong = (
        "r.yaml:4: epochs[0] must be a whole number or one of 'last', got 'lst'\n  fix: write last"
    )
    assert complaint(PHASES + "epochs: [lst]\n") == wrong
    assert "r.yaml: 2 problems" in complaint(PHASES + "epochs: [x, y]\n")
    assert "epochs must be a list of at least 1 entry, got []" in complaint(PHASES + "epochs: []\n")


def test_all_problems_of_a_file_are_reported_at_once_in_lines_that_editors_open():
    text = "seed: x\nphases:\n  - {name: a, epochs: 1}\n  - name: b\n    epoch: 2\n    name: c\n"
    lines = complaint(text).splitlines()
    assert lines[0] == "r.yaml: 3 problems"
    places = [line.partition(": ")[0].strip() for line in lines[1:]]
    assert places == ["r.yaml:1", "r.yaml:5", "r.yaml:6"]


def test_a_rule_may_name_a_key_inside_another():
    text = "seed: 1\nphases: [{name: a, epochs: 1}]\nnested:\n  inner:\n    deep: 3\n"

    class Nested(BaseModel):
        seed: int
        phases: list[dict[str, Any]]
        nested: dict[str, Any]

        @model_validator(mode="after")
        def _refuse(self) -> "Nested":
            raise ValueError("nested.inner.deep: is too large")

    file = Path("r.yaml").absolute()
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_document(file, Nested, error=DataError)
    assert str(caught.value).startswith("r.yaml:5: nested.inner.deep: is too large")


def test_a_rule_of_a_key_names_it_once_and_may_have_a_fix():
    class Inner(BaseModel):
        deep: int

        @field_validator("deep")
        @classmethod
        def _refuse(cls, deep: int) -> int:
            raise RuleError("deep: 3 is too large", "write 2")

    class Outer(BaseModel):
        nested: Inner

    file = Path("r.yaml").absolute()
    file.write_text("nested:\n  deep: 3\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_document(file, Outer, error=DataError)
    assert str(caught.value) == "r.yaml:2: nested.deep: 3 is too large\n  fix: write 2"


def test_an_unknown_key_of_another_file_names_that_file(tmp_path):
    class Other(BaseModel):
        metric: dict[str, str]

    file = Path("r.yaml").absolute()
    file.write_text(PHASES + "seed: 1\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_document(
            file, Document, error=DataError, overrides=["metric.name=x"], others={"o.yaml": Other}
        )
    assert caught.value.message.endswith("unknown key 'metric'")
    assert caught.value.fix == "metric is a key of o.yaml: write it there"


def test_an_override_without_a_value_is_shown_with_one(tmp_path):
    file = Path("r.yaml").absolute()
    file.write_text(PHASES + "seed: 1\n", encoding="utf-8")
    for override, fix in (("input.size", "input.size=VALUE"), ("=3", "optimizer.lr=1e-3")):
        with pytest.raises(DataError) as caught:
            read_document(file, Document, error=DataError, overrides=[override])
        assert caught.value.fix == f"write it as {fix}"


def test_a_rule_over_several_keys_is_reported_at_the_key_that_it_names():
    text = "seed: 1\nphases: [{name: a, epochs: 1}, {name: a, epochs: 1}]\n"
    assert complaint(text) == "r.yaml:2: phases: two have the same name"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "r.yaml: the file is empty"),
        (b"# only a comment\n", "r.yaml: the file is empty"),
        (b"- a\n- b\n", "r.yaml:1: must hold keys with values, is a list"),
        (b"\n\nhello\n", "r.yaml:3: must hold keys with values, is 'hello'"),
        (b"a: 1\nb: \xff\n", "r.yaml:2: this line is not UTF-8 text"),
        (b"phases:\n\t- a\n", "r.yaml:2: a tab"),
    ],
)
def test_a_file_that_is_no_document_is_reported(content, expected):
    file = Path("r.yaml").absolute()
    file.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_document(file, Document, error=DataError)
    assert str(caught.value).startswith(expected)
    assert caught.value.fix


def test_an_empty_list_or_file_gets_what_it_needs_as_its_fix():
    form = "phases: [{name: …, epochs: …}]"
    assert complaint("phases: []\n").endswith(f"fix: write {form}")
    assert complaint("").endswith(f"fix: write keys and values, as `{form}`")


def test_true_may_stand_where_anything_may():
    assert read(PHASES + "pretrained: true\nlosses: {a: {b: true}}\n").losses == {"a": {"b": True}}


def test_a_byte_order_mark_is_no_part_of_the_first_key():
    assert read("\ufeffseed: 7\n" + PHASES).seed == 7


def test_a_missing_file_and_a_folder_are_reported():
    write(PHASES, "recipes/base.yaml")
    for name, expected in (("recipes/bas.yaml", "no such file"), ("recipes", "a folder")):
        with pytest.raises(RecipeError, match=expected) as caught:
            read_document(Path(name), Document, error=RecipeError)
        assert caught.value.fix
    with pytest.raises(RecipeError, match=r"recipes/x.yaml.*\n.*base.yaml"):
        read_document(Path("recipes/x.yaml"), Document, error=RecipeError)


def test_a_missing_file_is_not_explained_by_a_competition(tmp_path):
    write("name: leaves\n", "competition.yaml")
    with pytest.raises(RecipeError) as caught:
        read_document(Path("space.yaml"), Document, error=RecipeError)
    assert caught.value.fix == "write it, or check the path"
    with pytest.raises(RecipeError) as caught:
        read_document(Path("competitoin.yaml"), Document, error=RecipeError)
    assert caught.value.fix == "choose one of competition.yaml"


def test_extends_merges_mappings_and_replaces_lists():
    write("seed: 3\noptimizer: {name: sgd, lr: 1}\n" + PHASES, "base/a.yaml")
    write("extends: base/a.yaml\noptimizer: {lr: 2}\n", "middle.yaml")
    found = read("extends: middle.yaml\nphases: [{name: only, epochs: 9}]\n")
    assert (found.seed, found.optimizer.name, found.optimizer.lr) == (3, "sgd", 2)
    assert [phase.name for phase in found.phases] == ["only"]


def test_a_problem_in_a_parent_is_reported_in_the_parent():
    write("seed: x\n" + PHASES, "base.yaml")
    assert complaint("extends: base.yaml\n").startswith("base.yaml:1: seed must be")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed: 1\nextends: r.yaml\n", "r.yaml:2: extends runs in a circle: r.yaml → r.yaml"),
        ("extends: none.yaml\n", "r.yaml:1: extends names 'none.yaml', and there is no file"),
        ("extends: [a]\n", "r.yaml:1: extends must name one file, got ['a']"),
    ],
)
def test_a_wrong_extends_is_reported(text, expected):
    assert complaint(text).startswith(expected)


def test_a_long_circle_is_reported_too():
    write("extends: r.yaml\n", "b.yaml")
    assert "circle: r.yaml → b.yaml → r.yaml" in complaint("extends: b.yaml\n")


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("seed=5", lambda d: d.seed == 5),
        ("optimizer.lr=1e-2", lambda d: d.optimizer.lr == 0.01),
        ("phases[1].epochs=3", lambda d: [p.epochs for p in d.phases] == [1, 3]),
        ("phases.joint.epochs=3", lambda d: [p.epochs for p in d.phases] == [1, 3]),
        ("phases.1.epochs=3", lambda d: [p.epochs for p in d.phases] == [1, 3]),
        ("phases[0].optimizer.lr=7", lambda d: d.phases[0].optimizer.lr == 7),
        ("size=[32, 64]", lambda d: d.size == (32, 64)),
        ("from=a=b", lambda d: d.source == "a=b"),
        ("from=", lambda d: d.source is None),
        ("phases=[{name: x, epochs: 4}]", lambda d: d.phases[0].epochs == 4),
        (" seed = 6", lambda d: d.seed == 6),
    ],
)
def test_an_override_changes_one_value(override, value):
    assert value(read(PHASES, override))


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("sed=5", "-o sed=5: unknown key 'sed', did you mean 'seed'?"),
        ("optimzer.lr=1", "unknown key 'optimzer', did you mean 'optimizer'?"),
        ("optimizer.lrr=1", "unknown key 'lrr' in optimizer, did you mean 'lr'?"),
        ("phases[1].epoch=1", "unknown key 'epoch' in phases[1], did you mean 'epochs'?"),
        ("phases[2].epochs=1", "phases has 2 entries, counted from 0: there is no [2]"),
        ("phases.2.epochs=1", "phases has 2 entries, counted from 0: there is no [2]"),
        ("phases.epochs=1", "phases is a list and has no key 'epochs'; write an index as [0]"),
        ("phases.three.epochs=1", "no key 'three'; write an index as [0], or a name: warm, joint"),
        ("seed.x=1", "seed is 4 and has no key 'x'"),
        ("weights[0]=1", "weights is not a list in the file"),
        ("seed", "an override is key=value"),
        ("=3", "an override is key=value"),
        ("a..b=3", "a..b is no key: keys are joined by dots"),
        ("phases[-1].epochs=2", "phases[-1].epochs is no key: keys are joined by dots, and [0]"),
        ("seed=[", "this is not YAML"),
        ("seed=x", "-o seed=x: seed must be a whole number, got 'x'"),
        ("sed=5", "\n  fix: write seed"),
    ],
)
def test_a_wrong_override_is_reported_as_it_was_typed(override, expected):
    text = complaint("seed: 4\n" + PHASES, override)
    assert text.startswith(f"-o {override}")
    assert expected in text


def test_overrides_apply_in_order_and_over_extends():
    write("optimizer: {lr: 1}\n" + PHASES, "base.yaml")
    found = read("extends: base.yaml\n", "optimizer.lr=2", "optimizer.lr=3")
    assert found.optimizer.lr == 3


def test_an_override_of_an_aliased_value_changes_one_place_only():
    text = "phases:\n  - &p {name: a, epochs: 1, optimizer: &o {lr: 1}}\n"
    text += "  - {name: b, epochs: 1, optimizer: *o}\n"
    found = read(text, "phases[1].optimizer.lr=5")
    assert [phase.optimizer.lr for phase in found.phases] == [1, 5]


def test_what_is_dumped_reads_back_as_the_same(tmp_path):
    document = read(PHASES + "from: '1e-3'\nsize: [32, 64]\noptimizer: {lr: 3e-5, clip: 12.5}\n")
    dump(document, tmp_path / "resolved.yaml")
    again = read_document(tmp_path / "resolved.yaml", Document, error=RecipeError)
    assert again == document
    assert "from: '1e-3'" in dumps(document)


@pytest.mark.parametrize("text", ["pretrained: yes", "pretrained: on", "pretrained: 'true'"])
def test_words_for_true_are_read_as_booleans(text):
    assert read(PHASES + text).pretrained is True


def test_placeholders_are_reported_by_line_before_other_errors(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "name: all\nepochs: <write a number>\n<write a key>: [x, 'a/<write a name>.png']\n"
    )
    with pytest.raises(DataError) as caught:
        read_document(tmp_path / "a.yaml", Phase, error=DataError)
    told = str(caught.value)
    for line, what in ((2, "<write a number>"), (3, "<write a key>"), (3, "<write a name>")):
        assert f"a.yaml:{line}: {what} is a placeholder to complete" in told
    assert "3 problems" in told


def test_a_placeholder_that_an_override_completes_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: all\nepochs: <write a number>\n")
    found = read_document(tmp_path / "a.yaml", Phase, error=DataError, overrides=["epochs=3"])
    assert found.epochs == 3


def test_text_in_angle_brackets_is_no_placeholder(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: <none>\nepochs: 1\n")
    assert read_document(tmp_path / "a.yaml", Phase, error=DataError).name == "<none>"


def test_where_a_number_or_a_word_may_stand_the_fix_names_both():
    text = complaint(PHASES + "epochs: [x]\n")
    assert text.endswith("got 'x'\n  fix: write a whole number in digits, or last")
