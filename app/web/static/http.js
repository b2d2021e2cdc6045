// What the pages ask of the service. Addresses are relative, so that they also work below a path of another server.

const OF_THE_FILE = ["not-an-image", "unreadable-image", "too-many-bytes", "too-many-pixels", "too-many-pages"];

/** Read a file; returns its pages as `POST /ocr` describes them, a problem in the place of what cannot be read. */
export async function read(file, options, key) {
  const response = await post("ocr", { file }, { ...options, format: "json", alternatives: 6 }, key);
  const answer = await response.json();
  const pages = answer.pages ?? [{ ...answer, source: { page: 1 } }];
  return pages.map((page) => ({ ...page, file }));
}

/** Tell whether a problem is about the file that was sent, so that another may well be read. */
export function isOfTheFile(problem) {
  return OF_THE_FILE.some((code) => isOf(problem, code));
}

/** Read files, or one page of each, in another format; returns the file that the service made of them. */
export async function write(files, options, key) {
  return (await post("ocr", { file: files }, options, key)).blob();
}

/** Tell whether a problem is that more was sent than one request may have. */
export function isTooMuch(problem) {
  return isOf(problem, "too-many-files") || isOf(problem, "too-many-bytes");
}

/** Say what a place of a page really says; returns the correction as it is kept. */
export async function correct(file, page, box, text, key) {
  return (await post("corrections", { file, page, text, level: "row", box: sides(box) }, {}, key)).json();
}

/** Delete a correction. */
export async function takeBack(id, key) {
  await send(`corrections/${id}`, {}, key, { method: "DELETE" });
}

/** Ask why the character in a box was read as it was; returns what `POST /explain` says, pictures included. */
export async function explain(file, page, box, key) {
  return (await post("explain", { file }, { page, box: sides(box), neighbours: 5, format: "json" }, key)).json();
}

/** Ask for something that is looked at. */
export async function get(address, query, key) {
  return send(address, query, key, {});
}

/** Tell whether a problem document (RFC 9457), if there is one, is about a key that is missing or wrong. */
export function needsKey(problem) {
  return isOf(problem, "key-needed");
}

/** Return the id of the correction that has to be taken back before what was sent can be kept, if there is one. */
export function inTheWay(problem) {
  return isOf(problem, "corrected-otherwise") ? problem.id : undefined;
}

function isOf(problem, code) {
  return Boolean(problem?.type?.endsWith(`/${code}`));
}

/** Put a problem document into one sentence. */
export function sentence(problem) {
  if (needsKey(problem)) {
    return "This takes a valid key. Where the service runs, inkrow keys create NAME --scope correct makes one.";
  }
  const { title, detail } = problem;
  return detail ? `${title}: ${detail}.` : `${title}.`;
}

function sides({ left, top, right, bottom }) {
  return [left, top, right, bottom].join();
}

async function post(address, fields, query, key) {
  const form = new FormData();
  for (const [name, values] of Object.entries(fields)) for (const value of [values].flat()) form.append(name, value);
  return send(address, query, key, { method: "POST", body: form });
}

async function send(address, query, key, request) {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "")).toString();
  if (!/^[ -~]*$/.test(key)) throw refusal({ type: "/key-needed" }); // browsers send no other characters
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  const response = await fetch(given ? `${address}?${given}` : address, { ...request, headers }).catch(() => {
    throw refusal({ title: "The service cannot be reached" });
  });
  if (response.ok) return response;
  // A proxy between here and the service may answer in its own words.
  const problem = await response.json().catch(() => ({ title: `The answer was an error, ${response.status}` }));
  throw refusal(problem, Number(response.headers.get("Retry-After")));
}

/** Make an error of a problem; `pauseS` is after how many seconds the service may do what it refused, 0 if it does not say. */
function refusal(problem, pauseS = 0) {
  return Object.assign(new Error(sentence(problem)), { problem, pauseS });
}
