"""Measures the chart elements on their stand-alone page. Each number is the median over fresh pages; see `run --help`."""
import argparse
import pathlib
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/web"))
from chart_page import browser, chart_page, serve  # noqa: E402

# "Painted" is a frame, then a message: the frame's callback alone is before raster.
REDRAW = """async () => {
    const painted = () => new Promise((done) => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = done;
        channel.port2.postMessage(0);
    }));
    const chart = charts.many, times = [];
    for (let i = 0; i < 9; i++) {
        await painted();
        await new Promise((done) => setTimeout(done, 30));
        const start = performance.now();
        chart.series = [...chart.series];
        chart.flush();
        const drawn = performance.now();
        await new Promise((done) => { const channel = new MessageChannel(); channel.port1.onmessage = done; channel.port2.postMessage(0); });
        times.push([drawn - start, performance.now() - start]);
    }
    times.sort((a, b) => a[1] - b[1]);
    return times[4];
}"""

# One state change for each frame; `move` is called with the frame's number.
FRAMES = """async (kind) => {
    const over = charts.many.shadowRoot.querySelector(".over"), box = over.getBoundingClientRect(), gaps = [];
    const at = (type, x, y, more = {}) => over.dispatchEvent(new (type === "wheel" ? WheelEvent : PointerEvent)(type, {clientX: box.left + x, clientY: box.top + y,
        bubbles: true, composed: true, cancelable: true, pointerId: 1, pointerType: "mouse", ...more}));
    let last = 0;
    for (let i = 0; i < 90; i++) {
        const now = await new Promise((done) => requestAnimationFrame(done));
        if (i > 10) gaps.push(now - last);
        last = now;
        if (kind === "hover") at("pointermove", 60 + i * 7, 120 + 60 * Math.sin(i / 6));
        if (kind === "pan") at("pointermove", 600 - i * 3, 120);
        if (kind === "zoom") at("wheel", box.width / 2, 100, {ctrlKey: true, deltaY: i < 45 ? -12 : 12});
    }
    gaps.sort((a, b) => a - b);
    return [gaps[gaps.length >> 1], gaps[Math.floor(gaps.length * 0.95)]];
}"""

FIRST_PAINT = """async ([count, runs, points]) => {
    const painted = () => new Promise((done) => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); }));
    const sets = Array.from({length: count}, (_, k) => charts.runs(runs, points, {metric: `m${k}`}));
    await new Promise((done) => setTimeout(done, 300));
    const start = performance.now();
    const made = sets.map((series, k) => charts.add("series-chart", {series, options: {title: `metric ${k}`}}));
    await Promise.all(made.map((chart) => new Promise((done) => chart.addEventListener("painted", done, {once: true}))));
    await painted();
    globalThis.made = made;
    return performance.now() - start;
}"""


GRID_HOVER = """async () => {
    const made = Array.from({length: 9}, (_, k) => charts.add("series-chart", {series: charts.runs(100, 2000, {metric: `m${k}`}), options: {title: `metric ${k}`}}));
    await Promise.all(made.map((chart) => new Promise((done) => chart.addEventListener("painted", done, {once: true}))));
    await new Promise((done) => setTimeout(done, 500));
    const over = made[0].shadowRoot.querySelector(".over"), box = over.getBoundingClientRect(), gaps = [];
    let last = 0;
    for (let i = 0; i < 90; i++) {
        const now = await new Promise((done) => requestAnimationFrame(done));
        if (i > 10) gaps.push(now - last);
        last = now;
        over.dispatchEvent(new PointerEvent("pointermove", {clientX: box.left + 20 + i * 3, clientY: box.top + 90 + 50 * Math.sin(i / 6), bubbles: true, pointerId: 1, pointerType: "mouse"}));
    }
    gaps.sort((a, b) => a - b);
    return [gaps[gaps.length >> 1], gaps[Math.floor(gaps.length * 0.95)]];
}"""


