"""All data sets by name: what each holds, where it comes from, and how it is read.

A new data set is one entry in `DATASETS`; a new kind of file is one `Form`, which entries and folders then share.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import get_args

from app.datasets.dataset import Dataset, Form, RemoteFile
from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.pens.strokes import StrokeSet
from app.datasets.sources import (
    emnist,
    fonts,
    image_folder,
    nist,
    script_fonts,
    synthetic,
    unipen,
    unipen36,
    unipen_raw,
)
from app.datasets.sources.crops import load_crops
from app.datasets.splits import Split
from app.errors import DatasetNotFound, InvalidInput

SCRIPTS = "scripts"
"""Name of the fonts of other scripts."""

_SPLITS = get_args(Split)


def _emnist_form(variant: str | None) -> Form:
    name = variant or "*"
    files = (f"emnist-{name}.mat", f"emnist-{name}-train-images-idx3-ubyte.gz")
    content = f"emnist-{variant or 'VARIANT'}.mat, or the four .gz files of its images and labels and its mapping.txt"
    patterns = tuple(f"{above}{file}" for above in ("", "matlab/", "gzip/") for file in files)
    return Form(content, patterns, _SPLITS, partial(emnist.load_emnist, variant=variant))


UNIPEN_NPZ = Form(
    "chars_train.npz and chars_valid.npz: UNIPEN's characters, selected and cleaned",
    ("chars_train.npz", "chars_valid.npz"),
    ("train", "valid"),
    unipen.load_unipen,
)
UNIPEN36_NPZ = replace(UNIPEN_NPZ, splits=_SPLITS, load=unipen36.load_unipen36)
UNIPEN_RAW = Form(
    "data/1a, data/1b and so on: UNIPEN as it was published",
    unipen_raw.PATTERNS,
    _SPLITS,
    unipen_raw.load_unipen_raw,
)
UNIPEN36_RAW = replace(UNIPEN_RAW, load=partial(unipen36.load_unipen36, read=unipen_raw.load_unipen_raw))
NIST36, NIST26 = (
    Form(
        ", ".join(f"nist{classes}_{split}.mat" for split in _SPLITS),
        tuple(f"nist{classes}_{split}.mat" for split in _SPLITS),
        _SPLITS,
        partial(nist.load_nist, classes=classes),
    )
    for classes in (36, 26)
)
MNIST = Form(
    "the four .gz files of MNIST's images and labels",
    ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    _SPLITS,
    emnist.load_mnist,
)
IMAGES = Form(
    "a sub-folder of .png or .jpg images for each character, named A or U+0041",
    image_folder.PATTERNS,
    _SPLITS,
    image_folder.load_image_folder,
)
FONTS = Form("fonts as .woff, .ttf or .otf", fonts.PATTERNS, ("train", "valid"), fonts.load_fonts)
SCRIPT_FONTS = replace(
    FONTS, content="fonts of other scripts as .woff, .ttf or .otf", load=script_fonts.load_script_letters
)
WRITTEN = Form(
    "nothing: it is written when it is asked for", (), _SPLITS, lambda _, split: synthetic.load_synthetic(split)
)

_UNIPEN = Dataset(
    "unipen",
    "Pen strokes of single characters by some 420 writers.",
    "".join(map(chr, range(33, 127))),
    unipen.LICENCE,
    "https://doi.org/10.5281/zenodo.1195803",
    (UNIPEN_NPZ, UNIPEN_RAW),
    attribution=unipen.ATTRIBUTION,
    record="https://zenodo.org/api/records/1195803",
)
_UNIPEN36 = Dataset(
    "unipen36",
    "Of each digit and capital "
    + ", ".join(f"{count} for {split}" for split, count in unipen36.PER_CLASS.items())
    + ", by different writers; cut out of unipen.",
    unipen36.CLASSES,
    unipen.LICENCE,
    _UNIPEN.source,
    (UNIPEN36_NPZ, UNIPEN36_RAW),
    home=_UNIPEN.name,
    attribution=unipen.ATTRIBUTION,
    kind="glyphs",
    record=_UNIPEN.record,
)
_NIST36, _NIST26 = (
    Dataset(
        f"nist{classes}",
        f"{what} out of NIST Special Database 19, 32 x 32: what the original experiment was trained on.",
        nist.CLASSES[classes],
        "not stated",
        "https://www.nist.gov/srd/nist-special-database-19",
        (form,),
        kind="glyphs",
    )
    for classes, what, form in ((36, "Capitals and digits", NIST36), (26, "Capitals", NIST26))
)
_EMNIST = [
    Dataset(
        f"emnist-{variant}",
        f"{what} out of NIST Special Database 19, 28 x 28.",
        classes,
        "not stated; NIST asks to cite Cohen et al. 2017",
        "https://www.nist.gov/itl/products-and-services/emnist-dataset",
        (_emnist_form(variant),),
        home="emnist",
        kind="glyphs",
        files=(
            RemoteFile(
                "gzip.zip",
                "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
                checksum="md5:58c8d27c78d21e728a6bc7b3cc06412e",
            ),
        ),
    )
    for (variant, classes), what in zip(
        emnist.VARIANTS.items(),
        (
            "Digits, capitals and small letters, as many as there are,",
            "The same with small letters that look like their capitals counted as these,",
            "The classes of emnist-bymerge, equally many images of each,",
            "Letters, small ones counted as capitals, equally many of each,",
            "Digits, equally many of each,",
            "Digits, as many as mnist has,",
        ),
        strict=True,
    )
]
_MNIST = Dataset(
    "mnist",
    "Images of digits, 28 x 28: 60,000 for training, 10,000 for tests.",
    emnist.VARIANTS["mnist"],
    "CC BY-SA 3.0",
    "http://yann.lecun.com/exdb/mnist/",
    (MNIST,),
    kind="glyphs",
    files=tuple(
        RemoteFile(name, f"https://ossci-datasets.s3.amazonaws.com/mnist/{name}", checksum=f"md5:{md5}")
        for name, md5 in (
            ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
            ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
            ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
            ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
        )
    ),
)

_FONTS = Dataset(
    "fonts",
    "Pen strokes along the centre lines of some hundred fonts that look written by hand, and of a few printed ones.",
    _UNIPEN.classes,
    "OFL-1.1 or Apache-2.0, each font its own",
    "https://fontsource.org",
    (FONTS,),
    attribution="The authors in app/datasets/fonts.tsv. Changed: outlines were thinned to centre lines.",
    files=fonts.published_fonts(),
)
_SCRIPTS = Dataset(
    SCRIPTS,
    "Pen strokes along the centre lines of fonts in scripts that Inkrow does not read: what it is to leave unread.",
    "",
    _FONTS.licence,
    _FONTS.source,
    (SCRIPT_FONTS,),
    attribution="The authors in app/datasets/scripts.tsv. Changed: outlines were thinned to centre lines.",
    files=fonts.published_fonts("scripts.tsv"),
)
_SYNTHETIC = Dataset(
    "synthetic",
    "Pen strokes of imagined writers; of each character "
    + ", ".join(f"{count} for {split}" for split, (_, _, count) in synthetic.SPLITS.items())
    + ".",
    _UNIPEN.classes,
    synthetic.LICENCE,
    synthetic.SOURCE,
    (WRITTEN,),
)

DATASETS: dict[str, Dataset] = {
    entry.name: entry
    for entry in (
        _UNIPEN,
        _UNIPEN36,
        _NIST36,
        _NIST26,
        *_EMNIST,
        _MNIST,
        _FONTS,
        _SCRIPTS,
        _SYNTHETIC,
    )
}
CROPS_NPZ = Form("x, y and perhaps source", (), ("test",), lambda path, split: load_crops(path))

# What a folder that is named by its path may hold; the first that fits counts, so the most specific come first.
FORMS: tuple[Form, ...] = (UNIPEN_NPZ, NIST36, NIST26, _emnist_form(None), MNIST, UNIPEN_RAW, FONTS, IMAGES)


def load_samples(name: str, split: str, folder: Path) -> StrokeSet | GlyphSet:
    """Read one split of a data set.

    Parameters
    ----------
    name : a name of the catalogue; or the path of a folder, whose form is recognised by its files; or the path of an
        .npz of crops, see `load_crops`
    split : train, valid or test, if the data set has it
    folder : the data root; the files of data set `name` are in ``folder / name``

    Raises
    ------
    DatasetNotFound : no such name and no such folder, or the data set has not been fetched
    InvalidInput : no such split
    DamagedDataset : a file is damaged; the message names it
    """
    place, form = find(name, folder)
    for known in form.splits:
        if known == split:
            return form.load(place, known)
    raise InvalidInput(f"expected a split of {name} ({', '.join(form.splits)}), got {split!r}")


def find(name: str, root: Path) -> tuple[Path, Form]:
    """Return the folder of a data set and the form in which it is there; arguments and errors as in `load_samples`."""
    if (entry := DATASETS.get(name)) is not None:
        place = entry.folder(root)
        if (form := entry.form_in(root)) is None:
            detail = f"data set {name} is not in {place}; {entry.how_to_get}"
            raise DatasetNotFound(detail, name=name, path=str(place))
        return place, form
    place = Path(name)
    try:
        is_file, is_folder = place.is_file(), place.is_dir()
    except OSError:  # a longer name than the system allows
        is_file = is_folder = False
    if is_file:
        return place, CROPS_NPZ
    if not is_folder:
        detail = f"no data set {name!r}; there are {', '.join(DATASETS)}, or the path of a folder or an .npz"
        raise DatasetNotFound(detail, name=name, names=list(DATASETS))
    form = next((form for form in FORMS if form.is_in(place)), None)
    if form is None:
        contents = "; ".join(form.content for form in FORMS)
        detail = f"{place} holds no data set; expected in it one of: {contents}; or, in place of a folder, the path of"
        raise DatasetNotFound(f"{detail} an .npz with {CROPS_NPZ.content}", path=str(place))
    return place, form
