"""Runs our client and its peers in turn and prints the table and the bars. usage: measure.py OURS TRACK ROUNDS STEPS [PYTHON]"""
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ours, track, rounds, steps = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
python = sys.argv[5] if len(sys.argv) > 5 else ""
here = Path(__file__).resolve().parent
work = tempfile.mkdtemp(prefix="track-client-bench-")
migrations = here.parents[1] / "migrations" / "sqlite"


def start_server():
    server = subprocess.Popen([track, "serve", "--data", work + "/server", "--port", "0", "--migrations", str(migrations)],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in server.stdout:
        if match := re.match(r"Track is ready at (\S+)", line):
            return server, match.group(1)
    sys.exit("the server did not start")


def measure(mode, prefix=()):
    """The figures that one process printed, by their first word."""
    folder = tempfile.mkdtemp(dir=work)
    environment = {**os.environ, "TRACK_URL": url, "TRACK_DIR": folder, "TRACK_SYSTEM": "off", "TRACK_ENVIRONMENT": "off", "TRACK_COMMAND": track}
    done = subprocess.run([*prefix, ours, mode], env=environment, capture_output=True, text=True, timeout=200)
    if done.returncode != 0:
        sys.exit(f"{mode}: {done.stdout}{done.stderr}")
    shutil.rmtree(folder)
    figures = {}
    for line in done.stdout.splitlines():
        name, *values = line.split()
        figures.setdefault(name, []).append(values)
    return figures


def median(samples):
    return statistics.median(samples)


def system_calls():
    """System calls of the logging thread in the median of nine windows of 2 000 calls: there are some where a segment ends."""
    log = work + "/trace"
    measure("marked", ("strace", "-o", log))
    lines = open(log).read().splitlines()
    first = [index for index, line in enumerate(lines) if '"/begin"' in line]
    last = [index for index, line in enumerate(lines) if '"/end"' in line]
    return median([end - begin - 1 for begin, end in zip(first, last)])


def bar(name, measured, needed, at_least=False, digits=2):
    good = measured >= needed if at_least else measured <= needed
    print(f"BAR {name} {measured:.{digits}f} {'>=' if at_least else '<='}{needed} {'ok' if good else 'short'}")


server, url = start_server()
try:
    latency = [measure("latency") for _ in range(rounds)]
    delivery = [measure("delivery") for _ in range(rounds)]
    growth, allocations, memory, calls = measure("growth"), measure("allocations"), measure("memory"), system_calls()
    peers = {}
    for _ in range(rounds if python else 0):
        for peer in ("wandb", "tensorboard", "mlflow", "trackio"):
            done = subprocess.run([python, str(here / "peers.py"), peer, str(int(steps) // (8 if peer == "mlflow" else 1))], cwd=work, capture_output=True, text=True, timeout=200)
            if done.returncode == 0:
                peers.setdefault(peer, []).append(json.loads(done.stdout.strip().splitlines()[-1]))
            elif peer not in peers:
                print(f"{peer} could not be measured: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}")
finally:
    server.terminate()
    server.wait()
    shutil.rmtree(work, ignore_errors=True)

if any(figures["delivery"][0][2] != "true" for figures in delivery):
    sys.exit("not every row could be read back")


def quantile(kind, place):
    return median([int(figures[kind][0][place]) / 1_000 for figures in latency])


total = median([float(figures["delivery"][0][0]) for figures in delivery])
print(f"\n{platform.platform()}, {os.cpu_count()} cores, {rounds} rounds, medians; peers log {steps} steps, mlflow an eighth; times are for 20000")
print(f"{'8 values a call':<34}{'p50 µs':>12}{'p99 µs':>12}{'20000 steps s':>16}{'ratio':>9}")
print(f"{'Track, literal':<34}{quantile('literal', 0):>12.3f}{quantile('literal', 1):>12.3f}{total:>16.3f}{1:>9.1f}")
print(f"{'Track, dictionary':<34}{quantile('dictionary', 0):>12.3f}{quantile('dictionary', 1):>12.3f}")
seconds = {}
for peer, samples in peers.items():
    p50, p99, seconds[peer] = (median([sample[name] for sample in samples]) for name in ("p50_us", "p99_us", "seconds"))
    print(f"{samples[0]['name']:<34}{p50:>12.1f}{p99:>12.1f}{seconds[peer]:>16.2f}{seconds[peer] / total:>9.1f}")
blocks = [(float(time), int(resident)) for time, resident in growth["growth"]]
print("10 million calls, seconds for each million: " + " ".join(f"{time:.2f}" for time, _ in blocks))
print("                  resident MB after each:   " + " ".join(f"{resident / 1024:.1f}" for _, resident in blocks))
bar("log-literal-p50-us", quantile("literal", 0), 0.6)
bar("log-literal-p99-us", quantile("literal", 1), 5)
bar("log-dictionary-p50-us", quantile("dictionary", 0), 1)
bar("growth-time", median([time for time, _ in blocks[7:]]) / median([time for time, _ in blocks[:3]]), 1.2)
bar("growth-memory-mb", (blocks[-1][1] - blocks[1][1]) / 1024, 8, digits=1)
# A segment takes some 60 000 such rows, the first ones fewer: the calls that go over to the next may allocate.
bar("calls-that-allocate-in-100000", int(allocations["allocations"][0][0]), 10, digits=0)
bar("system-calls-in-2000-calls", calls, 0, digits=0)
bar("spool-bytes-a-point", float(latency[0]["spool"][0][0]), 10)
bar("client-memory-mb", (int(memory["memory"][0][1]) - int(memory["memory"][0][0])) / 1024, 20, digits=1)
if seconds:
    bar("delivery-against-best-peer", min(seconds.values()) / total, 20, at_least=True, digits=1)
