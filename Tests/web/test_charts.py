"""The chart elements in Chromium, on their stand-alone page: what they draw and say, and what can be taken away."""
import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from chart_page import pixels, plot, settle, state

EVERY = ["line", "dense", "nan", "smooth", "log", "symlog", "few", "one", "constant", "outliers", "wall", "empty", "group", "heatmap", "ridgelines", "bands",
         "overlay", "bars", "scatter", "parallel", "sparks"]


def test_every_chart_draws_under_the_policy_and_says_nothing_in_the_console(opened):
    page = opened(*EVERY, width=1280, height=900)
    for name in EVERY[:-2]:
        page.evaluate("name => charts[name].scrollIntoView()", name)
        page.wait_for_function("name => charts[name].debugState().ready", arg=name)
    assert len(page.evaluate("() => Object.keys(charts)")) >= len(EVERY)


def test_twelve_planted_spikes_are_in_the_range_and_in_the_pixels_zoomed_out_and_in(opened):
    page = opened("line", query="&big=1")
    page.evaluate("""() => {
        charts.spikes = [];
        charts.line.series = Array.from({length: 20}, (_, n) => {
            const points = charts.curve(n, 2000);
            if (n < 12) { const at = 83 + 157 * n; points[at][1] = 9 + n / 10; charts.spikes.push([at, 9 + n / 10, n]); }
            return charts.entry(n, points, {buckets: 500});
        });
    }""")
    seen = state(page, "line")
    assert sorted(s["visibleMax"] for s in seen["series"])[-12:] == pytest.approx([9 + n / 10 for n in range(12)])
    assert seen["yRange"][1] >= 10.1
    assert found_spikes(page) == 12

    for at, height, n in page.evaluate("() => charts.spikes")[:4]:
        page.evaluate("([at]) => { charts.line.options = {...charts.line.options, range: [at - 40, at + 40]}; }", [at])
        zoomed = state(page, "line")
        assert zoomed["yRange"][1] >= height and zoomed["series"][n]["visibleMax"] == pytest.approx(height)

    page.evaluate("() => { charts.line.options = {...charts.line.options, range: null, smoothing: {kind: 'ema', amount: 0.99}}; }")
    assert state(page, "line")["yRange"][1] >= 10.1
    assert found_spikes(page) == 12


def found_spikes(page):
    """Spikes whose top is painted in the colour of their run."""
    now, image = state(page, "line"), pixels(page)
    (x0, x1), (y0, y1) = now["xRange"], now["yRange"]
    found = 0
    for at, height, n in page.evaluate("() => charts.spikes"):
        colour = tuple(int(now["series"][n]["color"][i:i + 2], 16) for i in (1, 3, 5))
        x, y = (at - x0) / (x1 - x0) * image.width, (y1 - height) / (y1 - y0) * image.height
        near = [image.getpixel((min(image.width - 1, max(0, int(x) + dx)), int(y) + 3)) for dx in range(-3, 4)]
        found += any(pixel[3] > 150 and all(abs(a - b) < 12 for a, b in zip(pixel, colour)) for pixel in near)
    return found


def test_nan_breaks_the_line_is_marked_counted_and_told(opened):
    page = opened("nan")
    seen = state(page, "nan")
    assert seen["unplaced"] == {"nan": 604, "positiveInfinity": 1, "negativeInfinity": 0}
    assert seen["marks"] >= 5
    assert page.locator("series-chart .chip.error").text_content() == "604 NaN, 1 +Inf"
    box = plot(page)
    x0, x1 = seen["xRange"]
    page.mouse.move(box["x"] + (1800 - x0) / (x1 - x0) * box["width"], box["y"] + box["height"] * 0.8)
    settle(page)
    words = [word for row in state(page, "nan")["rows"] for word in row["words"]]
    assert "2 NaN" in words or "NaN" in words
    page.wait_for_function("() => charts.nan.shadowRoot.querySelector('.data table')?.innerText.includes('\\t599\\t0')")


def test_one_point_is_a_dot_with_its_value_and_a_constant_stands_in_the_middle(opened):
    page = opened("one", "constant", "few")
    one, constant, few = state(page, "one"), state(page, "constant"), state(page, "few")
    assert one["series"][0]["markers"] and one["pointsDrawn"] == 1
    low, high = constant["yRange"]
    assert (low + high) / 2 == pytest.approx(3e-4)
    assert all(series["markers"] for series in few["series"])
    assert sum(pixel[3] > 200 for pixel in pixels(page).get_flattened_data()) > 30          # dot and digits


