"""Takes the pictures of scripts/screenshot."""
import argparse
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import browser as pages  # noqa: E402
import demo  # noqa: E402
from conftest import Server  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

PROJECT = "/p/cifar-vision"
SIZES = {"light": {}, "dark": {"dark": True}, "390": {"width": 390, "height": 844, "mobile": True}}


def addresses(runs):
    run, some = runs[demo.SPIKE_RUN], ",".join(runs[:4])
    return {"projects": "/", "workspace": PROJECT, "zoomed": f'{PROJECT}?smooth=timeEMA:0.6&charts={{"train/loss":{{"range":[600,1100]}}}}',
            "grouped": f"{PROJECT}?group=config.model&grouped=1&band=std", "table": f"{PROJECT}/table?group=config.model&cols=state,summary.train/loss.min,summary.val/accuracy.max,config.optimizer.name,config.optimizer.lr,config.batch_size",
            "compare": f"{PROJECT}/compare?runs={some}", "run-overview": f"{PROJECT}/r/{run}", "run-charts": f"{PROJECT}/r/{run}/charts",
            "run-histograms": f"{PROJECT}/r/{run}/histograms", "run-config": f"{PROJECT}/r/{run}/config", "run-logs": f"{PROJECT}/r/{run}/logs", "run-health": f"{PROJECT}/r/{runs[demo.NAN_RUN]}/health",
            "settings": "/settings/appearance"}


def take(base, runs, out, readme):
    out.mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    threading.Thread(target=keep_running, args=(base, runs[-1], stop), daemon=True).start()
    with sync_playwright() as playwright:
        chromium = pages.launch(playwright)
        for size, options in SIZES.items():
            for name, path in addresses(runs).items():
                with pages.page(chromium, base, **options) as page:
                    pages.show(page, path)
                    page.screenshot(path=out / f"{name}-{size}.png", animations="disabled", caret="hide")
        if readme:
            readme_picture(chromium, base, readme)
        chromium.close()
    stop.set()
    print(f"screenshot: {len(SIZES) * len(addresses(runs))} pictures in {out}")


def readme_picture(chromium, base, path):
    """The workspace with the pointer over a chart, so that the tooltip and the lit run are in the picture."""
    with pages.page(chromium, base, width=1360, height=820) as page:
        pages.show(page, PROJECT)
        box = page.locator("chart-panel[data-metric='val/loss'] series-chart").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)
        page.mouse.move(box["x"] + box["width"] * 0.62, box["y"] + box["height"] * 0.68, steps=3)
        page.wait_for_timeout(300)
        page.screenshot(path=path, animations="disabled", caret="hide")
        print(f"screenshot: {path}")


def keep_running(base, run, stop):
    """Logs on, so that the last run is live in the pictures."""
    client, step = demo.Client(base), 900
    while not stop.wait(2):
        try:
            client.log(run, [step], {"train/loss": [0.66 - (step - 900) * 1e-4]}, start=time.time() - step * 0.4)
            step += 1
        except (OSError, RuntimeError):
            return


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--url")
    parser.add_argument("--readme", type=Path)
    options = parser.parse_args()
    if options.url:
        base = options.url.rstrip("/")
        known = demo.Client(base).send("GET", "/projects")["projects"]
        exists = any(project["name"] == "cifar-vision" for project in known)
        runs = [run["id"] for run in reversed(demo.Client(base).send("GET", "/projects/cifar-vision/runs?limit=100")["runs"])] if exists else demo.seed(base)
        take(base, runs, options.out, options.readme)
        return
    server = Server()
    try:
        take(server.base, demo.seed(server.base), options.out, options.readme)
    finally:
        server.close()


if __name__ == "__main__":
    main()
