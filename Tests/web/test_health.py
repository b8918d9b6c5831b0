"""What the server's rules find: on the health tab, on charts, in lists and filters; and the demo project that shows it."""
import time

import demo
from browser import charts, settle, show, violations

PATH = "/p/cifar-vision"


def findings(server, run):
    """Everything that was found, once all has been looked at."""
    while True:
        answer = server.client.send("GET", f"/runs/{run}/findings")
        if answer["complete"]:
            return answer["findings"]
        time.sleep(0.05)


def open_health(page, server, run, path=PATH):
    findings(server, run)
    show(page, f"{path}/r/{run}/health")


def test_nan_is_found_with_its_steps_and_leads_to_the_chart(page, server):
    run = server.runs[demo.NAN_RUN]
    findings(server, run)
    show(page, f"{PATH}/r/{run}")
    page.locator(".run-head").get_by_role("link", name="239 NaN").click()
    card = page.locator(".finding", has_text="NaN in train/loss")
    card.wait_for()
    settle(page)
    assert "error" in card.locator("h2").inner_text() and "points concerned 239 · points 1\u202f200" in card.inner_text()
    assert "steps 961 to 1\u202f199" in card.inner_text()
    assert "The run failed" in page.locator(".findings").inner_text()
    card.get_by_role("link", name="Show on the chart").click()
    page.wait_for_selector("chart-panel")
    settle(page)
    low, high = charts(page)["train/loss"]["xRange"]
    assert low < 961 and high > 1199 and low > 500


def test_the_open_tab_is_in_view_on_a_phone(server, open_page):
    page = open_page(width=390, height=844, mobile=True)
    open_health(page, server, server.runs[demo.NAN_RUN])
    tab = page.locator(".run-page .tab[aria-current]").bounding_box()
    assert tab["x"] >= 0 and tab["x"] + tab["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_long_number_never_breaks_across_lines(server, open_page):
    run = server.client.make_run("long-steps", "far")
    server.client.log(run, [1_000_000 + s for s in range(60)], {"loss": [1.0] * 20 + [float("nan")] * 40})
    page = open_page(width=360, height=844, mobile=True)
    open_health(page, server, run, "/p/long-steps")
    page.locator(".finding p.muted").first.wait_for()
    # However wide the text is: every number, as it is written, has one box.
    broken = page.evaluate("""() => [...document.querySelectorAll(".finding p.muted")].flatMap((line) => [260, 200, 150, 120, 90].flatMap((width) => {
        line.style.width = `${width}px`;
        const node = document.createTreeWalker(line, NodeFilter.SHOW_TEXT).nextNode(), range = document.createRange();
        return [...node.data.matchAll(/\\d[\\d\\u2009\\u202f]*/g)].filter(({index, 0: number}) => { range.setStart(node, index); range.setEnd(node, index + number.length);
            return new Set([...range.getClientRects()].map(({top}) => top)).size > 1; }).map(([number]) => `${number} at ${width}`);
    }))""")
    assert "1\u202f000\u202f059" in page.locator(".findings").inner_text() and broken == []


def test_each_planted_spike_is_counted(page, server):
    open_health(page, server, server.runs[demo.SPIKE_RUN])
    card = page.locator(".finding", has_text="Spikes in train/loss")
    assert f"spikes {len(demo.SPIKES)} · greatest " in card.inner_text()
    card.locator(".evidence polyline").nth(1).wait_for(state="attached")
    card.get_by_text("The rule").click()
    settle(page)
    assert "12 times their median distance" in card.inner_text()


def test_a_healthy_run_says_what_was_looked_at(page, server):
    run = server.client.make_run("healthy", "calm")
    server.client.log(run, list(range(60)), {"train/loss": [1 / (s + 1) for s in range(60)], "val/accuracy": [s / 80 for s in range(60)]})
    server.client.finish(run)
    open_health(page, server, run, "/p/healthy")
    assert "Nothing found" in page.locator("main").inner_text() and "2 metrics" in page.locator("main").inner_text()


def test_health_follows_a_run_that_goes_on(page, server):
    run = server.client.make_run("going-wrong", "live")
    server.client.log(run, [0, 1, 2], {"train/loss": [3.0, 2.0, 1.0]})
    open_health(page, server, run, "/p/going-wrong")
    page.get_by_text("Nothing found").wait_for()
    page.wait_for_selector(".live-live")
    server.client.log(run, [3, 4], {"train/loss": [float("nan"), float("nan")]})
    page.locator(".finding", has_text="points concerned 2 · points 5").wait_for()


def test_a_muted_finding_stays_in_the_list_and_counts_nowhere(page, server):
    run = server.client.make_run("known", "flaky")
    server.client.log(run, [0, 1], {"train/loss": [1.0, float("nan")]})
    open_health(page, server, run, "/p/known")
    page.locator(".run-head").get_by_role("link", name="1 NaN").wait_for()
    page.get_by_role("button", name="Mute").click()
    page.get_by_role("menuitem", name="For this run").click()
    page.get_by_text("1 muted").click()
    page.locator(".run-head").get_by_role("link", name="1 NaN").wait_for(state="detached")
    assert server.client.send("GET", "/projects/known/runs?filter=health:nan")["matched"] == 0
    page.get_by_role("button", name="Hear of it again in this run").click()
    page.locator(".run-head").get_by_role("link", name="1 NaN").wait_for()


def test_findings_are_badges_and_a_filter(page, server):
    for run in server.runs:
        findings(server, run)
    show(page, f"{PATH}?q=health:nan")
    rows = page.locator("run-list .run-row:not([hidden])")
    assert rows.count() == 1 and "239 NaN" in rows.first.inner_text()
    show(page, f"{PATH}?q=health:spike")
    badge = page.locator(f"run-list .run-row[data-run='{server.runs[demo.SPIKE_RUN]}'] .run-badge")
    assert badge.inner_text() == "\u26a0\ufe0e1" and badge.get_attribute("title") == "Found: spike"


def test_a_finding_is_a_mark_on_its_chart_alone(page, server):
    run = server.runs[demo.NAN_RUN]
    findings(server, run)
    show(page, f"{PATH}/r/{run}/charts")
    page.wait_for_selector("chart-panel[data-metric='val/loss']")
    marks = """metric => document.querySelector(`chart-panel[data-metric='${metric}'] series-chart`).options.events.filter(({kind}) => kind === "finding").map(({step}) => step)"""
    page.wait_for_function("() => document.querySelector(`chart-panel[data-metric='train/loss'] series-chart`).options.events.some(({kind}) => kind === 'finding')")
    assert 961 in page.evaluate(marks, "train/loss") and 961 not in page.evaluate(marks, "val/loss")


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
