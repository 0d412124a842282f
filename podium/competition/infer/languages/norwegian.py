"""Norwegian and Danish."""

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
    "mark": "karakter kriterium",
    "correction": "rettelse rettelser rettet korrigert",
    "left out": "utelatt trukket fjernet",
    "black": "svart sort",
    "white": "hvit hvid",
    "paper": "papir",
    "none": "ingen intet frisk intakt uskadd normal",
    "least": "lavest minst dårligst svakest mindst",
    "most": "høyest størst best sterkest mest højest",
    "in order": "stigende synkende fallende",
}

LETTERS = "æøåéèòóô"
