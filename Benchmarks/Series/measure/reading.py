"""How fast pictures are made of long series, over HTTP, warm."""
import json
import random

import report
from server import Server, database_bytes


def query(runs, buckets, **more):
    return "/api/v1/series/query " + json.dumps({"runs": runs, "metrics": ["train/metric0"], "buckets": buckets, **more})


def measure(tools, points):
    with Server(tools, tools.folder()) as server:
        for size, bar in [(1_000_000, 3), (points, 5)]:
            run = one(server, size, bar)
        zoom(server, run, points)
        many(server)
        spikes(server)
        report.row("server's memory after this", server.memory(), "MB")


def one(server, points, bar):
    run = server.make_runs(1)[0]
    rate, = server.load("fill", run, str(points), "1", "float")
    server.finish(run)
    server.wait_until_folded()
    middle, slow, size = server.ask([query([run], 1000)])
    report.row(f"1 000 buckets of {report.number(points)} points", middle, f"ms  (p99 {slow:.3g} ms, {size / 1000:.0f} kB; written at {report.number(rate)} points/s)")
    report.at_most(f"buckets_{points}_ms", middle, bar)
    return run


def zoom(server, run, points):
    chance = random.Random(3)
    lines = [query([run], 1000, **{"from": start, "to": start + points // 100}) for start in (chance.randrange(points * 99 // 100) for _ in range(100))]
    middle, slow, _ = server.ask(lines, count=100)
    report.row("1 000 buckets of a random hundredth of it", middle, f"ms  (p99 {slow:.3g} ms)")
    report.at_most("zoom_ms", middle, 10)


def many(server):
    runs = server.make_runs(100)
    for run in runs:
        server.load("fill", run, "10000", "1", "float")
        server.finish(run)
    server.wait_until_folded()
    middle, slow, size = server.ask([query(runs, 500)], count=30)
    report.row("100 runs × 10 000 points × 500 buckets in one request", middle, f"ms  (p99 {slow:.3g} ms, {size / 1000:.0f} kB)")
    report.at_most("hundred_runs_ms", middle, 15)


def spikes(server):
    run = server.make_runs(1)[0]
    server.load("fill", run, "1000000", "1", "spikes")
    server.finish(run)
    server.wait_until_folded()
    answer = server.request("POST", "/api/v1/series/query", {"runs": [run], "metrics": ["train/metric0"], "buckets": 1000})
    found = sum(value == 1000 for value in answer["series"][0]["max"])
    report.row("one-step spikes of 50 in a million points that the answer shows", found)
    report.at_least("spikes", found, 50)


def disk(tools, rows=200_000):
    """Bytes on disk for each point, eight metrics to a row, everything folded."""
    for kind, needed in [("float", 4), ("double", 8)]:
        folder = tools.folder()
        with Server(tools, folder) as server:
            empty = server.make_runs(1)[0]
            server.load("fill", empty, str(rows), "8", kind)
            server.finish(empty)
            server.wait_until_folded()
        size = database_bytes(folder) / (8 * rows)
        report.row(f"disk, {kind} values, 8 to a row", size, "bytes/point")
        report.at_most(f"bytes_{kind}", size, needed)


def memory(tools, points):
    """The server's memory while it holds `points` in runs of eight metrics and serves them."""
    rows, folder = 250_000, tools.folder()
    with Server(tools, folder) as server:
        idle = server.memory()
        runs = server.make_runs(max(1, points // (8 * rows)))
        for run in runs:
            server.load("fill", run, str(rows), "8", "float")
            server.finish(run)
        server.wait_until_folded()
    with Server(tools, folder) as server:
        started = server.memory()
        server.ask([query(runs[-20:], 1000), query(runs[:20], 500, smoothing={"kind": "timeEMA", "amount": 0.9})], count=20)
        serving = server.memory()
    report.row("server's memory, started on an empty folder", idle, "MB")
    report.row(f"server's memory, started on {report.number(points)} points", started, "MB")
    report.row("and after serving 20 charts of 20 runs", serving, "MB")
    report.at_most("idle_MB", idle, 30)
    report.at_most("resident_MB", serving, 150)
