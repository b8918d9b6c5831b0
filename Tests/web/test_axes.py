"""x-axes that follow from what programs log, what charts lack, and paper."""
import json

import demo
import pytest
from browser import charts, settle, show, violations

PATH = "/p/cifar-vision"


@pytest.fixture(scope="module")
def gaps(server):
    """A project of three runs: one has all, one no epochs, one no loss."""
    client = demo.Client(server.base)
    columns = {"a": ["loss", "epoch"], "b": ["loss"], "c": ["epoch"]}
    for name, metrics in columns.items():
        run = client.make_run("gaps", name, {"batch_size": 8} if name != "b" else {})
        client.log(run, list(range(60)), {metric: [s / 10 for s in range(60)] for metric in metrics})
        client.finish(run)
    return "/p/gaps"


def note(page, metric="loss"):
    return page.locator(f"chart-panel[data-metric='{metric}'] .note")


def test_samples_are_steps_times_the_batch_size_of_each_run(page, server):
    asked = []
    page.on("request", lambda request: asked.append(request.post_data_json) if request.url.endswith("/series/query") else None)
    show(page, f"{PATH}?m=train/accuracy&x=of:samples")
    state = charts(page)["train/accuracy"]
    ends = {series["name"]: series["x1"] for series in page.evaluate("""() => document.querySelector('chart-panel').chart.series.map(({name, data}) => ({name, x1: data.lastX}))""")}
    assert state["xKind"] == "metric:samples" and len(state["series"]) == 20
    assert ends["vit-b-adamw-00"] == 1999 * 32 and ends["vit-s-lion-01"] == 1999 * 64
    assert page.locator("chart-panel .xname").inner_text() == "samples = step × batch_size"
    assert page.get_by_label("x-axis", exact=True).locator("option:checked").inner_text() == "Samples"
    del asked[:]
    show(page, f"{PATH}?m=train/accuracy&x=of:samples&charts=" + json.dumps({"train/accuracy": {"range": [9600, 19200]}}))
    assert sorted({(body["from"], body["to"], body["x"]) for body in asked}) == [(100, 200, "step"), (150, 300, "step"), (300, 600, "step")]
    assert [round(x) for x in charts(page)["train/accuracy"]["xRange"]] == [9600, 19200]


def test_axes_are_offered_that_can_be_derived_and_kept_in_the_link(page):
    show(page, PATH)
    axis = page.get_by_label("x-axis", exact=True)
    assert axis.locator("> option").all_inner_texts() == ["Step", "Running time", "Relative wall time", "Wall clock", "Samples"]
    axis.select_option("Running time")
    settle(page)
    assert "x=running" in page.url and charts(page)["train/loss"]["xKind"] == "running"
    assert page.locator("chart-panel[data-metric='train/loss'] .xname").inner_text() == "running time"


def test_a_chart_says_which_runs_it_lacks_and_leads_on(page, gaps):
    show(page, f"{gaps}?m=loss&x=metric:epoch")
    assert note(page).locator("span").inner_text() == "2 of 3 shown runs log this · x-axis epoch missing in 1"
    assert len(charts(page)["loss"]["series"]) == 1 and violations(page) == []
    note(page).get_by_role("button", name="use step").click()
    settle(page)
    assert note(page).inner_text() == "2 of 3 shown runs log this"
    assert len(charts(page)["loss"]["series"]) == 2
    show(page, f"{gaps}?m=loss&x=of:samples")
    assert note(page).locator("span").inner_text() == "2 of 3 shown runs log this · x-axis samples missing in 1"


def test_an_empty_chart_says_why_in_its_middle(page, gaps):
    show(page, f"{gaps}?m=loss&x=metric:nothing")
    panel = page.locator("chart-panel[data-metric='loss']")
    assert panel.locator(".message").inner_text() == "2 of 3 shown runs log this · x-axis nothing missing in 2."
    panel.get_by_role("button", name="use step").click()
    settle(page)
    assert not panel.locator(".message").is_visible() and len(charts(page)["loss"]["series"]) == 2


def test_paper_is_light_without_controls_and_with_legends(open_page):
    page = open_page(dark=True)
    show(page, PATH)
    color = "() => document.querySelector('chart-panel').chart.series[0].color"
    assert page.locator("html").get_attribute("data-theme") == "dark"
    dark = page.evaluate(color)
    page.emulate_media(media="print", color_scheme="dark")
    page.wait_for_selector("html[data-paper]")
    settle(page)
    legend = page.locator("chart-panel[data-metric='val/loss'] .legend")
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert not any(page.locator(each).first.is_visible() for each in (".top", ".toolbar", ".sidebar", ".chart-actions"))
    assert legend.is_visible() and "resnet18" in legend.inner_text() and "+" in legend.inner_text()
    assert page.evaluate(color) != dark
    page.emulate_media(media="screen", color_scheme="dark")
    page.wait_for_selector("html:not([data-paper])")
    settle(page)
    assert page.evaluate("""() => {                     // a browser that prints waits for nothing
        const {shadowRoot} = document.querySelector('chart-panel').chart, part = (name) => shadowRoot.querySelector(name);
        const fits = () => part('.axes').height === part('.plot').clientHeight && part('.base').height === part('.over').clientHeight;
        const before = part('.plot').clientHeight;
        dispatchEvent(new Event('beforeprint'));
        const seen = [fits(), part('.plot').clientHeight < before, !part('.legend').hidden];
        dispatchEvent(new Event('afterprint'));
        return [...seen, fits()];
    }""") == [True] * 4
    page.wait_for_selector("html:not([data-paper])")
    settle(page)
    assert page.locator("html").get_attribute("data-theme") == "dark" and not legend.is_visible() and page.evaluate(color) == dark


def test_a_section_sets_its_charts_at_once_and_undoes_at_once(page):
    show(page, PATH)
    for label in ("Log y", "x-axis: relative wall time"):
        page.get_by_role("button", name="Charts of train").click()
        page.get_by_role("menuitemradio", name=label, exact=True).click()
        settle(page)
    state = charts(page)
    assert {metric: (each["yScale"], each["xKind"]) for metric, each in state.items()} == {
        **{f"train/{name}": ("log", "relative") for name in ("loss", "accuracy", "learning_rate")}, "val/loss": ("linear", "step"), "val/accuracy": ("linear", "step")}
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    settle(page)
    assert all((each["yScale"], each["xKind"]) == ("linear", "step") for each in charts(page).values())


def test_values_that_a_log_axis_has_no_place_for_lead_to_symlog(page, gaps):
    show(page, f"{gaps}?m=loss&charts=" + json.dumps({"loss": {"yScale": "log"}}))
    page.get_by_role("button", name="2 values ≤ 0 not shown").click()
    settle(page)
    assert charts(page)["loss"]["yScale"] == "symlog"


def test_events_stand_at_their_time_on_time_axes(page, server):
    run = server.runs[demo.SPIKE_RUN]
    show(page, f"{PATH}?show=none&on={run}&m=train/loss&x=wall")
    events, ends = page.evaluate("""() => { const {chart} = document.querySelector('chart-panel'); return [chart.options.events, [chart.series[0].data.firstX, chart.series[0].data.lastX]]; }""")
    assert [event["kind"] for event in events] == ["checkpoint"] and abs(events[0]["step"] - sum(ends) / 2) < 2
