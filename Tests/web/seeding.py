"""Large projects, sent fast: requests are pipelined on one connection and bodies are joined from text, so that the server sets the pace.

    python Tests/web/seeding.py --url http://127.0.0.1:8080          the full size: 10 000 runs, 1 000 metrics, 10 M points, 1 M log lines
"""
import argparse
import base64
import hashlib
import json
import math
import socket
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

START = 1_700_000_000_000_000
SPIKE = 50.0
PART = 100_000


class Pipeline:
    """One HTTP/1.1 connection on which answers are read after many requests were sent."""
    DEPTH = 8

    def __init__(self, base):
        parts = urllib.parse.urlsplit(base)
        self.prefix, self.host = parts.path.rstrip("/"), parts.netloc
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=120)
        self.answers, self.waiting, self.out = self.socket.makefile("rb"), 0, []

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.flush()
        self.answers.close()
        self.socket.close()

    def post(self, path, body):
        """Queues a request; `body` is JSON text or what can be written as JSON."""
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        head = f"POST {self.prefix}/api/v1{path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        self.out.append(head.encode() + data)
        self.waiting += 1
        if self.waiting >= self.DEPTH or len(data) > 4_000:      # a large body travels alone
            self.flush()

    def flush(self):
        self.socket.sendall(b"".join(self.out))
        while self.waiting:
            self.read()
            self.waiting -= 1
        self.out = []

    def read(self):
        status, length = self.answers.readline().decode(), 0
        while (line := self.answers.readline().strip()):
            name, value = line.split(b":", 1)
            length = int(value) if name.lower() == b"content-length" else length
        text = self.answers.read(length)
        if status.split()[1][0] != "2":
            raise RuntimeError(f"{status.strip()}: {text.decode()[:400]}")


def run_id(project, i=0):
    """The id of a project's i-th run, the same each time."""
    return base64.b32encode(hashlib.sha256(f"{project}/{i}".encode()).digest()).decode().lower()[:8]


def many_runs(base, project="many-runs", count=10_000, logging=100):
    """Runs of two config keys each; the greater numbers are newer, and the newest logged a point. @returns their ids"""
    ids = [run_id(project, i) for i in range(count)]

    def some(part):
        with Pipeline(base) as pipeline:
            for i in part:
                pipeline.post("/runs", {"id": ids[i], "project": project, "name": f"trial-{i:05d}", "config": {"lr": 10 ** -(1 + i % 4), "seed": i}})
                if i >= count - logging:
                    pipeline.post(f"/runs/{ids[i]}/batches", {"rows": [{"step": 0, "values": {"loss": 1 / (i + 1)}}]})

    # Several connections: the server commits what comes together at once. The newest stays the newest, but for the last few.
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(some, [range(k, count, 8) for k in range(8)]))
    return ids


def wide_run(base, project="many-metrics", metrics=1000, steps=20):
    """One run of many metrics, ten in each section. @returns its id"""
    run = run_id(project)
    with Pipeline(base) as pipeline:
        pipeline.post("/runs", {"id": run, "project": project, "name": "wide"})
        columns = {f"layer{i // 10}/metric{i % 10}": [s * (i + 1) for s in range(steps)] for i in range(metrics)}
        pipeline.post(f"/runs/{run}/batches", {"steps": list(range(steps)), "columns": columns})
    return run


def spikes_of(points, count=12):
    """Steps of the planted spikes: odd places, never at the edge of a power of two."""
    return [int(points * (i + 0.37) / count) | 1 for i in range(count)]


def long_run(base, project="long", points=10_000_000):
    """One run of one metric with twelve planted one-step spikes. @returns its id"""
    spikes = set(spikes_of(points))
    texts = [f"{1 + 0.2 * math.sin(i / 700) + 0.05 * ((i * 2654435761) % 97) / 97:.4f}" for i in range(PART)]
    times = ",".join(str(START + i * 1000) for i in range(PART))
    run = run_id(project)
    with Pipeline(base) as pipeline:
        pipeline.post("/runs", {"id": run, "project": project, "name": "long"})
        pipeline.flush()
        for first in range(0, points, PART):
            size = min(PART, points - first)
            values = [str(SPIKE) if first + i in spikes else texts[i] for i in range(size)] if any(first <= s < first + PART for s in spikes) else texts[:size]
            steps = ",".join(map(str, range(first, first + size)))
            pipeline.post(f"/runs/{run}/batches", f'{{"steps":[{steps}],"times":[{times if size == PART else ",".join(times.split(",")[:size])}],"columns":{{"loss":[{",".join(values)}]}}}}')
    return run


def log_run(base, project="logs", lines=1_000_000):
    """A run that printed much; every thousandth line is a warning on standard error. @returns its id"""
    run = run_id(project)
    with Pipeline(base) as pipeline:
        pipeline.post("/runs", {"id": run, "project": project, "name": "talkative"})
        pipeline.post(f"/runs/{run}/batches", {"rows": [{"step": 0, "values": {"loss": 1}}]})
        for first in range(0, lines, 20_000):
            texts = [f'{{"time":{START + i * 1000},"stream":"{"stderr" if i % 1000 == 0 else "stdout"}","text":"{"warning: overflow" if i % 1000 == 0 else "step"} {i}"}}'
                     for i in range(first, min(lines, first + 20_000))]
            pipeline.post(f"/runs/{run}/batches", f'{{"logs":[{",".join(texts)}]}}')
    return run


def grid(base, project="grid", runs=100, metrics=9, steps=1000):
    """Many runs of some metrics. @returns their ids"""
    ids = [run_id(project, i) for i in range(runs)]
    step_text = ",".join(map(str, range(steps)))
    with Pipeline(base) as pipeline:
        for i, run in enumerate(ids):
            pipeline.post("/runs", {"id": run, "project": project, "name": f"run-{i:03d}", "config": {"lr": 10 ** -(1 + i % 4)}})
            columns = ",".join(f'"metric{m}":[{",".join(f"{math.exp(-s / (100 + 9 * i)) + 0.3 * m + ((s * 7919 + i * 31 + m) % 101) / 900:.4f}" for s in range(steps))}]' for m in range(metrics))
            pipeline.post(f"/runs/{run}/batches", f'{{"steps":[{step_text}],"columns":{{{columns}}}}}')
            pipeline.post(f"/runs/{run}/finish", {"state": "finished"})
    return ids


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", required=True)
    base = parser.parse_args().url.rstrip("/")
    for make in (many_runs, wide_run, long_run, log_run, grid):
        started = time.monotonic()
        make(base)
        print(f"{make.__name__}: {time.monotonic() - started:.1f} s", flush=True)


if __name__ == "__main__":
    main()
