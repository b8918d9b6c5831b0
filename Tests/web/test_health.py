"""What a run's health tab finds, and the demo project that shows it."""
import re

import demo
from browser import charts, settle, show, violations

PATH = "/p/cifar-vision"


def test_nan_is_found_with_its_steps_and_leads_to_the_chart(page, server):
    run = server.runs[demo.NAN_RUN]
    show(page, f"{PATH}/r/{run}")
    page.locator(".run-head").get_by_role("link", name="239 NaN").click()
    card = page.locator(".finding", has_text="NaN in train/loss")
    card.wait_for()
    settle(page)
    assert "239 of 1\u2009200 points" in card.locator("h2").inner_text() and "error" in card.locator("h2").inner_text()
    assert "steps 961 to 1\u2009199" in card.inner_text()
    assert "The run failed" in page.locator(".findings").inner_text()
    card.get_by_role("link", name="Show on the chart").click()
    page.wait_for_selector("chart-panel")
    settle(page)
    low, high = charts(page)["train/loss"]["xRange"]
    assert low < 961 and high > 1199 and low > 500


def test_the_open_tab_is_in_view_on_a_phone(server, open_page):
    page = open_page(width=390, height=844, mobile=True)
    show(page, f"{PATH}/r/{server.runs[demo.NAN_RUN]}/health")
    tab = page.locator(".run-page .tab[aria-current]").bounding_box()
    assert tab["x"] >= 0 and tab["x"] + tab["width"] <= 390


def test_each_planted_spike_is_counted(page, server):
    show(page, f"{PATH}/r/{server.runs[demo.SPIKE_RUN]}/health")
    card = page.locator(".finding", has_text="spikes in train/loss")
    assert re.search(rf"\b{len(demo.SPIKES)} spikes in train/loss, up to [5-7]", card.locator("h2").inner_text())
    assert card.locator(".evidence polyline").count() == 2


def test_a_healthy_run_says_what_was_looked_at(page, server):
    run = server.client.make_run("healthy", "calm")
    server.client.log(run, list(range(60)), {"train/loss": [1 / (s + 1) for s in range(60)], "val/accuracy": [s / 80 for s in range(60)]})
    server.client.finish(run)
    show(page, f"/p/healthy/r/{run}/health")
    assert "Nothing found" in page.locator("main").inner_text() and "2 metrics" in page.locator("main").inner_text()


def test_health_follows_a_run_that_goes_on(page, server):
    run = server.client.make_run("going-wrong", "live")
    server.client.log(run, [0, 1, 2], {"train/loss": [3.0, 2.0, 1.0]})
    show(page, f"/p/going-wrong/r/{run}/health")
    page.get_by_text("Nothing found").wait_for()
    page.wait_for_selector(".live-live")
    server.client.log(run, [3, 4], {"train/loss": [float("nan"), float("nan")]})
    page.locator(".finding", has_text="NaN in train/loss: 2 of 5 points").wait_for()


def test_the_first_page_offers_a_demo_and_opens_it(make_server, open_page):
    page = open_page(make_server().base)
    show(page, "/")
    page.get_by_role("button", name="Load a demo project").click()
    page.wait_for_url("**/p/demo")
    page.wait_for_selector("chart-panel")
    page.wait_for_selector("html[data-ready='1']")
    settle(page)
    state = charts(page)["train/loss"]
    assert len(state["series"]) == 8 and len(charts(page)) == 5
    assert "40 NaN" in page.locator("chart-panel[data-metric='train/loss'] .chip.error").inner_text()
    assert violations(page) == []
