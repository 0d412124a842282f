"""Hungarian."""

WORDS = {
    "train": "tanító tanuló betanító",
    "test": "teszt",
    "preview": "előnézet előnézetek",
    "image": "kép képek fénykép fényképek",
    "mask": "maszk maszkok",
    "label": "osztály osztályok címke címkék",
    "group": "beteg páciens csoport",
    "person": "beteg páciens",
    "count": "darab darabszám",
    "number": "száma",
    "background": "háttér",
    "void": "ismeretlen nemértékelt címkézetlen",
    "class list": "osztályok kategóriák",
    "colour list": "színek jelmagyarázat",
    "example": "minta pelda",
    "sent": "beadas beadand valasz",
    "scoring": "értékel pontoz",
    "mean": "átlag",
    "median": "medián",
    "mark": "osztályzat kritérium",
    "correction": "javítás javítások javított",
    "left out": "kizárt kizártak visszavont",
    "black": "fekete",
    "white": "fehér",
    "paper": "papír",
    "none": "semmi nincs egészséges ép sértetlen normál",
    "least": "legkisebb legalacsonyabb legrosszabb leggyengébb legkevesebb",
    "most": "legnagyobb legmagasabb legjobb legerősebb legtöbb",
    "in order": "növekvő csökkenő",
    "frequent": "gyakori ritka ábécé",
    "marked": "értékel osztályoz pontoz",
    "how": "hogyan",
    "left side": "bal balra",
    "top side": "felső fent felül",
    "right side": "jobb jobbra",
    "bottom side": "alsó lent alul",
    "folder": "mappa",
    "tag": "kategória kategóriák fogalom fogalmak lelet leletek attribútum",
}

PHRASES = {
    "probability": "valószínűség*",
    "tie": "holtverseny*",
    "one channel": "szürkeárny* | egycsatorn* | egy csatorna/csatornás",
    "between": "között/közötti",
    "submit": "beküld* | beadand* | beadás* | benyújt* | feltölt* | küldje/küldjék/küldd be"
    " | adja/adják be",
    "one for each": "minden | mindegyik* | képenként",
    "same form": "ugyanaz/ugyanazok/ugyanabban/ugyanazokkal/azonos/ugyanolyan (a/az) formátum*"
    "/érték*/szín*/kódolás*",
    "same name": "ugyanaz/ugyanazon/azonos (a/az) név/neve/nevű/néven/fájlnév",
    "all but": "kivéve",
    "classes": "osztály* | kategóri*",
    "class number": "osztály sorszám*/száma*/index*/azonosító* | osztályszám* | osztályindex*"
    " | osztályazonosító*",
    "colours": "szín/színek/színei/színeivel/színekkel/színű/színeiben | rgb | színpaletta*",
    "leave out": "hagyja/hagyják/hagyd ki | kihagy* | zárja/zárják ki"
    " | ne használja/használják/használd",
    "zero or more": "{n} vagy több/nagyobb",
    "whole number": "egész szám*/fok*",
    "directions": "irány",
    "direction": "irány | szög",
    "truth": "igazság*",
    "used": "használ*",
    "another": "második* | összehasonl*",
    "how many": "hány | számol* | száma",
    "accuracy": "pontosság*",
    "plain metric": "teljes | egyszerű | átlagos",
    "balanced": "kiegyensúlyozott",
    "by class": "osztályonként*",
    "weighted": "súlyozott",
    "quadratic": "négyzetes* | kvadratikus*",
    "maybe no class": "nulla vagy több",
    "blank for none": "üres/üresen ha/ahol/amikor nincs/nincsenek semmi/egy/egyik | üres/üresen"
    " ha/ahol/amikor nincs/nincsenek",
    "without classes": "fogalom/lelet/attribútum nélkül/nélküli",
}

UNITS = {
    "m": "méter",
    "g": "gramm",
    "l": "liter",
    "ha": "hektár",
}

LETTERS = "áéíóöőúüű"
