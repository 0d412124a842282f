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
    "none": "ninguno ninguna nada sano sana intacto intacta normal",
    "least": "menor mínim peor menos leve",
    "most": "mayor máxim mejor más",
    "in order": "ascendente descendente creciente decreciente",
    "frequent": "frecuen común rar alfabét",
    "marked": "calific puntú evalú",
    "how": "cómo",
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
