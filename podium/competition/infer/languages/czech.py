"""Czech and Slovak."""

WORDS = {
    "train": "trénovací trénink tréning učící",
    "test": "testovací testovacie",
    "image": "obrázek obrázky snímek snímky fotky",
    "mask": "maska masky anotace",
    "label": "třída třídy trieda triedy štítek kategorie",
    "group": "pacient pacientka osoba skupina",
    "person": "pacient pacientka osoba",
    "count": "počet",
    "background": "pozadí pozadie",
    "void": "neznámé nehodnoceno ignorovat neoznačeno",
    "negation": "bez",
    "labelled": "dat označeno",
    "class list": "třídy triedy kategorie",
    "colour list": "barvy farby legenda",
    "example": "priklad vzor",
    "sent": "odevzdan odpoved resen",
    "scoring": "hodnoc metrik",
    "mark": "známka kritérium",
}
