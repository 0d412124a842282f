"""French."""

WORDS = {
    "train": "entraînement apprentissage",
    "test": "test",
    "random": "aléatoire",
    "unlabelled": "nonétiqueté nonétiquetées nonannoté nonannotées",
    "parts": "partition répartition",
    "piece": "partie lot",
    "to predict": "prédire prédiction prédictions",
    "evaluation": "évaluation",
    "resized": "redimensionné redimensionnées redimensionnés vignettes",
    "in colour": "couleur couleurs",
    "in grey": "gris niveauxdegris",
    "heights": "mnt mns profondeur profondeurs altitudes",
    "augmented": "augmenté augmentée augmentés augmentées",
    "turned": "retourné retournés tournée tournées pivoté pivotée pivotés pivotées",
    "cut out": "détouré segmenté",
    "preview": "aperçu aperçus vignettes prévisualisation",
    "image": "image images photo photos",
    "mask": "masque masques vérité",
    "label": "classe classes étiquette étiquettes catégorie",
    "group": "sujet personne groupe scène séance",
    "person": "sujet personne",
    "count": "effectif quantité nb",
    "number": "nombre",
    "numeral": "un deux trois quatre cinq six",
    "background": "fond arrièreplan",
    "void": "nonjugé nonannoté nonévalué inconnu ignoré indéfini nonétiqueté ignorer",
    "negation": "pas sans non",
    "labelled": "annoté classé défini donnée données évalué étiquette étiqueté",
    "class list": "classes catégories",
    "colour list": "légende couleurs",
    "example": "exempl modele",
    "sent": "soumission rendu reponse",
    "scoring": "évalu métriqu classement",
    "mean": "moyen",
    "annotator": "observateur observatrice annotateur annotatrice évaluateur lecteur lectrice",
    "median": "médian",
    "target": "cible prédire",
    "mark": "note notes notation barème critère",
    "correction": "correction corrections corrigé corrigés errata rectifié rectifications",
    "left out": "exclus exclure exclusions retirés retirées retraits",
    "black": "noir",
    "white": "blanc",
    "paper": "papier reste",
    "span start": "début",
    "span end": "fin",
    "row": "ligne",
    "column": "colonne",
    "joins": "et ou",
    "empty": "vide",
    "none": "aucun aucune ras rien néant sain saine intact intacte indemne normal normale",
    "least": "moins faible petit minimal pire",
    "most": "plus fort grand meilleur élevé maximal",
    "in order": "croissant décroissant ascendant descendant",
    "frequent": "fréquen rare courant alphabét",
    "marked": "noté notée notation barème jugé corrigé",
    "how": "comment",
    "range from": "de d'",
    "range through": "par passant en puis via",
    "range to": "à jusqu'à",
    "by": "par avec selon",
    "radius": "rayon",
    "left side": "gauche",
    "top side": "haut dessus supérieur",
    "right side": "droite",
    "bottom side": "bas dessous inférieur",
    "folder": "dossier répertoire",
    "tag": "catégories concept concepts attribut attributs motsclés diagnostic constat constats",
    "unknown": "inconnu inconnue inconnus indéterminé indéterminée",
    "unit": "unité",
    "successor": "remplacépar remplacéepar successeur remplaçant nouveaucode",
    "ended": "supprimé supprimée abandonné abandonnée retiré retirée aboli abolie caduc obsolète",
    "no result": "nonjugé nonjugée nonévalué nonévaluée nonlu nonlue enattente pasencore"
    " nonrenseigné nonrenseignée",
}

