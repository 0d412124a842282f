"""English."""

WORDS = {
    "train": "train training trn trainval",
    "test": "test testing tst topredict",
    "random": "random",
    "unlabelled": "unlabelled unlabeled unlabel unsupervised unlab unannotated uninspected"
    " ungraded notlabelled notlabeled notannotated notinspected notgraded",
    "validation": "val valid validation holdout dev tuning",
    "parts": "partition split subset",
    "piece": "part piece chunk batch fold shard subset split image images",
    "to predict": "pred predict prediction predictions inference",
    "evaluation": "eval evaluation",
    "resized": "resized resize downscaled downsampled rescaled scaled thumbnail thumbnails"
    " thumb thumbs",
    "in colour": "color colored colour coloured rgb",
    "in grey": "gray grey grayscale greyscale grayscaled",
    "heights": "dem dsm dtm ndsm elevation elevations altitude height heights heightmap depth"
    " depths depthmap disparity",
    "augmented": "aug augmented augmentation augmentations",
    "turned": "flipped mirrored rotated rotation rotations turned",
    "cut out": "segmented cutout nobackground",
    "preview": "preview previews quicklook quicklooks browse thumbnail thumbnails thumb thumbs",
    "image": "image images img imgs picture pictures photo photos pics figure figures"
    " screenshot screenshots",
    "mask": "mask masks annotation annotations segmentation segmentations seg label labels gt"
    " truth truths groundtruth groundtruths anndir",
    "label": "label labels class classes target targets category diagnosis species breed y tags",
    "group": "patient group subject person individual participant study exam case scene video clip"
    " sequence photo location site slide specimen volume session user author owner lesion series"
    " burst camera recording donor plot parcel herd well writer speaker",
    "person": "patient subject person individual participant donor",
    "count": "count counts amount amounts quantity",
    "number": "n num number total",
    "background": "background bg backgroud none null",
    "void": "border dontcare donotcare excluded ignore ignored ignorelabel invalid nan nodata"
    " nolabel novalue notannotated notassessed notclassified notevaluated notlabeled notlabelled"
    " notmapped notscored notvalid outofroi outside unannotated unassigned unclassified undefined"
    " unknown unlabeled unlabelled unmapped unscored void withoutlabel",
    "negation": "no not non without",
    "labelled": "annotated annotation assigned classified data defined evaluated label labeled"
    " labelled labels mapped marked scored value",
    "class list": "class classes names codes categories categoryid labelmap",
    "colour list": "legend palette colormap colourmap colors colours",
    "example": "sample example template",
    "sent": "submiss answer solution prediction",
    "scoring": "evaluat metric scor rank leaderboard judged graded",
    "mean": "mean averag",
    "median": "median",
    "target": "target predicted",
    "mark": "criterion marking grading",
    "correction": "correction corrections corrected correct corrigendum corrigenda errata erratum"
    " fix fixes fixed relabel relabelled relabeled relabels revised revision revisions amended"
    " amendments shouldbe",
    "left out": "withdrawn excluded exclude exclusions exclusion blacklist blacklisted retracted"
    " discard discarded notuse removed remove unusable leftout omit omitted mismatched",
    "black": "black",
    "white": "white",
    "paper": "paper rest others elsewhere everythingelse allelse",
    "data": "data set frames tiles",
    "annotator": "annotator annotators rater raters reader readers expert experts grader graders"
    " labeler labeller observer doctor radiologist pathologist person",
    "voter": "reviewer worker user volunteer judge coder who by",
    "drawing": "ann annot annotation manual human ho student tracing drawing segmentation",
    "first": "first 1st",
    "second": "second 2nd",
    "third": "third 3rd",
    "true mask": "truth groundtruth reference gold",
    "version": "version old new final draft corrected fixed train labels",
    "span start": "first start begin from left",
    "span end": "last end stop to right",
    "row": "row line",
    "column": "column col",
    "object class": "class label category name type kind object species",
    "code": "id code no index idx type kind",
    "joins": "and or",
    "numeral": "one two three four five six",
    "send": "send sent submit submitted predict sample",
    "round": "round rounded",
    "pixel": "pixel",
    "empty": "empty without",
    "none": "none nothing ok okay intact healthy normal clean undamaged unaffected clear nil",
    "least": "least lowest smallest worst weakest lightest mildest slightest fewest"
    " poorest minimum",
    "most": "greatest highest largest best strongest heaviest severest most biggest finest maximum",
    "in order": "ascending descending increasing decreasing ascend descend rising falling",
    "frequent": "common frequen rare often alphabet",
    "marked": "marked marking marks graded grading assess compared winner",
    "how": "how",
    "range from": "from",
    "range through": "through via over past then",
    "range to": "to until",
    "by": "by with using on",
    "radius": "radius",
    "left side": "left",
    "top side": "top upper",
    "right side": "right",
    "bottom side": "bottom lower",
    "folder": "folder directory subfolder",
    "tag": "concept concepts tag finding findings attribute attributes categories",
    "unknown": "unknown undetermined unidentified",
    "unit": "unit units uom",
    "successor": "successor replacedby supersededby replacement mergedinto newcode",
    "ended": "dropped withdrawn retired obsolete discontinued deprecated abolished cancelled",
    "no result": "pending tbd tba ungraded unread unassessed unrated unreviewed unexamined"
    " unevaluated notyet noresult noresultyet awaiting",
}

