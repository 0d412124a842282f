"""German."""

WORDS = {
    "train": "training lern",
    "test": "test prüf prüfung",
    "random": "zufall zufäll",
    "unlabelled": "unbeschriftet unmarkiert unannotiert unbewertet unbewertete unbewerteten"
    " ungelabelt",
    "validation": "validierung",
    "parts": "aufteilung teilmenge",
    "piece": "teil lieferung paket",
    "to predict": "vorhersage vorhersagen vorherzusagen",
    "evaluation": "auswertung bewertung evaluierung",
    "resized": "verkleinert verkleinerte skaliert",
    "in colour": "farbe farbig",
    "in grey": "grau graustufen",
    "heights": "höhe höhen höhenmodell tiefe tiefen tiefenkarte",
    "augmented": "augmentiert augmentierte augmentierung",
    "turned": "gedreht gedrehte gespiegelt gespiegelte rotiert rotierte",
    "cut out": "freigestellt segmentiert",
    "preview": "vorschau vorschaubild vorschaubilder quicklooks",
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
    "scoring": "bewert metrik hauptmetrik punkt ranglist",
    "mean": "mittel mittler gemittelt durchschnitt",
    "annotator": "beobachter beobachterin betrachter gutachter gutachterin befunder leser prüfer"
    " prüferin messperson",
    "median": "median",
    "target": "zielvariable zielgröße vorherzusag vorhersagen",
    "mark": "note noten benotung wertung kriterium",
    "correction": "korrektur korrekturen korrigiert berichtigung berichtigungen berichtigt",
    "left out": "ausgeschlossen zurückgezogen ausschluss ausschlüsse gesperrt entfernt",
    "black": "schwarz",
    "white": "weiß weiss",
    "paper": "papier rest",
    "data": "daten",
    "span start": "von",
    "span end": "bis",
    "row": "zeile",
    "column": "spalte",
    "code": "nr",
    "joins": "und oder",
    "empty": "leer",
    "none": "keine nichts ohne gesund intakt unbeschädigt unversehrt unauffällig"
    " fehlerfrei einwandfrei normal befundlos",
    "least": "geringst kleinst niedrigst schlechtest schwächst leichtest mindest wenigst",
    "most": "größt höchst best stärkst schwerst meist",
    "in order": "aufsteigend absteigend steigend fallend zunehmend abnehmend",
    "frequent": "häufig selten alphabet",
    "marked": "benot wertung bewertet beurteil",
    "how": "wie",
    "range from": "von vom",
    "range through": "über via dann",
    "range to": "bis zu zum",
    "by": "nach mit per anhand",
    "radius": "radius halbmesser",
    "left side": "links linke linker",
    "top side": "oben obere oberer",
    "right side": "rechts rechte rechter",
    "bottom side": "unten untere unterer",
    "folder": "ordner verzeichnis",
    "tag": "kategorien diagnosen konzept konzepte schlagwort schlagwörter befund befunde"
    " merkmal merkmale attribut attribute etikett etiketten",
    "unknown": "unbekannt unbekannte",
    "unit": "einheit maßeinheit",
    "successor": "ersetztdurch nachfolger ersatz ersatzcode neuercode aufgegangenin",
    "ended": "entfallen entfällt gestrichen abgeschafft weggefallen aufgehoben",
    "no result": "unbewertet unbeurteilt unbefundet ausstehend nochoffen nichtbewertet"
    " nichtbeurteilt nichtbefundet keineangabe",
}

