"""The sheet on which labels are picked: hostile names, and what a person does, in a browser."""

from __future__ import annotations

import csv
import io
import json
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from reporting.test_report import HOSTILE, Page

from podium.competition.spec import load_competition
from podium.competition.truths.annotator_labels import NO_CLASSES, parse_label
from podium.reporting.labels.sheet import COLUMNS, ImageToLabel, write_sheet
from podium.workspace.progress import SILENT

CLASSES = ["cat", "dog, old", HOSTILE[0], "</script>"]
SPEC = """\
name: %s
tasks: {classify: %s}
classes: %s
data:
  train: {table: data/train.csv, id: id, images: 'data/{id}.png', label: label}
metric: {name: %s}
"""
METRICS = {"multilabel": "macro_f1", "regression": "rmse", "ordinal": "accuracy"}


@pytest.fixture
def sheet(tmp_path):
    """Return a function that writes a sheet of three images, and gives its folder and its page."""

    def write(kind="multiclass", classes=CLASSES, ids=("a", 'b"1', HOSTILE[1]), predicted=None):
        root = tmp_path / "ws"
        (root / "data").mkdir(parents=True)
        (root / "data/train.csv").write_text("id,label\n")
        names = json.dumps([] if kind == "regression" else list(classes), ensure_ascii=False)
        text = SPEC % (json.dumps(HOSTILE[0]), kind, names, METRICS.get(kind, "accuracy"))
        (root / "competition.yaml").write_text(text, encoding="utf-8")
        competition = load_competition(root)
        rng = np.random.default_rng(0)
        for number in range(len(ids)):
            pixels = rng.integers(0, 255, (8, 12, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(root / f"data/{number}.png")
        asked = [
            ImageToLabel(
                id=name,
                images=(f"data/{number}.png",),
                sha256=f"{number:064d}",
                predicted=predicted or ("1.5" if kind == "regression" else classes[0]),
                confidence=0.5,
                score=1.0,
            )
            for number, name in enumerate(ids)
        ]
        folder = root / "labels/label-x-00000000"
        folder.mkdir(parents=True)
        write_sheet(folder, competition, "label-x-00000000", asked, SILENT)
        text = (folder / "index.html").read_text(encoding="utf-8")
        return SimpleNamespace(folder=folder, text=text, root=root)

    return write


def test_it_stands_by_itself_and_names_are_text(sheet):
    made = sheet()
    page = Page(made.text)
    assert not page.open
    assert not [tag for tag in ("link", "img", "iframe") if page.all(tag)]
    assert all("src" not in script for script in page.all("script"))
    assert len(page.all("script")) == 2
    for outside in ("http:", "https:", "//", "@import", "url("):
        assert outside not in made.text.replace("// ", ""), outside
    assert HOSTILE[0] not in made.text
    start = made.text.index('id="given">') + len('id="given">')
    given = json.loads(made.text[start : made.text.index("</script>", start)])
    assert given["classes"] == CLASSES
    assert [one["row"]["id"] for one in given["cards"]] == ["a", 'b"1', HOSTILE[1]]
    assert given["columns"] == list(COLUMNS)
    for one in given["cards"]:
        with Image.open(made.folder / one["picture"]) as picture:
            assert picture.size == (12, 8)
            assert picture.format == "WEBP"


PROBE = r"""<script>
const key = (name) => document.dispatchEvent(new KeyboardEvent("keydown", { key: name }));
const state = () => ({ answers, done: element("done").textContent, table: table(),
  shown: cards.filter(({ item }) => !item.hidden).map(({ row }) => row.id),
  answered: cards.filter((one) => one.item.classList.contains("answered")).map((one) => one.row.id),
  current: current && current.row.id, guesses: cards.filter(({ guess }) => !guess.hidden).length,
  trouble: !element("trouble").hidden });
const said = [];
const note = () => said.push(JSON.parse(JSON.stringify(state())));
addEventListener("load", () => {
  const fits = document.documentElement.scrollWidth <= innerWidth;
  note();
  if (performance.getEntriesByType("navigation")[0].type !== "reload") {
    %s
  }
  document.body.innerHTML = "";
  document.title = JSON.stringify({ said, fits, at: performance.timeOrigin });
});
</script></html>"""


def in_a_browser(browser, made, actions, width=900):
    """Return what a person saw: at first, where `actions` note it, and after a reload."""
    probe = made.folder / "probe.html"
    probe.write_text(made.text.replace("</html>", PROBE % actions), encoding="utf-8")
    tab = browser.open(probe.as_uri(), width=width)
    first = json.loads(tab.wait_for("document.title.startsWith('{') && document.title"))
    tab.ask("Page.reload")
    is_new = f"document.title.startsWith('{{') && performance.timeOrigin > {first['at']}"
    second = json.loads(tab.wait_for(f"{is_new} && document.title"))
    tab.close()
    assert first["fits"], "the page is too wide"
    assert second["fits"], "the page is too wide"
    predictions = [*first["said"], *second["said"]]
    assert not any(one["trouble"] for one in predictions)
    return predictions


def rows(state):
    return list(csv.DictReader(io.StringIO(state["table"])))


@pytest.mark.slow
def test_keys_and_clicks_pick_and_a_reload_loses_nothing(sheet, browser):
    made = sheet()
    before, keyed, clicked, filtered, guessed, after = in_a_browser(
        browser,
        made,
        """
    key("2"); key("ArrowRight"); key("4"); note();
    key("Backspace"); cards[1].buttons[2].button.click(); note();
    element("which").value = "open"; element("which").dispatchEvent(new Event("input")); note();
    element("which").value = "all"; element("find").value = "B";
    element("guesses").checked = true; element("guesses").dispatchEvent(new Event("input")); note();
    """,
        width=420,
    )
    first, second, third = "a", 'b"1', HOSTILE[1]
    assert before["answers"] == {}
    assert before["current"] == first
    assert before["done"] == "0 of 3 answered"
    assert before["guesses"] == 0, "what the models say is hidden until somebody asks"
    assert keyed["answers"] == {first: "dog, old", third: "</script>"}
    assert keyed["current"] == third
    assert clicked["answers"] == {first: "dog, old", second: HOSTILE[0]}
    assert clicked["current"] == third
    assert filtered["shown"] == [third]
    assert guessed["shown"] == [second, third]
    assert guessed["guesses"] == 3
    assert after["answers"] == clicked["answers"]
    assert after["answered"] == [first, second]
    assert after["current"] == third, "the first that is open"
    wanted = {"id": second, "label": HOSTILE[0], "request": "label-x-00000000"}
    assert len(rows(after)) == 2
    assert wanted.items() <= rows(after)[1].items()
    assert rows(after)[0]["label"] == "dog, old"
    assert rows(after)[0]["image_sha256"] == "0" * 64


ODD = [
    " led by a space",
    'two "2"',
    "one, uno",
    "<b>b</b>",
    "four 4\ufe0f\u20e3 🙂",
    "seven;7",
]


@pytest.mark.slow
def test_download_keeps_odd_names_and_is_released_later(sheet, browser):
    ids = ("constructor", "__proto__", "a;b", "a,b\nc", " é", "'", "last")
    made = sheet(classes=ODD, ids=ids)
    before, after, again = in_a_browser(
        browser,
        made,
        """
    const made = [], later = [], gone = [];
    URL.createObjectURL = (file) => { made.push(file); return "blob:made"; };
    URL.revokeObjectURL = (url) => gone.push(url);
    window.setTimeout = (what, wait) => later.push([what, wait]);
    window.Blob = function (texts) { this.text = texts.join(""); };
    let link = null;
    HTMLAnchorElement.prototype.click = function () { link = this; };
    for (let i = 1; i <= 6; i++) key(String(i));
    element("download").click();
    note();
    said.at(-1).file = [link.download, link.getAttribute("href"), made[0].text, gone.length];
    later[0][0]();
    said.at(-1).file.push(gone[0], later[0][1]);
    """,
    )
    assert before["answers"] == {}
    assert before["answered"] == [], "no id is what every object has"
    name, url, text, early, late, wait = after["file"]
    assert name == "label-x-00000000-answers.csv"
    assert (url, early, late) == ("blob:made", 0, "blob:made")
    assert wait >= 10000
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [(row["id"], row["label"]) for row in found] == list(zip(ids[:6], ODD[:6], strict=True))
    assert tuple(found[0]) == COLUMNS
    assert '"seven;7"' in text
    assert again["answers"] == after["answers"]
    assert again["done"] == "6 of 7 answered"
    competition = load_competition(made.root)
    assert [parse_label(competition, row["label"]) for row in found] == list(range(6))


@pytest.mark.slow
def test_several_labels_of_an_image_and_none(sheet, browser):
    made = sheet("multilabel", classes=["cat", "dog", "owl"], predicted="cat owl")
    _, both, one, none, after = in_a_browser(
        browser,
        made,
        """
    key("3"); key("1"); note();
    key("3"); note();
    key("ArrowDown"); key("2"); key("-"); note();
    """,
    )
    assert both["answers"] == {"a": "cat owl"}
    assert both["current"] == "a"
    assert one["answers"] == {"a": "cat"}
    assert none["answers"] == {"a": "cat", 'b"1': NO_CLASSES}
    assert [row["label"] for row in rows(after)] == ["cat", NO_CLASSES]


@pytest.mark.parametrize("kind", ["regression", "multiclass"])
def test_numbers_and_many_classes_are_typed(sheet, browser, kind):
    many = [f"class {i}" for i in range(60)]
    made = sheet(kind, classes=many)
    good, bad = ("2.5", "two") if kind == "regression" else ("class 57", "class 60")
    _, typed, after = in_a_browser(
        browser,
        made,
        f"""
    const type = (card, text) => {{
      card.input.value = text; card.input.dispatchEvent(new Event("change"));
    }};
    type(cards[0], "{good}"); type(cards[1], "{bad}"); note();
    """,
    )
    assert typed["answers"] == {"a": good}
    assert [row["label"] for row in rows(after)] == [good]


@pytest.mark.slow
def test_typed_answers_are_normalised(sheet, browser, tmp_path):
    many = [f"class {i}" for i in range(40)]
    kinds = {
        "multiclass": ([*many, " led"], {" led": " led", " class 3 ": "class 3", "class": None}),
        "multilabel": (
            [f"c{i}" for i in range(40)],
            {" c7  c2 ": "c2 c7", " (none) ": NO_CLASSES, "c2 x": None, "  ": None},
        ),
        "regression": ((), {" 2.5 ": "2.5", "-.5e1": "-.5e1", "0x10": None, "1e39": None}),
    }
    for kind, (classes, typed) in kinds.items():
        shutil.rmtree(tmp_path / "ws", ignore_errors=True)
        made = sheet(kind, classes=classes, ids=tuple(map(str, range(len(typed)))))
        first, second, after = in_a_browser(
            browser,
            made,
            f"""
        const texts = {json.dumps(list(typed))};
        const type = (card, text) => {{
          card.input.value = text; card.input.dispatchEvent(new Event("change"));
        }};
        cards.forEach((card) => type(card, {json.dumps([*classes, "1"][0])}));
        cards.forEach((card, i) => type(card, texts[i])); note();
        """,
        )
        assert first["answers"] == {}
        wanted = {str(i): text for i, text in enumerate(typed.values()) if text is not None}
        assert second["answers"] == wanted, "what is none of the answers takes back the one before"
        assert after["answers"] == wanted
