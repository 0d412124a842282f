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
    "mark": "ölçüt",
}
