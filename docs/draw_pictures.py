"""Write the README's pictures, docs/images/{report,labels,masks}.png, from the demo's own report.

    make demo
    .venv/bin/python docs/draw_pictures.py [demo/workspace/report/index.html]

They are what Chromium shows of the page; `apt-get install chromium` where it is missing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "demo/workspace/report/index.html"
PICTURES = {
    "report": (1250, 660, "", ""),
    "labels": (1000, 770, "best-labels", "*"),
    "masks": (1000, 850, "best-masks", "h2, .keys, .cases"),
}
"""Name: width and height, px; the section, and what of it is shown: "" is the page as it opens."""
BARS_PX = 160  # of a window with bars, which a screenshot leaves blank
ALONE = """<style>
body {{ display: block }}
nav, main > :not(#{section}), #{section} > :not({what}) {{ display: none }}
.cases > li:not(:nth-child(3n + 1)) {{ display: none }}  /* one of each rank */
</style>"""
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
    "--force-device-scale-factor=1", "--virtual-time-budget=2000",
)  # fmt: skip


def main(page: Path) -> None:
    """Write the pictures of `page`."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None or not page.is_file():
        missing = "Chromium (apt-get install chromium)" if page.is_file() else f"{page}: make demo"
        sys.exit(f"there is no {missing}")
    text = page.read_text(encoding="utf-8")
    for name, (width, height, section, what) in PICTURES.items():
        file = ROOT / f"docs/images/{name}.png"
        with TemporaryDirectory() as folder:
            shown = Path(folder, "page.html")
            style = ALONE.format(section=section, what=what) if section else ""
            shown.write_text(text.replace("</head>", f"{style}</head>", 1), encoding="utf-8")
            subprocess.run(
                [
                    chromium,
                    *FLAGS,
                    f"--user-data-dir={folder}/profile",
                    f"--window-size={width},{height + BARS_PX}",
                    f"--screenshot={file}",
                    shown.as_uri(),
                ],
                check=True,
                capture_output=True,
                timeout=120,
            )
        with Image.open(file) as picture:
            shown_part = picture.convert("RGB").crop((0, 0, width, height))
        shown_part.save(file, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEMO)
