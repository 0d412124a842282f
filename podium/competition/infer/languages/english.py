"""English."""

WORDS = {
    "train": "train training trn trainval",
    "test": "test testing tst topredict",
    "unlabelled": "unlabelled unlabeled unlabel unsupervised unlab",
    "validation": "val valid validation holdout dev",
    "image": "image images img imgs picture pictures photo photos pics",
    "mask": "mask masks annotation annotations segmentation segmentations seg label labels gt"
    " truth groundtruth",
    "label": "label labels class classes target targets category diagnosis species breed y tags",
    "group": "patient group subject person individual participant study exam case scene video clip"
    " sequence photo location site slide specimen volume session user author owner lesion series"
    " burst camera recording donor plot parcel herd",
    "person": "patient subject person individual participant donor",
    "count": "count counts amount amounts quantity",
    "number": "n num number total",
    "background": "background bg backgroud none",
    "void": "border dontcare donotcare excluded ignore ignored ignorelabel invalid nan nodata"
    " nolabel novalue notannotated notassessed notclassified notevaluated notlabeled notlabelled"
    " notmapped notscored notvalid outofroi outside unannotated unassigned unclassified undefined"
    " unknown unlabeled unlabelled unmapped unscored void withoutlabel",
    "negation": "no not non without",
    "labelled": "annotated annotation assigned classified data defined evaluated label labeled"
    " labelled labels mapped marked scored value",
    "class list": "class classes names codes categories labelmap",
    "colour list": "legend palette colormap colourmap colors colours",
    "example": "sample example template",
    "sent": "submiss answer solution prediction",
    "scoring": "evaluat metric scor rank leaderboard judged graded",
    "mean": "mean averag",
    "target": "target predicted",
    "mark": "criterion marking grading",
    "correction": "correction corrections corrected correct corrigendum corrigenda errata erratum"
    " fix fixes fixed relabel relabelled relabeled relabels revised revision revisions amended"
    " amendments shouldbe",
    "left out": "withdrawn excluded exclude exclusions exclusion blacklist blacklisted retracted"
    " discard discarded notuse removed remove unusable leftout omit omitted",
    "black": "black",
    "white": "white",
    "paper": "paper rest",
    "none": "none nothing ok okay intact healthy normal clean undamaged unaffected clear nil",
    "least": "least lowest smallest worst weakest lightest mildest slightest fewest"
    " poorest minimum",
    "most": "greatest highest largest best strongest heaviest severest most biggest finest maximum",
    "in order": "ascending descending increasing decreasing ascend descend rising falling",
    "frequent": "common frequen rare often alphabet",
    "marked": "marked marking marks graded grading assess compared winner",
    "how": "how",
}

RUNS = {
    "zero": "zero",
    "one": "one",
    "pixels": "pixel | pixels | run | runs | rle | rles | run length* | runlength* | encod*"
    " | flatten* | start/starts position/positions | start/starts (and) (the) length/lengths"
    " | each start",
    "others": "class | classes | label* | categor* | value | values | grey | gray | level"
    " | levels | fold | folds | file* | image/images are/is | band | bands | channel* | slice"
    " | slices | frame | frames | epoch* | submission* | score* | scoring | table* | csv | id"
    " | ids | tile* | patch | patches | answer | answers",
    "count": "count* | number* | index* | indices | start* | begin*",
    "from": "from (the) (pixel/index/number/position) {n}"
    " | at (the) (pixel/index/number/position) {n} | with (the) pixel/index/number/position {n}",
    "first": "{n} indexed/based"
    " | first pixel is/has/gets/= (the) (pixel/index/number/position) (number) {n}"
    " | pixel {n} is/= (in/at) (the) top/upper/first"
    " | {n} is/= (the) (first/top/upper) (left) pixel/corner",
    "rightwards": "left to right",
    "downwards": "top to bottom",
    "then": "then | next | afterwards | finally | and then",
    "and": "and",
    "links": "from | in | the",
    "rows": "row/line by row/line | row major/wise | rowmajor | rowwise"
    " | along (the/each) row/rows | c order | reading order",
    "columns": "column by column | column major/wise | columnmajor | columnwise"
    " | down/along (the/each) column/columns | fortran* | f order",
    "carry": "they | it | these | both | a | the | are | is | be | being | was | order* | always"
    " | all | go | goes | run | with | at | so | counting | numbering | top | left | corner | of"
    " | first",
    "relative": "relative* | delta* | gap | gaps | distance* | offset* | skip* | previous"
    " | preceding | prior | one before | since/after/of/from/to (the/each/every) end/last",
    "not": "not | no | never | without | unlike | instead of | rather than | *n't | if | when"
    " | where | whether | either | avoid | previously | formerly",
    "lengths": "length*",
    "ends": "start/starts (position/positions) (and) (the) end/ends | first (and) (the) last",
}

LETTERS = "éï"
