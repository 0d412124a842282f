"""Portuguese."""

WORDS = {
    "train": "treino treinamento",
    "test": "teste testes",
    "unlabelled": "semrótulo nãorotulado nãorotuladas",
    "validation": "validação avaliação",
    "parts": "partição divisão",
    "image": "imagem imagens foto fotos",
    "mask": "máscara máscaras anotações segmentação",
    "label": "classe classes rótulo rótulos categoria",
    "group": "paciente sujeito pessoa indivíduo sessão cena grupo parcela",
    "person": "paciente sujeito pessoa indivíduo",
    "count": "quantidade contagem",
    "number": "número",
    "background": "fundo",
    "void": "desconhecido nãoavaliado nãoanotado ignorar indefinido semrótulo ignorado",
    "negation": "não sem",
    "labelled": "anotado avaliado classificado dados rotulado rótulo",
    "class list": "classes categorias",
    "colour list": "legenda cores",
    "example": "exempl modelo",
    "sent": "entrega envio submiss respost",
    "scoring": "avalia métric",
    "mean": "média",
    "target": "alvo prever",
    "mark": "nota notas critério pontuação",
    "correction": "correção correções corrigido corrigidos errata",
    "left out": "excluídos excluídas retirados retiradas",
    "black": "preto pretos preta pretas",
    "white": "branc",
    "paper": "papel",
    "joins": "e ou",
    "none": "nenhum nenhuma nada saudável sadio sadia intacto intacta normal",
    "least": "menor mínim pior menos leve",
    "most": "maior máxim melhor mais",
    "in order": "crescente decrescente ascendente descendente",
    "frequent": "frequen comum rar alfabét",
    "marked": "avali pontua classific",
    "how": "como",
}

PHRASES = {
    "zero or more": "{n} ou mais/maior*/superior* | nunca negativ*",
    "whole number": "(número/números/graus) inteiro/inteiros",
    "decimals": "casas decimais",
    "directions": "direção",
    "direction": "rumo | direção | ângulo",
    "other metric": "ponderado/ponderada | normalizado/normalizada",
    "truth": "verdade* | referência*",
    "used": "utiliz*",
    "another": "segund* | comparação*",
    "scored": "avaliad*",
    "against": "contra",
    "compared with": "com/contra (o/a) (ground)",
    "first": "primeiro/primeira",
    "second": "segundo/segunda",
    "third": "terceiro/terceira",
    "in the unit": "em | na | unidade",
    "square": "quadrad*",
    "cubic": "cúbic*",
    "per": "por",
    "not scored": "não avaliado/conta | ignorad* | excluíd*",
    "bits": "máscara/máscaras/campo/campos de/a bit/bits",
    "sum of bits": "soma dos valores/códigos/bits",
    "mask or pixel": "*máscara*",
}

UNITS = {
    "m": "metro/metros",
    "g": "grama/gramas",
    "l": "litro/litros",
    "s": "segundos",
    "min": "minutos",
    "h": "horas",
    "d": "dias",
    "inch": "polegadas",
    "%": "por cento | porcento",
}

RUNS = {
    "zero": "zero",
    "one": "um",
    "pixels": "pixel | pixels | píxel | píxeis | rle | codifica* | início (e) comprimento",
    "others": "classe | classes | rótulo* | categoria* | valor* | nível | níveis | cinza*"
    " | arquivo* | ficheiro* | banda* | canal | canais | fatia* | quadro* | envio* | submiss*"
    " | tabela* | época*",
    "count": "numera* | conta* | começ* | inici* | enumera* | indexa* | índice*",
    "from": "desde (o) (pixel/índice/número) {n} | a partir de/do (pixel/índice/número) {n}"
    " | começ*/inici* em/no/por/pelo/com (o) (pixel/índice/número) {n}",
    "first": "primeiro pixel é/tem/= (o) (pixel/número/índice) {n} | {n} é o primeiro pixel"
    " | base {n}",
    "rightwards": "esquerda para/à (a) direita",
    "downwards": "cima para/a (o) baixo | cima abaixo",
    "then": "depois | em seguida | a seguir",
    "and": "e",
    "links": "da | de | do | desde",
    "rows": "linha por/a linha | por linhas",
    "columns": "coluna por/a coluna | por colunas",
    "carry": "são | é | os | as | o | a | ordem | primeiro | sempre | todos | numeração"
    " | contagem | ordenados | percorridos | lidos | vão",
    "relative": "relativ* | delta* | diferença* | distância* | deslocamento* | anterior*"
    " | prévio* | prévia* | precedente* | último*",
    "not": "não | nunca | sem | em vez de | ao invés de | caso | quando | antes",
    "lengths": "comprimento*",
    "ends": "início/começo (e) (o) fim/final | primeiro (e) (o) último",
}

LETTERS = "ãáàâçéêíóôõúü"
