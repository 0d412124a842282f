"""Turkish."""

WORDS = {
    "train": "eğitim",
    "image": "görüntü görüntüler resim resimler",
    "mask": "maske maskeler",
    "label": "sınıf sınıflar etiket etiketler",
    "group": "hasta grup",
    "person": "hasta",
    "count": "adet",
    "number": "sayı",
    "background": "arkaplan",
    "void": "bilinmeyen etiketsiz",
    "class list": "sınıflar",
    "colour list": "renkler",
    "example": "ornek",
    "sent": "teslim cevap",
    "scoring": "değerlendir puan",
    "mean": "ortalama",
    "median": "medyan ortanca",
    "target": "hedef tahmin",
    "mark": "ölçüt",
    "correction": "düzeltme düzeltmeler düzeltilmiş",
    "left out": "hariç çıkarılan çıkarılanlar",
    "black": "siyah",
    "white": "beyaz",
    "paper": "kâğıt kağıt",
    "pixel": "piksel",
    "none": "yok hiçbiri sağlıklı sağlam hasarsız normal",
    "least": "küçük düşük kötü zayıf hafif",
    "most": "büyük yüksek iyi güçlü ağır",
    "in order": "artan azalan",
    "frequent": "sık nadir yaygın alfabe",
    "marked": "puanla notlandır",
    "how": "nasıl",
    "left side": "sol",
    "top side": "üst",
    "right side": "sağ",
    "bottom side": "alt",
}

PHRASES = {
    "zero or more": "{n} veya (daha) büyük/fazla | {n} ya da (daha) büyük/fazla",
    "whole number": "tam sayı* | tamsayı*",
    "direction": "yön | açı",
    "truth": "referans*",
    "used": "kullanıl*",
    "another": "ikinci* | karşılaştır*",
    "how many": "kaç | say* | sayısı",
    "accuracy": "doğruluk | doğruluğu",
    "plain metric": "genel | toplam | basit | ortalama",
    "balanced": "dengeli | dengelenmiş",
    "by class": "sınıf başına/bazında | her sınıf*",
    "weighted": "ağırlıklı",
    "quadratic": "karesel | kuadratik",
}

UNITS = {
    "m": "metre",
    "g": "gram",
    "l": "litre",
    "ha": "hektar",
}

RUNS = {
    "zero": "sıfır",
    "one": "bir",
    "pixels": "piksel* | rle | kodlan* | kodlama* | başlangıç (ve) uzunluk",
    "others": "sınıf* | etiket* | kategori* | değer* | seviye* | düzey* | gri | dosya* | kanal*"
    " | bant* | kesit* | kare | kareler | gönderim* | teslim* | tablo* | dönem*",
    "count": "say* | numara* | başla* | indeks* | dizin*",
    "from": "{n}'dan | {n}'den | {n} dan/den | {n} numaralı pikselden",
    "first": "ilk pikselin numarası {n} | ilk piksel {n} | {n} tabanlı | {n} indeksli",
    "rightwards": "soldan sağa",
    "downwards": "yukarıdan aşağıya | yukarıdan aşağı | üstten alta",
    "then": "sonra | ardından | daha sonra",
    "and": "ve",
    "links": "doğru",
    "rows": "satır satır | satırlar boyunca",
    "columns": "sütun sütun | sütunlar boyunca",
    "carry": "önce | ilk | her | zaman | hepsi | bunlar | sıra | sırası | sırayla | olarak",
    "relative": "göre* | göreli* | bağıl* | delta* | fark* | mesafe* | uzaklık* | önceki*"
    " | sonundan | sonuna",
    "not": "değil* | yok | olmadan | yerine | başlamaz | sayılmaz | numaralanmaz | eğer | ise",
    "lengths": "uzunlu*",
    "ends": "başlangıç (ve) bitiş | ilk (ve) son",
}

LETTERS = "çğıöşüâîû"
