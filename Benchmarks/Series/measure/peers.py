"""Other trackers given the same kind of points: eight metrics a step, one writer, until all is stored. Needs requirements.txt installed."""
import os
import re
import socket
import subprocess
import sys
import time

import report
from server import Server

SCRIPTS = {
    "MLflow server, log_batch of 1 000": """
import os, time
from mlflow.entities import Metric
from mlflow.tracking import MlflowClient
client = MlflowClient(os.environ["PEER_URL"])
run = client.create_run(client.create_experiment("bench")).info.run_id
start = time.perf_counter()
for first in range(0, STEPS, 125):
    now = int(time.time() * 1000)
    client.log_batch(run, [Metric(f"metric{m}", value(s, m), now, s) for s in range(first, first + 125) for m in range(8)])
seconds = time.perf_counter() - start
""",
    "Trackio, log until finish returns": """
import time, trackio
trackio.init(project="bench", name="run", embed=False)
start = time.perf_counter()
for step in range(STEPS):
    trackio.log({f"metric{m}": value(step, m) for m in range(8)}, step=step)
trackio.finish()
seconds = time.perf_counter() - start
""",
    "TensorBoard, SummaryWriter until close returns": """
import time
from tensorboardX import SummaryWriter
writer = SummaryWriter("events")
start = time.perf_counter()
for step in range(STEPS):
    for m in range(8):
        writer.add_scalar(f"metric{m}", value(step, m), step)
writer.close()
seconds = time.perf_counter() - start
""",
}
STEPS = {"MLflow": 2_000, "Trackio": 20_000, "TensorBoard": 10_000}
PROLOGUE = "import random\nchance = random.Random(7)\ndef value(step, metric): return chance.random()\n"


def measure(tools):
    with Server(tools, tools.folder()) as server:
        ours, *_ = server.load("ingest", "raw", "1000", "8", "3", *server.make_runs(1))
    report.row("Track, raw columns, 1 000 rows × 8, one connection", ours, "points/s")
    rows, _ = tools.load("sqlite", tools.folder(), "800000")
    compare("plain SQLite, a row a point", rows, ours)
    for name, script in SCRIPTS.items():
        folder = tools.folder()
        server, environment = start_mlflow(folder) if name.startswith("MLflow") else (None, {})
        try:
            if rate := run(script, STEPS[name.split()[0].rstrip(",")], folder, environment):
                compare(name, rate, ours)
            else:
                print(f"{name}: not installed or failed", flush=True)
        finally:
            if server:
                server.terminate()
                server.wait()


def compare(name, rate, ours):
    report.row(name, rate, f"points/s  (Track has {ours / rate:.0f} times as many)")


def run(script, steps, folder, environment):
    code = PROLOGUE + f"STEPS = {steps}\n" + script + "print('points/s', STEPS * 8 / seconds, flush=True)\nimport os\nos._exit(0)\n"
    variables = os.environ | {"HOME": folder, "TRACKIO_DIR": folder, "HF_HUB_OFFLINE": "1", "GRADIO_ANALYTICS_ENABLED": "False"} | environment
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=180)
    found = re.search(r"points/s ([\d.]+)", done.stdout)
    if not found:
        print(done.stderr[-400:], file=sys.stderr)
    return found and float(found.group(1))


def start_mlflow(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--port", str(port), "--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
               "--artifacts-destination", folder]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    return server, {"PEER_URL": f"http://127.0.0.1:{port}"}
