"""Files that may hold masks and are of a form that is not read: how to convert one, in two lines.

Pickles run code when they are opened, HDF5 needs a library that is not installed, and boxes are no
masks: such a file is named, and what writes it as one that is read.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from scipy.io import whosmat

from podium.competition.infer.annotations.read import read_annotations
from podium.competition.infer.annotations.shapes import AnnotationFiles
from podium.competition.infer.annotations.tools import geojson
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.tables.rows.several_rows import HOW_TO_COUNT
from podium.competition.infer.files import DataFolder, guess_part
from podium.competition.infer.sample.submission import is_sample_submission
from podium.competition.languages import is_called
from podium.competition.readers.npy import read_header
from podium.errors import plural, some

__all__ = ["how_to_convert", "how_to_unpack"]

_HEAD = 4096  # bytes of a text that show its form
_HDF5 = b"\x89HDF\r\n\x1a\n"


class _Form(NamedTuple):
    """A form of files: their endings, what they are, and Python that returns an array `(H, W)`."""

    ends: tuple[str, ...]
    what: str
    code: str


_FORMS = (
    _Form(
        (".pkl", ".pickle", ".p"),
        "a pickle, which podium does not open, as it runs code",
        "import pickle; mask = pickle.load(open({path!r}, 'rb'))  # where you trust it",
    ),
    _Form((".joblib",), "a pickle of joblib", "import joblib; mask = joblib.load({path!r})"),
    _Form(
        (".mat",),
        "a file of MATLAB",
        "from scipy.io import loadmat; mask = loadmat({path!r})['mask']  # "
        "scipy.io.whosmat({path!r}) has the names",
    ),
    _Form(
        (".h5", ".hdf5", ".hdf"),
        "HDF5",
        "import h5py; mask = h5py.File({path!r})['mask'][:]  # list(h5py.File({path!r})) has the "
        "names; of MATLAB add .T",
    ),
    _Form(
        (".nii", ".nii.gz"),
        "NIfTI",
        "import nibabel; mask = nibabel.load({path!r}).get_fdata()[..., 0]  # a slice a file",
    ),
    _Form((".pt", ".pth"), "a tensor of torch", "import torch; mask = torch.load({path!r})"),
    _Form(
        (".npy", ".npz"),
        "an array of Python objects, which is a pickle",
        "import numpy; mask = numpy.load({path!r}, allow_pickle=True)[0]  # the one of the mask",
    ),
)
_PACKED = (
    (
        (".tfrec", ".tfrecord", ".tfrecords"),
        "TFRecord files",
        "import tensorflow as tf; from pathlib import Path\n"
        "    for n, one in enumerate(tf.data.TFRecordDataset({path!r})):\n"
        "        held = tf.train.Example.FromString(one.numpy()).features.feature\n"
        "        Path(f'{{n}}.jpg').write_bytes(held['image'].bytes_list.value[0])\n"
        "    print(held.keys())  # the names of what such a file holds",
    ),
    (
        (".bson",),
        "BSON files",
        "import bson\n"
        "    for one in bson.decode_file_iter(open({path!r}, 'rb')):\n"
        "        print(one.keys())  # write the bytes of each image as a file",
    ),
    (
        (".mdb",),
        "LMDB files",
        "import lmdb\n"
        "    for key, held in lmdb.open({path!r}, subdir=False, readonly=True).begin().cursor():\n"
        "        print(key, held[:9])  # write the bytes of each image as a file",
    ),
)
"""Files that hold images of their own: their endings, what they are, and Python that opens one."""
_WRITE = "from PIL import Image; Image.fromarray(mask.astype('uint8')).save({target!r})"
_TEXTS = (
    (
        b'"FeatureCollection"',
        "outlines in GeoJSON: write a table with a row an outline and the columns image, species "
        "and geometry, as geopandas' to_wkt writes it: POLYGON ((3 2, 16 3, 15 9, 3 2))",
    ),
)
_NO_AREAS = (b'"Point"', b'"LineString"')  # centres and paths outline nothing


def how_to_convert(folder: DataFolder) -> str:
    """Return how files that may be masks become some that are read; "" where there are none.

    Of several forms it is that of the most files.
    """
    if boxes := _of_boxes(folder):
        return boxes
    if labels := _of_label_vector(folder):
        return labels
    if volumes := _of_volumes(folder):
        return volumes
    of_form: Counter[str] = Counter()
    first: dict[str, str] = {}
    broken = [
        one.path for one in folder.of_part("mask") if _is_object_array(folder.path / one.path)
    ]
    for path in (*broken, *folder.others):
        form = _form_of(folder, path, is_array=path in broken)
        if form:
            of_form[form] += 1
            first.setdefault(form, path)
    if not of_form:
        return _of_stack(folder)
    form, n = of_form.most_common(1)[0]
    path = f"{first[form]} ({plural(n, 'such file')})" if n > 1 else first[form]
    for one in _FORMS:
        if one.what == form:
            target = f"masks/{Path(first[form]).name.partition('.')[0]}.png"
            code = f"{one.code}\n    {_WRITE}".format(path=first[form], target=target)
            how = "write each mask as a PNG named as its image, with"
            return f"{path} is {form}: {how}\n    {code}"
    off_map = _off_map(folder) if "GeoJSON" in form else ""
    return f"{path}: {off_map}" if off_map else f"{path} has {form}"


def how_to_unpack(folder: DataFolder) -> str:
    """Return how images are taken out of files that hold several, as TFRecord; "" without such."""
    for ends, what, code in _PACKED:
        found = [path for path in folder.others if path.lower().endswith(ends)]
        if found:
            return (
                f"images inside {what} are not read: write each as a file of its own, and a table "
                "train.csv with the columns image and label, beginning with\n"
                f"    {code.format(path=found[0])}"
            )
    return ""


def _of_label_vector(folder: DataFolder) -> str:
    """Return how a vector of labels in a file of MATLAB becomes a table, or "".

    It has as many numbers as there are images.
    """
    images = [one for one in folder.images if one.part != "mask"]
    folders = {one.folder for one in images}
    if len(folders) != 1:
        return ""
    for path in folder.others:
        for name, shape in _vectors_of_matlab(folder.path / path):
            if max(shape) == len(images) > 1 and len(shape) == 2 and min(shape) == 1:
                return (
                    f"{name} of {path} has {plural(len(images), 'number')}, as many as there are "
                    "images: where they are the labels in the order of the files' names, write a "
                    "table as below, and move the rows of images to predict to test.csv, without "
                    "the label\n    import pandas; from pathlib import Path; from scipy.io import "
                    "loadmat\n    images = [one.name for one in "
                    f"sorted(Path({folders.pop()!r}).iterdir())]\n"
                    f"    labels = loadmat({path!r})[{name!r}].ravel()\n"
                    "    pandas.DataFrame({'image': images, 'label': labels})"
                    ".to_csv('train.csv', index=False)"
                )
    return ""


def _vectors_of_matlab(path: Path) -> list[tuple[str, tuple[int, ...]]]:
    """Return the names and shapes of the arrays in a file of MATLAB 5; [] of another file."""
    if path.suffix.lower() != ".mat" or _is_hdf5(path):
        return []
    try:
        return [(name, tuple(shape)) for name, shape, _ in whosmat(path)]
    except Exception:  # SciPy raises what it likes
        return []


def _is_hdf5(path: Path) -> bool:
    """Return whether a file is HDF5, as those of MATLAB are from version 7.3 on."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return _HDF5 in head or head.startswith(b"MATLAB 7.3")


