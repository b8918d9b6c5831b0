"""Runs both sides in turn and prints the table and the bars. usage: measure.py OURS PYTHON ROUNDS SECONDS [ONLY]"""
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ours, python, rounds, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
only = sys.argv[5] if len(sys.argv) > 5 else ""
# PyTorch at its best: its large buffers stay in the process instead of going back to the system at each step.
tuned = dict(os.environ, MALLOC_MMAP_MAX_="0", MALLOC_TRIM_THRESHOLD_="20000000000", MALLOC_TOP_PAD_="268435456")
plain = dict(os.environ)
peer = str(Path(__file__).with_name("peer.py"))
steps = {("cnn", 2): 0.85, ("cnn", 1): 1.0, ("mlp64", 2): 0.7, ("mlp1", 1): 0.2, ("mlp1", 2): 0.2, ("linear", 1): 0.05, ("block", 2): 1.0}
bars, left_out = [], set()


def run(command, environment=plain):
    """The numbers that a process prints; None if it fails, which is said once."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode == 0:
        return [float(v) for v in done.stdout.split()]
    reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
    if tuple(command[2:4]) not in left_out:
        print(f"left out: {' '.join(command[1:])}: {reason}", file=sys.stderr)
    left_out.add(tuple(command[2:4]))
    return None


def variants(workload):
    names = ["eager"] if workload == "linear" else ["eager", "channels-last", "compile"] if workload in ("cnn", "fit") else ["eager", "compile"]
    # A fit takes a while, and tuned malloc has always been as fast or faster there.
    return [(name, environment) for name in names for environment in ((tuned,) if workload == "fit" else (plain, tuned))]


def shown(variant):
    return variant[0] + (" tuned" if variant[1] is tuned else "")


def row(name, threads, mine, theirs, ratio):
    print(f"{name:<22}{threads:>8}{mine:>12.4f}  {theirs:<44}{ratio:>8.3f}", flush=True)


def two_best(measure, workload):
    """Every way of PyTorch once; the two fastest, with their numbers."""
    first = {shown(v): (v, measure(v)) for v in variants(workload)}
    return sorted(((v, result) for v, result in first.values() if result), key=lambda pair: pair[1][0])[:2]


def measure_steps(workload, threads, bar):
    def theirs(variant):
        return run([python, peer, workload, variant[0], str(threads), seconds], variant[1])
    best = two_best(theirs, workload)
    mine, ratios, times = [], [], {}
    for _ in range(rounds):
        mine.append(run([ours, workload, str(threads), seconds]))
        now = {shown(v): theirs(v)[0] for v, _ in best}
        for name, value in now.items():
            times.setdefault(name, []).append(value)
        ratios.append(mine[-1][0] / min(now.values()))
    others = ", ".join(f"{name} {statistics.median(values):.4f}" for name, values in times.items())
    row(workload, threads, statistics.median(m[0] for m in mine), others, statistics.median(ratios))
    bars.append((f"{workload}-{threads}-threads", statistics.median(ratios), bar))
    if (workload, threads) == ("cnn", 2):
        bars.append(("cnn-resident-mb", statistics.median(m[1] for m in mine) - 128 * 3 * 64 * 64 * 4 / 2**20, 150))
        print(f"cnn resident: {mine[0][1]:.0f} MB, PyTorch {best[0][1][1]:.0f} MB")


def first_line_ms(command):
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=plain) as process:
        process.stdout.readline()
        return (time.perf_counter() - start) * 1e3


def measure_start():
    """From the process's start to the end of its first step: of the picture network, and of the perceptron with 64 rows."""
    for workload, name in (("cnn", "start-to-first-step-ms"), ("mlp64", "start-to-first-step-mlp-ms")):
        mine = statistics.median(first_line_ms([str(Path(ours).with_name("Start")), workload]) for _ in range(21))
        theirs = statistics.median(first_line_ms([python, peer, workload, "eager", "2", "start"]) for _ in range(3))
        row(f"start, {workload}", 2, mine, f"eager {theirs:.0f}", mine / theirs)
        bars.append((name, mine, 50))


