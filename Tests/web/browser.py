"""A page in headless Chromium that remembers everything that went wrong."""
import contextlib
import os
import shutil

import playwright.sync_api

LAUNCH = ["--no-sandbox"]
WATCH = """window.__csp=[];addEventListener('securitypolicyviolation',e=>__csp.push(e.violatedDirective+' '+e.blockedURI),true);
window.__long=[];new PerformanceObserver(l=>l.getEntries().forEach(e=>__long.push([e.startTime,e.duration]))).observe({type:'longtask',buffered:true});"""


def launch(playwright):
    return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=LAUNCH)


@contextlib.contextmanager
def page(browser, base, *, width=1280, height=800, dark=False, mobile=False, expected=()):
    """Yields a page; at its end asserts an empty console, no failed or foreign request and no breach of the CSP.

    `expected` names texts of problems that the test provokes.
    """
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=1, color_scheme="dark" if dark else "light",
                                  reduced_motion="reduce", locale="en-GB", timezone_id="UTC", is_mobile=mobile, has_touch=mobile)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=base)
    page = context.new_page()
    page.problems = []
    page.set_default_timeout(30_000)
    note = page.problems.append
    page.on("pageerror", lambda e: note(f"exception: {e} {(e.stack or '')[:300]}"))
    page.on("console", lambda m: m.type in ("error", "warning") and note(f"console {m.type}: {m.text} {m.location.get('url', '')}"))
    page.on("requestfailed", lambda r: r.failure != "net::ERR_ABORTED" and note(f"failed: {r.url} {r.failure}"))
    page.on("response", lambda r: r.status >= 400 and note(f"{r.status}: {r.url}"))
    page.on("request", lambda r: r.url.startswith(("http:", "https:", "ws:", "wss:")) and not r.url.startswith(base) and note(f"EXTERNAL REQUEST: {r.url}"))
    page.add_init_script(WATCH)
    slow_down(page)
    page.base = base
    try:
        yield page
        left = [problem for problem in page.problems if not any(text in problem for text in expected)]
        assert left == [], left
        assert page.evaluate("window.__csp") == []
    finally:
        context.close()


def slow_down(page):
    """Makes a page slow in the ways that `TRACK_SLOW_PAGES` names ("cpu=6 latency=120 frames=80", milliseconds): what a test took for granted shows itself."""
    slow = dict(part.split("=") for part in os.environ.get("TRACK_SLOW_PAGES", "").split())
    if not slow:
        return
    session = page.context.new_cdp_session(page)
    if "cpu" in slow:
        session.send("Emulation.setCPUThrottlingRate", {"rate": float(slow["cpu"])})
    if "latency" in slow:
        session.send("Network.emulateNetworkConditions", {"offline": False, "latency": float(slow["latency"]), "downloadThroughput": -1, "uploadThroughput": -1})
    if "frames" in slow:
        late_frames(page, float(slow["frames"]))


def late_frames(page, ms):
    """From the next document on, every frame that is asked for comes later by so many milliseconds."""
    page.add_init_script(f"{{ const real = requestAnimationFrame; window.requestAnimationFrame = (draw) => real(() => setTimeout(() => real(draw), {ms})); }}")


def show(page, path, idle=True):
    """Goes to a path of the dashboard and waits until its first data is drawn."""
    page.goto(page.base + path, wait_until="domcontentloaded")
    page.wait_for_selector("html[data-ready='1']")
    if idle:
        settle(page)
    return page


def reload(page, shows="html[data-ready='1']"):
    """Loads the page again and waits until it shows what it is to show."""
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector(shows)
    settle(page)


def settle(page):
    """Waits until nothing is under way, also not what the last action is only about to ask for: it asks within two frames."""
    with contextlib.suppress(playwright.sync_api.Error):       # the action may have led to another document
        page.evaluate("() => new Promise(then => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(then, 20))))")
    page.wait_for_selector("html[data-idle='1']")


def address(page, text):
    """Waits until the address holds a text, and then until the page shows what it says: the address comes first, what is asked for because of it later."""
    page.wait_for_function("text => location.search.includes(text)", arg=text)
    settle(page)


def later(page, ms):
    """Waits in the page's own time: what it had planned before then has happened, however slow the machine is."""
    page.evaluate("ms => new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), ms))", ms)


def charts(page):
    """`debugState()` of every chart that exists, by its title."""
    return page.evaluate("""() => Object.fromEntries([...document.querySelectorAll('chart-panel')].filter(p => p.chart)
        .map(p => [p.dataset.metric ?? p.model.metric, p.chart.debugState()]))""")


def chart_menu(page, metric, entry):
    """Chooses an entry of a chart's menu."""
    page.locator(f"chart-panel[data-metric='{metric}'] button[aria-label^='Chart menu']").click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def violations(page):
    """What axe finds, shortened to rule, weight and places."""
    from axe_playwright_python.sync_playwright import Axe
    found = Axe().run(page).response["violations"]
    return [(rule["id"], rule["impact"], [node["target"] for node in rule["nodes"]][:4]) for rule in found]