PHRASES = {
    "nobody labelled": "non annoté*/étiqueté*/cartographié* | pas (été) annoté*/étiqueté*"
    "/cartographié*/connu* | inconnu* | sans annotation/annotations/étiquette",
    "not measured": "non mesuré/mesurée/mesurés/mesurées/renseigné/renseignée/déterminé/déterminée"
    " | pas (été) mesuré/mesurée | valeur/mesure/donnée manquante | absence de mesure"
    " | inconnu/inconnue",
    "no header": "sans en tête/têtes | sans entête/entêtes | sans ligne d'en tête | sans ligne"
    " d'entête | pas d'en tête/têtes | pas d'entête/entêtes | aucun en tête | sans ligne de"
    " titre | sans noms de colonnes",
    "label sets": "ensemble/ensembles de/des (*) (*) étiquettes/mots/labels/tags/classes/défauts"
    "/catégories/attributs/termes/espèces | ensemble/ensembles d'étiquettes/d'attributs",
    "none of the others": "aucun/aucune de/des/d'entre | aucun/aucune d'eux/d'elles | rien de tout",
    "nearest": "plus proche/proches",
    "no result": "pas encore (*) | non (encore)"
    " jugé/jugée/jugées/évalué/évaluée/évaluées/lu/lue/lues/noté/notée/notées | n'ont/n'a pas"
    " (encore) été (*) | en attente | sans résultat/verdict/diagnostic",
    "latest counts": "le/la/l plus récent/récente (*) (*) compte/fait/prime/vaut | le/la"
    " dernier/dernière (*) (*) compte/fait/prime/vaut | garder le/la plus récent/récente | fait"
    " foi le/la plus/dernier/dernière",
    "is the label": "est la/le/l (vraie) étiquette/label/classe/cible/réponse",
    "first rows": "premières lignes | extrait du fichier | seulement un extrait",
    "kept together": "vont ensemble | forment un groupe",
    "other ones": "autre | d'un/d'une autre"
    " | autres | d'autres | nouveaux/nouvelles | différents/différentes"
    " | inédits/inédites",
    "parted by": "séparé*/réparti*/divisé* par | validez/valider (vos/les/le) (modèle/modèles) par",
    "in both": "dans les deux | commun* | apparaît/apparaissent/apparaisse | présent*"
    " | figure/figurent",
    "both parts": "les deux",
    "shown too": "affiché* | indicatif | informatif | pour information | d'information"
    " | secondaire/secondaires | ne compte/comptent pas",
    "main score": "principal/principale | classement | classés/classées",
    "both empty": "deux (masques) (sont) vides | ni",
    "apart": "séparément pour/par | séparée/séparé par",
    "probability": "probabilité*",
    "tie": "égalité/égalités | ex aequo | départag*",
    "single objects": "segmentation d'instances/d'instance",
    "one channel": "niveaux/niveau de gris | un/seul canal | monocanal | monochrome",
    "between": "entre | compris*",
    "submit": "soumettre | soumettez | soumis* | envoyer | envoyez | envoi/envois | envoyé*"
    " | déposer | déposez | déposé* | à rendre | remettre | remettez | téléverser | téléversez",
    "one for each": "chaque | par image/tuile/fichier/scène | pour toute/toutes",
    "same form": "même/mêmes/identique/identiques format/formats/valeurs/couleurs/codage/encodage"
    "/forme/manière",
    "same name": "même/mêmes nom/noms | homonyme* | nommé/nommés/nommée/nommées comme",
    "all but": "sauf | excepté | hormis | hors | à l'exception de/du",
    "classes": "classe/classes | catégorie/catégories",
    "class number": "numéro/numéros/indice/indices/index/identifiant/identifiants/code"
    "/codes de (la/chaque/sa/leur) classe/classes"
    " | numéro/numéros/indice/indices/code/codes des classes",
    "colours": "couleur/couleurs | rgb | rvb | palette",
    "no mask file": "sans (aucun) masque/masques/fichier/fichiers | pas de masque/fichier"
    " | n'a/n'ont aucun/pas (de) masque/fichier",
    "no row": "sans/aucune/pas (de) ligne/lignes/entrée/entrées"
    " | n'apparaît/n'apparaissent/ne figure/figurent pas dans",
    "nothing in it": "ne contient/contiennent/montre/montrent aucun/aucune/rien/pas"
    " | n'a/n'ont aucun/aucune/pas | rien à segmenter | que du fond | sans aucun/aucune/rien"
    " | rien n'a été vu/observé/trouvé | rien à voir"
    " | aucun/aucune (*) n'a été vu/vue/observé/observée/trouvé/trouvée",
    "instead of": "remplace | au lieu de | à la place de",
    "use only": "utilisez uniquement/seulement | utiliser uniquement/seulement"
    " | utiliser/utilisez (plus) que | remplacé par",
    "leave out": "exclure | excluez | exclu/exclus/exclue/exclues | écarter/écartez"
    " | ignorer/ignorez | retirer/retirez | laisser/laissez de côté | ne pas utiliser"
    " | pas être utilisé/utilisés/utilisée/utilisées | n'utilisez pas",
    "row for each": "ligne par/pour (chaque)",
    "rows": "ligne/lignes",
    "case": "cas | essai/essais | patiente/patientes | sujet/sujets | examen/examens | étude/études"
    " | série/séries | séance/séances | expérience/expériences | dossier/dossiers",
    "columns": "colonne/colonnes",
    "semicolon": "point/points virgule/virgules",
    "blank": "vide/vides",
    "zero or more": "{n} ou plus/supérieur*",
    "whole number": "(nombre/nombres/degré/degrés) entier/entiers",
    "decimals": "décimale/décimales",
    "directions": "azimut",
    "axes": "direction/directions axiale/axiales | période 180 | période de 180"
    " | 0 et 180 sont identiques",
    "direction": "cap | azimut | angle | orientation",
    "other metric": "normalisé/normalisée",
    "truth": "vérité* | référence*",
    "used": "utilis*",
    "another": "deuxième* | comparaison*",
    "scored": "évalué/évaluée/évalués/évaluées",
    "against": "contre",
    "compared with": "avec/contre (la/le) (ground)",
    "first": "premier/première",
    "second": "deuxième",
    "third": "troisième",
    "in the unit": "en | unité",
    "square": "carré/carrés",
    "cubic": "cube/cubes | cubique*",
    "per": "par",
    "not scored": "non évalué/notée/noté | ignoré* | exclu*"
    " | pas compté/comptés/comptée/comptées/évalué/évalués/évaluée/évaluées",
    "bits": "codé/codée/codés/codées en/par bit/bits | masque/masques/champ/champs de/à bit/bits",
    "sum of bits": "somme des valeurs/codes/nombres/bits",
    "mask or pixel": "*masque*",
    "without labels": "sans (aucune) étiquette/étiquettes/annotation/annotations/label/labels"
    " | non étiqueté* | non annoté*",
    "how many": "combien | compter/comptez/compte | nombre de/d'*",
    "accuracy": "exactitude",
    "plain metric": "global/globale/totale/total/générale/général/simple/classique/seule/finale",
    "balanced": "équilibré*",
    "by class": "par classe/classes/catégorie/catégories | de/pour chaque classe/catégorie",
    "weighted": "pondéré*",
    "quadratic": "quadratique*",
    "weight": "poids | pondération",
    "half of each": "moitié moitié | autre moitié | parts égales | pour moitié | même poids"
    " | poids égaux/égal",
    "mean of": "moyenne de/du/des/entre",
    "counts more": "compte/comptent/compté/comptée/comptés/comptées (pour) double/triple/moitié"
    " | compte/comptent/compté/comptée/comptés/comptées (pour) deux/trois/quatre/2/3/4 fois"
    " | compte/comptent deux/trois/2/3 fois plus | compte/comptent plus/moins que",
    "same order": "même ordre",
    "symmetric": "symétrique*",
    "tolerance": "tolérance* | à un/une/1 grade/classe/niveau/degré/cran près"
    " | plus un/une/1 grade/classe/niveau/degré/cran",
    "standard deviation": "écart/écarts type/types",
    "divided by mean": "divisé/divisée/divisés/divisées par (la/leur/sa) moyenne",
    "whole volume": "volume entier/complet/3d | tout le volume"
    " | par/chaque volume/patient/patiente/cas"
    " | coupes ensemble | 3d",
    "maybe no class": "zéro ou plusieurs | une/un/plusieurs ou aucune/aucun | aussi/également/voire"
    " aucune/aucun",
    "blank for none": "vide/vides s'il/si/quand/lorsqu'il (il) n'y en a pas/aucun/aucune |"
    " vide/vides s'il/si/quand/lorsqu'il (il) n'y a aucun/aucune/rien | vide/vides si"
    " rien/aucun/aucune",
    "without classes": "aucun/sans tag/tags/concept/concepts/attribut/attributs/constat/constats",
}

UNITS = {
    "m": "mètre/mètres",
    "g": "gramme/grammes",
    "l": "litre/litres",
    "s": "secondes",
    "min": "minutes",
    "h": "heures",
    "d": "jour/jours/journée/journées",
    "inch": "pouces",
    "%": "pour cent/centage | pourcent/pourcentage",
    "ha": "hectare/hectares",
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
    "first": "pixels à partir de {n} | premier pixel est/a/porte/= (le) (pixel/numéro/indice) {n}"
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
