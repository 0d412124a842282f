"""The page as a browser has it: at three widths, light and dark, by mouse and by keyboard.

`PODIUM_SCREENSHOTS=DIR` keeps the pictures that are taken, and `PODIUM_PAGE=FILE` has another page
looked at: what is asked of every page is asked of that one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from browser import Chromium, Tab
from PIL import Image
from reporting.conftest import made_labels

from podium.reporting import build_report
from podium.workspace.records import read_record, write_record

pytestmark = pytest.mark.slow

CLASSES = [f"class {i:02d}" for i in range(11)] + ["<i>Xy</i> & שלום 😀"]
WIDTHS = (390, 820, 1400)
PHASE = "phases:\n  - name: {}\n    epochs: {}\n    freeze: [backbone]\n"


@pytest.fixture(scope="session")  # workers take these tests from one another, between others
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with news: a blend of two runs and its submission since the report before."""
    if "PODIUM_PAGE" in os.environ:
        return Path(os.environ["PODIUM_PAGE"]).resolve()
    made = made_labels(tmp_path_factory.mktemp("workspace"), classes=CLASSES)
    run = made.add_run("a-00000001", seed=1)
    (run / "recipe.yaml").write_text("seed: 0\noptimizer:\n  lr: 0.1\n" + PHASE.format("heads", 1))
    build_report(made.workspace, made.competition)
    run = made.add_run("b-00000002", seed=2)
    (run / "recipe.yaml").write_text(
        "seed: 0\noptimizer:\n  lr: 0.2\n  clip: 1\n" + PHASE.format("probe", 2)
    )
    for folder in made.workspace.runs.iterdir():
        record = read_record(folder)
        scores = {**record.scores, "tasks": {"classify": {"metric": "accuracy", "oof": 0.6}}}
        write_record(
            folder,
            record.model_copy(update={"scores": scores, "details": {"predictions": "aabbccdd"}}),
        )
    blend = made.add_blend("a-00000001", "b-00000002")
    made.add_submission(blend.name, public_score=0.71)
    made.workspace.submissions.joinpath(f"{blend.name}.csv").write_text("id,label\n")
    return build_report(made.workspace, made.competition)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("PODIUM_SCREENSHOTS") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def tab(browser: Chromium, page: Path) -> Iterator[Tab]:
    opened = browser.open(page.as_uri(), width=1400)
    yield opened
    assert opened.complaints == []
    assert opened.requests == [page.as_uri()]
    opened.close()


def test_page_fits_every_width_in_light_and_dark_without_requests_or_console_errors(
    browser: Chromium, page: Path, pictures: Path
) -> None:
    for width, dark in product(WIDTHS, (False, True)):
        tab = browser.open(page.as_uri(), width=width, dark=dark)
        tab.run("document.fonts.ready.then(() => 0)")
        assert tab.run("innerWidth") == width
        assert tab.fits
        assert tab.run("performance.getEntriesByType('resource').map((one) => one.name)") == []
        assert tab.complaints == []
        assert tab.requests == [page.as_uri()]
        file = pictures / f"page-{width}-{'dark' if dark else 'light'}.png"
        tab.picture(file, whole="PODIUM_SCREENSHOTS" in os.environ)
        with Image.open(file) as picture:
            seen = np.asarray(picture.convert("L"))
        assert seen.shape[1] == width
        assert (np.median(seen) < 60) == dark
        assert len(np.unique(seen)) > 50, "a page that is blank has a handful of greys"
        tab.close()


@pytest.mark.parametrize("width", [390, 1400])
def test_the_head_leads_to_mistakes_to_the_worst_fold_to_two_runs_and_to_the_files(
    browser: Chromium, page: Path, width: int
) -> None:
    tab = browser.open(page.as_uri(), width=width)
    links = "[...document.querySelectorAll('#where-to-look a, #top a[href=\"#files\"]')]"
    seen = f"{links}.filter((one) => one.checkVisibility()).map((one) => one.hash)"
    assert tab.run(seen) == ["#gallery", "#folds-of-labels", "#compare", "#files"]
    assert tab.run(f"{links}.every((one) => document.querySelector(one.hash).checkVisibility())")
    worst = tab.run("document.querySelector('#folds-of-labels ~ p b').textContent")
    told = tab.run(f"{links}[1].textContent")
    if worst.startswith("No fold is worse"):
        assert told == "each class in each fold"
    else:
        assert told.startswith(f"the {worst.lower().replace(': ', ', ')} (")
    assert tab.run(f"{links}[0].getBoundingClientRect().bottom < 2 * innerHeight")
    table = "[...document.querySelectorAll('#board table')][0]"
    assert tab.run(f"{table}.caption.textContent") == "Files in submissions/"
    assert tab.run(f"{table}.classList.contains('stacked')") == (width == 390)
    tab.close()


