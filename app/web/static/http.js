// What the page asks of the service. Addresses are relative, so that it also works below a path of another server.

/** Read a file; returns its pages as `POST /ocr` describes them, a problem in the place of one that cannot be read. */
export async function read(file, options, key) {
  const answer = await (await post("ocr", { file }, { ...options, format: "json", alternatives: 6 }, key)).json();
  return answer.pages ?? [{ ...answer, source: { file: file.name, page: 1 } }];
}

/** Read a file, or one page of it, in another format; returns the file that the service made of it. */
export async function write(file, options, key) {
  return (await post("ocr", { file }, options, key)).blob();
}

/** Say what a place of a page really says; returns the correction as it is kept. */
export async function correct(file, page, box, text, key) {
  const { left, top, right, bottom } = box;
  const form = { file, page, text, level: "row", box: [left, top, right, bottom].join() };
  return (await post("corrections", form, {}, key)).json();
}

/** Ask why the character in a box was read as it was; returns a picture. */
export async function explain(file, page, { left, top, right, bottom }, key) {
  const query = { page, box: [left, top, right, bottom].join(), format: "png" };
  return (await post("explain", { file }, query, key)).blob();
}

/** Ask for something that is looked at. */
export async function get(address, query, key) {
  return send(address, query, key, {});
}

async function post(address, fields, query, key) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return send(address, query, key, { method: "POST", body: form });
}

async function send(address, query, key, request) {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  const response = await fetch(given.size ? `${address}?${given}` : address, { ...request, headers });
  if (!response.ok) throw new Error(sentence(await response.json()));
  return response;
}

/** Put a problem document (RFC 9457) into one sentence. */
export function sentence(problem) {
  if (problem.type.endsWith("/key-needed")) {
    return "This takes a key, see Options and key. Where the service runs, inkrow keys create NAME --scope correct makes one.";
  }
  return problem.detail ? `${problem.title}: ${problem.detail}.` : `${problem.title}.`;
}
