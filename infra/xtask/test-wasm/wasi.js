// The part of WASI (preview 1) that a test program of Rust uses: arguments, clock, random bytes, output, and files to read.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md has the calls and the layout of what they give.

import { look, read } from "/files.js";

const OK = 0;
const BAD_FILE = 8;
const INVALID = 28;
const IS_FOLDER = 31;
const NOT_THERE = 44;
const NOT_KNOWN = 52;
const NOT_A_FOLDER = 54;
const READ_ONLY = 69;

const CREATE = 1;
const FOLDER_WANTED = 2;
const TRUNCATE = 8;
const ALL_RIGHTS = (1n << 30n) - 1n;
const [DEVICE, FOLDER, FILE] = [2, 3, 4];
/** The first numbers are input, output and errors. */
const FIRST_FOLDER = 3;

/** Thrown by a program that ends. */
class Exit {
  constructor(code) {
    this.code = code;
  }
}

/** Random bytes that are the same for the same seed (mulberry32), so that a failure can be seen again. */
const randomBytes = (seed) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) & 255;
  };
};

/**
 * Runs a program to its end. Gives its exit code (null where it was cut off, as by a panic), what it
 * printed, and the seconds that it took. `folders` are those it may read: their names for the program,
 * and their paths.
 */
export const start = (module, given, folders, seed) => {
  const encoder = new TextEncoder();
  const printed = [];
  const opened = new Map(folders.map(({ name, path }, at) => [FIRST_FOLDER + at, { name, path, entries: [] }]));
  const nextByte = randomBytes(seed);
  let nextNumber = FIRST_FOLDER + folders.length;
  let memory;

  // The memory may have moved since the last call.
  const view = () => new DataView(memory.buffer);
  const bytes = (at, n) => new Uint8Array(memory.buffer, at >>> 0, n >>> 0);
  const setU32 = (at, value) => view().setUint32(at >>> 0, value, true);
  const setU64 = (at, value) => view().setBigUint64(at >>> 0, BigInt(value), true);
  const text = (at, n) => new TextDecoder().decode(bytes(at, n));
  /** The stretches of memory of a list of them. */
  const stretches = (list, n) => Array.from({ length: n }, (_, at) => {
    const of = (list >>> 0) + 8 * at;
    return bytes(view().getUint32(of, true), view().getUint32(of + 4, true));
  });

  const words = ["tests", ...given].map((word) => encoder.encode(`${word}\0`));
  const setStat = (to, kind, size) => {
    bytes(to, 64).fill(0);
    view().setUint8((to >>> 0) + 16, kind);
    setU64(to + 24, 1);
    setU64(to + 32, size);
    return OK;
  };
  const kindOf = (there) => (there.entries ? FOLDER : FILE);
  const at = (folder, path, n) => {
    const base = opened.get(folder);
    return base && `${base.path}/${text(path, n)}`;
  };
  /** Copies from a place in a file until the stretches are full or the file ends. */
  const copy = (file, from, list, n) => {
    let place = from;
    for (const stretch of stretches(list, n)) {
      const part = file.content.subarray(place, place + stretch.length);
      stretch.set(part);
      place += part.length;
    }
    return place - from;
  };

  const calls = {
    args_sizes_get: (n, size) => {
      setU32(n, words.length);
      setU32(size, words.reduce((sum, word) => sum + word.length, 0));
      return OK;
    },
    args_get: (list, buffer) => {
      let place = buffer;
      words.forEach((word, number) => {
        setU32(list + 4 * number, place);
        bytes(place, word.length).set(word);
        place += word.length;
      });
      return OK;
    },
    environ_sizes_get: (n, size) => (setU32(n, 0), setU32(size, 0), OK),
    environ_get: () => OK,
    clock_res_get: (_id, to) => (setU64(to, 1000), OK),
    clock_time_get: (id, _precision, to) => {
      const ms = id === 0 ? Date.now() : performance.now();
      setU64(to, Math.round(ms * 1e6));
      return OK;
    },
    random_get: (to, n) => {
      const into = bytes(to, n);
      for (let number = 0; number < into.length; number++) into[number] = nextByte();
      return OK;
    },
    sched_yield: () => OK,
    proc_exit: (code) => { throw new Exit(code); },

    fd_write: (number, list, n, to) => {
      if (number !== 1 && number !== 2) return opened.has(number) ? READ_ONLY : BAD_FILE;
      const parts = stretches(list, n).map((part) => part.slice());
      printed.push(...parts);
      setU32(to, parts.reduce((sum, part) => sum + part.length, 0));
      return OK;
    },
    fd_fdstat_get: (number, to) => {
      const there = opened.get(number);
      if (!there && number >= FIRST_FOLDER) return BAD_FILE;
      bytes(to, 24).fill(0);
      view().setUint8(to >>> 0, there ? kindOf(there) : DEVICE);
      setU64(to + 8, ALL_RIGHTS);
      setU64(to + 16, ALL_RIGHTS);
      return OK;
    },
    fd_fdstat_set_flags: () => OK,
    fd_filestat_get: (number, to) => {
      const there = opened.get(number);
      if (!there) return number < FIRST_FOLDER ? setStat(to, DEVICE, 0) : BAD_FILE;
      return setStat(to, kindOf(there), there.content?.length ?? 0);
    },
    // The program asks for numbers from the first until it hears that there is no more.
    fd_prestat_get: (number, to) => {
      const name = opened.get(number)?.name;
      if (name === undefined) return BAD_FILE;
      setU32(to, 0);
      setU32(to + 4, encoder.encode(name).length);
      return OK;
    },
    fd_prestat_dir_name: (number, to, n) => {
      bytes(to, n).set(encoder.encode(opened.get(number).name).subarray(0, n));
      return OK;
    },
    path_filestat_get: (folder, _flags, path, n, to) => {
      const place = at(folder, path, n);
      if (place === undefined) return BAD_FILE;
      const there = look(place);
      return there ? setStat(to, kindOf(there), there.size ?? 0) : NOT_THERE;
    },
    path_open: (folder, _follow, path, n, how, _rights, _inherited, _flags, to) => {
      const place = at(folder, path, n);
      if (place === undefined) return BAD_FILE;
      if (how & (CREATE | TRUNCATE)) return READ_ONLY;
      const there = look(place);
      if (!there) return NOT_THERE;
      if (how & FOLDER_WANTED && !there.entries) return NOT_A_FOLDER;
      const number = nextNumber++;
      opened.set(number, { path: place, entries: there.entries, content: there.entries ? undefined : read(place), place: 0 });
      setU32(to, number);
      return OK;
    },
    fd_close: (number) => (opened.delete(number) ? OK : BAD_FILE),
    fd_read: (number, list, n, to) => {
      const file = opened.get(number);
      if (!file && number === 0) return setU32(to, 0), OK;
      if (!file) return BAD_FILE;
      if (!file.content) return IS_FOLDER;
      const length = copy(file, file.place, list, n);
      file.place += length;
      setU32(to, length);
      return OK;
    },
    fd_pread: (number, list, n, from, to) => {
      const file = opened.get(number);
      if (!file?.content) return file ? IS_FOLDER : BAD_FILE;
      setU32(to, copy(file, Number(from), list, n));
      return OK;
    },
    fd_seek: (number, offset, whence, to) => {
      const file = opened.get(number);
      if (!file?.content) return BAD_FILE;
      const place = [0, file.place, file.content.length][whence] + Number(offset);
      if (!(place >= 0)) return INVALID;
      file.place = place;
      setU64(to, place);
      return OK;
    },
    fd_tell: (number, to) => {
      const file = opened.get(number);
      if (!file?.content) return BAD_FILE;
      setU64(to, file.place);
      return OK;
    },
    // Entries from one on, the last cut off where the buffer ends: the program then asks for it again.
    fd_readdir: (number, to, size, from, used) => {
      const folder = opened.get(number);
      if (!folder?.entries) return folder ? NOT_A_FOLDER : BAD_FILE;
      const buffer = bytes(to, size);
      let length = 0;
      for (let entry = Number(from); entry < folder.entries.length && length < buffer.length; entry++) {
        const { name, is_folder } = folder.entries[entry];
        const named = encoder.encode(name);
        const row = new Uint8Array(24 + named.length);
        const fields = new DataView(row.buffer);
        fields.setBigUint64(0, BigInt(entry + 1), true);
        fields.setBigUint64(8, BigInt(entry + 1), true);
        fields.setUint32(16, named.length, true);
        fields.setUint8(20, is_folder ? FOLDER : FILE);
        row.set(named, 24);
        const part = row.subarray(0, buffer.length - length);
        buffer.set(part, length);
        length += part.length;
      }
      setU32(used, length);
      return OK;
    },
  };
  const wasi = new Proxy(calls, { get: (known, name) => known[name] ?? (() => NOT_KNOWN), has: () => true });

  const began = performance.now();
  let exit = 0;
  let cut = "";
  try {
    const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi });
    memory = instance.exports.memory;
    instance.exports._start();
  } catch (error) {
    exit = error instanceof Exit ? error.code : null;
    // Where it was, innermost first; a panic has also printed its message.
    if (exit === null) cut = `\n${(error.stack ?? `${error}`).split("\n").slice(0, 12).join("\n")}`;
  }
  const seconds = (performance.now() - began) / 1000;
  return { exit, seconds, output: decoded(printed) + cut };
};

/** Text of pieces that may part in the middle of a letter. */
const decoded = (pieces) => {
  const decoder = new TextDecoder();
  return pieces.map((piece) => decoder.decode(piece, { stream: true })).join("") + decoder.decode();
};
