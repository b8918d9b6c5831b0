"""The chart elements in Chromium, on their stand-alone page: what they show, how they move, who can use them."""
import io
import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from chart_page import chart_page, serve

EVERY = ["line", "dense", "nan", "smooth", "log", "symlog", "few", "one", "constant", "outliers", "wall", "empty", "group", "heatmap", "ridgelines", "bands",
         "overlay", "bars", "scatter", "parallel", "sparks"]


@pytest.fixture(scope="module")
def base():
    with serve() as address:
        yield address


@pytest.fixture
def opened(base, chromium):
    """Opens the page with scenes; closes it, and checks that nothing was complained of, at the end of the test."""
    entered = []

    def open_(*scenes, **options):
        manager = chart_page(chromium, base, scenes, **options)
        page = manager.__enter__()
        entered.append(manager)
        return page

    yield open_
    for manager in reversed(entered):
        manager.__exit__(None, None, None)


def state(page, name):
    return page.evaluate("name => charts[name].debugState()", name)


def plot(page, tag="series-chart"):
    return page.locator(f"{tag} .u-over").first.bounding_box()


def settle(page):
    page.evaluate("() => charts.settle()")


def pixels(page, tag="series-chart", layer="base"):
    """The picture of one layer alone, as rows of RGBA."""
    data = page.evaluate("""([tag, layer]) => document.querySelector(tag).shadowRoot.querySelector('canvas.' + layer).toDataURL()""", [tag, layer])
    import base64
    return Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))).convert("RGBA")


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


def test_dragging_zooms_says_so_once_and_double_click_goes_back(opened):
    page = opened("line")
    page.evaluate("() => { window.heard = []; for (const name of ['range-change', 'reset']) document.addEventListener(name, (e) => heard.push([name, e.detail.range ?? null])); }")
    box = plot(page)
    page.mouse.move(box["x"] + 50, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 70, steps=8)
    page.mouse.up()
    settle(page)
    seen = state(page, "line")
    heard = page.evaluate("() => heard")
    assert len(heard) == 1 and heard[0][0] == "range-change" and heard[0][1] == pytest.approx(seen["range"])
    scale = 2057.3 / box["width"]
    assert seen["range"] == pytest.approx([-29 + 50 * scale, -29 + 150 * scale], abs=2 * scale)

    page.mouse.dblclick(box["x"] + 80, box["y"] + 60)
    settle(page)
    assert state(page, "line")["range"] is None
    assert page.evaluate("() => heard").pop()[0] == "reset"


def test_a_vertical_drag_zooms_y_and_alt_a_box(opened):
    page = opened("line")
    box = plot(page)
    full = state(page, "line")
    page.mouse.move(box["x"] + 100, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 104, box["y"] + 120, steps=6)
    page.mouse.up()
    settle(page)
    seen = state(page, "line")
    assert seen["range"] is None and seen["yRange"][1] - seen["yRange"][0] < (full["yRange"][1] - full["yRange"][0]) * 0.6
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.down("Alt")
    page.mouse.move(box["x"] + 50, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 100, steps=6)
    page.mouse.up()
    page.keyboard.up("Alt")
    settle(page)
    seen = state(page, "line")
    assert seen["range"] is not None and seen["yRange"][1] < full["yRange"][1]


def test_the_wheel_zooms_only_with_control_and_shift_drag_pans(opened):
    page = opened("line", "few", "dense", height=420)
    box = plot(page)
    page.mouse.move(box["x"] + 100, box["y"] + 60)
    page.mouse.wheel(0, 80)
    page.wait_for_function("() => scrollY > 0")
    settle(page)
    assert state(page, "line")["range"] is None
    page.evaluate("() => scrollTo(0, 0)")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -150)
    page.keyboard.up("Control")
    settle(page)
    low, high = state(page, "line")["range"]
    assert 0 < high - low < 2000
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 200, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 100, box["y"] + 60, steps=5)
    page.mouse.up()
    page.keyboard.up("Shift")
    settle(page)
    moved = state(page, "line")["range"]
    assert moved[0] == pytest.approx(low + 100 / box["width"] * (high - low), rel=0.05)
    assert moved[1] - moved[0] == pytest.approx(high - low)


def test_a_zoom_survives_new_data_and_a_stale_option(opened):
    page = opened("line")
    page.evaluate("() => { charts.line.options = {...charts.line.options, range: [500, 900]}; }")
    page.evaluate("() => { charts.line.series = charts.runs(8, 2400); }")
    assert state(page, "line")["range"] == [500, 900]
    page.evaluate("() => { charts.line.options = {...charts.line.options, title: 'renamed'}; }")
    assert state(page, "line")["range"] == [500, 900]
    page.evaluate("() => { charts.line.options = {...charts.line.options, range: null}; }")
    assert state(page, "line")["full"] == [0, 2399] and state(page, "line")["xRange"][1] >= 2399


