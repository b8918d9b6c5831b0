"""What a chart tells of late and repeated steps, what it gives away whole, and where events stand on its axes."""
import json
import time

from browser import charts, settle, show

EVENTS = "() => document.querySelector('chart-panel').chart.options.events.map(({kind, step}) => [kind, step])"


def test_late_and_repeated_steps_are_told_and_drawn_in_order(page, server):
    run, calm = (server.client.make_run("disturbed", name) for name in ("again", "calm"))
    begin = time.time() - 10_000
    for later, steps, values in [(0, list(range(10)), [float(s) for s in range(10)]), (1000, [3], [30.0]), (2000, [20], [20.0]), (3000, [15], [15.0])]:
        server.client.log(run, steps, {"loss": values}, start=begin + later)
    server.client.log(calm, list(range(10)), {"loss": [1.0] * 10})
    show(page, "/p/disturbed")
    state = charts(page)["loss"]
    assert state["disturbed"] == {"late": 2, "repeated": [{"name": "again", "count": 1}]}
    chip = page.locator("chart-panel .chip.warn")
    assert chip.text_content() == "repeated, 2 late"
    assert "again: 1" in chip.get_attribute("title") and "in the order of steps" in chip.get_attribute("title")
    drawn = page.evaluate("run => { const {data} = document.querySelector('chart-panel').chart.series.find((each) => each.run === run); return [[...data.x0], [...data.mean]]; }", run)
    assert drawn == [[*range(10), 15, 20], [0, 1, 2, 30, 4, 5, 6, 7, 8, 9, 15, 20]]
    page.wait_for_function("() => document.querySelector('series-chart').shadowRoot.querySelector('table')")
    rows = page.evaluate("() => [...document.querySelector('series-chart').shadowRoot.querySelectorAll('table tr')].map((row) => [...row.cells].map((cell) => cell.textContent))")
    assert rows[0][-2:] == ["late", "repeated in the run"] and {row[0]: row[-2:] for row in rows[1:]} == {"again": ["2", "1"], "calm": ["0", "0"]}


def test_all_points_are_taken_from_a_chart_however_few_it_draws(page, server):
    runs = [server.client.make_run("many-points", name) for name in ("a", "b")]
    for run in runs:
        server.client.log(run, list(range(3000)), {"loss": [s / 7 for s in range(3000)], "other": [0.0] * 3000})
    show(page, "/p/many-points?m=loss")
    for entry, ending in (("Download all points, CSV", "csv"), ("Download all points, JSON lines", "jsonl")):
        page.locator("chart-panel[data-metric='loss'] button[aria-label^='Chart menu']").click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=entry).click()
        assert download.value.suggested_filename == f"points.{ending}"
        lines = download.value.path().read_text().splitlines()
        if ending == "csv":
            assert lines.pop(0) == "run,name,metric,step,time_us,value"
            assert {line.split(",")[2] for line in lines} == {"loss"} and lines[8].split(",")[-1] == str(8 / 7)
        else:
            assert json.loads(lines[-1])["value"] == 2999 / 7
        assert len(lines) == 6000


def test_events_stand_on_every_axis_that_they_have_a_place_on(page, server):
    client = server.client
    run = client.make_run("placed", "one", {"batch_size": 4})
    begin = client.send("GET", f"/runs/{run}")["startedAt"] / 1000
    client.log(run, list(range(0, 100, 10)), {"loss": [1 / (s + 1) for s in range(10)], "epoch": [s / 2 for s in range(10)]}, start=begin,
               events=[{"step": 45, "time": int((begin + 18) * 1e6), "kind": "checkpoint", "title": "kept"}])
    for axis, place in (("step", 45), ("running", 18), ("relative", 18), ("metric:epoch", 2.25), ("of:samples", 180)):
        show(page, f"/p/placed?m=loss&x={axis}")
        page.wait_for_function("() => document.querySelector('chart-panel').chart?.options.events?.length === 1")
        (kind, at), = page.evaluate(EVENTS)
        assert kind == "checkpoint" and abs(at - place) < 0.01, (axis, at)
        settle(page)


def test_events_of_a_resumed_run_stand_at_their_running_time(page, server):
    client = server.client
    run = client.make_run("placed-again", "one")
    first = client.send("GET", f"/runs/{run}")["startedAt"] / 1000
    client.log(run, [0, 1], {"loss": [3.0, 2.0]}, start=first, seconds_a_step=30)
    second = client.send("POST", "/runs", {"id": run, "project": "placed-again", "resume": "must", "resumeStep": 2})["run"]["attempts"][-1]["startedAt"] / 1000
    client.log(run, [2, 3], {"loss": [1.0, 0.5]}, start=second - 20, seconds_a_step=10, events=[{"step": 3, "time": int((second + 10) * 1e6), "kind": "checkpoint", "title": "kept"}])
    show(page, "/p/placed-again?x=running")
    page.wait_for_function("() => document.querySelector('chart-panel').chart?.options.events?.length === 2")
    places = dict(page.evaluate(EVENTS))
    # The first attempt ran for thirty seconds, by its last row.
    assert abs(places["restart"] - 30) < 0.01 and abs(places["checkpoint"] - 40) < 0.01
