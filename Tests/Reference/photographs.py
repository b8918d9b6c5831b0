"""Cuts a small set of real colour pictures: 64 × 64 patches of photographs that come with scikit-image, labelled by their photograph.

make_reference.py calls write(folder); on its own: photographs.py FOLDER. Only photographs in the public domain or under CC0 are taken
(their licences stand in skimage.data's documentation). Patches to train on come from the left two thirds of a photograph, those to
validate on from the right third: no pixel is in both.

photographs.bin: for each patch 64 · 64 · 3 bytes in the order row, column, colour, then one byte for its class; 1,400 to train on, then
350 to validate on, the classes in turn.
"""
import sys
from pathlib import Path

import numpy as np
from skimage import data
from skimage.transform import resize

NAMES = ["astronaut", "chelsea", "coffee", "rocket", "hubble_deep_field", "immunohistochemistry", "retina"]
SIDE = 64


def patches(pictures, count, share, rng):
    rows = []
    for place in range(count):
        label = place % len(pictures)
        picture = pictures[label]
        first, last = int(picture.shape[1] * share[0]), int(picture.shape[1] * share[1])
        side = int(rng.integers(SIDE, min(picture.shape[0], last - first, 3 * SIDE) + 1))
        top, left = rng.integers(0, picture.shape[0] - side + 1), rng.integers(first, last - side + 1)
        patch = picture[top:top + side, left:left + side]
        if rng.random() < 0.5:
            patch = patch[:, ::-1]
        small = resize(patch, (SIDE, SIDE), anti_aliasing=True, preserve_range=True).round().astype(np.uint8)
        rows.append(np.append(small.ravel(), np.uint8(label)))
    return rows


def write(folder):
    rng = np.random.default_rng(13)
    pictures = [getattr(data, name)()[..., :3] for name in NAMES]
    rows = patches(pictures, 1400, (0, 2 / 3), rng) + patches(pictures, 350, (2 / 3, 1), rng)
    (Path(folder) / "photographs.bin").write_bytes(np.stack(rows).tobytes())
    print(f"{len(rows)} patches of {len(NAMES)} photographs in {folder}")


if __name__ == "__main__":
    write(sys.argv[1])
