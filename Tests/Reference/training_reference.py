"""Writes training.json: what PyTorch's optimizers and schedules and scikit-learn's metrics compute, for Tests/TrainingTests.

make_reference.py calls write(folder); on its own: training_reference.py FOLDER.
"""
import base64
import json
import re
import sys
import warnings
from pathlib import Path

import numpy as np
import sklearn
import torch
from safetensors.torch import load, save_file
from sklearn import metrics

warnings.filterwarnings("ignore")
STEPS = 20


def optimizers():
    """Two parameters, given gradients; the second has none in the first five steps, as if it had been frozen."""
    makers = {
        "SGD": lambda p: torch.optim.SGD(p, lr=0.1),
        "SGD weightDecay": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.01),
        "SGD momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        "SGD momentum dampening weightDecay": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.01),
        "SGD nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
        "Adam": lambda p: torch.optim.Adam(p, lr=0.01),
        "Adam weightDecay": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
        "AdamW": lambda p: torch.optim.AdamW(p, lr=0.01),
    }
    cases = []
    for name, make in makers.items():
        torch.manual_seed(1)
        parameters = [torch.randn(37), torch.randn(3, 5)]
        start = [p.flatten().tolist() for p in parameters]
        for p in parameters:
            p.requires_grad_(True)
        optimizer = make(parameters)
        gradients, after = [], []
        # The plain rule is held to its last digits over a longer way.
        for step in range(100 if name == "SGD weightDecay" else STEPS):
            for index, p in enumerate(parameters):
                p.grad = None if index == 1 and step < 5 else torch.randn_like(p)
            gradients.append([None if p.grad is None else p.grad.flatten().tolist() for p in parameters])
            optimizer.step()
            after.append([p.detach().flatten().tolist() for p in parameters])
        cases.append({"name": name, "shapes": [[37], [3, 5]], "start": start, "gradients": gradients, "after": after})
    return cases


def curve(make, steps, base=0.1):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=base)
    schedule = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


def one_cycle(step, steps, base=0.1):
    share = step / steps
    return (1 - share / 0.25) * base / 10 + share / 0.25 * base if share < 0.25 else (1 - (share - 0.25) / 0.75) * base