def write_pictures(path, count=5000):
    """Ten classes of striped pictures, five inks in two directions, both wavering, on any ground, under noise: [count, 3 · 64 · 64 + 1] bytes."""
    import numpy as np
    rng = np.random.default_rng(7)
    y, x = np.mgrid[0:64, 0:64]
    inks = np.array([[200, 80, 80], [80, 200, 80], [80, 80, 200], [190, 170, 60], [60, 180, 190]])
    rows = np.empty((count, 3 * 64 * 64 + 1), np.uint8)
    for place in range(count):
        label = place % 10
        angle = (label % 2) * np.pi / 2 + rng.normal(0, 0.2)
        length = 9 * np.exp(rng.normal(0, 0.15))
        wave = 0.5 + 0.5 * np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / length + rng.uniform(0, 6.28))
        ground, ink = rng.uniform(60, 140, (3, 1, 1)), (inks[label // 2] + rng.normal(0, 35, 3)).reshape(3, 1, 1)
        picture = ground + (ink - ground) * wave + rng.normal(0, 20, (3, 64, 64))
        rows[place, :-1] = picture.clip(0, 255).astype(np.uint8).ravel()
        rows[place, -1] = label
    rows.tofile(path)


def measure_fit(threads=2, bar=0.8):
    with tempfile.NamedTemporaryFile(suffix=".pictures") as file:
        write_pictures(file.name)
        def theirs(variant, seed=1):
            return run([python, peer, "fit", variant[0], str(threads), file.name, str(seed)], variant[1])
        best, first = two_best(theirs, "fit")[0]
        mine = [run([ours, "fit", str(threads), file.name, str(seed)]) for seed in (1, 2, 3)]
        other = [first] + [theirs(best, seed) for seed in (2, 3)]
    ratio = statistics.median(m[0] for m in mine) / statistics.median(o[0] for o in other)
    row("fit(8), ms", threads, statistics.median(m[0] for m in mine), f"{shown(best)} {statistics.median(o[0] for o in other):.0f}", ratio)
    accuracies = [[result[1] for result in side] for side in (mine, other)]
    spread = max(max(side) - min(side) for side in accuracies)
    print(f"accuracy by seed: ours {accuracies[0]}, PyTorch {accuracies[1]}, spread {spread:.3f}")
    bars.append(("fit-2-threads", ratio, bar))
    bars.append(("fit-error-of-worst-seed", 1 - min(accuracies[0]), 0.5))
    difference = max(0, statistics.mean(accuracies[1]) - statistics.mean(accuracies[0]))
    bars.append(("fit-accuracy-behind", difference, round(spread, 4)))


def measure_frozen():
    """A step of the picture network, and one with all but its head frozen."""
    pairs = [run([ours, "frozen", "2", seconds]) for _ in range(rounds)]
    share = statistics.median(frozen / whole for whole, frozen in pairs)
    print(f"frozen step: {pairs[0][0]:.2f} ms whole, {pairs[0][1]:.2f} with all but the head frozen")
    bars.append(("frozen-step-share", share, 0.6))


def measure_objects():
    """What steady steps ask the system's allocator for: nothing, neither objects nor buffers."""
    for workload in ("cnn", "mlp64", "mlp1", "linear", "block"):
        objects, buffers = run([ours, "objects", workload, "2"])
        print(f"objects a step, {workload}: {objects:.1f}; new buffers in 25 steps: {buffers:.0f}")
        bars += [(f"objects-{workload}", objects, 0), (f"buffers-{workload}", buffers, 0)]


def measure_callbacks():
    """What a callback that overrides nothing adds to a step."""
    pairs = [run([ours, "callbacks", seconds]) for _ in range(rounds)]
    added = statistics.median((eleven - one) / 10 * 1e6 for one, eleven in pairs)
    print(f"callbacks that do nothing: {pairs[0][0] * 1e3:.3f} µs a step with one, {pairs[0][1] * 1e3:.3f} with eleven")
    bars.append(("empty-callback-nanoseconds", added, 200))


def measure_tracking():
    """What TrackCallback costs: the four fields at each step of the smallest model, histograms of two models."""
    pairs = [run([ours, "logging", seconds]) for _ in range(rounds)]
    added = statistics.median((with_ - without) * 1e3 for without, with_ in pairs)
    print(f"logging four fields: {pairs[0][0] * 1e3:.3f} µs a step without, {pairs[0][1] * 1e3:.3f} with")
    bars.append(("logging-microseconds", added, 1))
    for workload in ("cnn", "mlp64"):
        pairs = [run([ours, "histograms", workload, "2", seconds]) for _ in range(rounds)]
        # Ten steps with one set of histograms: a tenth of its share is that of a hundred steps.
        share = statistics.median((with_ / without - 1) / 10 for without, with_ in pairs)
        print(f"histograms once in ten steps, {workload}: {pairs[0][0]:.2f} ms without, {pairs[0][1]:.2f} with")
        bars.append((f"histograms-{workload}-percent", share * 100, 2))


print(f"{'workload':<22}{'threads':>8}{'ours ms':>12}  {'PyTorch ms':<44}{'ratio':>8}")
for (workload, threads), bar in steps.items():
    if only in f"{workload}-{threads}":
        measure_steps(workload, threads, bar)
for name, measure in (("start", measure_start), ("fit", measure_fit), ("frozen", measure_frozen), ("objects", measure_objects),
                      ("callbacks", measure_callbacks), ("tracking", measure_tracking)):
    if only in name:
        measure()
for name, measured, bar in bars:
    print(f"BAR {name} {measured:.3f} {bar} {'ok' if measured <= bar else 'short'}")
