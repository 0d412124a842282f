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
    "folder": "kansio kansion",
    "tag": "kategoria kategoriat tunniste tunnisteet käsite käsitteet löydös löydökset",
}

PHRASES = {
    "one channel": "harmaasäv* | yksikanava* | yksi kanava",
    "between": "väliltä/välillä/väliin",
    "submit": "palauta/palauttakaa/palautetaan/palauttaa | palautus* | palautuks*"
    " | lähetä/lähettäkää/lähetetään/lähettää",
    "one for each": "jokai* | kustakin/kutakin/kunkin | kohti/kohden",
    "same form": "sama/samat/samassa/samoin/samoja/samoilla muoto/muodossa/arvot/arvoin/arvoja"
    "/arvoilla/värit/värein/väreillä/koodaus",
    "same name": "sama/saman/samalla/samat nimi/nimen/nimellä/niminen/nimet | samannimi*",
    "class number": "luokan numero/numeron/numerot/indeksi/indeksin/tunnus | luokkanumero*"
    " | luokkaindeksi* | luokkatunnu*",
    "colours": "väri/värit/värejä/väreissä/väreillä/värein | rgb",
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
    "maybe no class": "nolla tai useampia/useampi/enemmän",
    "without classes": "ilman/ei tageja/käsitteitä/löydöksiä/ominaisuuksia",
}

UNITS = {
    "m": "metri",
    "g": "gramma",
    "l": "litra",
}

LETTERS = "åäöšž"
