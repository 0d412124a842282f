"""Layouts of competitions and data sets of art, cartoons and toys."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from layouts.real.files import write_lines
from layouts.real.kinds import ANY, LABELS, NUMBER, RANKS, SEVERAL
from layouts.real.made import SIZE, Builder, DataSet, Readings, RealLayout, Rows
from layouts.real.names import hex_name, hex_names
from layouts.real.photos import write_photos
from layouts.real.readings import (
    any_of,
    in_folders,
    never,
    reading_of,
    readings_by_kind,
    with_labels,
    with_train_labels,
)
from layouts.real.tables import label_sets, label_text, write_competition, write_multilabel
from layouts.truth import LayoutTruth, TrueSample

__all__ = ["LAYOUTS"]

SIMPSONS = ("abraham_grampa_simpson", "bart_simpson", "charles_montgomery_burns", "homer_simpson")


def _springfield(data: Path) -> Readings:
    """Each class counts its pictures from 0; the sample names files `img0.jpg`."""
    counts: dict[int, int] = {}

    def name(part: str, number: int) -> str:
        if part == "test":
            return f"img{number}"
        counts[number % 4] = counts.get(number % 4, -1) + 1
        return f"pic_{counts[number % 4]:04d}"

    return (write_competition(
        data, images=("train/simpsons_dataset/{label}/{name}.jpg", "testset/testset/{name}.jpg"),
        names=name, labels=SIMPSONS, classes=SIMPSONS, kind="multiclass", n=(32, 12),
        columns={"Id": "key", "Expected": "text"}, shown=lambda name: [f"{name}.jpg", "bart_simpson"],
        answer=lambda name, true: [f"{name}.jpg", label_text(true)],
    ),)  # fmt: skip


def _monsters(data: Path) -> Readings:
    """Names without endings, of which there are two; the second type is often blank."""
    made, rows, types = Builder(data), [], dict[str, tuple[str, str]]()
    names = ("abomasnow", "abra", "absol", "accelgor", "bulbasaur", "charizard", "deoxys-normal", "ekans", "farfetchd",
             "gastly", "haunter", "igglybuff", "jolteon", "kabuto", "lapras", "magikarp", "natu", "oddish", "pidgey",
             "quagsire", "rattata", "seel", "tentacool", "umbreon", "vulpix", "wooper", "xatu", "yanma")  # fmt: skip
    kinds = ("Grass", "Psychic", "Bug", "Fire", "Water")
    for n, name in enumerate(names):
        first, second = kinds[n % 5], ("", kinds[(n + 2) % 5], "")[n % 3]
        path = f"images/images/{name}.{('png', 'jpg')[n >= 20]}"
        types[path] = (first, second)
        write_photos(made, [path], first)
        rows.append([name, first, second])
    made.table("pokemon.csv", ["Name", "Type1", "Type2"], rows)
    both = {path: frozenset(one) - {""} for path, one in types.items()}
    return (
        reading_of(made, LABELS, classes=kinds),
        with_labels(reading_of(made, SEVERAL, classes=kinds), dict(both)),
    )


PAINTERS = ("Albrecht Du rer", "Diego Velazquez", "Edgar Degas", "Henri de Toulouse-Lautrec")


def _painters(data: Path) -> Readings:
    """Numbers and paths in the table of train, names as ids in that of test."""
    made, cells, tests, rows = Builder(data), [], [], list[tuple[str, ...]]()
    for k in range(32):
        label = PAINTERS[k * 3 % 4]
        made.image(f"train/{k:04d}.jpg", TrueSample(SIZE, label), part="train")
        cells.append([str(k), f"./train/{k:04d}.jpg", label])
    for k in range(10):
        label, name = PAINTERS[(k + 1) * 3 % 4], f"TEST_{k:05d}"
        made.image(f"test/{name}.jpg", TrueSample(SIZE, label), part="test")
        tests.append([name, f"./test/{name}.jpg"])
        rows.append((name, label))
    made.table("train.csv", ["id", "img_path", "artist"], cells)
    made.table("test.csv", ["id", "img_path"], tests)
    made.table(
        "artists_info.csv",
        ["name", "years", "genre", "nationality"],
        [[one, "1834 - 1917", "Impressionism", "French"] for one in PAINTERS],
    )
    columns = {"id": "key", "artist": "text"}
    made.table("sample_submission.csv", list(columns), [[one, PAINTERS[2]] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=PAINTERS),)


def _artworks(data: Path) -> Readings:
    """Folders of artists, one of them once more with a broken name; smaller copies in one folder."""
    made, artists = Builder(data), ("Albrecht_Dürer", "Albrecht_DuΓòá├¬rer", "Edgar_Degas", "Frida_Kahlo", "Vincent_van_Gogh")  # fmt: skip
    for label in artists:
        for k in range(1, 9):
            write_photos(made, [f"images/images/{label}/{label}_{k}.jpg"], label, (40, 48))
            write_photos(made, [f"resized/resized/{label}_{k}.jpg"], label)
    made.table(
        "artists.csv",
        ["id", "name", "years", "genre", "nationality", "bio", "wikipedia", "paintings"],
        [[str(n), one.replace("_", " "), "1834 - 1917", "Impressionism", "French",
          "Edgar Degas (born Hilaire-Germain-Edgar De Gas, pronounced [ilɛːʁ ʒɛʁmɛ̃]) was an artist.",
          f"http://en.wikipedia.org/wiki/{one}", "8"]
         for n, one in enumerate(artists) if "Γ" not in one],
    )  # fmt: skip
    spaced = [one.replace("_", " ") for one in artists]
    named = lambda one: str(one).replace("_", " ")  # noqa: E731
    found = list[LayoutTruth]()
    for out in (in_folders("resized"), in_folders("images"), in_folders()):
        found += [
            reading_of(made, LABELS, out=out, classes=artists),
            reading_of(made, LABELS, out=out, classes=spaced, label=named),
        ]
    return tuple(found)


def _paintings(data: Path) -> Readings:
    """Folders of styles; lists of three kinds of classes for two parts, without a header; those of artists and genres name but some images."""
    made, top = Builder(data), "wikiart"
    styles = ("Abstract_Expressionism", "Art_Nouveau_Modern", "Baroque", "Impressionism", "Ukiyo_e")
    artists = ("Albrecht_Durer", "Claude_Monet", "Hokusai", "Rembrandt")
    genres = ("genre_painting", "landscape", "portrait")
    known: dict[str, tuple[str, ...]] = {"style": styles, "artist": artists, "genre": genres}
    of: dict[str, dict[str, int]] = {one: {} for one in known}
    lists = dict[str, list[str]]()
    validation = set[str]()
    for place, style in enumerate(styles):
        for k in range(11):
            artist = (place * 3 + k) % 5
            who = artists[artist].replace("_", "-").lower() if artist < 4 else "edvard-munch"
            below = f"{style}/{who}_the-garden-no-{k}-{1870 + place * 11 + k}.jpg"
            path = f"{top}/{below}"
            write_photos(made, [path], None, (36 + k % 5, 40 + place))
            places: dict[str, int] = {"style": place}
            if artist < 4:
                places["artist"] = artist
            if k % 4:
                places["genre"] = (k + place) % 3
            part = "val" if k % 4 == 3 else "train"
            if part == "val":
                validation.add(path)
            for one, number in places.items():
                of[one][path] = number
                lists.setdefault(f"{one}_{part}.csv", []).append(f"{below},{number}")
    for name, lines in lists.items():
        write_lines(made, f"wikiart_csv/{name}", lines)
    for one, names in known.items():
        write_lines(made, f"wikiart_csv/{one}_class.txt", [f"{n} {word}" for n, word in enumerate(names)])  # fmt: skip
    found = list[LayoutTruth]()
    for out in (any_of(), lambda path: path in validation):
        for one, names in known.items():
            for used in (names, tuple(map(str, range(len(names))))):
                truth = reading_of(made, LABELS, out=out, classes=used)
                found.append(
                    with_train_labels(truth, {path: used[n] for path, n in of[one].items()})
                )
    return tuple(found)


CARTOONS = ("abraham_grampa_simpson", "bart_simpson", "krusty_the_clown", "ned_flanders", "otto_mann", "waylon_smithers")  # fmt: skip


# The Simpsons characters (a course at NTUT, Taipei): participants' code, and memory.
def _cartoons_of_taipei(data: Path) -> Readings:
    """Pictures of a cartoon in class folders; two archives unpacked side by side, numbers of test from 1, and names of classes are sent."""
    made, rows = Builder(data), Rows()
    for label in CARTOONS:
        for k in range(7):
            path = f"theSimpsons-train/train/{label}/pic_{k * 3:04d}.jpg"
            made.image(path, TrueSample((40 + k % 4, 36), label), part="train")
    for k in range(1, 19):
        label = CARTOONS[k * 5 % 6]
        made.image(f"theSimpsons-test/test/{k}.jpg", TrueSample((40, 36), label), part="test")
        rows.append((str(k), label))
    columns = {"id": "key", "character": "text"}
    made.table("sampleSubmission.csv", list(columns), [[one, "bart_simpson"] for one, _ in rows])
    return (made.truth(LABELS, columns, rows, classes=CARTOONS),)


BRICKS = {"1": "SPIDER-MAN", "2": "VENOM", "3": "AUNT MAY", "17": "YODA", "18": "LUKE SKYWALKER", "32": "HARRY POTTER"}  # fmt: skip


FILMS = ("marvel", "marvel", "marvel", "star-wars", "star-wars", "harry-potter")


# LEGO minifigures (Kaggle): memory.
def _bricks(data: Path) -> Readings:
    """Photos of figures in folders of a film and a number, with a table that splits them, one of names, and one of the images of test with their classes."""
    made, cells, tests, meta = Builder(data), list[list[str]](), list[list[str]](), list[list[str]]()  # fmt: skip
    numbers, validation = dict[str, str](), set[str]()
    for n, (code, name) in enumerate(BRICKS.items()):
        meta.append([code, f"['7611{n}', '7613{n}']" if n % 2 else f"[76{n}15]", f"['Set {n}']", name])  # fmt: skip
        for k in range(1, 8):
            path = f"{FILMS[n]}/{int(code):04d}/{k:03d}.jpg"
            write_photos(made, [path], None, (44, 44))
            numbers[path] = code
            part = "valid" if k > 5 else "train"
            if part == "valid":
                validation.add(path)
            cells.append([path, code, part])
    for k in range(1, 13):
        path = f"test/{k:03d}.jpg"
        write_photos(made, [path], None, (44, 44))
        tests.append([path, list(BRICKS)[k * 5 % 6]])
    made.table("index.csv", ["path", "class_id", "train-valid"], cells)
    made.table("test.csv", ["path", "class_id"], tests)
    made.table("metadata.csv", ["class_id", "lego_ids", "lego_names", "minifigure_name"], meta)
    names = {path: BRICKS[code] for path, code in numbers.items()}
    outs = (never, lambda path: path in validation)
    return readings_by_kind(made, (numbers, names), test=in_folders("test"), outs=outs)


MEDIA = ("Albumen photograph", "Bronze", "Ceramic", "Etching", "Oil on canvas", "Silk and metal thread", "Wood")  # fmt: skip


# MAMe, media of art: users' code, and memory of the columns.
def _media_of_art(data: Path) -> Readings:
    """Works of three museums with their medium; one table has all parts, with a column that splits them and others of sizes; another numbers the media."""
    made, cells, of, part_of = Builder(data), list[list[str]](), dict[str, str](), dict[str, str]()
    museums = ("Met", "LACMA", "Cleveland")
    for k in range(60):
        part, medium = ("train", "train", "val", "test", "test")[k % 5], MEDIA[k * 3 % 7]
        name = f"{('436', 'M', '19')[k % 3]}{k * 7919 % 90000:05d}{('', '_0', '.2')[k % 3]}.jpg"
        path = f"data_256/{name}"
        write_photos(made, [path], None, (40, 40))
        of[path], part_of[path] = medium, part
        wide, tall = 1500 + k * 37, 1200 + k * 53
        cells.append([name, medium, museums[k % 3], str(43000 + k * 31), part, str(wide), str(tall), str(wide * tall), f"{wide / tall:.6f}"])  # fmt: skip
    header = ["Image file", "Medium", "Museum", "Museum-based instance ID", "Subset", "Width", "Height", "Product size", "Aspect ratio"]  # fmt: skip
    made.table("MAMe_metadata/MAMe_dataset.csv", header, cells)
    write_lines(
        made, "MAMe_metadata/MAMe_labels.csv", [f"{n},{one}" for n, one in enumerate(MEDIA)]
    )
    numbers = {path: str(MEDIA.index(one)) for path, one in of.items()}
    outs = (never, lambda path: part_of[path] == "val")
    return readings_by_kind(
        made, (of, numbers), test=lambda path: part_of[path] == "test", outs=outs
    )


_imet_2019 = partial(
    write_multilabel, images=("train/{name}.png", "test/{name}.png"), names=hex_names(16),
    labels=label_sets("147 616 813", "51 616 734", "616", "147 51", "813 734", "51 616", "813",
                 "147 734", "51 813 616", "734", "616 813"),
    header=["id", "attribute_ids"], columns=["id", "attribute_ids"], shown="0 1 2",
)  # fmt: skip


_imet_2020 = partial(_imet_2019, shown="616")


GENRES = ("Action", "Comedy", "Documentary", "Drama", "N/A", "Thriller")


def _posters(data: Path) -> Readings:
    """A list as text and a column for each of its words."""
    made, rows, top = Builder(data), [], "Multi_Label_dataset"
    for k in range(32):
        has = [
            one for place, one in enumerate(GENRES) if (k * 3 + place * 5) % 7 < 2 and one != "N/A"
        ]
        has = has or [("Drama", "N/A")[k % 5 == 0]]
        name = f"tt{86425 + 9173 * k:07d}"
        write_photos(made, [f"{top}/Images/{name}.jpg"], frozenset(has))
        rows.append([name, str(has), *(str(int(one in has)) for one in GENRES)])
    made.table(f"{top}/train.csv", ["Id", "Genre", *GENRES], rows)
    made.text(
        f"{top}/README.txt",
        "The images of movie posters are from IMDB; columns after Genre are of each.\n",
    )
    return (reading_of(made, SEVERAL, classes=GENRES),)


# atmaCup #11: participants' READMEs.
def _works_of_art(data: Path) -> Readings:
    """The century of a work as 0 to 3, scored as a number; the file to send has no ids, in the order of the test table."""
    made, cells, tests, rows = Builder(data), list[list[str]](), list[list[str]](), Rows()
    matter, ways = list[list[str]](), list[list[str]]()
    for k in range(64):
        name, century = hex_name("art", k, length=20), k * 7 % 10 % 4
        part = "train" if k < 46 else "test"
        made.image(f"photos/{name}.jpg", TrueSample((40 + k % 5, 36), float(century)), part=part)
        matter.extend([name, one] for one in ("paper", "ink", "pencil")[: 1 + k % 3])
        if k % 3:
            ways.append([name, ("etching", "engraving", "counterproof")[k % 3]])
        if part == "train":
            year = 1520 + 100 * century + k
            cells.append([name, str(year), hex_name("series", k // 2, length=20), str(century)])
        else:
            tests.append([name])
            rows.append((str(century),))
    made.table("train.csv", ["object_id", "sorting_date", "art_series_id", "target"], cells)
    made.table("test.csv", ["object_id"], tests)
    made.table("materials.csv", ["object_id", "name"], matter)
    made.table("techniques.csv", ["object_id", "name"], ways)
    made.table("atmaCup#11_sample_submission.csv", ["target"], [["0"] for _ in rows])
    columns = {"target": "number"}
    number = made.truth(NUMBER, columns, rows)
    ranks = made.truth(RANKS, columns, rows, classes=tuple("0123"))
    texts = {
        path: replace(one, label=str(int(float(str(one.label)))))
        for path, one in made.train.items()
    }
    tested = {
        path: replace(one, label=str(int(float(str(one.label))))) for path, one in made.test.items()
    }
    return number, replace(ranks, train=texts, test=tested)


def _gan_getting_started(data: Path) -> Readings:
    """Paintings are to be made of photographs; everything is there twice, in two forms."""
    made = Builder(data)
    write_photos(made, [f"monet_jpg/{hex_name('monet', k)}.jpg" for k in range(10)], None)
    write_photos(made, [f"photo_jpg/{hex_name('photo', k)}.jpg" for k in range(24)], None)
    made.text("monet_tfrec/monet00-60.tfrec", "x")
    made.text("photo_tfrec/photo00-352.tfrec", "x")
    return (reading_of(made, {}),)


def _painter_by_numbers(data: Path) -> Readings:
    """Pairs of images are to be told of one hand or not; train has artists, styles and genres."""
    made, cells = Builder(data), list[list[str]]()
    for k in range(32):
        made.image(f"train/{1 + k * 29}.jpg", TrueSample((20 + k % 4, 24)), part="train")
        artist = hex_name("hand", k % 5, length=32)
        style = ("Impressionism", "Realism", "Cubism", "")[k % 4]
        cells.append(
            [
                f"{1 + k * 29}.jpg",
                artist,
                f"Study no. {k}",
                style,
                ("portrait", "landscape", "still life")[k % 3],
                f"{1870 + k}.0" if k % 3 else "",
            ]
        )
    for k in range(12):
        made.image(f"test/{4 + k * 17}.jpg", TrueSample((20 + k % 4, 24)), part="test")
    header = ["filename", "artist", "title", "style", "genre", "date"]
    made.table("train_info.csv", header, cells)
    pairs = [(4 + a * 17, 4 + b * 17) for a in range(6) for b in range(a + 1, 6)]
    made.table(
        "submission_info.csv",
        ["index", "img1", "img2"],
        [[str(n), f"{one}.jpg", f"{other}.jpg"] for n, (one, other) in enumerate(pairs)],
    )
    made.table(
        "sample_submission.csv", ["index", "sameArtist"], [[str(n), "1"] for n in range(len(pairs))]
    )
    return (reading_of(made, {}),)


def _film_of_a_cartoon(data: Path) -> Readings:
    """Two films, and emotions of their frames, which have to be cut out first."""
    made = Builder(data)
    feelings = ("angry", "happy", "sad", "surprised", "Unknown")
    for name in ("Train Tom and jerry.mp4", "Test Tom and Jerry.mp4"):
        (data / "Dataset").mkdir(parents=True, exist_ok=True)
        (data / "Dataset" / name).write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 400)
    cells = [[f"frame{k}.jpg", feelings[k * 3 % 5]] for k in range(60)]
    made.table("Dataset/Train.csv", ["Frame_ID", "Emotion"], cells)
    tests = [f"test{k}.jpg" for k in range(30)]
    made.table("Dataset/Test.csv", ["Frame_ID"], [[one] for one in tests])
    made.table(
        "Dataset/Sample_Submission.csv", ["Frame_ID", "Emotion"], [[one, "angry"] for one in tests]
    )
    return (reading_of(made, {}),)


LAYOUTS = (
    DataSet("journey-springfield", "memory", _springfield),
    DataSet("Pokemon images and types", "memory", _monsters, has_test=False),
    DataSet("dacon-artists", "memory", _painters),
    DataSet("Best artworks", "memory", _artworks, has_test=False),
    DataSet("WikiArt", "memory", _paintings, has_test=False),
    DataSet(
        "ntut-simpsons-characters",
        "code and memory",
        _cartoons_of_taipei,
        doubt="the outer folders",
    ),
    DataSet("LEGO minifigures", "memory", _bricks),
    DataSet("MAMe", "code and memory", _media_of_art, doubt="some columns"),
    RealLayout("imet-2019-fgvc6", "page, code", _imet_2019),
    RealLayout("imet-2020-fgvc7", "page, code", _imet_2020),
    DataSet("Movie posters", "memory", _posters, has_test=False),
    DataSet("atmacup-11", "code and memory", _works_of_art),
    DataSet("gan-getting-started", "memory", _gan_getting_started, refusal=r"\S"),
    DataSet("painter-by-numbers", "memory", _painter_by_numbers, refusal=ANY),
    DataSet("hackerearth-tom-and-jerry", "code and memory", _film_of_a_cartoon, refusal=ANY),
)
