"""Czech and Slovak, with a few words of Croatian, which has no file."""

WORDS = {
    "train": "trénovací trénink tréning učící",
    "test": "testovací testovacie zkouška zkušební",
    "random": "náhodn",
    "preview": "náhled náhledy",
    "piece": "část",
    "image": "obrázek obrázky snímek snímky fotky",
    "mask": "maska masky anotace",
    "label": "třída třídy trieda triedy štítek kategorie",
    "group": "pacient pacientka osoba skupina",
    "person": "pacient pacientka osoba",
    "count": "počet",
    "background": "pozadí pozadie",
    "void": "neznámé nehodnoceno ignorovat neoznačeno",
    "negation": "bez",
    "labelled": "dat označeno",
    "class list": "třídy triedy kategorie",
    "colour list": "barvy farby legenda",
    "example": "priklad vzor",
    "sent": "odevzdan odpoved resen",
    "scoring": "hodnoc metrik",
    "mean": "průměr",
    "median": "medián",
    "target": "cílov předpov",
    "mark": "známka kritérium",
    "correction": "oprava opravy opraveno",
    "left out": "vyřazené vyloučené stažené",
    "black": "čern",
    "white": "bíl",
    "paper": "papír",
    "none": "žádný žádná žádné nic zdravý zdravá zdravé nepoškozený nepoškozená normální",
    "least": "nejmen nejniž nejhor nejslab nejleh",
    "most": "největ nejvyš nejlep nejsiln nejtěž",
    "in order": "vzestupn sestupn rostouc klesajíc",
    "frequent": "čast vzácn abeced",
    "marked": "hodnocen hodnotí známk",
    "how": "jak",
    "range from": "od",
    "range through": "přes",
    "range to": "do po až",
    "by": "podle",
    "radius": "poloměr",
    "left side": "vlevo levý levá levo",
    "top side": "nahoře horní",
    "right side": "vpravo pravý pravá pravo",
    "bottom side": "dole dolní spodní",
    "folder": "složka složky složce",
    "tag": "kategorií pojem pojmy koncept koncepty tag tagy příznak příznaky nález nálezy",
    "unknown": "neznámé neznámý neznámá neznáme",
    "unit": "jednotka jednotky",
    "successor": "nahrazeno nahrazenokódem nástupce novýkód",
    "ended": "zrušen zrušeno zrušený vyřazen vyřazeno",
    "no result": "nehodnoceno nevyhodnoceno neposouzeno čeká nehodnotené",
}

