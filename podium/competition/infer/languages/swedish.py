"""Swedish."""

WORDS = {
    "train": "träning",
    "unlabelled": "omärkta omärkt oetiketterade",
    "validation": "validering",
    "image": "bild bilder foto foton",
    "mask": "mask masker facit annoteringar",
    "label": "klass klasser etikett etiketter kategori",
    "group": "patient grupp person",
    "person": "patient person",
    "count": "antal",
    "background": "bakgrund",
    "void": "okänd ejbedömd ejannoterad ignorera ogiltig odefinierad omärkt oetiketterad okänt",
    "negation": "ej inte ingen inget utan",
    "labelled": "annoterad bedömd etikett klassad klassificerad märkt uppgift",
    "class list": "klasser kategorier",
    "colour list": "färger teckenförklaring",
    "example": "exempel",
    "sent": "inlamning bidrag svar",
    "scoring": "utvärder bedöm måttet",
    "mean": "medel genomsnitt",
    "target": "målvariabel förutsäg",
    "mark": "betyg kriterium",
    "correction": "rättelse rättelser rättad korrigerad",
    "left out": "uteslutna borttagna återkallade",
    "joins": "och eller",
    "true mask": "facit",
}

PHRASES = {
    "zero or more": "{n} eller större/högre",
    "whole number": "heltal | hela tal/grader",
    "directions": "*riktning",
    "direction": "*riktning | vinkel | kurs",
    "truth": "facit* | sanning*",
    "used": "använd*",
    "another": "andra* | jämför*",
    "against": "mot",
    "first": "första",
    "second": "andra",
    "third": "tredje",
    "in the unit": "i | enhet",
    "square": "kvadrat*",
    "cubic": "kubik*",
    "per": "per",
    "bits": "bit kodad*/mask* | bitkodad*/bitmask*",
    "sum of bits": "summan av värdena/koderna/bitarna",
}

UNITS = {
    "m": "meter",
    "g": "gram",
    "l": "liter",
    "s": "sekunder",
    "min": "minuter",
    "h": "timmar",
    "d": "dagar",
    "inch": "tum",
    "%": "procent*",
    "ha": "hektar",
}

LETTERS = "åäöé"