def test_a_page_has_less_than_15_megabytes(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.encode()) < 15e6
    runs = text.split('<details id="run-')[1:]
    assert runs
    smallest = min(len(one.partition("<section")[0].encode()) for one in runs)
    # Of 30 runs that are drawn, the best three have t-SNE and neighbours, and few are explained.
    assert smallest < 450_000


def test_browser_checks_detect_forbidden_page_behaviour(browser: Chromium, tmp_path: Path) -> None:
    """The test above could not fail otherwise."""
    bad = tmp_path / "bad.html"
    bad.write_text('<img src="http://127.0.0.1:9/x.png"><script>console.error("no")</script>')
    tab = browser.open(bad.as_uri(), width=390)
    assert tab.requests == [bad.as_uri(), "http://127.0.0.1:9/x.png"]
    assert any("no" in one for one in tab.complaints)
    tab.close()
    bad.write_text("<script>nothing.at.all()</script>")
    tab = browser.open(bad.as_uri(), width=390)
    assert "nothing is not defined" in tab.complaints[0]
    tab.close()


def test_a_table_sorts_by_the_keyboard_and_by_a_click(tab: Tab) -> None:
    tab.run("table = document.querySelector('#runs table.sortable'); 0")
    names = "[...table.tBodies[0].rows].map((row) => row.querySelector('a').textContent)"
    tab.run("button = table.querySelector('th button'); button.focus()")
    tab.press("Enter")
    assert tab.run(names) == ["a-00000001", "b-00000002"]
    assert tab.run("button.parentElement.getAttribute('aria-sort')") == "ascending"
    tab.run("button.click()")
    assert tab.run(names) == ["b-00000002", "a-00000001"]
    assert tab.run("table.querySelectorAll('[aria-sort=descending]').length") == 1


def test_a_long_table_is_filtered_by_any_cell_and_a_short_one_is_not(tab: Tab) -> None:
    long = (
        "[...document.querySelectorAll('table.sortable')]"
        ".filter((one) => one.tBodies[0].rows.length > 8)"
    )
    assert tab.run("document.querySelectorAll('.filter').length") == tab.run(f"{long}.length") > 0
    tab.run(
        "table = [...document.querySelectorAll('#best-labels table.sortable')]"
        ".find((one) => one.caption.textContent.startsWith('Scores'));"
        "field = table.closest('.scroll').previousElementSibling.querySelector('input');"
        "field.focus()"
    )
    seen = (
        "[...table.tBodies[0].rows].filter((row) => row.checkVisibility())"
        ".map((row) => row.cells[0].textContent)"
    )
    printed = "field.closest('.filter').querySelector('output').textContent"
    assert tab.run(printed) == "12 of 12"
    tab.type("CLASS 1")
    assert tab.run(seen) == ["class 10"]
    assert tab.run(printed) == "1 of 12"
    tab.run("table.querySelector('th button').click(); field.select(); field.focus()")
    tab.type("<I>XY")
    assert tab.run(seen) == [CLASSES[-1]]
    tab.run("field.select()")
    tab.press("Backspace")
    assert sorted(tab.run(seen)) == sorted(CLASSES)
    assert tab.run("field.getAttribute('aria-label')").startswith("Filter: Scores")


def test_a_picture_and_a_figure_open_large_escape_closes_and_the_focus_returns(
    tab: Tab, pictures: Path
) -> None:
    is_open = "document.getElementById('viewer').open"
    for what, inside, name in (
        ("button.open", "img", "picture"),
        (".figures .enlarge", "svg", "figure"),
    ):
        tab.run(f"button = document.querySelector('{what}'); button.focus()")
        small = tab.run(
            "(button.querySelector('img') ?? button.closest('figure').querySelector('svg'))"
            ".getBoundingClientRect().width"
        )
        tab.press("Enter")
        assert tab.run(is_open)
        shown = f"document.querySelector('#viewer {inside}')"
        assert tab.run(f"{shown}.getBoundingClientRect().width") > 1.2 * small
        words = f"({shown}.alt ?? {shown}.getAttribute('aria-label'))"
        assert len(tab.run(words)) > 20
        assert tab.run("document.querySelector('#viewer').contains(document.activeElement)")
        tab.picture(pictures / f"large-{name}.png")
        tab.press("Escape")
        assert not tab.run(is_open)
        assert tab.run("document.activeElement === button")
        assert tab.run("document.querySelector('#viewer .stage').children.length") == 0


