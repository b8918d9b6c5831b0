"""Stop, checkpoint and declared values from the page: what the person sees, with the test as the trainer that listens."""
import re

import pytest
from browser import settle, show, violations


class Trainer:
    """A run whose program listens, as the API has it: it hears with its heartbeats, and answers."""

    def __init__(self, client, project, name, listens=("stop", "checkpoint")):
        self.client, self.id = client, client.make_run(project, name)
        client.log(self.id, [0, 1234], {"loss": [2.0, 1.0]})
        self.beat(listens=list(listens))

    def beat(self, **more):
        return self.client.send("POST", f"/runs/{self.id}/heartbeat", {"attempt": 1, **more})

    def heard(self):
        """The one command that is open."""
        beat = self.beat()
        [command] = beat.get("commands", []) + beat.get("changes", [])
        return command

    def answer(self, state, **more):
        self.client.send("PATCH", f"/runs/{self.id}/commands/{self.heard()['id']}", {"state": state, **more})

    def finish(self):
        self.client.send("POST", f"/runs/{self.id}/finish", {"state": "finished"})


@pytest.fixture
def project(request):
    return "commands-" + re.sub(r"\W+", "-", request.node.name)[-40:].strip("-").lower()


def button(page, name):
    return page.locator(".run-head").get_by_role("button", name=name, exact=True)


def said(page, text):
    """Waits until the head says so."""
    page.locator(".run-commands").get_by_text(text, exact=True).wait_for()


def confirm(page, title, name):
    dialog = page.get_by_role("dialog", name=title)
    dialog.wait_for()
    assert violations(page) == []
    dialog.get_by_role("button", name=name, exact=True).click()
    dialog.wait_for(state="detached")


def test_a_stop_is_confirmed_heard_and_done_and_the_page_says_how_far_it_is(page, server, project):
    trainer = Trainer(server.client, project, "long")
    show(page, f"/p/{project}/r/{trainer.id}")
    button(page, "Stop").click()
    page.get_by_role("dialog", name="Stop long?").wait_for()
    page.keyboard.press("Escape")
    settle(page)
    assert "commands" not in trainer.beat(), "what is not confirmed is not asked"
    button(page, "Stop").focus()
    page.keyboard.press("Enter")
    confirm(page, "Stop long?", "Stop")
    said(page, re.compile("^Stop asked for .*, waiting for the trainer$"))
    settle(page)
    assert violations(page) == []
    assert button(page, "Stop").get_attribute("aria-disabled") == "true" and button(page, "Checkpoint now").get_attribute("aria-disabled") is None
    trainer.answer("taken")
    said(page, re.compile("^Stop asked for .*, the trainer sees to it$"))
    trainer.answer("done")
    trainer.finish()
    said(page, "Stopped at step 1\u2009234")
    page.wait_for_function("() => !document.querySelector('.run-commands button')")
    assert [event["kind"] for event in server.client.send("GET", f"/runs/{trainer.id}/events")["events"]] == ["stop"]


def test_a_checkpoint_that_cannot_be_saved_says_why_and_a_silent_end_expires_what_is_open(page, server, project):
    trainer = Trainer(server.client, project, "short")
    show(page, f"/p/{project}/r/{trainer.id}")
    button(page, "Checkpoint now").click()
    confirm(page, "Save a checkpoint of short?", "Checkpoint now")
    said(page, re.compile("^Checkpoint asked for"))
    trainer.answer("refused", message="The disk is full.")
    said(page, "No checkpoint: The disk is full.")
    button(page, "Checkpoint now").click()
    confirm(page, "Save a checkpoint of short?", "Checkpoint now")
    said(page, re.compile("^Checkpoint asked for"))
    trainer.finish()
    said(page, "The run ended before a checkpoint was saved")


def test_a_run_that_does_not_listen_has_no_buttons_and_gets_them_when_it_does(page, server, project):
    trainer = Trainer(server.client, project, "deaf", listens=())
    show(page, f"/p/{project}/r/{trainer.id}")
    settle(page)
    assert button(page, "Stop").count() == 0 and button(page, "Checkpoint now").count() == 0
    trainer.beat(listens=["stop"])
    button(page, "Stop").wait_for()
    assert button(page, "Checkpoint now").count() == 0


