"""Runs both sides in turn and prints the table and the bars. usage: measure.py OURS PYTHON ROUNDS SECONDS [ONLY]"""
import os
import statistics
import subprocess
import sys
from pathlib import Path

ours, python, rounds, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
only = sys.argv[5] if len(sys.argv) > 5 else ""
# PyTorch at its best: its large buffers stay in the process instead of going back to the system at each step.
tuned = dict(os.environ, MALLOC_MMAP_MAX_="0", MALLOC_TRIM_THRESHOLD_="20000000000", MALLOC_TOP_PAD_="268435456")
plain = dict(os.environ)
peer = str(Path(__file__).with_name("peer.py"))
needed = {("cnn", 2): 0.85, ("cnn", 1): 1.0, ("mlp64", 2): 0.7, ("mlp1", 1): 0.2, ("mlp1", 2): 0.2, ("block", 2): 1.0, ("linear", 1): 0.05, ("fit", 2): 0.8}
failures = set()


def run(command, environment):
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        if command[-3] not in failures:
            print(f"left out: {' '.join(command[1:])}: {reason}", file=sys.stderr)
        failures.add(command[-3])
        return None
    return [float(v) for v in done.stdout.split()]


def variants(workload):
    if workload == "linear":
        return ["eager"]
    return ["eager", "channels-last", "compile"] if workload in ("cnn", "fit") else ["eager", "compile"]


bars = []
print(f"{'workload':<10}{'threads':>8}{'ours ms':>10}  {'PyTorch ms':<44}{'ratio':>7}")
for (workload, threads), bar in needed.items():
    if only not in workload:
        continue
    mine, theirs = [], {}
    for _ in range(rounds):
        mine.append(run([ours, workload, str(threads), seconds], plain))
        for variant in variants(workload):
            if variant in failures:
                continue
            for environment in (plain, tuned):
                result = run([python, peer, workload, variant, str(threads), seconds], environment)
                if result:
                    theirs.setdefault(variant + (" tuned" if environment is tuned else ""), []).append(result)
    middle = {name: statistics.median(r[0] for r in results) for name, results in theirs.items()}
    best = min(middle, key=middle.get)
    step = statistics.median(r[0] for r in mine)
    others = ", ".join(f"{name} {value:.3f}" for name, value in sorted(middle.items(), key=lambda pair: pair[1])[:2])
    print(f"{workload:<10}{threads:>8}{step:>10.4f}  {others:<44}{step / middle[best]:>7.3f}", flush=True)
    bars.append((f"{workload}-{threads}-threads", step / middle[best], bar))
    if (workload, threads) == ("cnn", 2):
        bars.append(("cnn-resident-mb", statistics.median(r[1] for r in mine) - 128 * 3 * 64 * 64 * 4 / 2**20, 150))
        bars.append(("cnn-start-to-first-step-ms", statistics.median(r[2] for r in mine), 50))
for name, measured, bar in bars:
    print(f"BAR {name} {measured:.3f} {bar} {'ok' if measured <= bar else 'short'}")
