"""The search for secrets that `make lint` runs finds each kind, planted in a repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"
SECRETS = {  # put together here, or the search would find this file
    "Kaggle": "KGAT" + "_" + "0a1b2c3d" * 4,
    "Hugging Face": "hf" + "_" + "aBcDeFgHiJ" * 3 + "KlMn",
    "GitHub": "ghp" + "_" + "A1b2C3" * 6,
    "AWS": "AKIA" + "QWERTYUIOPASDFGH",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
}


@pytest.mark.parametrize("kind", [*SECRETS, "none"])
def test_a_planted_secret_fails_lint(tmp_path: Path, kind: str) -> None:
    text = MAKEFILE.read_text(encoding="utf-8")
    search = re.search(r"(?m)^\t@(! git grep .*\\\n.*?exit 1; })", text)
    assert search is not None
    recipe = re.search(r"(?m)^SECRETS := .*$", text)
    assert recipe is not None
    (tmp_path / "Makefile").write_text(f"{recipe[0]}\nlint:\n\t@{search[1]}\n", encoding="utf-8")
    (tmp_path / "notes.py").write_text(f'TOKEN = "{SECRETS.get(kind, "KGAT_")}"\n', "utf-8")
    for words in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    done = subprocess.run(["make", "lint"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode == 0) == (kind == "none"), done
    assert ("a secret in a tracked file" in done.stdout) == (kind != "none")
