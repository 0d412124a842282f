"""Spanish."""

WORDS = {
    "train": "entrenamiento",
    "test": "prueba pruebas",
    "random": "aleatori",
    "unlabelled": "sinetiquetar sinetiqueta noetiquetadas sinetiquetas sinvalorar sinanotar"
    " sinclasificar",
    "validation": "validación",
    "parts": "partición división",
    "piece": "parte lote",
    "to predict": "predecir predicción predicciones",
    "evaluation": "evaluación",
    "resized": "redimensionado redimensionadas miniaturas",
    "in colour": "color colores",
    "in grey": "gris grises escaladegrises",
    "heights": "mde mdt profundidad profundidades",
    "augmented": "aumentado aumentada aumentados aumentadas",
    "turned": "girado girada girados giradas rotadas rotados",
    "cut out": "recortado segmentado",
    "preview": "miniaturas vistaprevia previsualización previsualizaciones",
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
    "labelled": "anotado clasificado clasificar dato datos etiqueta etiquetado etiquetar evaluado",
    "class list": "clases categorías",
    "colour list": "leyenda colores",
    "example": "ejempl plantilla modelo",
    "sent": "entrega envio respuest",
    "scoring": "puntua evalu métric",
    "mean": "media promedi",
    "annotator": "observador observadora observadores anotador anotadora anotadores evaluador"
    " evaluadora lector lectora experto experta",
    "median": "median",
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
    "empty": "vacío sin",
    "none": "ninguno ninguna nada sano sana intacto intacta normal",
    "least": "menor mínim peor menos leve",
    "most": "mayor máxim mejor más",
    "in order": "ascendente descendente creciente decreciente",
    "frequent": "frecuen común rar alfabét",
    "marked": "calific puntú evalú",
    "how": "cómo",
    "range from": "de desde",
    "range through": "por pasando luego",
    "range to": "a hasta",
    "by": "por con según mediante",
    "radius": "radio",
    "left side": "izquierda izquierdo izq",
    "top side": "arriba superior alto",
    "right side": "derecha derecho der",
    "bottom side": "abajo inferior bajo",
    "folder": "carpeta directorio",
    "tag": "categorías concepto conceptos atributo atributos hallazgo hallazgos diagnóstico",
    "unknown": "desconocido desconocida indeterminado",
    "unit": "unidad",
    "successor": "reemplazadopor sustituidopor remplazadopor sucesor nuevocódigo",
    "ended": "suprimido suprimida eliminado eliminada retirado retirada anulado obsoleto",
    "no result": "pendiente pendientes sinvalorar noevaluado noevaluada sinresultado sinleer"
    " pordeterminar",
}