def test_an_option_that_comes_while_moving_does_not_pull_the_chart_back(opened):
    page = opened("line")
    page.evaluate("() => { charts.line.options = {...charts.line.options, range: [500, 900]}; charts.line.flush(); }")
    box = plot(page)
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + 200, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 60, steps=3)
    page.evaluate("() => { charts.line.options = {...charts.line.options, range: [501, 901]}; }")
    page.mouse.move(box["x"] + 100, box["y"] + 60, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    settle(page)
    assert state(page, "line")["range"][0] == pytest.approx(500 + 100 / box["width"] * 400, rel=0.03)


def test_hover_reads_off_the_nearest_run_and_every_other_chart_follows(opened):
    page = opened("line", "nan", "heatmap", width=1280)
    box = plot(page)
    before = state(page, "line")["paints"]
    page.mouse.move(box["x"] + 150, box["y"] + 110)
    settle(page)
    seen = state(page, "line")
    assert seen["tooltip"] and seen["highlighted"] == [seen["nearest"]["run"]]
    assert seen["paints"] == before                                        # an overlay, not a redraw
    tip = page.locator("series-chart .tip").first
    place, pointer = tip.bounding_box(), box["x"] + 150
    assert place["x"] > pointer or place["x"] + place["width"] < pointer
    assert tip.locator("tr").count() <= 9
    chip = page.locator("series-chart").nth(1).locator(".value")
    in_other = [row["run"] for row in state(page, "nan")["series"]]
    assert chip.is_visible() == (seen["nearest"]["run"] in in_other)
    assert page.locator("series-chart").nth(1).locator(".cross").is_visible()
    assert page.locator("series-chart").nth(1).locator(".tip").is_hidden()
    assert page.locator("histogram-chart .cross").is_visible()

    page.mouse.move(5, 5)
    settle(page)
    assert not state(page, "line")["tooltip"] and state(page, "line")["highlighted"] == []
    assert page.locator("series-chart .cross:visible").count() == 0


def test_events_are_lines_and_told_when_the_crosshair_is_near(opened):
    page = opened("nan")
    box, (low, high) = plot(page), state(page, "nan")["xRange"]
    x = box["x"] + (600 - low) / (high - low) * box["width"]
    page.mouse.move(x + 2, box["y"] + 60)
    settle(page)
    assert "restart: resumed" in page.locator("series-chart .tip").inner_text()
    page.mouse.move(x + 40, box["y"] + 60)
    settle(page)
    assert "restart" not in page.locator("series-chart .tip").inner_text()


def test_the_page_can_mark_a_run_and_hears_which_is_hovered(opened):
    page = opened("line", "nan")
    page.evaluate("() => { window.runs = []; document.addEventListener('hover-run', (e) => runs.push(e.detail.run)); charts.sync.highlight('run2'); }")
    settle(page)
    assert state(page, "line")["highlighted"] == ["run2"] and state(page, "nan")["highlighted"] == ["run2"]
    assert sum(pixel[3] > 0 for pixel in pixels(page, layer="overlay").get_flattened_data()) > 300
    box = plot(page)
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    settle(page)
    assert page.evaluate("() => runs").pop() == state(page, "line")["nearest"]["run"]


def test_a_click_pins_and_escape_lets_go(opened):
    page = opened("line")
    box = plot(page)
    page.evaluate("() => { window.pins = []; document.addEventListener('pin', (e) => pins.push(e.detail.rows.length)); }")
    page.mouse.move(box["x"] + 120, box["y"] + 100)
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(5, 5)
    settle(page)
    assert state(page, "line")["pinned"] and page.locator("series-chart .tip.pinned").is_visible()
    assert page.evaluate("() => pins") == [8]
    page.keyboard.press("Control+c")
    page.wait_for_function("async () => (await navigator.clipboard.readText()).startsWith('run\\t')")
    copied = page.evaluate("() => navigator.clipboard.readText()").split("\n")
    assert copied[0].startswith("run\tname\tmetric\tstep") and len(copied) == 9
    page.keyboard.press("Escape")
    assert not state(page, "line")["pinned"]


def test_everything_by_keyboard_and_the_value_is_spoken(opened):
    page = opened("line")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.shadowRoot.activeElement.tagName") == "FIGURE"
    page.keyboard.press("Home")
    spoken = page.locator("series-chart .spoken")
    assert "at step 0" in spoken.text_content()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert "at step 22 to 23" in spoken.text_content()
    first = state(page, "line")["highlighted"]
    page.keyboard.press("ArrowUp")
    assert state(page, "line")["highlighted"] != first or "vit" in spoken.text_content()
    page.keyboard.press("End")
    assert "1" in spoken.text_content() and "999" in spoken.text_content()
    page.keyboard.press("+")
    settle(page)
    low, high = state(page, "line")["range"]
    assert high - low == pytest.approx(2057 / 1.5, rel=0.01)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert state(page, "line")["range"] is None


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


def test_on_a_phone_the_tooltip_docks_under_the_chart(opened):
    page = opened("line", "few", width=390, height=800, mobile=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    box = plot(page)
    page.touchscreen.tap(box["x"] + 120, box["y"] + 80)
    settle(page)
    tip = page.locator("series-chart .tip").first.bounding_box()
    assert tip["y"] >= box["y"] + box["height"] and tip["x"] >= 0 and tip["x"] + tip["width"] <= 390


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
    assert page.locator("series-chart .uplot").count() == 1


def test_histograms_show_exact_bins_step_by_step(opened):
    page = opened("heatmap", "ridgelines", "bands", "overlay", width=1280)
    box = page.locator("histogram-chart .u-over").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.55)
    settle(page)
    seen = state(page, "heatmap")
    truth = page.evaluate("() => charts.histogramAnswer('w', 60).slices")[seen["hit"]["index"]]
    tip = page.locator("histogram-chart .tip").first.inner_text()
    assert f"{truth['counts'][seen['hit']['bin']]:,}".replace(",", "\u2009") in tip
    assert seen["step"] == truth["step"]
    slider = page.locator("histogram-chart input[type=range]").first
    slider.focus()
    page.keyboard.press("Home")
    assert state(page, "heatmap")["step"] == 0
    assert state(page, "overlay")["step"] == 0                              # linked
    page.locator("histogram-chart select").first.select_option("bands")
    settle(page)
    assert state(page, "heatmap")["mode"] == "bands"
    assert len(state(page, "bands")["runs"]) == 2


def test_the_heatmap_is_dark_where_the_counts_are_and_empty_where_none_are(opened):
    page = opened("heatmap")
    image = pixels(page, "histogram-chart")
    alphas = [image.getpixel((image.width // 2, y))[3] for y in range(image.height)]
    assert 0 in alphas and 255 in alphas
    seen = state(page, "heatmap")
    mid = page.evaluate("() => charts.histogramAnswer('w', 60).slices[30]")
    low, high = seen["yRange"]
    row = int((high - (mid["edges"][15])) / (high - low) * image.height)
    edge = int((high - (mid["edges"][0] + mid["edges"][1]) / 2) / (high - low) * image.height)
    assert sum(image.getpixel((image.width // 2, row))[:3]) < sum(image.getpixel((image.width // 2, edge))[:3])


def test_a_brush_on_scatter_and_parallel_axes_names_the_runs(opened):
    page = opened("scatter", "parallel", query="&big=1", height=1000)
    page.wait_for_function("() => charts.scatter.debugState().ready")
    settle(page)
    page.evaluate("() => { window.brushed = []; document.addEventListener('brush', (e) => brushed.push(e.detail)); }")
    box = page.locator("scatter-chart canvas").first.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 300, steps=8)
    page.mouse.up()
    page.wait_for_function("() => brushed.at(-1)?.runs.length")
    detail = page.evaluate("() => brushed").pop()
    x, y = detail["ranges"]["x"], detail["ranges"]["y"]
    inside = page.evaluate("([x, y]) => charts.scatter.data.filter((d) => d.x >= x[0] && d.x <= x[1] && d.y >= y[0] && d.y <= y[1]).map((d) => d.run)", [x, y])
    assert 0 < len(inside) < 40 and sorted(detail["runs"]) == sorted(inside)

    page.evaluate("() => { brushed.length = 0; charts.parallel.scrollIntoView(); }")
    page.wait_for_function("() => charts.parallel.debugState().ready")
    settle(page)
    box = page.locator("parallel-chart canvas").first.bounding_box()
    x = box["x"] + box["width"] - 60
    page.mouse.move(x, box["y"] + 120)
    page.mouse.down()
    page.mouse.move(x, box["y"] + 300, steps=8)
    page.mouse.up()
    page.wait_for_function("() => brushed.at(-1)?.ranges.loss")
    detail = page.evaluate("() => brushed").pop()
    low, high = sorted(detail["ranges"]["loss"][0])
    inside = page.evaluate("([a, b]) => charts.parallel.data.filter((d) => d.values.loss >= a && d.values.loss <= b).map((d) => d.run)", [low, high])
    assert len(inside) > 0 and sorted(detail["runs"]) == sorted(inside)


def test_echarts_comes_only_when_a_panel_is_in_view(opened):
    page = opened("line", "few")
    names = page.evaluate("() => performance.getEntriesByType('resource').map((e) => e.name)")
    assert not any("echarts" in name for name in names) and any("uplot" in name for name in names)


def test_the_state_can_be_written_as_json(opened):
    page = opened("line")
    assert json.dumps(state(page, "line"))