PHRASES = {
    "nobody labelled": "nicht (*) bekannt/kartiert/annotiert/beschriftet/gelabelt/markiert"
    "/gekennzeichnet | unbekannt/unbeschriftet/unmarkiert/unkartiert"
    " | niemand weiß/kartiert/annotiert | keine annotation/annotationen/beschriftung",
    "not measured": "nicht gemessen/bestimmt/erhoben/erfasst | keine messung"
    " | fehlend* wert/werte/messwert/messung | unbekannt",
    "no header": "ohne kopfzeile/kopfzeilen/kopf/header/headerzeile/spaltennamen/überschrift"
    "/überschriften/spaltenüberschrift/spaltenüberschriften/titelzeile | kein/keine/keinen"
    " kopfzeile/kopfzeilen/header/headerzeile/spaltennamen/spaltenüberschriften/titelzeile |"
    " kopfzeile: keine/nein",
    "label sets": "menge/mengen der (*) (*) labels/wörter/klassen/begriffe/merkmale/schäden"
    "/fehler/namen/tags/arten | labelmenge/labelmengen/wortmenge/wortmengen/klassenmengen"
    "/begriffsmengen",
    "none of the others": "keiner/keine/keines/keins der/dieser/von | keiner/keine/keines/keins"
    "/nichts davon | keinen der/dieser | nichts von",
    "nearest": "nächstgelegen* | zeitlich nächste/nächsten | am nächsten",
    "no result": "noch nicht (*) | noch kein/keine/keinen (*) | nicht"
    " bewertet/beurteilt/begutachtet/befundet/ausgewertet/gelesen/untersucht/benotet | kein"
    " ergebnis | ohne ergebnis/urteil/bewertung | noch offen | steht/stehen (noch) aus"
    " | ausstehend*",
    "latest counts": "die/der/das letzte/neueste/jüngste/spätere (*) (*) gilt/zählt | gilt/zählt"
    " die/der/das letzte/neueste/jüngste/spätere",
    "is the label": "ist/enthält das/die/der (wahre)"
    " label/etikett/zielgröße/zielvariable/klasse/zielklasse/antwort",
    "first rows": "ersten (paar/*) zeilen | nur der anfang | nur ein ausschnitt/auszug",
    "kept together": "gehört/gehören/hängt/hängen zusammen | zusammengehör* | zusammenhäng*",
    "other ones": "anderem/anderes"
    " | andere/anderen/anderer | neue/neuen/neuer | unbekannte/unbekannten"
    " | verschieden*",
    "parted by": "getrennt/aufgeteilt/geteilt nach",
    "in both": "in beiden | kommt/kommen/vorkommt/vorkommen | enthalten | gemeinsam*"
    " | überschneid*",
    "both parts": "beide/beiden | teilen",
    "shown too": "angezeigt | gezeigt | ausgewiesen | mitgeteilt | aufgeführt | angegeben"
    " | zur information/info/orientierung | informativ | nachrichtlich | nebenmetrik"
    " | sekundär* | zweitrangig | zählt/zählen nicht"
    " | zusätzlich/ebenfalls/auch (noch) berechnet/berichtet",
    "main score": "hauptmetrik | hauptmaß | primär* | maßgeblich* | rangliste | rangfolge"
    " | platzierung* | hauptkriterium",
    "both empty": "beide (masken) (sind) leer | beide (masken) leer (sind) | weder",
    "apart": "getrennt für/nach/je/pro | separat für/nach/je/pro",
    "probability": "wahrscheinlichkeit*",
    "tie": "gleichstand* | punktgleich*",
    "single objects": "instanzsegmentierung",
    "one channel": "graustufe* | einkanal* | einkanalig* | grauwert* | ein/einem/einen kanal",
    "between": "zwischen",
    "submit": "abgabe* | abgeben* | abgegeben* | abzugeben* | einreich* | eingereicht*"
    " | einzureichen* | einsend* | einzusenden* | eingesandt* | hochlad* | hochgeladen*"
    " | hochzuladen* | reichen/reicht (sie) (bitte) | schicken/schickt (sie)",
    "one for each": "für jede/jeden/jedes | jede/jeden/jedes/jedem | je/pro",
    "same form": "gleiche/gleichen/gleicher/gleichem/selben/dieselben/denselben/demselben"
    "/derselben/dieselbe format/form/werte/werten/farben/kodierung/codierung/weise",
    "same name": "gleiche/gleichen/gleichem/selben/denselben/demselben/dieselben/derselbe namen"
    "/namens/name/dateinamen/dateinamens/dateiname | gleichnamig* | heißt/heißen (genauso) wie"
    " | benannt wie",
    "all but": "außer | bis auf | ausgenommen | ausgeschlossen | mit ausnahme (von/der) | ohne",
    "classes": "klasse/klassen | kategorie/kategorien",
    "class number": "klassennummer* | klassenindex* | klassenindizes | klassenwert*"
    " | klassencode* | klassen id/ids | nummer/nummern/index/indizes der klasse/klassen",
    "colours": "farbe/farben | rgb | farbpalette",
    "no mask file": "ohne maske/masken/maskendatei/maskendateien/datei"
    " | keine/fehlende maske/maskendatei/maskendateien/datei"
    " | maske/maskendatei/datei fehlt"
    " | ohne/kein/keine/keinem/keinen polygon/polygone/polygonen/umriss/umrisse/umrissen",
    "no row": "ohne/keine/keinen/kein zeile/zeilen/eintrag/einträge"
    " | nicht aufgeführt/aufgelistet/eingetragen",
    "nothing in it": "enthält/enthalten/zeigt/zeigen/hat/haben/ist/sind kein/keine/keinen/nichts"
    " | kein/keine/nichts enthalten | nur hintergrund | ohne jede/jeden/jedes/jegliche/jeglichen"
    " | nichts zu sehen/finden | nichts gesehen/gefunden/sichtbar"
    " | kein/keine/keinen/keines (*) zu sehen/finden"
    " | kein/keine/keinen/keines (*) gesehen/gefunden/sichtbar/vorhanden",
    "instead of": "ersetzt | statt | anstatt | anstelle (von)",
    "use only": "nur noch | bitte nur | benutzen/verwenden/nutzen (sie) (bitte) nur"
    " | ersetzt durch",
    "leave out": "weglassen | weggelassen | auslassen | ausgelassen | ausschließen"
    " | ausschliessen | ausgeschlossen | lassen (sie) (diese/sie/die) weg/aus | entfernen"
    " | ignorieren | überspringen"
    " | nicht benutzen/verwenden/benutzt/verwendet/nutzen/nutze/benutze/verwende/genutzt/gebrauchen"
    " | nicht mehr benutzen/verwenden",
    "row for each": "zeile je/pro | zeile für jede/jeden/jedes",
    "rows": "zeile/zeilen",
    "case": "fall/fälle | versuch/versuche | patientin | proband/probandin |"
    " untersuchung/untersuchungen | studie/studien | serie/serien | sitzung/sitzungen |"
    " experiment/experimente | durchlauf/durchläufe | aufnahmereihe | ordner",
    "columns": "spalte/spalten",
    "semicolon": "semikolon/semikola/semikolons | strichpunkt/strichpunkte/strichpunkten",
    "blank": "leer/leere/leeres/leeren",
    "zero or more": "{n} oder mehr/größer/höher | nicht/nie negativ* | nichtnegativ*",
    "whole number": "ganzzahlig* | ganze/ganzen zahl/zahlen/grad",
    "decimals": "nachkommastelle/nachkommastellen",
    "directions": "*richtung | azimut",
    "axes": "axiale richtung/richtungen/winkel | periode 180 | periode von 180"
    " | 0 und 180 sind gleich | 0 und 180 sind dasselbe",
    "direction": "*richtung | winkel | peilung | kurs | azimut",
    "other metric": "normierte/normierter/normiertes",
    "truth": "wahrheit* | referenz*",
    "used": "verwend* | benutz* | genutzt* | zählt* | zählen*",
    "another": "zweit* | vergleich*",
    "scored": "bewertet",
    "against": "gegen",
    "compared with": "gegen/mit/von/neben/zu/zur (der/die/das/dem) (ground)",
    "clause": "und | aber | während",
    "first": "erst*",
    "second": "zweit*",
    "third": "dritt*",
    "in the unit": "in | im | an | einheit",
    "square": "quadrat*",
    "cubic": "kubik*",
    "per": "pro",
    "not scored": "nicht gewertet/bewertet/gezählt | zählt nicht | ausgenommen | unsicher",
    "bits": "bit codiert*/kodiert*/maske* | bitcodiert*/bitkodiert*/bitmaske*",
    "sum of bits": "summe der/aller *werte/*zahlen/*flags/*codes/*bits",
    "without labels": "ohne label/labels/annotation/annotationen/etikett/etiketten"
    " | nicht annotiert* | nicht gelabelt*",
    "how many": "wie viele | wieviele | zähl* | gezählt* | anzahl",
    "accuracy": "genauigkeit | korrektklassifikationsrate | treffergenauigkeit | trefferquote",
    "plain metric": "gesamt* | insgesamt | einfach* | gewöhnlich*"
    " | üblich* | normal* | rein* | mittler* | durchschnittlich*",
    "balanced": "ausgewogen* | balanciert* | ausbalanciert* | ausgeglichen*",
    "by class": "pro/je/per klasse/kategorie | jeder klasse/kategorie",
    "weighted": "gewichtet* | gewogen*",
    "quadratic": "quadratisch*",
    "weight": "gewicht/gewichte/gewichten/gewichtung",
    "half of each": "je zur hälfte | andere/anderen hälfte | gleichen teilen"
    " | gleich/gleichem gewicht | gleich gewichtet* | gleichgewichtet*",
    "mean of": "mittel/mittelwert/durchschnitt aus/von",
    "counts more": "zählt/zählen/gewertet/gewichtet doppelt/dreifach/vierfach/halb/zweimal/dreimal"
    " | doppelt/dreifach/vierfach/zweifach/halb gezählt/gewertet/gewichtet/zählt/zählen"
    " | zweimal/dreimal/doppelt/halb so viel/stark/schwer | zählt/zählen mehr/weniger als",
    "same order": "gleicher/gleichen/selben/derselben reihenfolge",
    "symmetric": "symmetrisch*",
    "same class": "als eine/dieselbe/gleiche klasse/kategorie",
    "tolerance": "toleranz*"
    " | höchstens/maximal/um eine/einen/ein/1/zwei/2 stufe/stufen/klasse/klassen/grad/grade/note"
    " | innerhalb einer/eines stufe/klasse/grades/note",
    "standard deviation": "standardabweichung*",
    "divided by mean": "durch (den/ihren/seinen/das) mittelwert*/mittel/durchschnitt*"
    " geteilt/dividiert/normiert"
    " | geteilt/dividiert durch (den/ihren/seinen/das) mittelwert*/mittel/durchschnitt*",
    "whole volume": "gesamte/gesamten/ganze/ganzen/ganzes volumen/scan/stapel"
    " | pro/je volumen/scan/patient/patientin/fall | jedes volumens | jeden/jedes/jeder patienten"
    " | schichten/scheiben zusammen | 3d",
    "maybe no class": "auch keine/keines/keins/keinen"
    " | eine/einen/ein/mehrere oder keine/keinen/keines"
    " | null oder mehr/mehrere",
    "blank for none": "leer/leere/leeres/leeren wenn/falls/sofern/wo (dort/darauf/da)"
    " nichts/keins/keines/keine/keiner zu sehen ist/sind | leer/leere/leeres/leeren"
    " wenn/falls/sofern/wo nichts/keins/keines/keine/keiner vorhanden | leer/leere/leeres/leeren"
    " wenn/falls es keins/keines/keine/keinen gibt | leer/leere/leeres/leeren wenn/falls/sofern/wo"
    " nichts/keins/keines/keine/keiner",
    "without classes": "ohne/keine/keinen/kein"
    " tags/schlagwort/schlagwörter/schlagworte/konzept/konzepte/attribut/attribute"
    "/merkmal/merkmale/befund/befunde",
}

