"""Dutch."""

WORDS = {
    "train": "training",
    "unlabelled": "ongelabeld ongelabelde",
    "validation": "validatie",
    "parts": "partitie verdeling opsplitsing",
    "to predict": "voorspellen voorspelling voorspellingen",
    "resized": "verkleind",
    "in colour": "kleur",
    "in grey": "grijs grijswaarden",
    "heights": "hoogte hoogtes hoogtekaart diepte dieptekaart",
    "augmented": "geaugmenteerd",
    "turned": "gedraaid gespiegeld",
    "cut out": "uitgeknipt gesegmenteerd",
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
    "mean": "gemiddeld",
    "median": "mediaan",
    "target": "doelvariabele voorspellen",
    "mark": "cijfer criterium",
    "correction": "correctie correcties gecorrigeerd",
    "left out": "uitgesloten ingetrokken verwijderd",
    "black": "zwart",
    "white": "wit",
    "paper": "papier",
    "joins": "en of",
    "none": "geen niets gezond intact onbeschadigd gaaf normaal",
    "least": "laagste kleinste slechtste minste lichtste zwakste",
    "most": "hoogste grootste beste meeste zwaarste sterkste",
    "in order": "oplopend aflopend stijgend dalend",
    "frequent": "vaak zeldzaam frequen alfabet",
    "marked": "beoorde becijfer cijfer",
    "how": "hoe",
    "range from": "van",
    "range through": "via over langs",
    "range to": "tot naar",
    "by": "met volgens op",
}

PHRASES = {
    "row for each": "rij/regel per | rij/regel voor elk/elke/ieder/iedere",
    "rows": "rij/rijen | regel/regels",
    "case": "geval/gevallen | proef/proeven | patiënt/patiënten | studie/studies | reeks/reeksen |"
    " sessie/sessies | experiment/experimenten | map/mappen",
    "columns": "kolom/kolommen",
    "semicolon": "puntkomma/puntkommas",
    "blank": "leeg/lege",
    "zero or more": "{n} of meer/groter/hoger",
    "whole number": "gehel/gehele getal/getallen/graden",
    "decimals": "decimalen",
    "directions": "richting",
    "direction": "richting | koers | hoek",
    "truth": "waarheid* | referentie*",
    "used": "gebruikt*",
    "another": "tweede* | vergelijk*",
    "against": "tegen",
    "first": "eerste",
    "second": "tweede",
    "third": "derde",
    "in the unit": "in | eenheid",
    "square": "vierkante",
    "per": "per",
    "not scored": "niet meegeteld/beoordeeld | telt niet mee | genegeerd",
    "sum of bits": "som van de waarden/codes/bits",
}

UNITS = {
    "m": "meter/meters",
    "g": "gram/grammen",
    "l": "liter/liters",
    "s": "seconden",
    "min": "minuten",
    "h": "uren",
    "d": "dagen",
    "%": "procent",
    "ha": "hectare",
}

RUNS = {
    "zero": "nul",
    "one": "één",
    "pixels": "pixel | pixels | beeldpunt | beeldpunten | rle | gecodeerd* | codering"
    " | begin/start (en) lengte",
    "others": "klasse* | label | labels | categorie* | waarde* | *waarde* | grijs* | niveau*"
    " | bestand* | band | banden | kanaal | kanalen | beeldje* | inzending* | tabel* | epoche*",
    "count": "geteld | tellen | telt | telling | nummer* | genummerd* | begin* | start* | index*"
    " | geïndexeerd*",
    "from": "vanaf (pixel/beeldpunt/index/nummer) {n}"
    " | bij/met/op (pixel/beeldpunt/index/nummer) {n}"
    " | van (pixel/beeldpunt/index/nummer) {n} af",
    "first": "eerste pixel/beeldpunt is/heeft/= (de/het) (pixel/nummer/index) {n}"
    " | {n} is de/het eerste pixel/beeldpunt",
    "rightwards": "links naar rechts",
    "downwards": "boven naar beneden/onder/onderen",
    "then": "dan | daarna | vervolgens",
    "and": "en",
    "links": "van",
    "rows": "rij voor rij | regel voor regel | per rij | rijgewijs",
    "columns": "kolom voor kolom | per kolom | kolomsgewijs",
    "carry": "de | het | ze | zij | worden | wordt | zijn | is | eerst | altijd | alle"
    " | volgorde | nummering | lopen | gelezen",
    "relative": "relatie* | delta* | verschil* | afstand* | vorig* | voorgaand* | voorafgaand*"
    " | laatste*",
    "not": "niet | geen | nooit | zonder | in plaats van | als | wanneer",
    "lengths": "lengte*",
    "ends": "begin/start (en) (het) einde/eind | eerste (en) laatste",
}

LETTERS = "áèéêëïóöü"
