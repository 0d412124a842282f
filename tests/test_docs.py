"""The documentation is executed: its commands exist, its snippets run, its pages are current."""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
from pathlib import Path

import pytest
import yaml
from scripts import script
from typer.testing import CliRunner

from podium.cli.app import COMMANDS, app
from podium.competition import metrics, readers
from podium.competition.presets import preset_names
from podium.competition.spec import Competition, SubmissionSpec
from podium.errors import RecipeError
from podium.predictions.decisions.masks import check_object_steps
from podium.reporting.export import FIGURES
from podium.submissions.format.spec import format_of
from podium.training import methods
from podium.training.method import LABELLED, UNLABELLED
from podium.training.recipe import Recipe
from podium.workspace.extensions import load, names

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# What a newcomer reads: the README, and the pages that it sends to.
FIRST_PAGES = "\n".join(
    [README]
    + [
        (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        for name in ("getting_started", "commands", "tour")
    ]
)
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "examples").glob("*/README.md"),
]


def commands(page: Path) -> list[str]:
    """Return the podium commands of a page: of its blocks, its tables and its sentences."""
    text = page.read_text(encoding="utf-8")
    shown = re.findall(r"^(?: {4,}|\$ )(podium [^#\n]*)", text, flags=re.MULTILINE)
    named = re.findall(r"`(podium [^`]*)`", text)
    return sorted({" ".join(line.split()) for line in [*shown, *named]})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_exist_with_their_options(page: Path) -> None:
    for line in commands(page):
        words = re.sub(r"\s(?:\||·|&&).*", "", line).split()[1:]
        while words[:1] in (["-w"], ["--workspace"], ["--scratch"], ["--debug"]):
            words = words[1:] if words[0] == "--debug" else words[2:]
        if not words or words[0] in ("COMMAND", "…", "--help", "--version"):
            continue
        group: list[str] = []
        known = set(COMMANDS)
        while words and words[0] in known:
            group.append(words.pop(0))
            output = help_of(tuple(group))
            known = subcommands(output)
        assert group, f"there is no such command: {line}"
        is_complete = not known or not words or words[0].startswith(("-", "…"))
        assert is_complete, f"there is no such command: {line}"
        for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", " ".join(words)):
            assert option in output, f"{option} is not an option of podium {' '.join(group)}"


@functools.cache
def help_of(group: tuple[str, ...]) -> str:
    """Return what `podium GROUP --help` prints."""
    done = CliRunner().invoke(app, [*group, "--help"], terminal_width=200)
    assert done.exit_code == 0, done.output
    return done.output


def test_examples_ask_for_figures_by_the_names_that_the_report_lists() -> None:
    pages = [page.read_text(encoding="utf-8") for page in (ROOT / "examples").glob("s?/README.md")]
    asked = [one for page in pages for one in re.findall(r"--figures ([\w,]+)", page)]
    assert len(asked) == 5
    assert {name for one in asked for name in one.split(",")} <= FIGURES.keys()


def test_the_page_of_commands_lists_every_command() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    listed = {line.split()[1] for line in re.findall(r"^\| `(podium [^`]*)`", page, re.MULTILINE)}
    assert listed == set(COMMANDS)


def test_the_readme_is_read_in_a_minute() -> None:
    assert len(README.splitlines()) <= 120
    assert "docs/images/terminal.svg" in README


def test_the_readme_states_what_needs_a_network_and_what_to_type_without_one() -> None:
    [line] = [one for one in README.splitlines() if one.startswith("    podium train baseline ")]
    assert "downloads" in line
    first_steps = README.partition("## Your first submission")[2].partition("\n## ")[0]
    assert "Without a network" in first_steps
    assert "podium recipes suggest --write" in first_steps


def subcommands(help_text: str) -> set[str]:
    """Return the commands of the group whose help this is."""
    return set(re.findall(r"^│ (\w+) ", help_text, flags=re.MULTILINE))


def test_the_comparison_counts_what_the_package_has() -> None:
    both = {LABELLED, UNLABELLED}
    found = [load(methods, name, "METHOD", error=RecipeError) for name in names(methods)]
    semi = [method for method in found if both <= set(method.needs)]
    assert f"| semi-supervised methods | {len(semi)} |" in README
    assert f"checked, {len(preset_names())} competitions known" in README


def test_every_command_shows_an_example() -> None:
    left = [[name] for name in COMMANDS]
    while left:
        group = left.pop()
        text = CliRunner().invoke(app, [*group, "--help"], terminal_width=200).output
        if "Example" not in text:
            below = subcommands(text)
            assert below, " ".join(group)
            left += [[*group, name] for name in below]


