"""Writes transforms.json: what torchvision's ToTensor and CenterCrop make of random pictures, for Tests/TrainingTests.

make_reference.py calls write(folder); on its own: transforms_reference.py FOLDER.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch

# The package's compiled half is built for graphics cards and does not load beside the processor-only torch; transforms need none of it,
# but importing the package asks for these two of its operations by name.
_operations = torch.library.Library("torchvision", "DEF")
for _name in ("nms", "qnms"):
    _operations.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import torchvision  # noqa: E402
from torchvision import transforms  # noqa: E402


def write(folder):
    rng, cases = np.random.default_rng(17), []
    for _ in range(40):
        height, width, channels = (int(rng.integers(1, 14)), int(rng.integers(1, 14)), int(rng.choice([1, 3])))
        size = [int(rng.integers(1, 12)), int(rng.integers(1, 12))]
        picture = rng.integers(0, 256, (height, width, channels), dtype=np.uint8)
        tensor = transforms.ToTensor()(picture)
        crop = transforms.CenterCrop(size)(tensor)
        cases.append({"shape": [height, width, channels], "bytes": picture.flatten().tolist(), "tensor": tensor.flatten().tolist(),
                      "size": size, "crop": crop.flatten().tolist()})
    (Path(folder) / "transforms.json").write_text(json.dumps(cases))
    print(f"{len(cases)} pictures through the transforms of torchvision {torchvision.__version__} in {folder}")


if __name__ == "__main__":
    write(sys.argv[1])
