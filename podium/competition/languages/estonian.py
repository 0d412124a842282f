"""Estonian."""

WORDS = {
    "train": "treening treeni õpe",
    "test": "test testi testimine",
    "preview": "eelvaade eelvaated",
    "image": "pilt pildid foto fotod",
    "mask": "mask maskid",
    "label": "märgend märgendid klass klassid",
    "group": "patsient rühm",
    "person": "patsient",
    "count": "arv loendus",
    "background": "taust",
    "negation": "ei",
    "class list": "klassid",
    "example": "näidis naidis näide",
    "sent": "esitus vastus",
    "scoring": "hindamine hinnatakse hindami mõõdik",
    "mean": "keskmi",
    "median": "mediaan",
    "mark": "hinne",
    "correction": "parandus parandused parandatud",
    "left out": "eemaldatud",
    "pixel": "piksel",
    "none": "puudub terve",
    "least": "väikseim madalaim halvim",
    "most": "suurim kõrgeim parim",
    "marked": "hinnatakse hindamine",
    "how": "kuidas",
    "left side": "vasak vasakul",
    "top side": "ülemine üleval ülal",
    "right side": "parem paremal",
    "bottom side": "alumine all",
    "folder": "kaust kausta",
}

PHRASES = {
    "leave out": "jätke/jätta välja | mitte kasutada | ärge kasutage",
    "how many": "mitu | loenda*",
    "accuracy": "täpsus*",
    "plain metric": "üldine | tavaline",
    "balanced": "tasakaalusta*",
    "by class": "klassi kohta",
    "weighted": "kaalutud",
    "quadratic": "ruut*",
}

LETTERS = "äöõüšž"