def test_a_figure_that_is_open_refers_to_its_own_parts(tab: Tab) -> None:
    tab.run("document.querySelector('.figures .enlarge').click()")
    double = (
        "[...document.querySelectorAll('[id]')].map((one) => one.id)"
        ".filter((id, i, all) => all.indexOf(id) < i)"
    )
    assert tab.run(double) == []
    parts = (
        "[...document.querySelectorAll('#viewer [*|href], #viewer [clip-path]')].map((one) =>"
        " one.getAttribute('clip-path') ?? one.getAttribute('xlink:href'))"
    )
    referred = [one.removeprefix("url(").strip("#)") for one in tab.run(parts)]
    assert len(referred) > 2
    inside = set(tab.run("[...document.querySelectorAll('#viewer [id]')].map((one) => one.id)"))
    assert set(referred) <= inside


def test_values_stand_beside_the_pointer_and_go_when_it_leaves(tab: Tab, pictures: Path) -> None:
    tab.run(
        "svg = document.querySelector('#run-a-00000001 .if-wide svg[data-points], "
        "#run-a-00000001 .plot svg[data-points]');"
        "svg.scrollIntoView({block: 'center'}); 0"
    )
    tab.next_frame()  # what scrolled is told then, and hides the values
    tab.run(
        "box = svg.getBoundingClientRect();"
        "group = JSON.parse(svg.dataset.points)[0]; point = group[3][0];"
        "scale = box.width / svg.viewBox.baseVal.width; 0"
    )
    x, y = tab.run("[box.left + point[0] * scale + 4, box.top + point[1] * scale + 3]")
    tab.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    tip = "document.getElementById('tip')"
    assert tab.run(f"{tip}.checkVisibility()")
    printed = tab.run(f"{tip}.textContent")
    assert printed == tab.run(
        "group[0] + `${group[1]} ${point[2]}`.trim() + `${group[2]} ${point[3]}`.trim()"
    )
    ring = tab.run(
        "(r => [r.left + 7, r.top + 7])(document.querySelector('.ring').getBoundingClientRect())"
    )
    assert abs(ring[0] - x + 4) < 1.5
    assert abs(ring[1] - y + 3) < 1.5
    tab.picture(pictures / "hover.png")
    tab.ask("Input.dispatchMouseEvent", type="mouseMoved", x=5, y=5)
    assert not tab.run(f"{tip}.checkVisibility()")


def test_every_chart_tells_its_values_and_pictures_are_the_only_others(tab: Tab) -> None:
    silent = tab.run(
        "[...document.querySelectorAll('.plot svg:not([data-points])')]"
        ".filter((one) => !one.querySelector('image')).map((one) => one.ariaLabel)"
    )
    assert silent == []


def test_the_navigation_shows_where_one_is(tab: Tab) -> None:
    current = "[...document.querySelectorAll('nav [aria-current]')].map((one) => one.hash)"
    for section in ("#data", "#board", "#runs"):
        tab.run(f"document.querySelector('{section}').scrollIntoView(); 0")
        tab.wait_for(f"{current}.includes('{section}')")
    tab.run("document.querySelector('#run-b-00000002').scrollIntoView(); 0")
    tab.wait_for(f"{current}.includes('#run-b-00000002') && {current}.includes('#runs')")
    assert len(tab.run(current)) == 2


def test_on_a_phone_rows_of_tables_are_cards_that_name_their_cells(
    browser: Chromium, page: Path
) -> None:
    tab = browser.open(page.as_uri(), width=390)
    tab.run("table = document.querySelector('#runs table.sortable'); 0")
    assert tab.run("getComputedStyle(table.tBodies[0].rows[0]).display") == "block"
    named = tab.run("[...table.tBodies[0].rows[0].cells].slice(1).map((one) => one.dataset.name)")
    assert named[:2] == ["State", "OOF"]
    assert (
        tab.run("getComputedStyle(table.tBodies[0].rows[0].cells[2], '::before').content")
        == '"OOF"'
    )
    wide = tab.run(
        "[...document.querySelectorAll('.as-cards')].filter((one) => one.checkVisibility())"
        ".filter((one) => one.scrollWidth > one.closest('.scroll').clientWidth + 1).length"
    )
    assert wide == 0
    tab.run("table.querySelector('th button').click()")
    assert tab.run("table.tHead.rows[0].cells[0].ariaSort") == "ascending", "it sorts all the same"
    tab.close()


