"""Writes runs.json and items.bin: small trainings as PyTorch runs them, and items of data sets, for Tests/TrainingTests.

make_reference.py calls write(folder) once photographs.bin is there; on its own: runs_reference.py FOLDER.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

BATCH, BATCHES = 8, 60
DIGITS = Path(__file__).parents[2] / "Examples" / "Digits" / "Data" / "digits.csv"


class Digits(Dataset):
    """A row of the file: 64 numbers from 0 to 16, then the digit."""

    def __init__(self):
        self.rows = np.loadtxt(DIGITS, delimiter=",", dtype=np.float32)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return torch.from_numpy(self.rows[index, :-1]).reshape(1, 8, 8) / 16, int(self.rows[index, -1])


class Photographs(Dataset):
    """64 · 64 · 3 bytes in the order row, column, colour, then the class."""

    def __init__(self, folder):
        self.rows = np.fromfile(Path(folder) / "photographs.bin", np.uint8).reshape(-1, 64 * 64 * 3 + 1)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return torch.from_numpy(self.rows[index, :-1]).reshape(64, 64, 3).permute(2, 0, 1).float() / 255, int(self.rows[index, -1])


def items(folder):
    """The first items, the last, and some between; their numbers go into items.bin, one item after the other."""
    lists, numbers = {}, []
    for name, dataset in [("digits", Digits()), ("photographs", Photographs(folder))]:
        indexes = [0, 1, len(dataset) // 3, len(dataset) - 1]
        lists[name] = {"count": len(dataset), "indexes": indexes, "labels": [dataset[i][1] for i in indexes]}
        numbers += [dataset[i][0].contiguous().numpy().astype("<f4").tobytes() for i in indexes]
    (Path(folder) / "items.bin").write_bytes(b"".join(numbers))
    return lists


def setting():
    """A small classification with its first weights."""
    torch.manual_seed(6)
    x = torch.randn(BATCH * BATCHES, 2)
    y = (x[:, 1] > x[:, 0] ** 2 - 0.5).long()
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    return model, x, y


def finder():
    """Two epochs of raising the rate by a fifth before each batch; ends above 10, and at NaN if that came first."""
    model, x, y = setting()
    optimizer, criterion, points = torch.optim.SGD(model.parameters(), lr=1e-6), nn.CrossEntropyLoss(), []
    for number in range(2 * BATCHES):
        batch = slice(number % BATCHES * BATCH, (number % BATCHES + 1) * BATCH)
        optimizer.param_groups[0]["lr"] *= 1.2
        optimizer.zero_grad()
        loss = criterion(model(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        if optimizer.param_groups[0]["lr"] > 10 or loss.isnan():
            return {"epoch": number // BATCHES, "batch": number + 1, "points": points}
        points.append([optimizer.param_groups[0]["lr"], loss.item()])


def accumulation(count=4):
    """One epoch in which every `count` batches make one step."""
    model, x, y = setting()
    optimizer, criterion = torch.optim.SGD(model.parameters(), lr=0.1), nn.CrossEntropyLoss()
    for number in range(BATCHES):
        batch = slice(number * BATCH, (number + 1) * BATCH)
        (criterion(model(x[batch]), y[batch]) / count).backward()
        if (number + 1) % count == 0:
            optimizer.step()
            optimizer.zero_grad()
    return [p.flatten().tolist() for p in model.parameters()]


def write(folder):
    model, x, y = setting()
    contents = {
        "items": items(folder), "batch": BATCH, "x": x.flatten().tolist(), "y": y.tolist(),
        "weights": [p.flatten().tolist() for p in model.parameters()], "finder": finder(), "accumulated": accumulation()}
    (Path(folder) / "runs.json").write_text(json.dumps(contents))
    print(f"small trainings and items of data sets in {folder}")


if __name__ == "__main__":
    write(sys.argv[1])
