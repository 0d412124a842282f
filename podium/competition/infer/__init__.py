"""Inference of a `competition.yaml` from the files and tables of a data folder: `podium init`.

`spec.py` asks the folders below in this order; each reads what those before it found.

    scan.py, files.py     the paths of the data: which look like images, masks, tables and texts
    read_sources.py       STEPS, in the order of a tuple: other forms become tables, masks and
                          images of the workspace, kept in `Sources` (`sources.py`)
        steps/            one function a step: when it applies, and what is written and noted
        conversions/      one form a file: what a step asks, and what it makes of the files
        annotations/      files of annotation tools, one file a tool
        sample/, ids/     what the sample submission shows; what images are called
    parts/                images of train, to predict, and without a label: `find.py`
    tasks/                labels, masks or both, asked by `parts/find.py`, of what these read:
        labels/, masks/   the columns, or the mask files, that are the truth, and their values
        classes/          what the classes are called, and their order
    groups/               what must not cross folds
    sample/form.py        how files to send are written
    findings/             all of it in one, held against masks and texts; what is to be asked
    to_yaml/              `competition.yaml` with its reasons; a draft where something refuses
    notes.py              what a person should check

Below, `folder` is the data folder with its images and texts; `tables` are the cells of its tables,
as text, by path, without the sample submission, and `sample` is that one, None without; `path` and
`table` are one of the tables. Docstrings tell only what else an argument must be.

`readme/` reads texts beside the data for all of them, a subject a file. A metric that a Japanese
README names is found by `readme/metrics.py`; the words are those of `CALLED` in
`podium/competition/metrics` and of `podium/competition/languages/japanese.py`. A reading that
may be another one comes with its evidence (`evidence.py`).
"""
