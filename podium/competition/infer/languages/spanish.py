"""Spanish."""

WORDS = {
    "train": "entrenamiento",
    "test": "prueba pruebas",
    "unlabelled": "sinetiquetar sinetiqueta noetiquetadas",
    "validation": "validación",
    "image": "imagen imágenes foto fotos",
    "mask": "máscara máscaras anotaciones segmentación",
    "label": "clase clases etiqueta etiquetas categoría",
    "group": "paciente sujeto persona individuo sesión escena grupo parcela",
    "person": "paciente sujeto persona individuo",
    "count": "cantidad conteo",
    "number": "número",
    "background": "fondo",
    "void": "desconocido sinetiquetar noevaluado ignorar indefinido ignorado",
    "negation": "sin no",
    "labelled": "anotado clasificado clasificar datos etiqueta etiquetado etiquetar evaluado",
    "class list": "clases categorías",
    "colour list": "leyenda colores",
    "example": "ejempl plantilla modelo",
    "sent": "entrega envio respuest",
    "scoring": "puntua evalu métric",
    "mean": "media promedi",
    "target": "objetivo predecir",
    "mark": "nota notas calificación criterio",
    "correction": "corrección correcciones corregido corregidos erratas",
    "left out": "excluidos excluidas excluir retirados retiradas",
    "black": "negro negra negros negras",
    "white": "blanc",
    "paper": "papel",
    "row": "fila",
    "column": "columna",
    "joins": "y o",
    "pixel": "píxel",
}

PHRASES = {
    "zero or more": "{n} o más/mayor*/superior* | nunca negativ*",
    "whole number": "(número/números/grado/grados) entero/enteros",
    "decimals": "decimales",
    "directions": "dirección | azimut",
    "direction": "rumbo | dirección | ángulo | orientación",
    "other metric": "ponderado/ponderada | normalizado/normalizada",
    "truth": "verdad* | referencia*",
    "used": "utiliz*",
    "another": "segund* | comparación*",
    "scored": "evaluad*",
    "against": "contra",
    "compared with": "con/contra (la/el) (ground)",
    "first": "primer/primero/primera",
    "second": "segundo/segunda",
    "third": "tercer/tercero/tercera",
    "in the unit": "en | unidad",
    "square": "cuadrad*",
    "cubic": "cúbic*",
    "per": "por",
    "not scored": "no evaluado/puntuado/cuenta | ignorado* | excluid*",
    "bits": "máscara/máscaras/campo/campos de/a bit/bits",
    "sum of bits": "suma de (los/las) valores/códigos/bits",
    "mask or pixel": "*píxel* | *máscara*",
}

UNITS = {
    "m": "metro/metros",
    "g": "gramo/gramos",
    "l": "litro/litros",
    "s": "segundos",
    "min": "minutos",
    "h": "horas",
    "d": "días",
    "inch": "pulgadas",
    "%": "por ciento | porciento",
    "ha": "hectáreas",
}

RUNS = {
    "zero": "cero",
    "one": "uno",
    "pixels": "píxel* | rle | codifica* | tramo | tramos | inicio (y) longitud",
    "others": "clase | clases | etiqueta* | categoría* | valor* | nivel* | gris* | archivo*"
    " | fichero* | banda* | canal* | corte | cortes | fotograma* | envío* | tabla* | época*",
    "count": "numera* | cuent* | conta* | empie* | empez* | comien* | comenz* | inici*"
    " | enumera* | indexa* | índice*",
    "from": "desde (el) (píxel/índice/número) {n} | a partir del/de (píxel/índice/número) {n}"
    " | empie*/empez*/comien*/comenz*/inici* en/por/con (el) (píxel/índice/número) {n}",
    "first": "primer píxel es/tiene/lleva/= (el) (píxel/número/índice) {n}"
    " | {n} es el primer píxel | base {n}",
    "rightwards": "izquierda a (la) derecha",
    "downwards": "arriba (a/hacia) abajo",
    "then": "luego | después | a continuación | seguidamente",
    "and": "y | e",
    "links": "de | desde | la",
    "rows": "fila por/a fila | línea por/a línea | por filas",
    "columns": "columna por/a columna | por columnas",
    "carry": "se | son | están | el | la | los | las | orden | primero | siempre | todos | van"
    " | va | numeración | recuento | ordenados | ordenadas | recorren | leen",
    "relative": "relativ* | delta* | diferencia* | distancia* | desplazamiento* | anterior*"
    " | previo* | previa* | precedente* | último*",
    "not": "no | nunca | sin | sino | en vez de | en lugar de | si | cuando | antes",
    "lengths": "longitud* | largo",
    "ends": "inicio/comienzo (y) (el) fin/final | primero/primer (y) (el) último",
}

LETTERS = "áéíñóúü"
