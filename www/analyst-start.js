import init from "/analyst.js";
await init({ module_or_path: "/analyst_bg.wasm" });
