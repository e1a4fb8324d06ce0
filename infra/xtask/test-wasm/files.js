// Files of the machine that runs the tests, read only. The command gives them; a worker may wait for them.

const ask = (where, path, type) => {
  const request = new XMLHttpRequest();
  request.open("POST", where, false);
  request.responseType = type;
  request.send(path);
  return request.status === 200 ? request.response : undefined;
};

/** What is at a path: `{ size }` of a file, `{ entries }` of a folder, or nothing. */
export const look = (path) => ask("/look", path, "json");

/** The bytes of a file. */
export const read = (path) => new Uint8Array(ask("/read", path, "arraybuffer") ?? 0);
