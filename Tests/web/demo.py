"""A realistic project, sent to a server by its HTTP API: twenty image classifiers with spikes, a run that ends in NaN, histograms."""
import gzip
import http.client
import json
import math
import random
import threading
import time
import urllib.parse

MODELS = ["vit-b", "vit-s", "resnet50", "resnet18"]
OPTIMIZERS = ["adamw", "lion", "sgd"]
STEPS = 2000
NAN_RUN = 5
SPIKE_RUN = 3
SPIKES = [157, 301, 466, 623, 740, 912, 1055, 1203, 1388, 1500, 1711, 1893]


class Client:
    """The few requests that seeding needs."""

    def __init__(self, base, key=None):
        parts = urllib.parse.urlsplit(base)
        self.host, self.prefix, self.local = parts.netloc, parts.path.rstrip("/"), threading.local()
        self.headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})

    def send(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = dict(self.headers)
        if data and len(data) > 20_000:
            data, headers["Content-Encoding"] = gzip.compress(data, 1), "gzip"
        for attempt in (1, 2):
            try:
                connection = self.connection()
                connection.request(method, f"{self.prefix}/api/v1{path}", data, headers)
                response = connection.getresponse()
                text = response.read()
                break
            except (OSError, http.client.HTTPException):        # the server was restarted, or closed an idle connection
                self.local.connection = None
                if attempt == 2:
                    raise
        if response.status >= 400:
            raise RuntimeError(f"{method} {path} answered {response.status}: {text.decode()[:400]}")
        return json.loads(text) if text else None

    def connection(self):
        """Each thread keeps one open."""
        if getattr(self.local, "connection", None) is None:
            self.local.connection = http.client.HTTPConnection(self.host, timeout=60)
        return self.local.connection

    def make_run(self, project, name, config=None, **more):
        return self.send("POST", "/runs", {"project": project, "name": name, "config": config or {}, **more})["run"]["id"]

    def log(self, run, steps, columns, start=None, seconds_a_step=0.4, **more):
        """Columns of values; `None` means that a step has no value, NaN is written as a word."""
        begin = int((start or time.time()) * 1e6)
        body = {"steps": steps, "times": [begin + int(s * seconds_a_step * 1e6) for s in steps],
                "columns": {name: [word(v) for v in values] for name, values in columns.items()}, **more}
        return self.send("POST", f"/runs/{run}/batches", body)

    def finish(self, run, state="finished"):
        self.send("POST", f"/runs/{run}/finish", {"state": state})


def word(value):
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def seed(base, project="cifar-vision", runs=20, steps=STEPS, key=None, last_is_running=True):
    """Makes the project and answers the ids of its runs in order."""
    client, ids = Client(base, key), []
    for i in range(runs):
        ids.append(one_run(client, project, i, steps, last_is_running and i == runs - 1))
    return ids


def origin(i, rate):
    """What a client tells of where it runs."""
    return {"host": f"gpu-{i % 3}", "os": "Debian GNU/Linux 12", "architecture": "x86_64", "cores": 32, "memory": 256 * 2**30, "gpus": ["NVIDIA A100 80GB"] * 2,
            "process": 4000 + i, "folder": "/home/ada/cifar", "command": ["train", "--lr", str(rate), "--data", "cifar 10"], "swift": "6.3",
            "packages": [{"name": "swift-log", "version": "1.16.2"}, {"name": "track", "version": "1.0.0"}],
            "git": {"branch": "main", "commit": "8f14e45fceea167a5a36dedd4bea2543c1b0a9d2", "remote": "https://example.org/ada/cifar.git", "dirty": i % 2 == 1,
                    **({"diff": "--- a/train.swift\n+++ b/train.swift\n@@ -1 +1 @@\n-let warmup = 50\n+let warmup = 100\n"} if i % 2 == 1 else {})}}


def one_run(client, project, i, steps, is_running):
    random_ = random.Random(100 + i)
    model, optimizer, rate = MODELS[i % 4], OPTIMIZERS[i % 3], [1e-4, 3e-4, 1e-3, 3e-3][i % 4]
    config = {"model": model, "optimizer": {"name": optimizer, "lr": rate, "weight_decay": 0.05}, "batch_size": 32 * (1 + i % 3),
              "data": {"name": "cifar10", "augment": i % 2 == 0}, "epochs": 20, "seed": i}
    run = client.make_run(project, f"{model}-{optimizer}-{i:02d}", config, group="sweep-a" if i < 10 else "sweep-b", jobType="train",
                          tags=(["baseline"] if i % 5 == 0 else []) + (["long"] if i % 7 == 0 else []), host=f"gpu-{i % 3}", environment=origin(i, rate))
    count = steps * 3 // 5 if i == NAN_RUN else steps * 9 // 20 if is_running else steps
    columns = curves(random_, i, count, steps, rate)
    start = time.time() - count * 0.4
    for first in range(0, count, 1000):
        part = slice(first, first + 1000)
        client.log(run, list(range(first, min(first + 1000, count))), {name: values[part] for name, values in columns.items()}, start=start)
    client.send("POST", f"/runs/{run}/batches", {"histograms": histograms(random_, i, count, steps, start), "logs": log_lines(random_, count, start),
                                                 "events": [{"step": count // 2, "time": int((start + count * .2) * 1e6), "kind": "checkpoint", "title": "checkpoint", "text": f"step {count // 2}"}]})
    if not is_running:
        client.finish(run, "failed" if i == NAN_RUN else "killed" if i == 9 else "finished")
    return run


def curves(random_, i, count, steps, rate):
    base, tau = 0.25 + 0.03 * (i % 7), 300 + 40 * (i % 5)
    spikes = set(SPIKES) if i == SPIKE_RUN else {random_.randrange(100, steps)}
    columns = {"train/loss": [], "train/accuracy": [], "train/learning_rate": [], "val/loss": [], "val/accuracy": []}
    for s in range(count):
        decay, noise = math.exp(-s / tau), random_.gauss(0, 0.03)
        loss = base + 2.0 * decay + noise * (0.4 + decay)
        if s in spikes:
            loss = 5 + random_.random() * 2
        if i == NAN_RUN and s > count * 0.8:
            loss = math.nan
        columns["train/loss"].append(loss)
        columns["train/accuracy"].append(min(1, max(0, 0.97 - 0.85 * decay - 0.08 * base + noise * 0.2)))
        columns["train/learning_rate"].append(rate * min(1, (s + 1) / 100) * 0.5 * (1 + math.cos(math.pi * s / steps)))
        validates = s % 20 == 0
        columns["val/loss"].append(base * 1.2 + 2.1 * decay + (1e-4 * s if i % 6 == 2 else 0) if validates else None)
        columns["val/accuracy"].append(0.95 - 0.87 * decay - base * 0.15 if validates else None)
    return columns


def histograms(random_, i, count, steps, start):
    edges = [-1 + 2 * b / 40 for b in range(41)]
    made = []
    for j, name in enumerate(["weights/conv1", "weights/conv2", "gradients/conv1", "gradients/conv2"]):
        for step in range(0, count, max(1, count // 20)):
            width = (0.1 + 0.2 * step / steps if j < 2 else 0.3 - 0.2 * step / steps) * (0.8 + 0.15 * (i % 4))
            place = 0.1 * j - 0.15 + 0.25 * (i % 3 - 1) * step / steps
            counts = [int(900 * math.exp(-((e + 0.025 - place) / width) ** 2) * random_.uniform(0.9, 1.1)) for e in edges[:-1]]
            held = [k for k, each in enumerate(counts) if each]
            made.append({"name": name, "step": step, "time": int((start + step * 0.4) * 1e6), "edges": edges, "counts": counts,
                         "min": edges[held[0]], "max": edges[held[-1] + 1], "sum": 0, "count": sum(counts), "nan": 0})
    return made


def log_lines(random_, count, start):
    lines = [{"time": int(start * 1e6), "stream": "stdout", "text": "\x1b[1mloading cifar10\x1b[0m: 50 000 images"}]
    for step in range(0, count, 5):
        text = f"\x1b[32mstep {step:5d}\x1b[0m  loss {random_.random():.4f}  {random_.randrange(900, 1100)} img/s"
        if step % 485 == 0 and step:
            text = f"\x1b[33mwarning\x1b[0m: gradient norm {random_.uniform(8, 20):.1f} at step {step}"
        lines.append({"time": int((start + step * 0.4) * 1e6), "stream": "stderr" if "warning" in text else "stdout", "text": text})
    return lines