def _of_boxes(folder: DataFolder) -> str:
    """Return what an annotation tool has of objects that are boxes alone, or ""."""
    found = read_annotations(CompetitionData(folder))
    if found is None or found.has_outlines:
        return ""
    shapes = [shape for one in found.images for shape in one.shapes]
    return (
        f"the {plural(len(shapes), 'object')} of {some(found.sources)} "
        f"{'is' if len(shapes) == 1 else 'are'} boxes without "
        "outlines, and podium predicts labels, numbers and masks: no boxes; for the classes of an "
        "image, write train.csv with the columns image and labels, several between semicolons; "
        f"{HOW_TO_COUNT}; for masks, add the outlines"
    )


def _of_stack(folder: DataFolder) -> str:
    """Return how one array of the masks of all images is written as their files, or ""."""
    images = folder.train_images
    folders = {one.folder for one in images}
    for path in folder.others:
        if not path.lower().endswith(".npy") or len(folders) != 1:
            continue
        try:
            shape = np.load(folder.path / path, mmap_mode="r", allow_pickle=False).shape
        except (OSError, ValueError, EOFError):
            continue
        if len(shape) in (3, 4) and shape[0] == len(images):
            return (
                f"{path} holds {plural(shape[0], 'array')}, as many as there are images of "
                "train: where they are in the order of their names, write each as a PNG, with\n"
                "    import numpy; from pathlib import Path; from PIL import Image\n"
                f"    for file, mask in zip(sorted(Path({folders.pop()!r}).iterdir()), "
                f"numpy.load({path!r})): "
                "Image.fromarray(mask.astype('uint8')).save(f'masks/{file.stem}.png')"
            )
    return ""


