"""German."""

WORDS = {
    "train": "training lern",
    "test": "test prüf prüfung pruefung",
    "unlabelled": "unbeschriftet unmarkiert unannotiert",
    "validation": "validierung",
    "image": "bild bilder foto fotos aufnahme aufnahmen",
    "mask": "maske masken annotationen segmentierung segmentierungen",
    "label": "klasse klassen kategorie diagnose",
    "group": "patientin proband probandin sitzung szene standort gruppe",
    "person": "patientin proband probandin",
    "count": "anzahl",
    "number": "zahl",
    "background": "hintergrund",
    "void": "nichtbewertet nichtannotiert unbekannt ignorieren unmarkiert undefiniert ungültig"
    " ignoriert unbeschriftet unklassifiziert",
    "negation": "kein keine nicht ohne",
    "labelled": "angabe annotiert beschriftet bewertet daten klassifiziert zugeordnet",
    "class list": "klassen kategorien",
    "colour list": "legende farben",
    "example": "beispiel muster vorlage",
    "sent": "abgabe einreichung einsendung antwort",
    "scoring": "bewert metrik punkt",
    "mark": "note noten benotung wertung kriterium",
}
