"""Analyses a recording in headless Chromium: python page.py SITE FOLDER

Serves the built site, nothing else; opens the folder's files in the page, presses "Analyse here", and prints seconds
to the first traces, seconds of the whole analysis, worker seconds of its stages, and the largest proportional set
size of all of the browser's processes together (each shared page counted once).
"""

import functools
import http.server
import json
import os
import pathlib
import re
import sys
import tempfile
import threading
import time

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

SITE, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
LIMIT_S = 900


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=SITE))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def memory_mb(profile):
    """Of every process that was started with this profile, and their descendants."""
    children, ours = {}, set()
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                status = pathlib.Path(f"/proc/{entry}/stat").read_text()
                children.setdefault(int(status.rsplit(")", 1)[1].split()[1]), []).append(int(entry))
                if profile in pathlib.Path(f"/proc/{entry}/cmdline").read_text():
                    ours.add(int(entry))
            except OSError:
                pass
    waiting = list(ours)
    while waiting:
        for child in children.get(waiting.pop(), []):
            if child not in ours:
                ours.add(child)
                waiting.append(child)
    total = 0
    for process in ours:
        try:
            found = re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{process}/smaps_rollup").read_text(), re.M)
            total += int(found[1]) if found else 0
        except OSError:
            pass
    return total / 1000


def seconds(text):
    """`1 min 5 s`, `5.2 s` or `300 ms` as a number."""
    units = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
    return sum(float(n.replace(",", "")) * units[unit] for n, unit in re.findall(r"([\d.,]+) (ms|s|min|h)\b", text))


address, profile = serve(), tempfile.mkdtemp()
options = webdriver.ChromeOptions()
for flag in ("headless", "no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking"):
    options.add_argument(f"--{flag}")
for flag in ("disable-component-update", "disable-sync", f"user-data-dir={profile}"):
    options.add_argument(f"--{flag}")
driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
try:

    def find(name, limit=LIMIT_S):
        selector = f'[data-testid="{name}"]'
        return WebDriverWait(driver, limit, 0.02).until(lambda d: d.find_element(By.CSS_SELECTOR, selector))

    driver.get(address)
    find("file-input")
    time.sleep(2)
    idle_mb = memory_mb(profile)
    files = [str(path) for path in FOLDER.iterdir() if path.suffix in (".raw", ".json", ".h5")]
    start = time.perf_counter()
    find("file-input").send_keys("\n".join(files))
    find("traces-ready")
    first_s = time.perf_counter() - start
    # The page measures noise for its map; the analysis should have the processors to itself.
    def noise_is_known(_):
        text = find("cards").text
        return re.search(r"Median [\d.]+ µV", text) and not re.search(r"\d+ of \d+ places", text)

    WebDriverWait(driver, LIMIT_S, 0.2).until(noise_is_known)
    start, peak_mb = time.perf_counter(), 0.0
    find("analyse-here").click()
    while not driver.find_elements(By.CSS_SELECTOR, '[data-testid="receipt"]'):
        peak_mb = max(peak_mb, memory_mb(profile))
        if time.perf_counter() - start > LIMIT_S:
            raise SystemExit(f"not finished after {LIMIT_S} s")
        time.sleep(0.1)
    whole_s = time.perf_counter() - start
    receipt = driver.execute_script("return arguments[0].innerText", find("receipt"))
    stages = re.findall(r"Workers' time: (\w+)\s+(.+)", receipt)
    print(
        json.dumps(
            {
                "first_traces_s": first_s,
                "analysis_s": whole_s,
                "stages_s": {name: seconds(text) for name, text in stages},
                "peak_mb": peak_mb,
                "idle_mb": idle_mb,
            }
        )
    )
finally:
    driver.quit()
