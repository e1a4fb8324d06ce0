// Runs before the page's program is there: shows what fits the address, starts the first worker, and keeps what is
// dropped, for frontend/src/services/early.rs.
(() => {
  const root = document.documentElement;
  const isStart = !location.pathname.startsWith("/share/") && !/^#\/(recordings|kept|regions)\//.test(`${location.hash.split("?")[0]}/`);
  root.dataset.first = isStart ? "start" : "other";

  // On the other pages no file is looked for: their workers start when they are needed.
  let worker = null;
  if (isStart) {
    try {
      worker = new Worker("/worker-start.js", { type: "module" });
    } catch {
      // The page says what a browser without workers lacks.
    }
  }
  const early = { hasLoaded: false };
  worker?.addEventListener("message", () => { early.hasLoaded = true; }, { once: true });
  // One that could not be loaded is started again by the page.
  worker?.addEventListener("error", () => { worker = null; }, { once: true });
  early.worker = () => {
    const first = worker;
    worker = null;
    return first;
  };

  let entries = [];
  let files = [];
  const say = () => {
    const told = document.getElementById("first-told");
    if (told && files.length > 0) {
      told.textContent = files.length === 1
        ? `${files[0].name} opens as soon as the page has loaded…`
        : `${files.length} files open as soon as the page has loaded…`;
    }
  };
  const over = (event) => event.preventDefault();
  const drop = (event) => {
    event.preventDefault();
    if (!isStart || !event.dataTransfer) return;
    // Both must be taken before this function returns; the last drop counts.
    const found = Array.from(event.dataTransfer.items, (item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const given = Array.from(event.dataTransfer.files);
    if (given.length > 0 || found.length > 0) {
      entries = found;
      files = given;
      say();
    }
  };
  addEventListener("dragover", over);
  addEventListener("drop", drop);
  early.end = () => {
    removeEventListener("dragover", over);
    removeEventListener("drop", drop);
    delete root.dataset.first;
    return [entries, files];
  };

  // The program may not come at all: a line that breaks, a browser that is too old.
  early.failed = () => {
    const told = document.getElementById("first-told");
    if (!told) return;
    told.textContent = "The page could not be loaded. Check the connection and reload it; if that does not help, the browser is older than 2023 and must be updated.";
    root.dataset.failed = "";
  };
  window.early = early;
})();