class _Volume(NamedTuple):
    """An array of three axes in a file: what reads it, and its shape."""

    path: str
    code: str
    shape: tuple[int, ...]
    is_of_labels: bool
    """Whether it holds whole numbers and is called as masks or labels are."""


def _of_volumes(folder: DataFolder) -> str:
    """Return how a volume in one array, and its labels in another, are written as slices; or ""."""
    paths = [*folder.others, *(one.path for one in folder.images)]
    arrays = [path for path in dict.fromkeys(paths) if path.lower().endswith((".npy", ".npz"))]
    if not 2 <= len(arrays) <= _MOST_VOLUMES:
        return ""
    found = [
        one for path in arrays if not is_sample_submission(path) for one in _volumes(folder, path)
    ]
    labels = [one for one in found if one.is_of_labels]
    train = [one for one in found if not one.is_of_labels and guess_part(one.path) != "test"]
    if len(labels) != 1 or len(train) != 1 or train[0].shape != labels[0].shape:
        return ""
    test = [one for one in found if one not in (*labels, *train)]
    shapes = zip(*(one.shape for one in (*train, *test)), strict=True)
    other = [axis for axis, sizes in enumerate(shapes) if len(set(sizes)) > 1]
    if len(test) != 1 or len(other) > 1:
        return ""
    axis = other[0] if other else 0
    size = " × ".join(map(str, train[0].shape))
    of_test = " × ".join(map(str, test[0].shape))
    return (
        f"{labels[0].path} has a whole number for each of the {size} of {train[0].path}, a volume "
        f"in one array, and {test[0].path} has {of_test} to predict: podium predicts slices. Write "
        f"one for each place along an axis, here {axis}, as files in a new folder, give that to "
        "podium init, and put the slices that are predicted together with numpy.stack\n"
        "    import numpy; from pathlib import Path\n"
        f"    for folder, volume in [('train/images', {train[0].code}), ('train/masks', "
        f"{labels[0].code}), ('test/images', {test[0].code})]:\n"
        "        Path('slices', folder).mkdir(parents=True)\n"
        f"        for n, one in enumerate(numpy.moveaxis(volume, {axis}, 0)):\n"
        "            name = f'slices/{folder}/{folder[:5].strip(\"/\")}_{n:04}'\n"
        "            numpy.save(name, one)"
    )


_MOST_VOLUMES = 8


def _volumes(folder: DataFolder, path: str) -> Iterator[_Volume]:
    """Yield the arrays of three axes in a file, by their headers alone."""
    file = folder.path / path
    try:
        with ExitStack() as stack:
            streams: dict[str, IO[bytes]] = {}
            if path.lower().endswith(".npy"):
                streams[""] = stack.enter_context(file.open("rb"))
            else:
                archive = stack.enter_context(zipfile.ZipFile(file))
                for name in archive.namelist():
                    streams[name.removesuffix(".npy")] = stack.enter_context(archive.open(name))
            for name, stream in streams.items():
                shape, _, dtype = read_header(stream)
                if len(shape) == 3 and dtype.kind in "uif":
                    called = name or Path(path).stem
                    code = f"numpy.load({path!r})" + (f"[{name!r}]" if name else "")
                    is_label = dtype.kind in "ui" and is_called(called, "mask", "label")
                    yield _Volume(path, code, shape, is_label)
    except (OSError, ValueError, zipfile.BadZipFile):
        return


def _form_of(folder: DataFolder, path: str, *, is_array: bool) -> str:
    name = path.lower()
    for one in _FORMS:
        if name.endswith(one.ends) and (is_array or ".npy" not in one.ends):
            is_new = name.endswith(".mat") and _is_hdf5(folder.path / path)
            return "HDF5" if is_new else one.what
    if name.endswith((".xml", ".json", ".geojson")):
        try:
            with (folder.path / path).open("rb") as file:
                head = file.read(_HEAD)
        except OSError:
            return ""
        if b"Polygon" not in head and any(one in head for one in _NO_AREAS):
            return ""
        return next((told for sign, told in _TEXTS if sign in head), "")
    return ""


def _off_map(folder: DataFolder) -> str:
    """Return why outlines of GeoJSON lie on no image that has a place on a map, else ""."""
    found = geojson.read_tool(AnnotationFiles(folder))
    return "" if found is None or found.images else "; ".join(found.notes)


def _is_object_array(path: Path) -> bool:
    if path.suffix.lower() != ".npy":
        return False
    try:
        with path.open("rb") as file:
            np.lib.format.read_magic(file)
            return bool(np.lib.format.read_array_header_1_0(file)[2].hasobject)
    except (OSError, ValueError):
        return False