def schedules():
    lr = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    own = lr.LambdaLR(optimizer, lambda step: one_cycle(step, 592))
    linear = []
    for _ in range(592):
        linear.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        own.step()
    return {
        "StepLR": curve(lambda o: lr.StepLR(o, step_size=2, gamma=0.1), 20),
        "CosineAnnealingLR": curve(lambda o: lr.CosineAnnealingLR(o, T_max=10, eta_min=0), 21),
        "CosineAnnealingLR minimum": curve(lambda o: lr.CosineAnnealingLR(o, T_max=10, eta_min=0.01), 21),
        "OneCycle": linear,
        "Warmup": curve(lambda o: lr.LambdaLR(o, lambda step: (step + 1) / 5 if step < 5 else 0.1 ** ((step - 5) // 2)), 20),
        "OneCycleLR": curve(lambda o: lr.OneCycleLR(o, max_lr=0.1, total_steps=60), 59),
        "OneCycleLR linear": curve(lambda o: lr.OneCycleLR(o, max_lr=0.1, total_steps=60, anneal_strategy="linear"), 59),
    }


def plateaus():
    rng = np.random.default_rng(3)
    falling = list(np.linspace(1, 0.1, 10))
    lists = {
        "plateau": falling + [0.1] * 30,
        "noise": list(1 / np.arange(1, 41) + rng.normal(0, 0.05, 40)),
        "improvement": list(np.linspace(1, 0.01, 30)),
        "tiny improvement": [1 - 1e-5 * k for k in range(40)],
        "nan": [1.0, 0.5] + [float("nan")] * 8 + [0.4] * 8,
    }
    settings = [
        {}, {"patience": 2}, {"mode": "max", "patience": 3, "factor": 0.5}, {"patience": 1, "cooldown": 3},
        {"patience": 0, "min_lr": 0.005}, {"patience": 2, "threshold": 0.02, "threshold_mode": "abs"},
    ]
    cases = []
    for name, values in lists.items():
        for setting in settings:
            optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
            schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **setting)
            rates = []
            for value in values:
                schedule.step(value)
                rates.append(optimizer.param_groups[0]["lr"])
            shown = ["NaN" if np.isnan(v) else repr(float(v)) for v in values]
            cases.append({"name": f"{name} {setting}", "metrics": shown, "rates": rates, "settings": {k: str(v) for k, v in setting.items()}})
    return cases


def classification():
    rng = np.random.default_rng(5)
    cases = []
    for name, classes, count in [("balanced", 4, 400), ("rare", 5, 60), ("two", 2, 100), ("missing", 6, 12)]:
        actual = rng.integers(0, classes, count)
        if name == "missing":
            actual = actual % 4
        predicted = np.where(rng.random(count) < 0.6, actual, rng.integers(0, classes, count))
        scores = {}
        for average in ["macro", "micro", "weighted"]:
            scores[average] = [f(actual, predicted, average=average, zero_division=0)
                               for f in (metrics.precision_score, metrics.recall_score, metrics.f1_score)]
        if classes == 2:
            scores["binary"] = [f(actual, predicted, zero_division=0) for f in (metrics.precision_score, metrics.recall_score, metrics.f1_score)]
        cases.append({"name": name, "classes": classes, "actual": actual.tolist(), "predicted": predicted.tolist(),
                      "accuracy": metrics.accuracy_score(actual, predicted), "scores": scores})
    return cases


def curves():
    rng = np.random.default_rng(7)
    cases = []
    for name, ties in [("continuous", None), ("ties", 1), ("many ties", 0)]:
        truth = rng.random(200) < 0.3
        scores = rng.normal(truth.astype(float), 1)
        if ties is not None:
            scores = scores.round(ties)
        fpr, tpr, thresholds = metrics.roc_curve(truth, scores, drop_intermediate=False)
        cases.append({"name": name, "truth": truth.tolist(), "scores": scores.tolist(), "auc": metrics.roc_auc_score(truth, scores),
                      "ap": metrics.average_precision_score(truth, scores), "fpr": fpr.tolist(), "tpr": tpr.tolist()})
    return cases


def regression():
    rng = np.random.default_rng(9)
    actual = rng.normal(3, 2, 150)
    predicted = actual + rng.normal(0, 0.5, 150)
    return {"actual": actual.tolist(), "predicted": predicted.tolist(), "mae": metrics.mean_absolute_error(actual, predicted),
            "mse": metrics.mean_squared_error(actual, predicted), "r2": metrics.r2_score(actual, predicted)}


def ranking():
    rng = np.random.default_rng(11)
    queries = []
    for size in [5, 12, 30, 8]:
        relevance = rng.integers(0, 4, size)
        scores = rng.normal(relevance, 2).round(0 if size == 8 else 6)
        queries.append({"relevance": [float(r) for r in relevance], "scores": scores.tolist()})
    pairs = [(np.array(q["relevance"])[None], np.array(q["scores"])[None]) for q in queries]
    return {"queries": queries, "ndcg": float(np.mean([metrics.ndcg_score(r, s) for r, s in pairs])),
            "ndcg5": float(np.mean([metrics.ndcg_score(r, s, k=5) for r, s in pairs])),
            "map": float(np.mean([metrics.average_precision_score(r[0] > 0, s[0]) for r, s in pairs]))}


def linear_regression():
    torch.manual_seed(0)
    model = torch.nn.Linear(1, 1)
    x = torch.arange(11.0)[:, None]
    y = 2 * x + 1
    start = [model.weight.item(), model.bias.item()]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        loss = torch.nn.MSELoss()(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"start": start, "losses": losses, "end": [model.weight.item(), model.bias.item()], "usual": losses == usual_losses(start)}


def usual_losses(start):
    """The same training in the order of operations that PyTorch's kernels usually have: fused products in the weight's gradient, sums in
    eight lanes. Each rounding shows in a loss this small, so only where this is PyTorch's order can another program have its digits."""
    single = np.float32

    def lanes(v):
        total = single(0)
        for number in [*v[8:], *v[:8]]:
            total += number
        return total

    x = np.arange(11, dtype=single)
    y, rate = 2 * x + 1, single(0.01)
    weight, bias, losses = single(start[0]), single(start[1]), []
    for _ in range(100):
        error = x * weight + bias - y
        losses.append(float(lanes(error * error) / single(11)))
        gradient, slope = error * single(2 / 11), single(0)
        for g, value in zip(gradient, x):
            slope = single(float(g) * float(value) + float(slope))
        weight, bias = weight - rate * slope, bias - rate * lanes(gradient)
    return losses


def clipping():
    torch.manual_seed(2)
    parameters = [torch.zeros(50, requires_grad=True), torch.zeros(4, 4, requires_grad=True)]
    for p in parameters:
        p.grad = torch.randn_like(p) * 3
    before = [p.grad.flatten().tolist() for p in parameters]
    norm = torch.nn.utils.clip_grad_norm_(parameters, 2.5).item()
    return {"before": before, "norm": norm, "after": [p.grad.flatten().tolist() for p in parameters]}


def statistics():
    torch.manual_seed(3)
    x = torch.rand(6, 5, 4, 3)
    return {"values": x.flatten().tolist(), "mean": x.mean((0, 1, 2)).tolist(), "deviation": x.std((0, 1, 2)).tolist()}


def written(name):
    """The tensors of a file that the Swift tests write byte for byte, as the safetensors package reads them."""
    source = (Path(__file__).parent.parent / "TrainingTests" / "CheckpointFixture.swift").read_text()
    text = re.search(name + r' = Data\(base64Encoded: """(.*?)"""', source, re.S).group(1)
    return load(base64.b64decode(text))


def fixture():
    return {name: tensor.flatten().tolist() for name, tensor in written("checkpointVersion2").items()}


def saved_model():
    """What PyTorch's model says with the state that ours saved; strict, so every name and shape is the same."""
    nn = torch.nn
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2))
    model.load_state_dict(written("modelFile"), strict=True)
    torch.manual_seed(5)
    x = torch.randn(2, 2, 5, 4)
    return {"x": x.flatten().tolist(), "y": model.eval()(x).flatten().tolist()}


def weights(folder):
    """A trained model's state as PyTorch's users save it, and what the model says to one input."""
    torch.manual_seed(4)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, 2, 1), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(32, 5))
    for _ in range(3):
        model(torch.randn(4, 3, 9, 9))
    model.eval()
    save_file(model.state_dict(), str(Path(folder) / "torch.safetensors"))
    x = torch.randn(2, 3, 9, 9)
    return {"x": x.flatten().tolist(), "y": model(x).flatten().tolist()}


def write(folder):
    contents = {
        "versions": f"PyTorch {torch.__version__}, scikit-learn {sklearn.__version__}", "optimizers": optimizers(), "schedules": schedules(),
        "plateaus": plateaus(), "classification": classification(), "curves": curves(), "regression": regression(), "ranking": ranking(),
        "linearRegression": linear_regression(), "clipping": clipping(), "statistics": statistics(), "weights": weights(folder),
        "fixture": fixture(), "savedModel": saved_model()}
    (Path(folder) / "training.json").write_text(json.dumps(contents))
    print(f"optimizers, schedules and metrics from {contents['versions']} in {folder}")


if __name__ == "__main__":
    write(sys.argv[1])
