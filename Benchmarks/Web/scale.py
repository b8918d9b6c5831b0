"""Measures the dashboard with much in it, on a real server: ten million points, ten thousand runs, a million lines, twenty projects; and a page on
which nothing happens. Each number is the median over rounds; see `run --help`.
"""
import argparse
import contextlib
import json
import os
import pathlib
import socket
import statistics
import sys
import threading
import time

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/web"))
import browser as pages  # noqa: E402
import conftest  # noqa: E402
import seeding  # noqa: E402
from charts import heap  # noqa: E402

POINTS, RUNS, LINES, PROJECTS, IDLE_S = 10_000_000, 10_000, 1_000_000, 20, 10

# A drag over a tenth of the chart; from its end until a frame with other data was handed to the screen.
ZOOM = """async () => {
    const panel = document.querySelector("chart-panel"), {chart} = panel, over = chart.shadowRoot.querySelector(".over"), box = over.getBoundingClientRect();
    const at = (type, x) => over.dispatchEvent(new PointerEvent(type, {clientX: box.left + x, clientY: box.top + 80, bubbles: true, composed: true, cancelable: true,
        pointerId: 1, pointerType: "mouse", button: 0, buttons: type === "pointerup" ? 0 : 1}));
    const frame = () => new Promise(requestAnimationFrame), before = chart.series[0].data;
    at("pointerdown", box.width * 0.4);
    for (let i = 1; i <= 10; i++) { await frame(); at("pointermove", box.width * (0.4 + i / 100)); }
    const start = performance.now();
    at("pointerup", box.width * 0.5);
    while (chart.series[0].data === before) { await frame(); if (performance.now() - start > 5000) throw new Error("no exact data came"); }
    await frame();
    await new Promise((done) => { const channel = new MessageChannel(); channel.port1.onmessage = done; channel.port2.postMessage(0); });
    return performance.now() - start;
}"""

# One move for each frame; the greatest time between two frames.
SCROLL = """async ([selector, pixels]) => {
    const box = document.querySelector(selector), frame = () => new Promise(requestAnimationFrame);
    let last = await frame(), most = 0;
    for (let i = 1; i <= 90; i++) {
        box.scrollTop = i * pixels;
        const now = await frame();
        [most, last] = [Math.max(most, now - last), now];
    }
    return most;
}"""
NODES = "() => document.querySelectorAll('*').length"
SHOWS = "(name) => document.title.startsWith(name) && document.querySelector('chart-panel')?.chart?.isPainted === true"
FOLLOW = """(path) => { const link = Object.assign(document.createElement("a"), {href: path}); document.body.append(link); link.click(); link.remove(); }"""


def seed(base):
    seeding.long_run(base, points=POINTS)
    seeding.many_runs(base, count=RUNS)
    seeding.log_run(base, lines=LINES)
    seeding.grid(base, project="heap", runs=20, metrics=24, steps=2000)
    for i in range(PROJECTS):
        seeding.grid(base, project=f"project-{i:02d}", runs=10, metrics=4, steps=500)


@contextlib.contextmanager
def opened(chromium, base, path, **size):
    with pages.page(chromium, base, **size) as page:
        yield pages.show(page, path)


def zoom(chromium, base):
    with opened(chromium, base, "/p/long") as page:
        return page.evaluate(ZOOM)


def scrolled(path, selector, pixels):
    """Answers what measures the greatest frame, and what counts nodes after it."""
    def frame(chromium, base):
        with opened(chromium, base, path) as page:
            page.wait_for_selector(selector)
            return page.evaluate(SCROLL, [selector, pixels])

    def nodes(chromium, base):
        with opened(chromium, base, path) as page:
            page.wait_for_selector(selector)
            page.evaluate(SCROLL, [selector, pixels])
            pages.settle(page)
            return page.evaluate(NODES)
    return frame, nodes


def heap_of_workspace(chromium, base):
    with opened(chromium, base, "/p/heap", height=2600) as page:
        page.wait_for_function("() => document.querySelectorAll('chart-panel').length === 24")
        pages.settle(page)
        return heap(page)


