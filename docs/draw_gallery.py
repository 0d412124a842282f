"""Write docs/gallery.md and docs/images/gallery/*.svg from the examples of the figures.

Run: python docs/draw_gallery.py   (`make docs`)
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from matplotlib.figure import Figure

from podium.reporting import figures, plots
from podium.reporting.plot import svg_file
from podium.workspace.extensions import names

HERE = Path(__file__).parent
PAGE = HERE / "gallery.md"
PICTURES = HERE / "images" / "gallery"
HEAD = """\
# Gallery of figures

Here you find the figure that you need, with the code that draws it.

Every figure of the report is a function on arrays that returns a matplotlib `Figure`: in a notebook
with `%matplotlib inline` it shows itself as the last line of a cell, `figure.savefig("name.pdf")`
writes it. `podium report` puts them on a page, `podium report RUN --figures pdf` writes those of a
run or blend as files. The examples draw made-up numbers: `example()` of each file is its picture.

Written by `python docs/draw_gallery.py`, which `make docs` calls.
"""


def drawn() -> Iterator[tuple[str, ModuleType]]:
    """Give the name and the module of each file that draws a figure, by name."""
    found = {name_of(module): module for module in every_module() if functions_of(module)}
    yield from sorted(found.items())


def every_module() -> Iterator[ModuleType]:
    """Give each file of figures, and of plots, which may bring a figure of their own."""
    folders = [f"{plots.__name__}.{name}" for name in names(plots)]
    for folder in (figures.__name__, *folders):
        for name in names(importlib.import_module(folder)):
            yield importlib.import_module(f"{folder}.{name}")


def name_of(module: ModuleType) -> str:
    """Return the name of a figure: of its function or, where a file has several, of the file."""
    functions = functions_of(module)
    return functions[0].__name__ if len(functions) == 1 else module.__name__.rpartition(".")[2]


def functions_of(module: ModuleType) -> list[Callable[..., Figure]]:
    """Return the public functions of a file that return a figure, its example left out."""
    public = getattr(module, "__all__", ())
    found = [getattr(module, name) for name in public if name != "example"]
    return [
        one
        for one in found
        if inspect.isfunction(one) and one.__annotations__.get("return") == "Figure"
    ]


def page() -> str:
    """Return the text of the gallery."""
    each = list(drawn())
    contents = " · ".join(f"[{title(name)}](#{title(name).replace(' ', '-')})" for name, _ in each)
    return "\n".join([HEAD, contents, "", *(section(name, module) for name, module in each)])


def section(name: str, module: ModuleType) -> str:
    """Return what the gallery has of one file: picture, import, signatures, example."""
    functions = functions_of(module)
    imported = ", ".join(one.__name__ for one in functions)
    lines = [f"## {title(name)}", "", first_line(module), ""]
    lines += [f"![{title(name)}](images/gallery/{name}.svg)", ""]
    lines += ["```python", f"from {module.__name__} import {imported}", "```", ""]
    for one in functions:
        lines += ["```python", signature(one), "```", "", first_line(one), ""]
    lines += ["<details><summary>The example</summary>", "", "```python"]
    lines += [textwrap.dedent(inspect.getsource(module.example)).rstrip(), "```", ""]
    return "\n".join([*lines, "</details>", ""])


def title(name: str) -> str:
    """Return the name of a file in words."""
    return name.replace("_", " ")


def first_line(documented: object) -> str:
    """Return the first sentence of a docstring, which may take two lines."""
    return " ".join((inspect.getdoc(documented) or "").split("\n\n")[0].split())


def signature(function: Callable[..., Figure]) -> str:
    """Return `name(arguments) -> Figure` as it is written in the file."""
    source = textwrap.dedent(inspect.getsource(function))
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.FunctionDef)
    head = source.splitlines()[: body.body[0].lineno - 1]
    return "\n".join(head).removeprefix("def ").rstrip().removesuffix(":")


def main() -> None:
    """Write the page and the pictures; of a figure that is gone, the picture goes."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    known = set()
    for name, module in drawn():
        text = svg_file(module.example(), name=name)
        (PICTURES / f"{name}.svg").write_text(text, encoding="utf-8")
        known.add(f"{name}.svg")
    for old in PICTURES.glob("*.svg"):
        if old.name not in known:
            old.unlink()
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