PHRASES = {
    "nobody labelled": "není/nejsou/nebyl/nebyla/nebylo/nebyly (*) označen*/anotován*/znám*"
    " | neoznačen* | neanotovan* | neznám*",
    "no header": "bez hlavičky/záhlaví/hlaviček | bez řádku záhlaví/hlavičky | nemá/nemají"
    " hlavičku/záhlaví | bez názvů sloupců",
    "label sets": "množina/množiny/množin/množinou/množinami (*) (*) štítků/slov/tříd/vad/pojmů",
    "none of the others": "žádná/žádný/žádné/žádného/žádnou z/ze",
    "nearest": "nejbližší*",
    "no result": "ještě/dosud/zatím/zatiaľ ne* | nebyl/nebyly/nebylo/nebyla (*)"
    " hodnocen*/vyhodnocen*/posouzen*/čten*/přečten* | bez výsledku",
    "latest counts": "nejnovější* | platí poslední",
    "is the label": "je (skutečný) štítek/štítkem/třída/třídou/cíl/cílem",
    "first rows": "první/prvních/prvé (*) řádky/řádků/riadky",
    "kept together": "patří/patria k/ku sobě/sebe | tvoří/tvoria (jednu) skupinu",
    "other ones": "jiného/jiném/iného/inej | jiných/jiné/iných/iné | nových/nové | různých",
    "parted by": "rozdělen* podle/podľa",
    "in both": "v obou/oboch | vyskytuje/vyskytují/nevyskytuje/nevyskytují | společn*",
    "both parts": "obou | oboch",
    "shown too": "zobrazuje/zobrazujú | zobrazen* | uváděn* | uveden* | informativn* | orientačn*"
    " | vedlejší",
    "main score": "hlavní/hlavním/hlavná | pořadí | poradie",
    "probability": "pravděpodobnost*",
    "tie": "rovnost*",
    "one channel": "stupně/stupních/odstíny/odstínech šedi | jednokanál*"
    " | jeden/jedním kanál/kanálem | odtiene/odtieňoch sivej",
    "between": "mezi/medzi",
    "submit": "odešlete/odeslat/odesílá* | zašlete/zaslat | odevzd* | odovzd* | nahrajte/nahrát"
    " | pošlete/poslat/pošlite",
    "one for each": "každý/každá/každé/každého/každou/každému/každú",
    "same form": "stejný/stejné/stejném/stejných/stejnými/rovnaký/rovnaké/rovnakom"
    "/rovnakých formát/formátu/formáte/hodnoty/hodnotách/hodnotami/barvy/barvách/barvami/farby"
    "/farbách/kódování/kódovanie",
    "same name": "stejné/stejný/stejným/stejného/rovnaké/rovnaký/rovnakým jméno/jménem/název"
    "/názvem/názvy/názvu/jména/meno/menom/mena/názov/názvom | stejnojmenn* | rovnomenn*",
    "all but": "kromě | mimo | s výjimkou",
    "not scored": "nehodnotí | nezapočítává | není hodnocena/započítána",
    "classes": "tříd* | tried* | kategori*",
    "class number": "číslo/čísla/čísly/číslom/číslami/index/indexy/indexem/kód/kódy třídy/tříd"
    "/triedy/tried/kategorie",
    "colours": "barva/barvy/barvách/barvami/farba/farby/farbách/farbami | rgb | paleta",
    "no mask file": "bez masky/masek/souboru | nemá/nemají (soubor) masku/masky/soubor",
    "no row": "bez řádku/řádků | nemá/nemají (žádný) řádek/řádky",
    "nothing in it": "neobsahuje/neobsahují/nezobrazuje/nemá/nemají | pouze/jen pozadí"
    " | žádný/žádné objekt/objekty",
    "instead of": "nahrazuje | místo",
    "use only": "použijte/používejte pouze/jen | nahrazen* (souborem)",
    "leave out": "vynech* | vyřa* | vylouč* | nepoužívejte/nepoužívat/nepoužijte",
    "row for each": "řádek na/pro (každý/každou/každé)",
    "rows": "řádek/řádky/řádků",
    "case": "případ/případů | pokus/pokusů | pacienta/pacientku | vyšetření | sérii | složku",
    "columns": "sloupec/sloupce/sloupci/sloupců",
    "semicolon": "středník/středníky/středníkem",
    "blank": "prázdný/prázdná/prázdné",
    "zero or more": "{n} nebo více",
    "whole number": "celá*/celé*/celý*/celo* čísl* | celočíseln* | celé stupně | cel* broj*",
    "directions": "směr",
    "direction": "směr | úhel | azimut",
    "truth": "referenčn*",
    "used": "použ*",
    "another": "srovn*",
    "in the unit": "v | ve | na | jednotka",
    "square": "čtverec*",
    "per": "na",
    "how many": "kolik | spočít* | spočt*",
    "accuracy": "přesnost* | správnost*",
    "plain metric": "celkov* | prost* | klasifikační*",
    "balanced": "vyvážen* | vybalancovan*",
    "by class": "na třídu | po třídách | v každé třídě",
    "weighted": "vážen*",
    "quadratic": "kvadratick*",
    "maybe no class": "nula nebo více | jeden/jedna/více nebo žádný/žádná",
    "blank for none": "prázdný/prázdná/prázdné pokud/když/jestliže tam/není/nejsou"
    " žádný/žádná/žádné/nic | prázdný/prázdná/prázdné pokud/když/jestliže není/nejsou",
    "without classes": "bez/žádné tagů/tagy/pojmů/pojmy/příznaků/příznaky/nálezů/nálezy",
}

UNITS = {
    "m": "metr/metry/metrech",
    "g": "gram/gramy/gramu/grami",
    "l": "litr/litry",
    "s": "sekundy",
    "min": "minuty",
    "d": "dni",
    "%": "procent*",
    "ha": "hektar",
}

RUNS = {
    "zero": "nuly",
    "one": "jedničky | jedné",
    "pixels": "pixel* | rle | kódován* | zakódovan* | začátek (a) délka",
    "others": "třída | třídy | tříd | trieda | triedy | štítk* | kategori* | hodnot* | úrov*"
    " | šedi* | soubor* | súbor* | kanál* | pásm* | řez* | odevzdán* | tabulk* | tabuľk*"
    " | epoch*",
    "count": "číslov* | čísluj* | číslujeme | očíslovan* | počít* | začín* | počínaje | index*"
    " | číslo*",
    "from": "od (pixelu/indexu/čísla) {n}",
    "first": "první pixel je/má/= (číslo/index) {n} | prvý pixel je/má/= (číslo/index) {n}"
    " | {n} je první pixel",
    "rightwards": "zleva doprava | zľava doprava",
    "downwards": "shora dolů | shora dolu | zhora nadol",
    "then": "pak | potom | poté | následně",
    "and": "a",
    "links": "a to",
    "rows": "po řádcích | řádek po řádku | po riadkoch | riadok po riadku",
    "columns": "po sloupcích | sloupec po sloupci | po stĺpcoch | stĺpec po stĺpci",
    "carry": "jsou | sú | se | sa | je | nejprve | nejdříve | najprv | vždy | všechny | pořadí"
    " | poradie | číslování | číslovanie | jdou | čtou | v",
    "relative": "relativ* | relatív* | delta* | rozdíl* | rozdiel* | vzdálen* | vzdialen*"
    " | předchoz* | predchádz* | posledn* | odstup*",
    "not": "ne | nikoli | nikoliv | není | nie | bez | místo | nejsou | nečísluj* | nezačín*"
    " | nepočít* | pokud | když | jestliže | ak",
    "lengths": "délk* | dĺžk*",
    "ends": "začátek (a) konec | začiatok (a) koniec | první (a) poslední",
}

LETTERS = "áčďéěíňóřšťúůýž"
