"""Norwegian and Danish, with a few words of Icelandic, which has no file."""

WORDS = {
    "train": "trening træning",
    "unlabelled": "umerket umerkede umærket umærkede",
    "image": "bilde bilder billede billeder foto fotos",
    "mask": "maske masker fasit annoteringer",
    "label": "klasse klasser etikett etikette kategori",
    "group": "pasient gruppe person",
    "person": "pasient person",
    "count": "antall antal",
    "background": "bakgrunn baggrund",
    "void": "ukjent ukendt ikkevurdert ikkevurderet ignorer umærket umerket",
    "negation": "ikke",
    "labelled": "annoteret annotert klassificeret merket mærket vurdert",
    "class list": "klasser kategorier",
    "colour list": "farger farver",
    "example": "eksempel",
    "sent": "aflever innlever besvarel svar",
    "scoring": "vurder bedøm",
    "mean": "gjennomsnitt snitt middel",
    "median": "median",
    "mark": "karakter kriterium",
    "correction": "rettelse rettelser rettet korrigert",
    "left out": "utelatt trukket fjernet",
    "black": "svart sort",
    "white": "hvit hvid",
    "paper": "papir",
    "joins": "og eller",
    "true mask": "fasit",
    "pixel": "piksel",
    "none": "ingen intet frisk intakt uskadd normal",
    "least": "lavest minst dårligst svakest mindst",
    "most": "høyest størst best sterkest mest højest",
    "in order": "stigende synkende fallende",
    "frequent": "vanlig ofte sjelden alfabet",
    "marked": "bedøm vurder karakter",
    "how": "hvordan",
}

PHRASES = {
    "whole number": "heltal | heltall | hele tal/tall/grader"
    " | heilar*/heilum*/heiltala*/heiltölur*/heiltölu*",
    "directions": "*retning",
    "direction": "*retning | vinkel | kurs | vindátt | átt | stefna | vindstefna",
    "truth": "sandhed* | fasit* | sannhet*",
    "used": "brugt* | brukt* | brukes*",
    "another": "anden* | sammenlign*",
    "against": "mot",
    "first": "første",
    "second": "anden",
    "third": "tredje",
    "in the unit": "i | enhet",
    "square": "kvadrat*",
    "cubic": "kubik*",
    "per": "per",
}

UNITS = {
    "m": "meter/metrar/metra",
    "g": "gram",
    "l": "liter/litrar/litra",
    "s": "sekunder",
    "h": "timer",
    "d": "dage",
}

LETTERS = "æøåéèòóô"
