"""Finnish."""

WORDS = {
    "train": "koulutus opetus",
    "test": "testi testaus",
    "preview": "esikatselu esikatselut",
    "image": "kuva kuvat",
    "mask": "maski maskit",
    "label": "luokka luokat",
    "group": "potilas ryhmä",
    "person": "potilas",
    "count": "määrä lukumäärä",
    "background": "tausta",
    "void": "tuntematon eiarvioitu merkitsemätön",
    "negation": "ei",
    "labelled": "dataa merkitty",
    "class list": "luokat",
    "colour list": "värit selite",
    "example": "esimerk",
    "sent": "palautus vastau",
    "scoring": "arvioi pisteyt",
    "mean": "keskiarvo",
    "median": "mediaani",
    "mark": "arvosana",
    "correction": "korjaus korjaukset korjattu",
    "left out": "poistetut poistettu",
    "black": "must",
    "white": "valko",
    "paper": "paperi",
    "pixel": "pikseli",
    "none": "eimitään terve ehjä normaali vahingoittumaton",
    "least": "pienim alhaisim huonoim heikoim vähi",
    "most": "suurim korkeim paras parha eniten vahvim",
    "in order": "nouseva laskeva kasvava",
    "frequent": "yleis harvin aakkos",
    "marked": "arvioi arvost",
    "how": "miten kuinka",
    "left side": "vasen vasemmalla",
    "top side": "ylä ylin ylhäällä",
    "right side": "oikea oikealla",
    "bottom side": "ala alin alhaalla",
}

PHRASES = {
    "leave out": "jätä/jättäkää/jätetään pois | älkää/älä/ei käyttäkö/käytä/käytetä"
    " | poista/poistakaa",
    "whole number": "kokonais*",
    "directions": "suunta",
    "direction": "suunta | kulma",
    "truth": "totuus*",
    "used": "käytet*",
    "another": "toinen* | vertailu*",
    "square": "neliö*",
    "how many": "kuinka monta | montako | laske*",
    "accuracy": "tarkkuu*",
    "plain metric": "kokonais* | tavallinen",
    "balanced": "tasapaino*",
    "by class": "luokittain | luokkaa kohti/kohden",
    "weighted": "painotet* | painotettu",
    "quadratic": "neliöllin* | neliöllis*",
}

UNITS = {
    "m": "metri",
    "g": "gramma",
    "l": "litra",
}

LETTERS = "åäöšž"
