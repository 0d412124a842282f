"""French."""

WORDS = {
    "train": "entraînement apprentissage",
    "test": "test",
    "unlabelled": "nonétiqueté nonétiquetées nonannoté nonannotées",
    "image": "image images photo photos",
    "mask": "masque masques vérité",
    "label": "classe classes étiquette étiquettes catégorie",
    "group": "sujet personne groupe scène séance",
    "person": "sujet personne",
    "count": "effectif quantité",
    "number": "nombre",
    "background": "fond arrièreplan",
    "void": "nonjugé nonannoté nonévalué inconnu ignoré indéfini nonétiqueté ignorer",
    "negation": "pas sans non",
    "labelled": "annoté classé défini données évalué étiquette étiqueté",
    "class list": "classes catégories",
    "colour list": "légende couleurs",
    "example": "exempl modele",
    "sent": "soumission rendu reponse",
    "scoring": "évalu métriqu",
    "mean": "moyen",
    "target": "cible prédire",
    "mark": "note notes notation barème critère",
    "correction": "correction corrections corrigé corrigés errata rectifié rectifications",
    "left out": "exclus exclure exclusions retirés retirées retraits",
    "black": "noir",
    "white": "blanc",
    "paper": "papier reste",
    "none": "aucun aucune ras rien néant sain saine intact intacte indemne normal normale",
    "least": "moins faible petit minimal pire",
    "most": "plus fort grand meilleur élevé maximal",
    "in order": "croissant décroissant ascendant descendant",
    "frequent": "fréquen rare courant alphabét",
    "marked": "noté notée notation barème jugé corrigé",
    "how": "comment",
}

RUNS = {
    "zero": "zéro",
    "one": "un",
    "pixels": "pixel | pixels | rle | encod* | codage | plages | début (et) longueur",
    "others": "classe | classes | étiquette* | catégorie* | valeur* | niveau* | gris* | fichier*"
    " | bande* | canal | canaux | coupe | coupes | soumission* | tableau* | époque*",
    "count": "numérot* | compt* | commen* | début* | indexé* | indices | indice | énumér*"
    " | démarr*",
    "from": "à partir de/du (pixel/indice/numéro) {n} | depuis (le) (pixel/indice/numéro) {n}"
    " | commenc*/débu*/démarr* à/au/par/avec (le) (pixel/indice/numéro) {n}",
    "first": "premier pixel est/a/porte/= (le) (pixel/numéro/indice) {n}"
    " | {n} est le premier pixel | base {n}",
    "rightwards": "gauche à (la) droite | gauche vers (la) droite",
    "downwards": "haut en bas | haut vers le bas",
    "then": "puis | ensuite | après",
    "and": "et",
    "links": "de | du | depuis | la | le",
    "rows": "ligne par/à ligne | par lignes",
    "columns": "colonne par/à colonne | par colonnes",
    "carry": "sont | est | les | on | ils | elles | ordre | d'abord | toujours | tous"
    " | numérotation | se | lus | parcourus | vont",
    "relative": "relati* | delta* | différence* | distance* | décalage* | écart* | précéd*"
    " | dernier* | dernière*",
    "not": "pas | non | sans | jamais | ne | au lieu de | n'* | si | quand | lorsque | avant",
    "lengths": "longueur*",
    "ends": "début (et) (la) fin | premier (et) (le) dernier",
}

LETTERS = "àâæçéèêëîïôœùûüÿ"
