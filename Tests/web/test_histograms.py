"""The workspace's last section: a chart for each histogram of the project, closed until it is wanted."""
import re

import pytest
from browser import address, later, reload, settle, show, violations

STATES = "() => Object.fromEntries([...document.querySelectorAll('histogram-chart')].map((chart) => [chart.options.title, chart.debugState()]))"
NAMES = [f"weights/layer{layer}" for layer in range(40)]


def histogram(name, step, place):
    return {"name": name, "step": step, "time": 1_700_000_000_000_000 + step, "edges": [place, place + 1, place + 2], "counts": [3, 1], "min": place, "max": place + 2, "sum": 0, "count": 4, "nan": 0}


@pytest.fixture(scope="module")
def layered(server):
    """Three runs that log forty histograms each at five steps, and one that logs none; the ids."""
    runs = []
    for place in range(4):
        run = server.client.make_run("layered", f"run-{place}")
        server.client.log(run, [0, 1], {"loss": [2.0, 1.0], "system/cpu": [1.0, 2.0]})
        if place < 3:
            server.client.send("POST", f"/runs/{run}/batches", {"histograms": [histogram(name, step, place) for name in NAMES for step in range(0, 50, 10)]})
        runs.append(run)
    return runs


def section(page):
    return page.get_by_role("region", name="histograms")


def toggle(page):
    return section(page).get_by_role("button", name="histograms 40")


def states(page):
    settle(page)
    page.wait_for_function("() => [...document.querySelectorAll('histogram-chart')].every((chart) => chart.debugState().slices > 0)")
    later(page, 0)                                                                # what is known is drawn in the next frame
    return page.evaluate(STATES)


def test_the_section_is_last_and_closed_and_asks_only_for_names_when_the_first_chart_stands(page, layered):
    asked = []
    page.on("request", lambda request: asked.append(request.url.split("/api/v1")[1]) if re.search("/api/v1/.*/histograms", request.url) else None)
    show(page, "/p/layered")
    section(page).wait_for()
    heads = page.locator(".section-head").all_inner_texts()
    assert [head.split()[0] for head in heads] == ["charts", "system", "histograms"]
    assert toggle(page).get_attribute("aria-expanded") == "false" and page.locator(".histogram-box, histogram-chart").count() == 0
    assert asked == ["/projects/layered/histograms"]
    first, names = page.evaluate("() => [performance.getEntriesByName('app:first-chart')[0].startTime, performance.getEntriesByType('resource').find(({name}) => name.endsWith('/histograms')).startTime]")
    assert first < names


def test_it_opens_by_keyboard_stays_in_the_link_and_asks_once_for_all_runs_of_a_chart(page, layered):
    asked = []
    page.on("request", lambda request: asked.append(request.post_data_json) if request.url.endswith("/histograms/query") else None)
    show(page, "/p/layered?sort=name")
    toggle(page).press("Enter")
    page.wait_for_selector("histogram-chart")
    seen = states(page)
    assert "open=histograms" in page.url and toggle(page).get_attribute("aria-expanded") == "true"
    assert page.locator(".histogram-box").count() == len(NAMES) and 0 < len(seen) < len(NAMES)
    assert sorted(body["names"][0] for body in asked) == sorted(seen)                        # one request a chart, none for what is far
    drawn = seen["weights/layer0"]
    assert drawn["mode"] == "bands" and [(run["name"], run["slices"]) for run in drawn["runs"]] == [(f"run-{place}", 5) for place in range(3)]
    assert drawn["steps"] == [0, 10, 20, 30, 40] and drawn["yRange"][0] <= 0 and drawn["yRange"][1] >= 4

    reload(page)
    page.wait_for_selector("histogram-chart")
    assert states(page)["weights/layer0"]["mode"] == "bands"
    assert violations(page) == []
    page.get_by_role("button", name="histograms 40").press("Enter")
    page.wait_for_function("() => !document.querySelector('.histogram-box')")
    settle(page)


