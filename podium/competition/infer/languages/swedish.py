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
    "black": "svart",
    "white": "vit",
    "paper": "papper",
}

LETTERS = "åäöé"
