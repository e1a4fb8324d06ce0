// Runs a program with one list of arguments after another, each time in an instance of its own.

import { start } from "/wasi.js";

onmessage = ({ data }) => {
  for (const given of data.runs) postMessage(start(data.module, given, data.folders, data.seed));
};
