// Runs test programs in workers, as many as there are cores, and tells the command what came of each test.

/** Tests that one worker runs one after another; the memory of all is given back when it ends. */
const PER_WORKER = 10;

const post = (where, what) => fetch(where, { method: "POST", body: JSON.stringify(what) });
const job = await (await fetch("/job")).json();

/**
 * Runs a program in a new worker, once with each list of arguments; `heard` gets what came of each.
 * Ends early where a run ends the worker, and gives the number of runs that have ended.
 */
const inWorker = (module, runs, heard) => new Promise((resolve) => {
  const worker = new Worker("/worker.js", { type: "module" });
  let n = 0;
  let timer;
  const end = () => {
    clearTimeout(timer);
    worker.terminate();
    resolve(n);
  };
  const next = (came) => heard(n++, came);
  const fail = (why) => {
    next({ exit: null, output: why, seconds: 0 });
    end();
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => fail(`no end after ${job.patience_s} s`), job.patience_s * 1000);
  };
  worker.onerror = (event) => fail(`the worker ended: ${event.message}`);
  worker.onmessage = ({ data }) => {
    next(data);
    if (n === runs.length) end();
    else wait();
  };
  wait();
  worker.postMessage({ module, runs, folders: job.folders, seed: job.seed });
});

/** What a run of one test came to. The exit code alone would also be that of a name that no test has. */
const ended = ({ exit, output }) => {
  if (exit === 0 && /^test result: ok\. 1 passed;/m.test(output)) return "passed";
  if (exit === 0 && /^test result: ok\. 0 passed; 0 failed; 1 ignored;/m.test(output)) return "ignored";
  return "failed";
};

/** The names of a program's tests that are to run. */
const chosen = async (program, module) => {
  let listed;
  await inWorker(module, [["--list", "--format", "terse"]], (_, came) => { listed = came; });
  if (listed.exit !== 0) throw new Error(`${program} gives no list of its tests: ${listed.output}`);
  const names = [...listed.output.matchAll(/^(.*): test$/gm)].map(([, name]) => name);
  return (await post("/listed", { program, names })).json();
};

const queue = [];
const carry = async () => {
  for (let batch; (batch = queue.shift());) {
    const { program, module, tests } = batch;
    const runs = tests.map((test) => [test, "--exact", "--nocapture", "--test-threads=1", "--color=never"]);
    const told = [];
    const n = await inWorker(module, runs, (at, came) => {
      told.push(post("/ran", { program, test: tests[at], ended: ended(came), seconds: came.seconds, output: came.output }));
    });
    await Promise.all(told);
    if (n < tests.length) queue.unshift({ program, module, tests: tests.slice(n) });
  }
};

try {
  for (const [at, program] of job.programs.entries()) {
    const module = await WebAssembly.compileStreaming(fetch(`/programs/${at}`));
    const tests = await chosen(program, module);
    for (let from = 0; from < tests.length; from += PER_WORKER) {
      queue.push({ program, module, tests: tests.slice(from, from + PER_WORKER) });
    }
  }
  await Promise.all(Array.from({ length: navigator.hardwareConcurrency }, carry));
  await post("/done", "");
} catch (error) {
  await post("/done", `${error}`);
}
