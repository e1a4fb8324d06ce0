try {
  const { default: init } = await import("/app.js");
  await init({ module_or_path: "/app_bg.wasm" });
} catch (error) {
  window.early?.failed();
  throw error;
}
