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
    "mark": "note notes notation barème critère",
}