def test_log_counts_what_it_drops_and_outliers_are_said_on_the_chart(opened):
    page = opened("log", "outliers")
    log = state(page, "log")
    assert log["dropped"]["count"] > 0 and log["yRange"][0] > 0
    assert "≤ 0 not shown" in page.locator("series-chart .chip.warn").first.text_content()
    cut = state(page, "outliers")
    assert cut["outliers"]["outside"] > 0 and cut["yRange"][1] < 6
    page.locator("series-chart").nth(1).locator("button.chip").click()
    shown = state(page, "outliers")
    assert shown["outliers"] is None and shown["yRange"][1] >= 6


def test_figures_have_a_name_words_and_a_table(opened):
    page = opened("line", "heatmap", "bars")
    page.wait_for_function("() => charts.bars.debugState().ready && charts.line.shadowRoot.querySelector('.data table')")
    figure = page.locator("series-chart figure")
    assert figure.get_attribute("aria-label").startswith("train/loss, 8 lines, step 0 – 1")
    assert "vit-b-00: last" in page.locator("series-chart .summary").text_content()
    assert page.locator("series-chart .data tr").count() == 9
    assert "60 steps" in page.locator("histogram-chart figure").get_attribute("aria-label")
    assert page.locator("bar-chart .data tr").count() == 9


@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_nothing(opened, dark):
    page = opened(*EVERY, dark=dark, width=1280, height=900)
    page.wait_for_function("() => charts.line.shadowRoot.querySelector('.data table')")
    settle(page)
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [node["target"] for node in v["nodes"]][:3]) for v in found] == []


def test_dark_light_and_forced_colours_are_followed(opened):
    light, dark = opened("few"), opened("few", dark=True)
    assert state(light, "few")["series"][0]["color"] == "#0d3cc0" and state(dark, "few")["series"][0]["color"] == "#396be1"
    before = light.locator("series-chart").screenshot()
    light.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    settle(light)
    assert light.locator("series-chart").screenshot() != before
    forced = opened("few", forced=True)
    colours = {pixel[:3] for pixel in pixels(forced).get_flattened_data() if pixel[3] == 255}
    assert colours and all(max(colour) - min(colour) < 10 for colour in colours)


def test_the_device_pixel_ratio_is_honoured(opened):
    page = opened("line", ratio=2)
    box, image = plot(page), pixels(page)
    assert image.width == pytest.approx(box["width"] * 2, abs=2) and image.height == pytest.approx(box["height"] * 2, abs=2)


def test_pictures_and_data_can_be_taken_away(opened):
    page = opened("nan", "outliers")
    for scale in (1, 2):
        size = page.evaluate("""async (scale) => { const b = await createImageBitmap(await charts.nan.toPNG(scale, 'dark')); return [b.width, b.height]; }""", scale)
        assert size[0] == pytest.approx(page.evaluate("() => charts.nan.shadowRoot.querySelector('.plot').clientWidth") * scale, abs=scale)
    svg = page.evaluate("() => charts.nan.toSVG('light')")
    assert svg.startswith("<svg") and "val/loss" in svg and "✕" in svg and "#ffffff" in svg
    lines = page.evaluate("() => charts.nan.toCSV()").strip().split("\r\n")
    assert len(lines) == 1 + 4 * 1000 and lines[1].startswith("run0,vit-b-00,train/loss,0,1,2,")
    assert "NaN" in page.evaluate("() => charts.nan.toCSV()")


def test_a_message_stands_where_nothing_can_be_drawn_and_loading_is_a_bar(opened):
    page = opened("empty", "line")
    assert page.locator("series-chart .message").first.is_visible()
    page.evaluate("() => { charts.line.loading = true; }")
    assert page.locator("series-chart").nth(1).locator(".bar").is_visible()
    page.evaluate("() => { charts.line.series = []; charts.line.loading = false; charts.line.message = 'nothing'; }")
    assert state(page, "line")["series"] == []
    page.evaluate("() => { charts.line.message = null; charts.line.series = charts.runs(2, 50); }")
    assert page.locator("series-chart").nth(1).locator(".message").is_hidden()


def test_charts_come_and_go_without_leaving_anything(opened):
    page = opened("line")
    page.evaluate("""async () => {
        for (let i = 0; i < 5; i++) {
            const chart = charts.add('series-chart', {series: charts.runs(3, 200), options: {title: 'guest'}});
            await new Promise((done) => setTimeout(done, 60));
            chart.remove();
        }
        const chart = charts.line, parent = chart.parentNode;
        chart.remove();
        parent.append(chart);
        await new Promise((done) => setTimeout(done, 120));
    }""")
    seen = state(page, "line")
    assert seen["ready"] and len(seen["series"]) == 8
    assert page.locator("series-chart canvas.axes").count() == 1


def test_the_state_can_be_written_as_json(opened):
    page = opened("line")
    assert json.dumps(state(page, "line"))