def test_of_many_runs_those_that_listen_are_asked(page, server, project):
    trainers = [Trainer(server.client, project, name) for name in ("one", "two")]
    Trainer(server.client, project, "three", listens=())
    show(page, f"/p/{project}/table")
    settle(page)
    for name in ("one", "two", "three"):
        page.get_by_role("checkbox", name=f"Select {name}", exact=True).check()
    page.get_by_role("region", name="Selected runs").get_by_role("button", name="Stop 2 of 3…", exact=True).click()
    page.get_by_text("Only 2 of the 3 runs can be stopped from here", exact=False).wait_for()
    confirm(page, "Stop 2 runs?", "Stop")
    page.get_by_text("Asked 2 runs to stop", exact=True).wait_for()
    assert [trainer.heard()["kind"] for trainer in trainers] == ["stop", "stop"]


VALUES = [{"name": "learning_rate", "value": 0.01, "min": 1e-6, "max": 0.1}, {"name": "batch", "value": 32, "min": 1, "max": 256, "integer": True},
          {"name": "sampler", "value": "greedy", "choices": ["greedy", "nucleus"]}]


def test_a_declared_value_is_changed_within_its_bounds_and_the_page_says_from_what_to_what(page, server, project):
    trainer = Trainer(server.client, project, "long", listens=())
    trainer.beat(declares=VALUES)
    show(page, f"/p/{project}/r/{trainer.id}")
    button(page, "Values…").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Values of long")
    rate = dialog.get_by_role("textbox", name="learning_rate")
    rate.wait_for()
    dialog.get_by_text("Now 0.01 · from 0.000001 to 0.1", exact=True).wait_for()
    dialog.get_by_text("Now 32 · a whole number from 1 to 256", exact=True).wait_for()
    rate.fill("0.5")
    page.keyboard.press("Enter")
    dialog.get_by_text("The trainer takes 0.000001 to 0.1 only", exact=True).wait_for()
    assert rate.get_attribute("aria-invalid") == "true" and violations(page) == []
    assert "changes" not in trainer.beat()
    rate.fill("0.02")
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Change learning_rate?").get_by_text("0.01 → 0.02", exact=True).wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="Change learning_rate?").wait_for(state="detached")
    assert "changes" not in trainer.beat(), "what is not confirmed is not asked"
    rate.press("Enter")
    confirm(page, "Change learning_rate?", "Change")
    dialog.get_by_text(re.compile("^learning_rate → 0.02 asked for .*, waiting for the trainer$")).wait_for()
    trainer.answer("taken")
    trainer.answer("done")
    dialog.get_by_text("learning_rate 0.01 → 0.02 since step 1\u2009234", exact=True).wait_for()
    dialog.get_by_text("Now 0.02 · from 0.000001 to 0.1", exact=True).wait_for()
    [event] = server.client.send("GET", f"/runs/{trainer.id}/events")["events"]
    assert (event["kind"], event["title"], event["step"]) == ("set", "learning_rate 0.01 → 0.02", 1234)
    dialog.get_by_role("combobox", name="sampler").select_option("nucleus")
    dialog.locator("form", has_text="sampler").get_by_role("button", name="Change…").click()
    confirm(page, "Change sampler?", "Change")
    dialog.get_by_text(re.compile("^sampler → nucleus asked for")).wait_for()
    trainer.answer("refused", message="It is not loaded.")
    dialog.get_by_text("sampler not changed: It is not loaded.", exact=True).wait_for()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    said(page, "sampler not changed: It is not loaded.")
    assert page.evaluate("() => document.activeElement.textContent.trim()") == "Values…"


def test_what_the_server_refuses_stands_below_the_value_and_the_dialog_fits_a_phone(open_page, server, project):
    trainer = Trainer(server.client, project, "small", listens=())
    trainer.beat(declares=VALUES)
    page = open_page(width=390, dark=True, expected=("422",))
    show(page, f"/p/{project}/r/{trainer.id}")
    button(page, "Values…").click()
    dialog = page.get_by_role("dialog", name="Values of small")
    dialog.get_by_role("textbox", name="batch").fill("64")
    dialog.get_by_role("textbox", name="batch").press("Enter")
    page.get_by_role("dialog", name="Change batch?").wait_for()
    settle(page)
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    boxes = page.evaluate("() => [...document.querySelectorAll('.value-form :is(input, select, button)')].map((e) => e.getBoundingClientRect()).map(({left, right, height}) => [left, right, height])")
    assert all(left >= 0 and right <= 390 and height >= 24 for left, right, height in boxes if height), boxes
    page.route("**/commands", lambda route: route.continue_(post_data=route.request.post_data.replace("64", "640")) if route.request.method == "POST" else route.continue_())
    page.get_by_role("dialog", name="Change batch?").get_by_role("button", name="Change", exact=True).click()
    dialog.get_by_text("batch cannot become 640: it is above 256, the greatest that the program takes.", exact=True).wait_for()
    trainer.finish()
    dialog.wait_for(state="detached")
    assert button(page, "Values…").count() == 0
