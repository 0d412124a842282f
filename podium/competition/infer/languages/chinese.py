"""Chinese."""

WORDS = {
    "background": "背景",
    "void": "未标注 未标记 忽略 无效 未知",
}
