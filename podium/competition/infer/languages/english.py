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
    "mark": "criterion marking grading",
}
