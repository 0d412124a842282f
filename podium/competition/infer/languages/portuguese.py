"""Portuguese."""

WORDS = {
    "train": "treino treinamento",
    "test": "teste testes",
    "unlabelled": "semrótulo nãorotulado nãorotuladas",
    "validation": "validação",
    "image": "imagem imagens foto fotos",
    "mask": "máscara máscaras anotações segmentação",
    "label": "classe classes rótulo rótulos categoria",
    "group": "paciente sujeito pessoa indivíduo sessão cena grupo parcela",
    "person": "paciente sujeito pessoa indivíduo",
    "count": "quantidade contagem",
    "number": "número",
    "background": "fundo",
    "void": "desconhecido nãoavaliado nãoanotado ignorar indefinido semrótulo",
    "class list": "classes categorias",
    "colour list": "legenda cores",
    "example": "exempl modelo",
    "sent": "entrega envio submiss respost",
    "scoring": "avalia métric",
    "mark": "nota notas critério pontuação",
}