def growth_over_projects(chromium, base):
    """Per cent over the second ten of twenty projects, when compiled code has settled."""
    sizes = []
    with opened(chromium, base, "/") as page:
        for i in range(PROJECTS):
            page.evaluate(FOLLOW, f"/p/project-{i:02d}")
            # Not by a selector: what that answers would keep the chart, and all its data.
            page.wait_for_function(SHOWS, arg=f"project-{i:02d}")
            pages.settle(page)
            sizes.append(heap(page))
    return max(0.0, (min(sizes[-3:]) / min(sizes[9:12]) - 1) * 100)


class Counted:
    """A door to the server that counts what passes, so that the stream of changes and all overhead count, too."""

    def __init__(self, port):
        self.port, self.bytes = port, 0
        self.door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            near, far = self.door.accept()[0], socket.create_connection(("127.0.0.1", self.port))
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self.pass_on, args=pair, daemon=True).start()

    def pass_on(self, source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self.bytes += len(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def chromium_seconds():
    """Processor time of all processes of the browser that this program started."""
    parents, spent = {}, {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            name, fields = folder.joinpath("stat").read_text().rsplit(") ", 1)
            fields = fields.split()
            parents[int(folder.name)] = int(fields[1])
            spent[int(folder.name)] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if "(chrom" in name else 0

    def is_ours(pid):
        while pid in parents and pid != os.getpid():
            pid = parents[pid]
        return pid == os.getpid()
    return sum(seconds for pid, seconds in spent.items() if is_ours(pid))


def idle(chromium, base):
    """Kilobytes and per cent of one core while nothing happens."""
    door = Counted(int(base.rsplit(":", 1)[1]))
    with opened(chromium, f"http://127.0.0.1:{door.door.getsockname()[1]}", "/p/heap") as page:
        page.wait_for_timeout(3000)
        sent, used = door.bytes, chromium_seconds()
        time.sleep(IDLE_S)
        return (door.bytes - sent) / 1000, (chromium_seconds() - used) / IDLE_S * 100


def measures(log):
    list_frame, list_nodes = scrolled("/p/many-runs", "run-list", 200)
    table_frame, table_nodes = scrolled("/p/many-runs/table", "run-table", 200)
    log_frame, log_nodes = scrolled(f"/p/logs/r/{log}/logs", "log-view", 4000)
    return [("zoom-10-million-points", zoom, 250, "ms"), ("scroll-10000-runs-greatest-frame", list_frame, 50, "ms"), ("scroll-10000-runs-nodes", list_nodes, 3000, ""),
            ("table-10000-runs-greatest-frame", table_frame, 50, "ms"), ("table-10000-runs-nodes", table_nodes, 3000, ""),
            ("scroll-million-lines-greatest-frame", log_frame, 50, "ms"), ("scroll-million-lines-nodes", log_nodes, 3000, ""),
            ("workspace-24-charts-20-runs-heap", heap_of_workspace, 45, "MB"), ("twenty-projects-growth", growth_over_projects, 5, "%"),
            ("idle-10-s-network", lambda *at: idle(*at)[0], 5, "kB"), ("idle-10-s-cpu", lambda *at: idle(*at)[1], 1, "%")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--data", help="a folder that is filled once and kept")
    options = parser.parse_args()
    wanted = [measure for measure in measures(seeding.run_id("logs")) if options.only in measure[0]]
    if not wanted:
        return
    kept = pathlib.Path(options.data) if options.data else None
    server = conftest.Server(data=str(kept) if kept else None, options=("--durability", "normal"))
    rows = []
    try:
        if not kept or not (kept / "seeded").exists():
            seed(server.base)
            if kept:
                (kept / "seeded").write_text(json.dumps([POINTS, RUNS, LINES]))
        with sync_playwright() as playwright:
            chromium = pages.launch(playwright)
            for name, work, needed, unit in wanted:
                values = [work(chromium, server.base) for _ in range(1 if "growth" in name or "nodes" in name else options.rounds)]
                rows.append((name, statistics.median(values), needed))
                print(f"{name:36} {rows[-1][1]:9.1f} {unit:3}   {min(values):.1f} – {max(values):.1f}", flush=True)
            chromium.close()
    finally:
        server.close()
    print()
    for name, measured, needed in rows:
        print(f"BAR {name} {measured:.1f} {needed} {'ok' if measured <= needed else 'short'}")


if __name__ == "__main__":
    main()
