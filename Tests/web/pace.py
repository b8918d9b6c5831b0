"""How slow this machine is now. Budgets are for two quiet cores; elsewhere they are multiplied, so that a busy machine proves nothing wrong."""

# A fixed piece of work of the kind that pages do: typed arrays, objects, style and layout. About 30 ms where the budgets were set.
WORK = """() => {
    const start = performance.now(), column = new Float64Array(400_000), map = new Map();
    for (let round = 0; round < 4; round++) for (let i = 0; i < column.length; i++) column[i] = Math.sqrt(column[i] + i);
    for (let i = 0; i < 60_000; i++) map.set(`k${i % 5000}`, {i, text: String(i)});
    const box = document.createElement("div");
    document.body.append(box);
    for (let i = 0; i < 12; i++) { box.innerHTML = "<p><b>a</b> b</p>".repeat(60); box.offsetHeight; }
    box.remove();
    return performance.now() - start;
}"""
REFERENCE_MS = 30
HEADROOM = 1.3


def allowance(page):
    """What a budget is multiplied by: the head-room, and how much slower than the reference the machine is."""
    times = sorted(page.evaluate(WORK) for _ in range(5))
    return HEADROOM * max(1, times[2] / REFERENCE_MS)


def computing(page):
    """Returns a function that tells the milliseconds the page's thread has computed: what it waited for a busy machine does not count."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return lambda: next(m["value"] for m in session.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration") * 1000