class Bench:
    def __init__(self, chromium, base, rounds, only):
        self.chromium, self.base, self.rounds, self.only = chromium, base, rounds, only
        self.bars = []

    def measure(self, name, needed, unit, work, scenes=("many",), **page):
        """Runs `work` on fresh pages and notes the median against a budget."""
        if self.only not in name:
            return
        values = []
        for _ in range(self.rounds):
            with chart_page(self.chromium, self.base, scenes, width=1000, height=700, **page) as opened:
                values.append(work(opened))
        median = statistics.median(values)
        print(f"{name:34} {median:9.1f} {unit:3}   {min(values):.1f} – {max(values):.1f}", flush=True)
        self.bars.append((name, median, needed))

    def report(self):
        print()
        for name, measured, needed in self.bars:
            print(f"BAR {name} {measured:.1f} {needed} {'ok' if measured <= needed else 'short'}")


def frames(kind, which):
    def work(page):
        if kind == "pan":
            box = page.locator("series-chart .over").bounding_box()
            page.keyboard.down("Shift")
            page.mouse.move(box["x"] + 600, box["y"] + 120)
            page.mouse.down()
        return page.evaluate(FRAMES, kind)[which]
    return work


def heap(page):
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    return (usage["usedSize"] + usage.get("backingStorageSize", 0)) / 2**20


def heap_of_grid(page):
    page.evaluate(FIRST_PAINT, [24, 20, 2000])
    page.wait_for_timeout(300)
    return heap(page)


def growth(page):
    """Charts made and taken away twenty times; growth in per cent over the second ten, when compiled code has settled."""
    sizes = []
    for _ in range(20):
        page.evaluate(FIRST_PAINT, [4, 20, 1000])
        page.evaluate("() => { for (const chart of made) chart.remove(); made.length = 0; }")
        sizes.append(heap(page))
    return max(0.0, (min(sizes[-3:]) / min(sizes[9:12]) - 1) * 100)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    with serve() as base, browser() as chromium:
        print(f"Chromium {chromium.version}, median of {options.rounds} pages, least – greatest")
        bench = Bench(chromium, base, options.rounds, options.only)
        for runs, ratio, redraw, frame in ((100, 1, 30, 17), (100, 2, None, 22), (500, 1, 80, 17)):
            query, label = f"&big=1&runs={runs}", f"{runs}-runs" + ("-ratio-2" if ratio == 2 else "")
            if redraw:
                bench.measure(f"{label}-redraw", redraw, "ms", lambda page: page.evaluate(REDRAW)[1], query=query + "&f32=1", ratio=ratio)
            for kind in ("hover", "pan", "zoom"):
                bench.measure(f"{label}-{kind}-median", frame, "ms", frames(kind, 0), query=query + "&f32=1", ratio=ratio)
                bench.measure(f"{label}-{kind}-p95", 34, "ms", frames(kind, 1), query=query + "&f32=1", ratio=ratio)
        bench.measure("24-charts-20-runs-first-paint", 600, "ms", lambda page: page.evaluate(FIRST_PAINT, [24, 20, 2000]), scenes=("few",), query="&f32=1")
        bench.measure("9-charts-100-runs-first-paint", 600, "ms", lambda page: page.evaluate(FIRST_PAINT, [9, 100, 2000]), scenes=("few",), query="&f32=1")
        bench.measure("9-charts-100-runs-hover-median", 17, "ms", lambda page: page.evaluate(GRID_HOVER)[0], scenes=("few",), query="&f32=1")
        bench.measure("9-charts-100-runs-hover-p95", 34, "ms", lambda page: page.evaluate(GRID_HOVER)[1], scenes=("few",), query="&f32=1")
        bench.measure("24-charts-20-runs-heap", 45, "MB", heap_of_grid, scenes=("few",), query="&f32=1")
        bench.measure("charts-made-and-taken-growth", 5, "%", growth, scenes=("few",), query="&f32=1")
        bench.report()


if __name__ == "__main__":
    main()
