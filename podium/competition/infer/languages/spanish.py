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
    "void": "desconocido sinetiquetar noevaluado ignorar indefinido",
    "class list": "clases categorías",
    "colour list": "leyenda colores",
    "example": "ejempl plantilla modelo",
    "sent": "entrega envio respuest",
    "scoring": "puntua evalu métric",
    "mark": "nota notas calificación criterio",
}
