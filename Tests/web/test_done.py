"""What a person judges first: every spike in the pixels, NaN named everywhere, one run lit on every kind of chart."""
import base64
import io
import json

import demo
import pytest
import seeding
from browser import charts, later, settle, show
from PIL import Image

PATH = "/p/cifar-vision"


def canvas(page, metric):
    """The drawn lines of a chart, as a picture."""
    data = page.evaluate("metric => document.querySelector(`chart-panel[data-metric='${metric}']`).chart.shadowRoot.querySelector('canvas.base').toDataURL()", metric)
    return Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))).convert("RGBA")


def spikes_in_pixels(page, metric, run, spikes, height):
    """How many of the spikes reach at least to `height` in the run's colour."""
    state, image = charts(page)[metric], canvas(page, metric)
    (x0, x1), (y0, y1) = state["xRange"], state["yRange"]
    colour = next(series["color"] for series in state["series"] if series["run"] == run)
    wanted = tuple(int(colour[i:i + 2], 16) for i in (1, 3, 5))
    row = int((y1 - height) / (y1 - y0) * image.height)
    columns = {round((spike - x0) / (x1 - x0) * image.width) for spike in spikes}
    is_colour = lambda pixel: pixel[3] > 120 and all(abs(a - b) < 25 for a, b in zip(pixel, wanted))
    return sum(any(is_colour(image.getpixel((min(image.width - 1, max(0, column + by)), row))) for by in range(-3, 4)) for column in columns)


@pytest.mark.parametrize("query", ["", "&smooth=ema:0.99", "&smooth=gaussian:0.5"], ids=["plain", "ema", "gaussian"])
def test_twelve_planted_spikes_are_in_the_pixels_among_twenty_runs(query, page, server):
    run = server.runs[demo.SPIKE_RUN]
    show(page, f"{PATH}?m=train/loss{query}")
    page.evaluate("run => document.querySelector('chart-panel').chart.highlight(run)", run)
    later(page, 200)
    alone = spikes_in_pixels(page, "train/loss", run, demo.SPIKES, 4.5)
    assert alone == 12


def test_twelve_planted_spikes_of_a_million_points_are_in_the_pixels(make_server, open_page):
    server = make_server(options=("--durability", "normal"))
    run = seeding.long_run(server.base, points=1_000_000)
    page = open_page(server.base)
    show(page, "/p/long")
    assert spikes_in_pixels(page, "loss", run, seeding.spikes_of(1_000_000), seeding.SPIKE * 0.9) == 12
    spike = seeding.spikes_of(1_000_000)[3]
    view = json.dumps({"loss": {"range": [spike - 50_000, spike + 50_000]}})
    show(page, f"/p/long?charts={view}")
    assert spikes_in_pixels(page, "loss", run, [spike], seeding.SPIKE * 0.9) == 1


def test_nan_is_named_in_chart_tooltip_sidebar_table_and_run_page(page, server):
    run = server.runs[demo.NAN_RUN]
    show(page, f"{PATH}?show=none&on={run}")
    assert "NaN" in page.locator("chart-panel[data-metric='train/loss'] .chip.error").inner_text()
    assert "NaN" in page.locator(f".run-row[data-run='{run}'] .run-badge").inner_text()
    state = charts(page)["train/loss"]
    box = page.locator("chart-panel[data-metric='train/loss'] .over").bounding_box()
    low, high = state["xRange"]
    page.mouse.move(box["x"] + (1100 - low) / (high - low) * box["width"], box["y"] + box["height"] - 20)
    page.wait_for_selector("chart-panel[data-metric='train/loss'] .tip:not([hidden])")
    assert "NaN" in page.locator("chart-panel[data-metric='train/loss'] .tip").inner_text()
    show(page, f"{PATH}/table?q=state:failed")
    assert "NaN" in page.locator("run-table .grid-row:not([hidden])").first.inner_text()
    show(page, f"{PATH}/r/{run}")
    assert "NaN" in page.locator(".run-head").inner_text()


def test_a_run_is_lit_in_lines_list_and_parallel_coordinates(page, server):
    panels = json.dumps([{"type": "parallel", "keys": ["config.optimizer.lr", "summary.val/loss.last"]}, {"type": "scatter", "keys": ["config.optimizer.lr", "summary.val/loss.last"]}])
    show(page, f"{PATH}?panels={panels}")
    page.wait_for_function("() => document.querySelector('parallel-chart')?.debugState().ready && document.querySelector('scatter-chart')?.debugState().ready")
    page.locator("chart-panel[data-metric='train/loss']").scroll_into_view_if_needed()
    settle(page)
    box = page.locator("chart-panel[data-metric='train/loss'] .over").bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + box["height"] * 0.6)
    page.mouse.move(box["x"] + 64, box["y"] + box["height"] * 0.62)
    page.wait_for_selector(".run-row.lit")
    run = page.locator(".run-row.lit").get_attribute("data-run")
    lit = page.evaluate("() => ['parallel-chart', 'scatter-chart'].map((name) => document.querySelector(name).debugState().highlighted)")
    assert lit == [run, run]
    later(page, 200)
    assert all(state["highlighted"] == [run] for state in charts(page).values() if any(series["run"] == run for series in state["series"]))
