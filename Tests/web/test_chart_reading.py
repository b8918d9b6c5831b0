"""Reading off the line chart: pointer, keys, tooltip, marks on other charts."""
import pytest

from chart_page import pixels, plot, settle, state


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


def test_on_a_phone_the_tooltip_docks_under_the_chart(opened):
    page = opened("line", "few", width=390, height=800, mobile=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    box = plot(page)
    page.touchscreen.tap(box["x"] + 120, box["y"] + 80)
    settle(page)
    tip = page.locator("series-chart .tip").first.bounding_box()
    assert tip["y"] >= box["y"] + box["height"] and tip["x"] >= 0 and tip["x"] + tip["width"] <= 390