PHRASES = {
    "nobody labelled": "not/never (been) labelled/labeled/annotated/mapped/delineated/known"
    "/interpreted | unlabelled/unlabeled/unannotated/unmapped/unknown | nobody/none knows/knew"
    "/labelled/labeled/annotated/mapped | no label/labels/annotation/annotations",
    "not measured": "not/*n't/never (been) measured/recorded/determined | unmeasured"
    " | missing value/values/measurement/measurements"
    " | no (valid) measurement/value/reading/data (is/was) (available) | unknown",
    "no header": "no/without (a/any) (column) header/headers | no/without (a/any) heading/title"
    " row/line | headerless | header less | no/without (any) column names | header: no/none | do"
    "/does/did not have/contain/include (a/any) header/headers | *n't have (a/any) header"
    "/headers",
    "label sets": "set/sets of (the) (*) (*) labels/words/tags/names/classes/categories"
    "/attributes/concepts/terms/findings/defects/species/kinds/diseases"
    " | label/tag/word/class/category/attribute sets"
    " | true/correct/predicted/submitted/reference label/tag/word set",
    "none of the others": "none/neither/nothing of the/these/those/them | not any of the/these"
    "/those/them",
    "nearest": "nearest | closest",
    "no result": "not yet (been) *"
    " | not/*n't (yet) (been) judged/graded/read/assessed/rated/reviewed/examined/diagnosed"
    "/inspected/evaluated/determined"
    " | nobody (has) (yet) judged/graded/read/assessed/rated/reviewed/examined/looked"
    " | never (been) judged/graded/read/assessed/rated/reviewed/examined"
    " | no result/results/grade/diagnosis/reading/verdict (is/are) (there) yet"
    " | no/without (a) result/results | without (a) grade/diagnosis/verdict | yet to be *"
    " | to be determined/decided/judged/graded/read/assessed/labelled/labeled"
    " | awaiting | awaits | pending | ungraded | unread",
    "latest counts": "latest/newest/last/latter (*) counts/count/applies/apply/valid/prevails/used"
    " | most recent (*) counts/applies/valid/prevails/used"
    " | use/take/keep the latest/newest/last | use/take/keep the (most) recent",
    "is the label": "is/holds the (true) label/labels/target/class/answer/truth",
    "first rows": "first (few/*) lines/rows | only/just an/the excerpt/beginning/head"
    " | head of the file/submission",
    "kept together": "belong/belongs/stay/go/hang (*) together | belong to each other"
    " | kept together | keep (*) (*) together",
    "other ones": "other | different | new | unseen | another | separate | distinct | disjoint",
    "parted by": "split/splits/divided/separated/partitioned (strictly) by/per/on",
    "in both": "in both | in either | in common | share/shares/shared"
    " | overlap/overlaps/overlapping | appear/appears | occur/occurs | present | seen"
    " | found | included | is/are (not) in | part of",
    "both parts": "both | sets/parts/splits",
    "shown too": "shown/displayed/reported/listed/monitored"
    " | for information/reference/orientation/interest | informational | informative"
    " | secondary | do/does/will not count"
    " | also/additionally (be) show/shows/display/displays/report/reports/list/lists/give/gives"
    "/given/compute/computes/computed/calculate/calculated/publish/published",
    "main score": "primary | main | principal"
    " | official/final/decisive metric/score/measure/criterion | ranked | ranking | ranks",
    "both empty": "both (masks/sets/are) (are) empty | both of them are empty | empty in both"
    " | neither",
    "apart": "separately for/per/in/by/within",
    "probability": "probabilit* | likelihood* | chance",
    "tie": "tie/ties/tied | tiebreak* | tie break* | equal scores",
    "single objects": "instance segmentation",
    "one channel": "single/one/1 channel/band/layer/component | grayscale | greyscale"
    " | gray/grey scale/level/levels/value/values/png | monochrome | indexed",
    "between": "between",
    "submit": "submit | submits | submitted | submission | submissions | upload/uploads/uploaded"
    " | send/sends | hand/handed in | turn/turned in",
    "one for each": "for each/every | each | every | one/file/mask/png/tif/tiff/image per",
    "same form": "same/identical format/form/encoding/coding/values/value/colours/colors/colour"
    "/color/codes/labels/classes/way/layout",
    "same name": "same name/names/filename/filenames/basename/stem | same file/base name/names"
    " | named/called exactly/just as/like | named/called after/like",
    "all but": "except (for) | excluding | apart/aside from | other than | but",
    "classes": "class/classes | category/categories",
    "class number": "class/category/label index/indices/indexes/number/numbers/id/ids/value"
    "/values/code/codes | classid/classids | number/index/id/code of the/each/its class",
    "colours": "colour/colours/color/colors | rgb | palette",
    "training": "train | training",
    "instead of": "replaces | supersedes | instead of | in place of | rather than",
    "use only": "use/using/take only/just | only/just/please use/take"
    " | replaced/superseded by | replaced/superseded with",
    "leave out": "leave (them/these/those/it/this/all) out"
    " | leaving (them/these/those/it/this/all) out | left out | exclude/excluded/excluding"
    " | omit/omitted | discard/discarded | drop/dropped | ignore/ignored | skip/skipped"
    " | remove/removed | do/should/must/may/shall/can not (be) use/used | *n't (be) use/used"
    " | cannot be used | not to be used | never use | unusable",
    "row for each": "row/line per (each/every/single) | row/line for/of each/every | line/row each",
    "rows": "row/rows | line/lines",
    "case": "case/cases | run/runs | study/studies | exam/exams | examination/examinations |"
    " patient/patients | participant/participants | subject/subjects | series |"
    " sequence/sequences | session/sessions | visit/visits | trial/trials |"
    " experiment/experiments | specimen/specimens | scene/scenes | clip/clips | video/videos |"
    " folder/folders",
    "columns": "column/columns",
    "semicolon": "semicolon/semicolons",
    "blank": "blank | empty",
    "zero or more": "{n} or more/greater/larger/above/higher | non/never/not negativ*"
    " | not be negativ* | nonnegativ*",
    "whole number": "integer/integers | whole number/numbers/degree/degrees/unit/units"
    " | no/without decimals",
    "decimals": "decimal place/places/digits | digits after the (decimal) point | decimal/decimals",
    "directions": "direction/directions | heading/headings | bearing/bearings | azimuth/azimuths"
    " | compass | circular | modulo 360",
    "axes": "axial direction/directions/angle/angles/orientation/orientations/quantity/error"
    " | axial difference/distance | modulo 180 | mod 180 | period 180 | period of 180"
    " | 180 degree/degrees apart are | repeats every 180 | 0 and 180 are the same"
    " | undirected axis/axes",
    "direction": "angle | direction | heading | bearing | degree/degrees | azimuth | yaw"
    " | orientation",
    "other metric": "normalized/normalised | (size/sample/area/class) weighted"
    " | sizeweighted/sampleweighted/areaweighted/classweighted | relative"
    " | adjusted | modified | smoothed | clipped | scaled",
    "truth": "truth* | groundtruth* | gold standard* | goldstandard* | reference*",
    "used": "use* | count*",
    "another": "second* | 2nd* | comparison* | field of view*",
    "scored": "scored | evaluated | judged | graded",
    "against": "against",
    "compared with": "against/with/to/than/from/beside (the/a/this/that/its/our) (ground)",
    "denial": "neither | nor | *n't",
    "clause": "and | but | while | whereas | although",
    "first": "first | 1st",
    "second": "second | 2nd",
    "third": "third | 3rd",
    "in the unit": "in | as | by | unit is | unit/units",
    "square": "square | squares | squared | sq",
    "cubic": "cubic | cube | cubes",
    "per": "per",
    "not scored": "left out | not scored/counted/evaluated/certain | excluded | ignored",
    "maybe no class": "may/might/can/could (also) have/be/contain/show/carry none"
    " | may/might/can/could (also) have/be/contain/show/carry no/zero/without (any)"
    " label/labels/tag/tags/class/classes/category/categories/attribute/attributes/finding/findings"
    "/concept/concepts"
    " | also/including/even/possibly none/zero | one/several/more or none"
    " | labels/tags/classes/categories/concepts/attributes/findings or none"
    " | none of them/these/those/the"
    " | if/when/where none is/are predicted/given/present"
    " | empty list/lists/set/sets/row/rows/cell/cells/field/string/prediction"
    " | zero or more/several | zero one or more/several | 0 or more"
    " | leave (the/it) (cell/field) blank/empty | left blank/empty",
    "blank for none": "blank/empty if/when/where/whenever (there) (is/are) none/no/nothing"
    " | blank/empty if/when/where/whenever none/nothing is/are visible/present/there/shown |"
    " blank/empty if/when/where/whenever (the/an) image/photo/picture has/shows/contains"
    " none/no/nothing",
    "without classes": "no/without (any) tag/tags/attribute/attributes/finding/findings/keyword"
    "/keywords/concept/concepts",
    "without labels": "no/without (any) label/labels/annotation/annotations | not labelled/labeled"
    " | not annotated",
    "no mask file": "no/without/lack/lacks/missing/having (a/an/any/its/such) (mask/png) mask/masks"
    "/file/files/annotation/annotations/png/pngs/polygon/polygons/outline/outlines"
    " | mask/masks/file/files is/are missing/absent/omitted"
    " | mask/masks/file/files is/are not given/there/provided/included",
    "no row": "no/without/lack/lacks/missing (a/an/any/its) row/rows/line/lines/entry/entries"
    "/record/records | is/are not listed",
    "nothing in it": "contain/contains/has/have/with/is/are/show/shows no/nothing"
    " | background/negatives/negative only | only background | all zero"
    " | do/does/did not occur/appear/exist | is/are not present/visible | without any"
    " | nothing/none (is/are/was/were) seen/found/visible/observed/detected"
    " | no (*) is/are/was/were seen/found/visible/observed/detected/present",
    "bits": "bit coded/encoded/packed/mapped/mask/masks/masked/wise"
    " | bit field/fields/flag/flags/pattern/patterns/vector/vectors"
    " | bitcoded/bitencoded/bitpacked/bitmapped/bitmask/bitmasks/bitmasked/bitwise"
    " | bitfield/bitfields/bitflag/bitflags/bitpattern/bitpatterns/bitvector/bitvectors",
    "sum of bits": "sum/sums of (all) (the) values/numbers/codes/bits/flags/powers",
    "mask or pixel": "*pixel* | *mask* | *band* | *raster*",
    "how many": "how many | count/counts/counted/counting | number of",
    "accuracy": "accuracy/accuracies",
    "plain metric": "overall | total | global | simple | plain | standard | usual | classification"
    " | categorization/categorisation | multiclass | binary | mean | average | only | alone"
    " | score/scores | value | test | final | raw | unweighted",
    "balanced": "balanced | macro/makro (averaged/average)",
    "by class": "per class/category | (of/in/for) each class/category | class wise | by class",
    "weighted": "weighted",
    "quadratic": "quadratic*",
    "weight": "weight | weights | weighting",
    "half of each": "half and half | other half | half each"
    " | equal weight/weights/parts/shares | equally weighted | count/counts/weigh equally",
    "mean of": "mean/average of",
    "and their mean": "and their mean/average",
    "counts more": "count/counts/counted/weigh/weighs (for) double/twice/thrice/triple/half"
    " | count/counts/counted/weigh/weighs two/three/four/five/ten/2/3/4/5/10 times"
    " | twice/double/half/times as much/heavily | double/triple/half weight"
    " | count/counts/counted/weigh/weighs (for) more/less than",
    "same order": "same order | in the order of",
    "same class": "as (the) same/one/single class/category | as if they were one class",
    "symmetric": "symmetric | symmetrical | smape",
    "tolerance": "tolerance | off by one | one off | adjacent accuracy"
    " | within/most one/two/a/1/2 grade/grades/level/levels/class/classes/step/steps/stage/stages"
    " | within/most one/two/a/1/2 category/categories/rating/ratings/rank/ranks/place/places"
    " | most one/two/1/2 away/off/apart/higher/lower",
    "standard deviation": "standard deviation/deviations",
    "divided by mean": "divided/normalized/normalised/scaled by (the/its/their)"
    " mean/average/means/averages"
    " | relative to (the/its/their) mean/average",
    "whole volume": "whole/entire/full/complete/3d volume/volumes/scan/scans/stack/stacks"
    " | per/each/every volume/scan/patient/case/stack | volume/patient/case/scan wise/level"
    " | slices/frames together | 3d | volumetric",
}

