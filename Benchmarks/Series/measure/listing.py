"""How fast many runs are listed: 10 000 runs × 50 config keys × 50 metrics."""
import http.client
import json
import random
import threading
import urllib.parse

import report
from server import Server

LISTS = [
    ("first page, newest first", {}, 20),
    ("sorted by a metric's minimum", {"sort": "summary.metric3.min"}, 50),
    ("filtered by a config key", {"filter": "config.key7 < 0.3"}, 50),
    ("filtered by keys, metric and tag, sorted", {
        "filter": 'config.key7 < 0.5 and (summary.metric3.min < 0.2 or tags has "best") and state = "running"', "sort": "-summary.metric4.last"}, 50),
]


def measure(tools, runs):
    with Server(tools, tools.folder()) as server:
        fill(server, runs)
        for name, parameters, needed in LISTS:
            for columns in ["config.key0,summary.metric0", None]:
                given = parameters | {"limit": 50} | ({"columns": columns} if columns else {})
                middle, slow, size = server.ask(["/api/v1/projects/many/runs?" + urllib.parse.urlencode(given)], count=20, method="GET", accept="application/json")
                kind = "two columns" if columns else "all columns"
                report.row(f"{report.number(runs)} runs, {name}, {kind}", middle, f"ms  (p99 {slow:.3g} ms, {size / 1000:.0f} kB)")
                if columns:
                    report.at_most("runs_" + "_".join(name.replace(",", "").split()[:3]), middle, needed)


def fill(server, runs):
    threads = [threading.Thread(target=fill_part, args=(server.port, seed, runs // 4)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def fill_part(port, seed, runs):
    connection, chance = http.client.HTTPConnection("127.0.0.1", port), random.Random(seed)

    def post(path, body):
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        return json.loads(connection.getresponse().read())

    for _ in range(runs):
        run = post("/api/v1/runs", {"project": "many", "config": {f"key{key}": chance.random() for key in range(50)},
                                    "tags": ["best"] if chance.random() < 0.1 else []})["run"]["id"]
        post(f"/api/v1/runs/{run}/batches", {"rows": [{"step": step, "values": {f"metric{metric}": chance.random() for metric in range(50)}} for step in (1, 2)]})
