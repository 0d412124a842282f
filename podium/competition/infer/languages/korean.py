"""Korean."""

WORDS = {
    "background": "배경",
    "void": "무시",
}
