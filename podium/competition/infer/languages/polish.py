"""Polish."""

WORDS = {
    "train": "treningowe treningowy treningowa uczące uczący trening",
    "test": "testowe testowy testowa",
    "unlabelled": "nieoznaczone nieopisane",
    "validation": "walidacja walidacyjne",
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
    "mark": "kryterium wynik",
}