UNITS = {
    "m": "meter/meters/metre/metres",
    "g": "gram/grams/gramme/grammes",
    "l": "liter/liters/litre/litres",
    "s": "second/seconds",
    "min": "minute/minutes",
    "h": "hour/hours",
    "d": "day/days",
    "inch": "inch/inches",
    "ft": "feet/foot",
    "%": "per cent/centage/centages | percent/percents/percentage/percentages",
    "share": "fraction/fractions/share/shares/proportion/proportions",
    "ha": "hectare/hectares",
    "°C": "(degree/degrees) celsius",
    "°F": "(degree/degrees) fahrenheit",
    "K": "kelvin",
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
    "first": "{n} indexed/based | pixel/pixels from {n}"
    " | first pixel is/has/gets/= (the) (pixel/index/number/position) (number) {n}"
    " | pixel {n} is/= (in/at) (the) top/upper/first"
    " | {n} is/= (the) (first/top/upper) (left) pixel/corner",
    "rightwards": "left to right",
    "downwards": "top to bottom",
    "then": "then | next | afterwards | finally | and then",
    "and": "and",
    "links": "from | in | the",
    "rows": "row/line by row/line | row major/wise | rowmajor | rowwise"
    " | along (the/each) row/rows | c order | reading order"
    " | pixel 1/2 is/= (at/to) (the) right | right of pixel 1/0",
    "columns": "column by column | column major/wise | columnmajor | columnwise"
    " | down/along (the/each) column/columns | fortran* | f order"
    " | pixel 1/2 is/= (the/one/directly) below/beneath/under | below/beneath/under pixel 1/0",
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
