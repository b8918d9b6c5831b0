"""The Media tab: images with one step slider, texts, tables, files; hidden where a run has none."""
import hashlib
import io
import json
import urllib.request

import pytest
from browser import address, reload, settle, show, violations
from PIL import Image


def upload(server, data):
    request = urllib.request.Request(f"{server.base}/api/v1/blobs", data, {"Content-Type": "application/octet-stream"})
    assert json.load(urllib.request.urlopen(request))["digest"] == hashlib.sha256(data).hexdigest()
    return {"digest": hashlib.sha256(data).hexdigest(), "size": len(data)}


def picture(shade):
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (shade, 60, 200 - shade)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def gallery(server):
    """A run with two images at each of three steps, an image at one, a text, a table, a file, and one that has not come."""
    run = server.client.make_run("gallery", "pictures")
    media = []
    for step in (0, 100, 200):
        for i in range(2):
            media.append({"name": "samples", "step": step, "kind": "image", "contentType": "image/png", "caption": f"digit {i} at {step}", **upload(server, picture(step // 2 + 40 * i))})
    media.append({"name": "confusion", "step": 120, "kind": "image", "contentType": "image/png", **upload(server, picture(250))})
    media.append({"name": "answer", "step": 200, "kind": "text", "contentType": "text/plain", **upload(server, b"<b>not bold</b>\nsecond line")})
    table = {"version": 1, "columns": [{"name": "id", "type": "integer"}, {"name": "p", "type": "number"}], "rows": [[1, 0.93], [2, "NaN"], [3, 0.5]]}
    media.append({"name": "errors", "step": 200, "kind": "table", "contentType": "application/json", **upload(server, json.dumps(table).encode())})
    media.append({"name": "weights", "step": 200, "kind": "file", "contentType": "application/octet-stream", **upload(server, b"\0" * 2048)})
    media.append({"name": "later", "step": 200, "kind": "image", "contentType": "image/png", "digest": "0" * 64, "size": 9})
    server.client.send("POST", f"/runs/{run}/batches", {"rows": [{"step": 0, "values": {"loss": 1}}], "media": [{"time": 0, **each} for each in media]})
    return run


def shown(page, name):
    return page.locator(f".media-card[aria-label='{name}'] figcaption").all_inner_texts()


def test_one_slider_moves_all_media_and_says_what_is_nearest(page, gallery):
    show(page, f"/p/gallery/r/{gallery}")
    page.get_by_role("link", name="Media").click()
    page.wait_for_selector(".media-card")
    settle(page)
    assert shown(page, "samples") == ["digit 0 at 200", "digit 1 at 200"]
    assert "nearest: step 120" in page.locator(".media-card[aria-label='confusion'] h2").inner_text()
    assert "still on its way" in page.locator(".media-card[aria-label='later']").inner_text()
    assert page.locator(".media-card img").evaluate_all("images => images.every((image) => image.complete && image.naturalWidth === 32)")
    slider = page.get_by_role("slider", name="Step")
    slider.focus()
    page.keyboard.press("Home")
    address(page, "step=0")
    assert shown(page, "samples") == ["digit 0 at 0", "digit 1 at 0"]
    page.keyboard.press("ArrowRight")
    settle(page)
    assert "step=100" in page.url and shown(page, "samples")[0] == "digit 0 at 100"
    reload(page, ".media-card")
    assert shown(page, "samples")[0] == "digit 0 at 100"
    assert violations(page) == []


def test_texts_are_text_and_tables_sort(page, gallery):
    show(page, f"/p/gallery/r/{gallery}/media")
    assert page.locator(".media-text").inner_text() == "<b>not bold</b>\nsecond line"
    table = page.get_by_role("region", name="Table errors")
    table.get_by_role("button", name="p").click()
    settle(page)
    assert [row.split("\t")[0] for row in table.locator("tbody tr").all_inner_texts()][0] == "1"
    assert "2.0 KiB" in page.locator(".media-card[aria-label='weights']").inner_text() or "2 KiB" in page.locator(".media-card[aria-label='weights']").inner_text()


def test_an_image_is_enlarged_and_walked_through_by_keys(page, gallery):
    show(page, f"/p/gallery/r/{gallery}/media")
    page.get_by_role("button", name="Enlarge digit 0 at 200").click()
    view = page.locator(".lightbox-view")
    view.focus()
    page.keyboard.press("+")
    settle(page)
    assert "scale(1.5)" in page.locator(".lightbox img").get_attribute("style")
    page.keyboard.press("ArrowRight")
    settle(page)
    assert page.locator(".lightbox img").get_attribute("alt") == "digit 1 at 200"
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")


def test_a_run_without_media_has_no_such_tab_and_new_media_bring_it(page, server):
    run = server.client.make_run("gallery", "plain")
    server.client.log(run, [0], {"loss": [1.0]})
    show(page, f"/p/gallery/r/{run}")
    page.wait_for_selector(".live-live")
    assert page.get_by_role("link", name="Media").count() == 0
    server.client.send("POST", f"/runs/{run}/batches", {"media": [{"name": "a", "step": 1, "time": 0, "kind": "image", "contentType": "image/png", **upload(server, picture(9))}]})
    page.get_by_role("link", name="Media").wait_for()
    settle(page)