PHRASES = {
    "nobody labelled": "no (*) (*) etiquetad*/anotad*/cartografiad* | no se sabe/conoce/etiquetó"
    "/anotó | sin etiquetar/anotar/cartografiar/etiqueta/anotación | desconocid*",
    "not measured": "no (se) (ha/han) (sido) medido/medida/midió/medidos/medidas/registrado"
    " | sin medir/medida/medición/dato/datos"
    " | valor/dato/medición/medida faltante/ausente/perdido | desconocido",
    "no header": "sin encabezado/encabezados/cabecera/cabeceras | sin fila/línea de encabezado"
    "/encabezados/cabecera/títulos | no tiene/tienen/lleva/llevan/incluye/incluyen encabezado"
    "/encabezados/cabecera | sin nombres de columnas",
    "label sets": "conjunto/conjuntos de (*) (*) etiquetas/palabras/clases/defectos/categorías"
    "/atributos/términos/especies",
    "none of the others": "ninguno/ninguna de | ningún otro",
    "nearest": "más cercano/cercana/próximo/próxima",
    "no result": "todavía/aún no (*) | no ha/han sido (*) | no se ha/han (*) | sin"
    " valorar/evaluar/leer/calificar/revisar/resultado/diagnóstico | pendiente/pendientes | por"
    " determinar",
    "latest counts": "más reciente | vale/cuenta el/la último/última",
    "is the label": "es la/el (verdadera) etiqueta/clase/objetivo/respuesta",
    "first rows": "primeras (*) filas/líneas | sólo/solo un extracto",
    "kept together": "van juntos/juntas | forman un (mismo) grupo",
    "other ones": "otro/otra | otros/otras | nuevos/nuevas | distintos/distintas | diferentes",
    "parted by": "separad*/dividid* por",
    "in both": "en ambos/ambas | aparece/aparecen | comparten | en común | está/están en",
    "both parts": "ambos/ambas | los dos",
    "shown too": "muestra/muestran/mostrará/mostrarán | mostrad* | informativ* | secundari*"
    " | no cuenta/cuentan",
    "main score": "principal | ranking",
    "both empty": "ambas/ambos (máscaras) (están) vacías/vacíos | ni",
    "apart": "(por) separado para/por/en",
    "probability": "probabilidad*",
    "tie": "empate/empates | empatad* | desempat*",
    "single objects": "segmentación de/por instancias/instancia",
    "one channel": "escala de grises | un/solo canal | monocanal | niveles de gris",
    "between": "entre",
    "submit": "enviar | envíe/envíen/envía | envío/envíos | enviad* | entregar | entrega/entregas"
    " | entregue/entreguen | entregad* | subir | suba/suban",
    "one for each": "cada | por imagen/fichero/archivo/escena | para todas/todos",
    "same form": "mismo/mismos/misma/mismas formato/valores/colores/codificación/forma/manera",
    "same name": "mismo/mismos nombre/nombres | homónim*",
    "all but": "excepto | salvo | menos | a excepción de",
    "classes": "clase/clases | categoría/categorías",
    "class number": "número/números/índice/índices/identificador/identificadores/código/códigos"
    "/valor/valores de (la/cada/las) clase/clases",
    "colours": "color/colores | rgb | paleta",
    "no mask file": "sin máscara/máscaras/archivo/archivos/fichero/ficheros"
    " | no tiene/tienen (archivo/fichero) (de) máscara/máscaras/archivo/fichero",
    "no row": "sin fila/filas/registro/registros/línea/líneas"
    " | no tiene/tienen (ninguna/ningún) fila/filas/registro/registros/línea/líneas"
    " | no aparece/aparecen/figura/figuran en",
    "nothing in it": "no contiene/contienen/muestra/muestran/tiene/tienen | sin ningún/ninguna"
    " | ningún objeto | sólo fondo | no hay ningún/ninguna/nada"
    " | no se vio/ve/ven/observa/observó ningún/ninguna/nada",
    "instead of": "reemplaza | sustituye | reemplaza/sustituye a | en lugar de | en vez de",
    "use only": "usar/use/usen/utilizar/utilice/utilicen solo/sólo/solamente/únicamente"
    " | reemplazado/sustituido por",
    "leave out": "excluir | excluya/excluyan/exclúyanse/exclúyalas/exclúyalos | excluid*"
    " | ignorar | ignore/ignoren | descartar | descarte/descarten | omitir | omita/omitan"
    " | no usar/use/usen/utilizar/utilice/utilicen | no deben usarse/utilizarse",
    "row for each": "fila/línea por/para (cada)",
    "rows": "fila/filas | línea/líneas",
    "case": "caso/casos | ensayo/ensayos | paciente/pacientes | estudio/estudios | serie/series |"
    " sesión/sesiones | experimento/experimentos | carpeta/carpetas",
    "columns": "columna/columnas",
    "semicolon": "punto/puntos y coma/comas",
    "blank": "vacío/vacía/vacíos/vacías",
    "zero or more": "{n} o más/mayor*/superior* | nunca negativ*",
    "whole number": "(número/números/grado/grados) entero/enteros",
    "decimals": "decimales",
    "directions": "dirección | azimut",
    "axes": "dirección/direcciones axial/axiales | módulo 180 | periodo 180"
    " | periodo de 180 | 0 y 180 son iguales",
    "direction": "rumbo | dirección | ángulo | orientación",
    "other metric": "normalizado/normalizada",
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
    "not scored": "no (es/son/está) evaluado/evaluada/puntuado/puntuada/cuenta"
    " | no se cuenta/cuentan/evalúa/evalúan/puntúa/puntúan | ignorado* | excluid*",
    "bits": "máscara/máscaras/campo/campos de/a bit/bits",
    "sum of bits": "suma de (los/las) valores/códigos/bits",
    "mask or pixel": "*píxel* | *máscara*",
    "without labels": "sin etiqueta/etiquetas/etiquetar/anotación/anotaciones/anotar"
    " | no etiquetad* | no anotad*",
    "how many": "cuántos/cuántas | contar/cuente/cuenta | número de",
    "accuracy": "exactitud",
    "plain metric": "global | total | general | simple | media/medio | promedio",
    "balanced": "balancead* | equilibrad* | balancad*",
    "by class": "por clase/categoría | de/en/para cada clase/categoría",
    "weighted": "ponderad*",
    "quadratic": "cuadrátic*",
    "weight": "peso/pesos | ponderación/ponderaciones",
    "half of each": "mitad y mitad | otra mitad | partes iguales | mismo peso | igual peso"
    " | pesos iguales | peso igual",
    "mean of": "media/promedio de/del/entre",
    "counts more": "cuenta/cuentan/vale/valen/pesa/pesan (el) doble/triple/mitad"
    " | cuenta/cuentan/vale/valen/pesa/pesan dos/tres/cuatro/2/3/4 veces"
    " | cuenta/cuentan/pesa/pesan más/menos que",
    "same order": "mismo orden",
    "symmetric": "simétric*",
    "tolerance": "tolerancia* | máximo/sumo un/una/1 grado/clase/nivel",
    "standard deviation": "desviación/desviaciones típica/estándar/típicas",
    "divided by mean": "dividido/dividida/divididos/divididas por/entre (la/su) media/promedio",
    "whole volume": "volumen entero/completo/3d | todo el volumen | por/cada volumen/paciente/caso"
    " | cortes juntos | 3d",
    "maybe no class": "cero o más/varias/varios | una/uno/varias/varios o ninguna/ninguno | también"
    " ninguna/ninguno",
    "blank for none": "vacío/vacía/vacíos/vacías/blanco si/cuando/donde no hay"
    " ninguno/ninguna/ningún/nada | vacío/vacía/vacíos/vacías/blanco si/cuando/donde no hay",
    "without classes": "ningún/sin tag/tags/concepto/conceptos/atributo/atributos"
    "/hallazgo/hallazgos",
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
    "first": "píxeles desde {n} | primer píxel es/tiene/lleva/= (el) (píxel/número/índice) {n}"
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