def test_one_run_is_a_heat_map_and_a_chosen_picture_stays_in_the_link(page, layered):
    show(page, f"/p/layered?show=none&on={layered[1]}&open=histograms&m=layer7")
    page.wait_for_selector("histogram-chart")
    seen = states(page)
    assert list(seen) == ["weights/layer7"] and seen["weights/layer7"]["mode"] == "heatmap" and seen["weights/layer7"]["runs"][0]["name"] == "run-1"
    page.locator("histogram-chart").get_by_label("Picture").select_option("ridgelines")
    address(page, "ridgelines")
    reload(page)
    page.wait_for_function("() => document.querySelector('histogram-chart')?.mode === 'ridgelines'")
    settle(page)


def test_charts_come_and_go_with_the_view(page, layered):
    show(page, "/p/layered?open=histograms&row=1")
    page.wait_for_selector("histogram-chart")
    mounted = set(states(page))
    assert "weights/layer0" in mounted and "weights/layer39" not in mounted and len(mounted) <= 12
    page.locator(".histogram-box").last.scroll_into_view_if_needed()
    page.wait_for_function("() => [...document.querySelectorAll('histogram-chart')].some((chart) => chart.options.title === 'weights/layer39')")
    mounted = set(states(page))
    assert "weights/layer0" not in mounted and len(mounted) <= 12
    page.locator(".histogram-box").first.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('.histogram-box histogram-chart')?.debugState().slices === 5")
    settle(page)


def test_they_stand_in_the_columns_of_the_other_charts_and_fit_a_phone(open_page, layered):
    edges = "selector => [...new Set([...document.querySelectorAll(selector)].map((each) => Math.round(each.getBoundingClientRect().left)))].sort((a, b) => a - b)"
    page = open_page(width=1280)
    show(page, "/p/layered?open=histograms,system&sections=none&m=/./")
    page.wait_for_selector("histogram-chart")
    assert len(page.evaluate(edges, ".histogram-box")) == 3 and set(page.evaluate(edges, "chart-panel")) <= set(page.evaluate(edges, ".histogram-box"))
    states(page)
    phone = open_page(width=390, height=844, mobile=True)
    show(phone, "/p/layered?open=histograms")
    phone.wait_for_selector("histogram-chart")
    states(phone)
    assert phone.evaluate("() => document.querySelector('.histogram-box').getBoundingClientRect().right") <= 390
    assert phone.locator("histogram-chart").count() <= 12


def test_the_filter_of_metrics_finds_them_and_opens_the_section(page, layered):
    show(page, "/p/layered?m=/layer3[0-9]/")
    page.wait_for_selector("histogram-chart")
    assert page.locator(".histogram-box").count() == 10
    assert section(page).get_by_role("button", name="histograms 10").get_attribute("aria-expanded") == "true"
    states(page)


def test_new_names_and_steps_come_by_themselves(page, server, layered):
    run = server.client.make_run("growing", "alive")
    server.client.log(run, [0], {"loss": [1.0]})
    show(page, "/p/growing?open=histograms")
    page.wait_for_selector(".live-live")
    assert page.locator(".histogram-box").count() == 0
    server.client.send("POST", f"/runs/{run}/batches", {"histograms": [histogram("w", 0, 0)]})
    page.wait_for_function("() => document.querySelector('histogram-chart')?.debugState().slices === 1")
    server.client.send("POST", f"/runs/{run}/batches", {"histograms": [histogram("w", 7, 0), histogram("v", 7, 0)]})
    page.wait_for_function("() => [...document.querySelectorAll('histogram-chart')].find((chart) => chart.options.title === 'w')?.debugState().steps.join() === '0,7'")
    page.wait_for_function("() => document.querySelectorAll('.histogram-box').length === 2")
    server.client.finish(run)
    settle(page)


def test_open_histograms_are_accessible_in_the_dark(open_page, layered):
    page = open_page(dark=True)
    show(page, "/p/layered?open=histograms")
    page.wait_for_selector("histogram-chart")
    states(page)
    assert violations(page) == []
