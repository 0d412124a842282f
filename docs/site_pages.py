"""What `make site` does to the pages: the README is the first, and links out of docs/ are text.

Files of the repository that are no pages (examples, the package) lie beside the site, not in it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[1]
# What a tutorial's test reads behind the language; Markdown takes such a line for no fence at all.
_MARKED_FENCE = re.compile(r"^```(\w+) (?:background|refused)$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\(((?!https?:|#)[^)#\s]+)(#[^)]*)?\)")


def on_config(config: Any) -> Any:
    """Add the decisions to the navigation, in their order."""
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    config["nav"].append({"Decisions": [f"decisions/{page.name}" for page in pages]})
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the README as the first page, its links as they are from docs/."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "index.md", content=text.replace("](docs/", "](")))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Turn a link to a file outside the site into its text; folders of pages too.

    Marks of the tutorials' tests are taken out of the fences of code.
    """
    folder = Path(page.file.src_uri).parent
    is_first = page.file.src_uri == "index.md"

    def kept(match: re.Match[str]) -> str:
        start = ROOT if is_first and (ROOT / match[2]).exists() else ROOT / "docs"
        target = (start / folder / match[2]).resolve()
        is_elsewhere = target.is_dir() or not target.is_relative_to(ROOT / "docs")
        return match[1] if is_elsewhere and target.exists() else match[0]

    return _LINK.sub(kept, _MARKED_FENCE.sub(r"```\1", markdown))


def on_post_template(output_content: str, template_name: str, config: Any) -> str:
    """Let the page of a missing address link as the others do, not from the root of a server.

    The site may lie in a folder there; without `site_url`, MkDocs does not know which.
    """
    if template_name != "404.html" or config["site_url"]:
        return output_content
    return re.sub(r'((?:href|src)=")/(?!/)', r"\1./", output_content).replace(
        '"base": "/"', '"base": "."'
    )
