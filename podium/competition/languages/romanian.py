"""Romanian."""

WORDS = {
    "train": "antrenare antrenament",
    "test": "testare",
    "unlabelled": "neetichetate neadnotate",
    "validation": "validare",
    "image": "imagine imagini poze fotografii",
    "mask": "mască măști adnotări",
    "label": "clasă clase etichetă etichete categorie",
    "group": "pacient pacientă persoană grup",
    "person": "pacient pacientă persoană",
    "count": "cantitate",
    "number": "număr",
    "background": "fundal",
    "void": "necunoscut neetichetat neevaluat ignorat",
    "negation": "fără nu",
    "labelled": "date etichetat adnotat evaluat",
    "class list": "clase categorii",
    "colour list": "culori legendă",
    "example": "exempl model",
    "sent": "raspuns trimiter predare solut",
    "scoring": "evalua punctaj metric",
    "mean": "medi",
    "median": "median",
    "correction": "corecție corecții corectat",
    "left out": "excluse retrase",
    "black": "negru negri negre neagră",
    "white": "alb",
    "paper": "hârti",
    "none": "niciunul niciuna nimic sănătos sănătoasă intact intactă normal",
    "least": "minim inferior slab puțin",
    "most": "maxim superior puternic mult",
    "in order": "crescător descrescător crescătoare descrescătoare",
    "frequent": "frecvent rar alfabet",
    "marked": "evalu notat notare",
    "how": "cum",
    "range from": "de la",
    "range through": "prin trecând",
    "range to": "la până",
    "by": "după cu",
}

PHRASES = {
    "zero or more": "{n} sau mai mare",
    "whole number": "număr întreg | numere întregi",
    "direction": "direcție | unghi",
    "truth": "adevăr* | referinț*",
    "used": "folosi*",
}

UNITS = {
    "m": "metri",
    "g": "grame",
    "l": "litri",
    "h": "ore",
    "%": "procent*",
    "ha": "hectare",
}

LETTERS = "ăâîșțşţ"
