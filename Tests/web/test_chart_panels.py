"""Histograms, scatter and parallel axes, on the stand-alone page."""
from chart_page import drag, pixels, settle, state


def test_histograms_show_exact_bins_step_by_step(opened):
    page = opened("heatmap", "ridgelines", "bands", "overlay", width=1280)
    box = page.locator("histogram-chart .over").first.bounding_box()
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
    drag(page, box, (100, 60), (500, 300), steps=8)
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
    assert not any("echarts" in name for name in names) and any("series-chart" in name for name in names)