def test_the_slider_moves_metric_and_confusion(tab: Tab, pictures: Path) -> None:
    tab.run(
        "home = document.getElementById('threshold-labels');"
        "given = JSON.parse(home.querySelector('script').textContent);"
        "field = home.querySelector('input'); field.focus(); home.scrollIntoView(); 0"
    )
    printed = "home.querySelector('.verdict').textContent"
    cells = "[...home.querySelectorAll('tbody td')].map((one) => one.textContent)"
    steps = tab.run("given.steps")
    assert str(steps[0][3]) in tab.run(printed)
    number = next(i for i, one in enumerate(steps) if 0 < one[3] < steps[0][3])
    tab.run(f"field.value = {number}; field.dispatchEvent(new Event('input', {{bubbles: true}}))")
    at, score, table, kept, _ = steps[number]
    assert f"{score:.4f} on {kept} of {steps[0][3]} rows" in tab.run(printed)
    assert tab.run("home.querySelector('output').textContent") == f"{at:.2f}"
    shown = tab.run(cells)
    assert [int(one) for one in shown[: len(table)]] == table[0]
    tab.picture(pictures / "slider.png")


def test_two_runs_are_chosen_and_what_differs_is_shown(tab: Tab, pictures: Path) -> None:
    tab.run(
        "home = document.getElementById('compare'); home.scrollIntoView();"
        "given = JSON.parse(document.getElementById('compared').textContent);"
        "fields = home.querySelectorAll('.filters select'); 0"
    )
    assert tab.run("home.querySelectorAll('polyline').length") == 2
    rows = (
        "[...home.querySelectorAll('.keys-differ tbody tr')]"
        ".map((row) => [...row.cells].map((one) => one.textContent))"
    )
    a, b = tab.run("[given.runs[0].id, given.runs[1].id]")
    values = {"a-00000001": ("0.1", "–"), "b-00000002": ("0.2", "1")}
    (rate_a, clip_a), (rate_b, clip_b) = values[a], values[b]
    phases = {"a-00000001": ("heads", "1"), "b-00000002": ("probe", "2")}
    (name_a, epochs_a), (name_b, epochs_b) = phases[a], phases[b]
    # A phase of another name in the same place is one difference, beside what it does otherwise.
    assert tab.run(rows) == [
        ["optimizer.clip", clip_a, clip_b],
        ["optimizer.lr", rate_a, rate_b],
        [f"phases[{name_a}].epochs", epochs_a, epochs_b],
        [f"phases[{name_a}].name", name_a, name_b],
    ]
    first, second = f"A {a}", f"B {b}"
    a, b = tab.run("given.runs.map((one) => one.rows)")
    counts = [
        sum(p > q for p, q in zip(a, b, strict=True)),
        sum(q > p for p, q in zip(a, b, strict=True)),
    ]
    heads = "[...home.querySelectorAll('h3')].map((one) => one.textContent)"
    assert tab.run(heads) == [
        f"{first} is right, {second} is wrong: {counts[0]} image{'s' * (counts[0] != 1)}",
        f"{second} is right, {first} is wrong: {counts[1]} image{'s' * (counts[1] != 1)}",
    ]
    assert tab.run("home.querySelectorAll('.gallery img').length") == sum(counts) > 0
    tab.picture(pictures / "compare.png")
    tab.run("fields[1].value = '0'; fields[1].dispatchEvent(new Event('input', {bubbles: true}))")
    assert [one.rpartition(": ")[2] for one in tab.run(heads)] == ["0 images", "0 images"]
    assert tab.run(f"{rows}.length") == 0


