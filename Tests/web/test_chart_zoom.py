"""Zooming and panning of the line chart, on the stand-alone page."""
import pytest

from chart_page import drag, plot, settle, state


def test_dragging_zooms_says_so_once_and_double_click_goes_back(opened):
    page = opened("line")
    page.evaluate("() => { window.heard = []; for (const name of ['range-change', 'reset']) document.addEventListener(name, (e) => heard.push([name, e.detail.range ?? null])); }")
    box = plot(page)
    drag(page, box, (50, 60), (150, 70), steps=8)
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
    drag(page, box, (100, 40), (104, 120), steps=6)
    settle(page)
    seen = state(page, "line")
    assert seen["range"] is None and seen["yRange"][1] - seen["yRange"][0] < (full["yRange"][1] - full["yRange"][0]) * 0.6
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.down("Alt")
    drag(page, box, (50, 40), (150, 100), steps=6)
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
    drag(page, box, (200, 60), (100, 60), steps=5)
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
