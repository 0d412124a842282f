"""Dutch."""

WORDS = {
    "train": "training",
    "unlabelled": "ongelabeld ongelabelde",
    "validation": "validatie",
    "image": "beeld beelden afbeelding afbeeldingen foto fotos",
    "mask": "masker maskers annotaties segmentatie",
    "label": "klasse klassen categorie",
    "group": "patiënt proefpersoon groep perceel",
    "person": "patiënt proefpersoon",
    "count": "aantal",
    "background": "achtergrond",
    "void": "onbekend nietbeoordeeld nietgeannoteerd negeren ongeldig genegeerd ongelabeld",
    "negation": "geen niet",
    "labelled": "beoordeeld geannoteerd geclassificeerd gelabeld",
    "class list": "klassen categorieën",
    "colour list": "legenda kleuren",
    "example": "voorbeeld",
    "sent": "inzending antwoord",
    "scoring": "beoordel",
    "mark": "cijfer criterium",
}
