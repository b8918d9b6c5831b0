"""Serves web/ and the charts' stand-alone page on loopback, under the dashboard's strict policy, and opens it in Chromium."""
import base64
import contextlib
import http.server
import io
import pathlib
import shutil
import threading

from browser import slow_down
from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLICY = ("default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
          "form-action 'self'; frame-ancestors 'self'")
WATCH = """window.__csp=[];addEventListener('securitypolicyviolation',e=>__csp.push(e.violatedDirective+' '+e.blockedURI),true);"""


class Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}

    def translate_path(self, path):
        page = "/charts-test/"
        folder = ROOT / "Tests/web/charts" if path.startswith(page) else ROOT / "web"
        return str(folder / path.split("?")[0].removeprefix(page).lstrip("/"))

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def serve():
    """The base address of a server that lives as long as the block."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def browser():
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            yield chromium
        finally:
            chromium.close()


@contextlib.contextmanager
def chart_page(chromium, base, scenes, *, width=1000, height=700, dark=False, ratio=1, mobile=False, forced=False, query=""):
    """A page with the named scenes, ready. What must not happen is collected in `page.problems`."""
    context = chromium.new_context(viewport={"width": width, "height": height}, device_scale_factor=ratio, color_scheme="dark" if dark else "light",
                                   reduced_motion="reduce", locale="en-GB", timezone_id="UTC", is_mobile=mobile, has_touch=mobile,
                                   forced_colors="active" if forced else "none", permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.problems = []
    page.set_default_timeout(60_000)
    page.on("pageerror", lambda error: page.problems.append(f"exception: {error}"))
    page.on("console", lambda message: message.type in ("error", "warning") and page.problems.append(f"console {message.type}: {message.text}"))
    page.on("response", lambda response: response.status >= 400 and page.problems.append(f"{response.status}: {response.url}"))
    page.on("request", lambda request: request.url.startswith("http") and not request.url.startswith(base) and page.problems.append(f"external: {request.url}"))
    page.add_init_script(WATCH)
    slow_down(page)
    theme = "&theme=dark" if dark else ""
    page.goto(f"{base}/charts-test/index.html?scenes={','.join(scenes)}{theme}{query}", wait_until="domcontentloaded")
    page.wait_for_selector("html[data-ready='1']")
    try:
        yield page
        assert page.problems == []
        assert page.evaluate("__csp") == []
    finally:
        context.close()


def state(page, name):
    return page.evaluate("name => charts[name].debugState()", name)


def plot(page, tag="series-chart"):
    return page.locator(f"{tag} .over").first.bounding_box()


def drag(page, box, start, end, steps):
    """Presses the mouse `start` from the box's corner, moves it to `end` in so many steps, and lets go."""
    page.mouse.move(box["x"] + start[0], box["y"] + start[1])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0], box["y"] + end[1], steps=steps)
    page.mouse.up()


def settle(page):
    page.evaluate("() => charts.settle()")


def pixels(page, tag="series-chart", layer="base"):
    """The picture of one layer alone, as rows of RGBA."""
    data = page.evaluate("""([tag, layer]) => document.querySelector(tag).shadowRoot.querySelector('canvas.' + layer).toDataURL()""", [tag, layer])
    return Image.open(io.BytesIO(base64.b64decode(data.split(",")[1]))).convert("RGBA")
