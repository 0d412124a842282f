"""Polish."""

WORDS = {
    "train": "treningowe treningowy treningowa uczące uczący trening",
    "test": "testowe testowy testowa",
    "unlabelled": "nieoznaczone nieopisane",
    "validation": "walidacja walidacyjne",
    "parts": "podział",
    "to predict": "predykcja predykcje prognoza",
    "resized": "zmniejszone miniatury",
    "in colour": "kolor kolorowe",
    "in grey": "szare odcieniszarości",
    "cut out": "wycięte",
    "image": "obraz obrazy zdjęcie zdjęcia",
    "mask": "maska maski adnotacje segmentacja",
    "label": "klasa klasy etykieta etykiety kategoria",
    "group": "pacjent pacjentka osoba grupa sesja scena",
    "person": "pacjent pacjentka osoba",
    "count": "liczba ilość",
    "background": "tło",
    "void": "nieznane nieocenione nieoceniane ignoruj nieokreślone ignorowane nieoznaczone"
    " nieoznakowane nieopisane",
    "negation": "brak nie bez",
    "labelled": "danych etykiety ocenione opisane oznaczone",
    "class list": "klasy kategorie",
    "colour list": "kolory legenda",
    "example": "przyklad przykład wzor wzór szablon",
    "sent": "zgloszen zgłoszen rozwiazan odpowied",
    "scoring": "metryk ocen punkt",
    "mean": "średni",
    "median": "median",
    "target": "przewidyw przewidzie",
    "mark": "kryterium wynik",
    "correction": "korekta korekty poprawki poprawione",
    "left out": "wykluczone wycofane",
    "black": "czarn",
    "white": "biał",
    "paper": "papier",
    "pixel": "piksel",
    "none": "brak żaden żadne nic zdrowy zdrowa zdrowe nieuszkodzony nieuszkodzona norma",
    "least": "najmniej najniż najgorsz najsłab najlżej",
    "most": "najwięk najwyż najleps najsilniej najcięż",
    "in order": "rosnąc malejąc",
    "frequent": "częst rzadk alfabet",
    "marked": "ocenia ocena ocen",
    "how": "jak",
}

PHRASES = {
    "zero or more": "{n} lub więcej/większ*",
    "whole number": "(liczb*) całkowit*",
    "directions": "kierunek",
    "direction": "kierunek | azymut | kurs",
    "truth": "referency*",
    "used": "używan*",
    "another": "drugi* | porówn*",
    "against": "przeciw",
    "in the unit": "w | na | jednostka",
    "square": "kwadrat*",
    "cubic": "kubik*",
    "per": "na",
    "not scored": "nie oceniane/liczone | pomijan* | ignorowan*",
}

UNITS = {
    "m": "metr/metry/metrów/metrach",
    "g": "gram/gramy/gramów/gramach/gramu",
    "l": "litr/litry/litrów",
    "s": "sekundy",
    "min": "minuty",
    "h": "godzin*",
    "d": "dni",
    "%": "procent*",
    "ha": "hektar",
}

RUNS = {
    "zero": "zera",
    "one": "jedynki | jednego",
    "pixels": "piksel* | rle | zakodowan* | kodowan* | początek (i) długość",
    "others": "klasa | klasy | klas | etykiet* | kategori* | wartoś* | poziom* | szaroś* | szary"
    " | plik* | kanał* | pasmo | pasma | warstw* | klatk* | zgłoszeni* | tabel* | epok*",
    "count": "licz* | numer* | ponumerowan* | zaczyna* | rozpoczyna* | począwszy | indeks*"
    " | poczynając",
    "from": "od (piksela/indeksu/numeru) {n}",
    "first": "pierwszy piksel to/ma/= (numer/indeks) {n} | {n} to pierwszy piksel",
    "rightwards": "lewej do prawej | lewej ku prawej | lewej na prawo",
    "downwards": "góry do dołu | góry na dół | góry w dół",
    "then": "potem | następnie | później | a potem",
    "and": "i | oraz | a",
    "links": "z | od",
    "rows": "wiersz po wierszu | wierszami",
    "columns": "kolumna po kolumnie | kolumnami",
    "carry": "są | jest | się | one | je | najpierw | zawsze | wszystkie | kolejność | numeracja"
    " | liczenie | kolejno | w | kolejności",
    "relative": "względ* | delta* | różnic* | odległoś* | odstęp* | przesunięci* | poprzedni*"
    " | ostatni*",
    "not": "nie | bez | zamiast | nigdy | jeśli | jeżeli | gdy",
    "lengths": "długoś*",
    "ends": "początek/początku (i) koniec/końca | pierwszy (i) ostatni",
}

LETTERS = "ąćęłńóśźż"
