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
    "mark": "nota voto punteggio criterio",
}