@pytest.mark.slow
def test_the_snippet_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    snippets = re.findall(r"```python\n(.*?)```", FIRST_PAGES, flags=re.DOTALL)
    assert len(snippets) == 1
    for snippet in snippets:
        exec(compile(snippet, "README.md", "exec"), {})
    assert capsys.readouterr().out


def test_the_recipes_and_the_competition_of_the_readme_are_valid() -> None:
    shown = re.findall(r"```yaml\n(.*?)```", FIRST_PAGES, flags=re.DOTALL)
    competitions = 0
    for text in shown:
        # PyYAML reads 5e-4 as text; podium's own reader does not, and has tests of its own.
        content = yaml.safe_load(re.sub(r"\b(\d)e-", r"\1.0e-", text))
        if "phases" in content:
            Recipe.model_validate(content)
        else:
            Competition.model_validate({"name": "readme", **content})
            competitions += 1
    assert (len(shown), competitions) == (4, 1)


def test_the_reference_pages_are_what_the_models_define() -> None:
    reference = script(ROOT / "docs/write_reference.py")
    for name, (title, intro, model) in reference.PAGES.items():
        written = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert written == reference.page(title, intro, model), f"run make docs: {name} is old"
    written = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
    assert written == reference.formats_page(), "run make docs: formats.md is old"
    written = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    assert written == reference.metrics_page(), "run make docs: metrics.md is old"
    written = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    assert written == reference.api_page(), "run make docs: api.md is old"


@pytest.mark.slow
def test_the_snippets_on_thresholds_run(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs/thresholds.md").read_text(encoding="utf-8")
    snippets = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    for snippet in snippets:
        exec(compile(snippet, "thresholds.md", "exec"), {})
    printed = capsys.readouterr().out.split()
    assert len(snippets) == 2
    assert all(0 < float(one.strip("[]")) < 1 for one in printed)


def test_the_snippet_on_choosing_a_method_of_blending_runs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = (ROOT / "docs/ensembling.md").read_text(encoding="utf-8")
    [snippet] = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    exec(compile(snippet, "ensembling.md", "exec"), {})
    ranked = [line.split()[0] for line in capsys.readouterr().out.splitlines()[:4]]
    assert sorted(ranked) == ["best", "logit_mean", "mean", "simplex"]


def snippets(page: Path) -> list[str]:
    """Return the Python of a page that imports something; signatures and sessions are left out."""
    shown = re.findall(r"```python[^\n]*\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [text for text in shown if re.search(r"^(?:from|import) ", text, re.MULTILINE)]


@pytest.mark.parametrize(
    "page", [one for one in PAGES if snippets(one)], ids=lambda page: page.name
)
def test_what_the_snippets_of_a_page_import_exists(page: Path) -> None:
    for snippet in snippets(page):
        for node in ast.walk(ast.parse(snippet)):
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("podium"):
                module = importlib.import_module(str(node.module))
                for name in node.names:
                    below = f"{node.module}.{name.name}"
                    found = hasattr(module, name.name) or importlib.util.find_spec(below)
                    assert found, f"{page.name}: {below}"


def test_the_formats_of_the_documentation_are_formats() -> None:
    text = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
    shown = re.findall(r"^    (submission: \{.*?\})$", text, re.MULTILINE | re.DOTALL)
    assert len(shown) == 24
    for one in shown:
        SubmissionSpec.model_validate(yaml.safe_load(one)["submission"])


def test_the_image_files_of_the_documentation_can_be_declared() -> None:
    text = (ROOT / "docs/images_in.md").read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    kinds = set()
    for one in shown:
        competition = Competition.model_validate(
            {
                "name": "shown",
                "tasks": {"classify": "multiclass"},
                "classes": ["a", "b"],
                "data": yaml.safe_load(one),
                "folds": {"scheme": "group", "group": "case"},
                "metric": {"name": "accuracy"},
            }
        )
        kinds.add(competition.reader.name)
        assert competition.pixels.channels
    assert kinds == {*readers.names(), "my_reader:read"}
    assert len(shown) == 7


def test_the_objects_and_volumes_of_the_documentation_can_be_declared() -> None:
    text = (ROOT / "docs/objects.md").read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n(.*?)```", text, flags=re.DOTALL)
    needs = set()
    for one in shown:
        competition = Competition.model_validate(yaml.safe_load(one))
        kind, options = competition.tasks["segment"], competition.metric.options
        fitted = metrics.fitting(metrics.of(competition), kind, options, task="segment")
        needs.add(fitted.needs)
        format_of(competition)
    assert (len(shown), needs) == (4, {"instances", "volumes"})
    [steps] = re.findall(r"^    (\[\{threshold.*\])$", text, flags=re.MULTILINE)
    check_object_steps(yaml.safe_load(steps), "binary", 1)


def test_links_lead_to_files() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