def test_the_gallery_is_filtered_by_outcome_class_fold_and_confidence(tab: Tab) -> None:
    tab.run(
        "list = document.querySelector('ul.gallery.all'); bar = list.previousElementSibling;"
        "[outcome, actual, predicted, fold] = bar.querySelectorAll('select');"
        "sure = bar.querySelector('input');"
        "set = (one, value) => { one.value = value; bar.dispatchEvent(new Event('input')); }; 0"
    )
    shown = (
        "[...list.children].filter((one) => one.checkVisibility()).map((one) =>"
        " [one.dataset.actual, one.dataset.predicted, one.dataset.fold, +one.dataset.confidence])"
    )
    first = tab.run(shown)
    assert first
    assert all(a != p for a, p, *_ in first), "mistakes, as the heading says"
    tab.run("set(outcome, '')")
    every = tab.run(shown)
    assert len(every) == tab.run("list.children.length") > len(first)
    kind, _, of, sure = every[0]
    tab.run(f"set(actual, {kind!r}); set(fold, {of!r}); set(sure, {sure!r})")
    expected = [one for one in every if one[0] == kind and one[2] == of and one[3] >= sure]
    assert tab.run(shown) == expected
    assert tab.run("bar.querySelector('output').textContent") == f"{len(expected)} of {len(every)}"


def test_a_confusion_leads_to_images_of_it(tab: Tab) -> None:
    """From the sentence about the most frequent one, and from each of the first in the table."""
    tab.run("list = document.querySelector('ul.gallery.all'); 0")
    shown = (
        "[...list.children].filter((one) => one.checkVisibility())"
        ".map((one) => [one.dataset.actual, one.dataset.predicted])"
    )
    links = "[...document.querySelectorAll('a[data-actual]')]"
    found = tab.run(f"{links}.map((one) => [one.dataset.actual, one.dataset.predicted])")
    assert len(found) > 3
    assert found[0] in found[1:], "the sentence names a pair of the table"
    for number, pair in enumerate(found):
        tab.run(f"{links}[{number}].click()")
        images = tab.run(shown)
        assert images
        assert all(one == pair for one in images)
        n = int(tab.run(f"{links}[{number}].textContent").split()[0].replace(",", ""))
        assert len(images) >= min(n, 3)


def test_a_link_opens_the_entry_that_it_leads_to(tab: Tab) -> None:
    tab.run("entry = document.getElementById('run-a-00000001'); entry.open = false")
    tab.run("document.querySelector('nav a[href=\"#run-a-00000001\"]').click()")
    assert tab.run("new Promise((done) => setTimeout(() => done(entry.open), 300))")
    assert tab.run("entry.getBoundingClientRect().top < innerHeight")


def test_headings_are_in_order_and_focus_is_visible(tab: Tab) -> None:
    levels = tab.run(
        "[...document.querySelectorAll('h1, h2, h3, h4, h5')].map((one) => +one.tagName[1])"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels)), levels
    stops = 25
    seen = set()
    for _ in range(stops):
        tab.press("Tab")
        line, at = tab.run(
            "[getComputedStyle(document.activeElement).outlineStyle,"
            " [...document.querySelectorAll('*')].indexOf(document.activeElement)]"
        )
        assert line not in ("none", ""), at
        seen.add(at)
    assert len(seen) == stops


def test_print_opens_the_best_entries_and_leaves_the_page_as_it_was(tab: Tab) -> None:
    opened = "[...document.querySelectorAll('details[open]')].map((one) => one.id)"
    best = tab.run(opened)
    assert {"run-a-00000001", "run-b-00000002"} < set(best)
    assert any(one.startswith("blend-") for one in best)
    tab.run("for (const one of document.querySelectorAll('details')) one.open = false")
    tab.run("dispatchEvent(new Event('beforeprint'))")
    assert tab.run(opened) == best
    tab.run("dispatchEvent(new Event('afterprint'))")
    assert tab.run(opened) == []
    tab.run("dispatchEvent(new Event('beforeprint'))")
    tab.ask("Emulation.setEmulatedMedia", media="print")
    hidden = "[...document.querySelectorAll('nav, .filter, .enlarge, dialog')]"
    assert tab.run(f"{hidden}.filter((one) => one.checkVisibility()).length") == 0
    figures = "[...document.querySelectorAll('figure')].filter((one) => one.checkVisibility())"
    breaks = tab.run(f"{figures}.map((one) => getComputedStyle(one).breakInside)")
    assert len(breaks) > 5
    assert set(breaks) == {"avoid"}
    tall = tab.run(f"Math.max(...{figures}.map((one) => one.getBoundingClientRect().height))")
    assert tall < 1000, "a sheet of A4 has 1122 px with its margins"
