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

async function post(address, fields, query, key) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const given = Object.entries(query).filter(([, value]) => value !== "");
  const response = await fetch(`${address}?${new URLSearchParams(given)}`, {
    method: "POST",
    body: form,
    headers: key ? { Authorization: `Bearer ${key}` } : {},
  });
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
