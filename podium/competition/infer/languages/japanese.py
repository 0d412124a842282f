"""Japanese."""

WORDS = {
    "background": "背景",
    "void": "未ラベル ラベルなし 無視 不明",
}
