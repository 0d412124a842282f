"""Basque."""

WORDS = {
    "train": "entrenamendu entrenamendua",
    "image": "argazki argazkia argazkiak irudi irudia irudiak",
    "label": "etiketa etiketak klasea klaseak",
    "group": "gaixoa pazientea taldea",
    "person": "gaixoa pazientea",
    "background": "atzealdea",
    "void": "ezezaguna",
    "class list": "klaseak",
    "example": "adibide",
    "sent": "erantzun",
    "scoring": "neurri ebalua",
    "mean": "batez batezbeste",
    "median": "mediana",
    "correction": "zuzenketa zuzenketak zuzendua",
    "left out": "baztertuak kenduak",
    "black": "beltz",
    "white": "zuri",
    "paper": "paper",
    "none": "batez ezer osasuntsu osorik",
    "least": "txikien baxuen okerren gutxien",
    "most": "handien altuen hoberen gehien",
    "in order": "gorantz beherantz",
    "left side": "ezker ezkerra",
    "top side": "goi goiko goian",
    "right side": "eskuin eskuina",
    "bottom side": "behe beheko behean",
    "folder": "karpeta",
    "tag": "kategoria kategoriak kontzeptu kontzeptuak",
}

PHRASES = {
    "one channel": "gris eskala/eskalan/mailak | kanal bakar/bakarra/bakarreko",
    "between": "artean/arteko",
    "submit": "bidali/bidaltzeko/bidaliko | bidalketa* | igo/igotzeko | entregatu*"
    " | aurkeztu/aurkezteko",
    "one for each": "bakoitz*",
    "same form": "formatu/formatua/balio/balioak/kolore/koloreak bera/berak/berean/berdina"
    "/berdinak",
    "same name": "izen/izena bera/berarekin/berdina/berdinarekin",
    "classes": "klase*",
    "class number": "klase zenbakia/zenbakiak/indizea/indizeak | klasearen zenbakia/indizea/kodea",
    "colours": "kolore/kolorea/koloreak/koloreetan/koloreekin | rgb",
    "leave out": "baztertu* | ez erabili* | kendu",
    "how many": "zenbat",
    "accuracy": "zehaztasun*",
    "plain metric": "orokorra",
    "balanced": "orekatu*",
    "by class": "klase/klaseko bakoitzeko",
    "weighted": "haztatu*",
    "quadratic": "koadratiko*",
    "maybe no class": "zero edo gehiago",
    "without classes": "kontzepturik gabe",
}

LETTERS = "ñçü"
