"""Runs the engine's stages in headless Chromium: python stages.py STAGES.wasm

The program is that of the native run, built for WASI; the page below gives it a clock and takes what it prints.
Prints the same lines: name, tab, nanoseconds per sample.
"""

import functools
import http.server
import pathlib
import shutil
import sys
import tempfile
import threading

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

PAGE = """<!doctype html><script type="module">
let memory, printed = "";
const view = () => new DataView(memory.buffer);
const zeros = (first, second) => (view().setUint32(first, 0, true), view().setUint32(second, 0, true), 0);
const known = {
  args_get: () => 0, environ_get: () => 0, args_sizes_get: zeros, environ_sizes_get: zeros, sched_yield: () => 0,
  clock_time_get: (_id, _precision, to) => (view().setBigUint64(to, BigInt(Math.round(performance.now() * 1e6)), true), 0),
  random_get: (to, n) => (crypto.getRandomValues(new Uint8Array(memory.buffer, to, n)), 0),
  proc_exit: (code) => { throw new Error("exit " + code); },
  fd_write: (_fd, parts, n, to) => {
    let written = 0;
    for (let at = 0; at < n; at++) {
      const [start, length] = [view().getUint32(parts + 8 * at, true), view().getUint32(parts + 8 * at + 4, true)];
      printed += new TextDecoder().decode(new Uint8Array(memory.buffer, start, length));
      written += length;
    }
    view().setUint32(to, written, true);
    return 0;
  },
};
const NOT_SUPPORTED = 58;
const wasi = new Proxy({}, { get: (_, name) => known[name] ?? (() => NOT_SUPPORTED), has: () => true });
const program = await WebAssembly.compileStreaming(fetch("stages.wasm"));
// Once to let the browser's better compiler take over, once to be believed.
for (let run = 0; run < 2; run++) {
  const instance = await WebAssembly.instantiate(program, { wasi_snapshot_preview1: wasi });
  memory = instance.exports.memory;
  printed = "";
  try { instance.exports._start(); } catch (error) { if (!`${error}`.includes("exit 0")) printed = `${error}`; }
}
document.title = "done";
window.printed = printed;
</script>"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


folder = pathlib.Path(tempfile.mkdtemp())
shutil.copy(sys.argv[1], folder / "stages.wasm")
(folder / "index.html").write_text(PAGE)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
threading.Thread(target=server.serve_forever, daemon=True).start()

options = webdriver.ChromeOptions()
for flag in (
    "headless", "no-sandbox", "disable-gpu", "no-first-run", "disable-background-networking",
    "disable-component-update", "disable-sync", f"user-data-dir={folder / 'profile'}",
):
    options.add_argument(f"--{flag}")
driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
try:
    driver.set_script_timeout(300)
    driver.get(f"http://127.0.0.1:{server.server_port}/")
    print(driver.execute_async_script(
        "const done = arguments[0]; const look = () => window.printed === undefined ? setTimeout(look, 100) : done(window.printed); look();"
    ), end="")
finally:
    driver.quit()
    shutil.rmtree(folder, ignore_errors=True)
