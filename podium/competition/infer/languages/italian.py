"""Italian."""

WORDS = {
    "train": "addestramento allenamento",
    "unlabelled": "nonetichettate nonetichettato senzaetichetta",
    "validation": "validazione",
    "image": "immagine immagini foto",
    "mask": "maschera maschere annotazioni segmentazione",
    "label": "classe classi etichetta etichette categoria",
    "group": "paziente soggetto persona individuo sessione scena gruppo parcella",
    "person": "paziente soggetto persona individuo",
    "count": "conteggio quantità",
    "number": "numero",
    "background": "sfondo",
    "void": "sconosciuto nonvalutato nonannotato ignorare ignora indefinito ignorato",
    "negation": "nessun nessuna senza non",
    "labelled": "annotato classificato dati dato etichetta etichettato valutato",
    "class list": "classi categorie",
    "colour list": "legenda colori",
    "example": "esempi modello",
    "sent": "consegna invio sottomission rispost",
    "scoring": "valuta metric",
    "mean": "media",
    "target": "obiettivo predire prevedere",
    "mark": "nota voto punteggio criterio",
    "correction": "correzione correzioni corretto corretti",
    "left out": "esclusi escluse ritirati ritirate",
    "black": "nero neri nera nere",
    "white": "bianc",
    "paper": "carta",
    "none": "nessuno nessuna niente sano sana integro integra intatto intatta normale",
    "least": "minor minim peggior meno lieve",
    "most": "maggior massim miglior più",
    "in order": "crescente decrescente ascendente discendente",
    "frequent": "frequen comun rar alfabet",
    "marked": "valut giudic",
    "how": "come",
}

RUNS = {
    "zero": "zero",
    "one": "uno",
    "pixels": "pixel | rle | codific* | inizio (e) lunghezza",
    "others": "classe | classi | etichett* | categori* | valor* | livell* | grigi* | file"
    " | banda | bande | canal* | fotogramm* | invio | consegn* | tabell* | epoca | epoche",
    "count": "numera* | conta* | conteggi* | inizi* | cominci* | partono | parte | partire"
    " | partendo | indici | indice | indicizza*",
    "from": "a partire da/dal (pixel/indice/numero) {n} | da/dal (pixel/indice/numero) {n}"
    " | inizi*/cominci*/part* con (il) (pixel/indice/numero) {n}",
    "first": "primo pixel è/ha/= (il) (pixel/numero/indice) {n} | {n} è il primo pixel | base {n}",
    "rightwards": "sinistra a/verso destra",
    "downwards": "alto in/verso (il) basso | dall'alto in/verso (il) basso",
    "then": "poi | quindi | dopo | successivamente",
    "and": "e",
    "links": "da | dal",
    "rows": "riga per riga | per righe",
    "columns": "colonna per colonna | per colonne",
    "carry": "si | sono | è | i | il | la | le | ordine | prima | sempre | tutti | numerazione"
    " | conteggio | letti | ordinati | vanno",
    "relative": "relativ* | delta* | differenz* | distanz* | scarto | scostament* | precedent*"
    " | ultim*",
    "not": "non | mai | senza | anziché | invece di | se | quando",
    "lengths": "lunghezz*",
    "ends": "inizio (e) (la) fine | primo (e) l'ultimo/ultimo",
}

LETTERS = "àèéìíîòóùú"