UNITS = {
    "m": "meter/metern",
    "g": "gramm",
    "l": "liter/litern",
    "s": "sekunden",
    "min": "minuten",
    "h": "stunden",
    "d": "tage/tagen",
    "inch": "zoll",
    "%": "prozent",
    "share": "anteil/anteile",
    "ha": "hektar",
    "°C": "grad celsius",
}

RUNS = {
    "zero": "null",
    "one": "eins",
    "pixels": "pixel | pixeln | bildpunkt* | rle | lauflänge* | laufläng* | kodier* | codier*"
    " | start (und) länge",
    "others": "klasse* | kategorie* | wert | werte | werten | *wert | *werte | *werten | grau*"
    " | stufe* | datei* | band | bänder* | kanal | kanäle* | schicht* | scheibe* | abgabe*"
    " | einreichung* | tabelle* | epoche*",
    "count": "zähl* | gezählt* | nummer* | beginn* | start* | index | indizes | indiz*"
    " | indexier* | durchnummeriert",
    "from": "ab (dem) (pixel/index/nummer) {n} | bei/mit (dem) (pixel/index/nummer) {n}"
    " | von (pixel/index/nummer) {n} an",
    "first": "{n} basiert* | {n}basiert* | {n} indiziert | pixel ab {n}"
    " | erste pixel ist/hat/= (die/das) (der) (nummer/index/pixel) {n}"
    " | pixel {n} ist (das/der) (erste/oben) links | {n} ist das erste pixel",
    "rightwards": "links nach rechts",
    "downwards": "oben nach unten",
    "then": "dann | danach | anschließend | darauf",
    "and": "und | sowie",
    "links": "von",
    "rows": "zeile für zeile | zeilenweise | reihe für reihe | reihenweise",
    "columns": "spalte für spalte | spaltenweise",
    "carry": "die | der | das | sie | es | wird | werden | sind | ist | dabei | zuerst | erst"
    " | stets | immer | alle | reihenfolge | zählung | nummerierung | laufen | läuft | gelesen"
    " | im | in",
    "relative": "relativ* | delta* | differenz* | abstand* | abständ* | versatz | vorig*"
    " | vorherig* | vorangeh* | vorhergeh* | letzte*",
    "not": "nicht | kein* | nie | ohne | statt | anstatt | wenn | falls | ob | früher",
    "lengths": "länge* | *länge*",
    "ends": "anfang/beginn/start (und) ende | erstes/erster (und) letztes/letzter",
}

LETTERS = "äöüß"

ASCII = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
