// What happens when: files are chosen, an option changes, a page is turned, a row is corrected.

import { correct, explain, inTheWay, isOfTheFile, isTooMuch, needsKey, read, sentence, takeBack, write } from "./http.js";
import { PageView, hasDoubtful, pictureOf, textOf } from "./reading.js";

const $ = (id) => document.getElementById(id);
const view = new PageView();
let wanted = { files: [], options: {} }; // what was asked for last, read or not
let shown = null; // {request, pages, number}: what is on the screen, and the files and options that it was read with
let told = ""; // what is said of it while nothing is being done
const running = new Map(); // kind of work to the number of its latest
const doing = []; // {what: a sentence} for each work that is being done, the newest last

const key = () => $("key").value.trim();

/** Return what is asked of the service; here all probabilities are in percent. */
function options() {
  const { abstain_below: percent, ...others } = Object.fromEntries(new FormData($("request")));
  return { ...others, abstain_below: percent && percent / 100 };
}

/**
 * Do work that the service may refuse, and say why if it does. Of work of one kind only the latest counts. The work is
 * given a function that tells so, and one to say what is being done now.
 */
async function attempt(kind, what, work) {
  const number = (running.get(kind) ?? 0) + 1;
  running.set(kind, number);
  const isLatest = () => running.get(kind) === number;
  const task = { what };
  doing.push(task);
  tell("");
  try {
    await work(isLatest, (now) => {
      task.what = now;
      showState();
    });
  } catch (error) {
    if (!isLatest()) return;
    tell(error.message);
    if (needsKey(error.problem)) askForKey();
  } finally {
    doing.splice(doing.indexOf(task), 1);
    showState();
  }
}

function tell(problem) {
  $("problem").textContent = problem;
  $("problem").hidden = !problem;
  if (problem) $("problem").scrollIntoView({ block: "nearest" }); // what was refused may be far below
  showState();
}

function askForKey() {
  $("options").open = true;
  $("key").focus({ preventScroll: true });
  $("options").scrollIntoView();
}

/** Is what is on the screen, if anything, another reading than what was asked for? */
const isFormer = () => shown?.request !== wanted;

function showState() {
  document.body.toggleAttribute("aria-busy", doing.length > 0);
  $("reading").classList.toggle("former", isFormer());
  $("state").textContent = doing.at(-1)?.what ?? (shown && isFormer() ? "Below is what was read before." : told);
}

/** Ask the service, and again after as long as it asks to wait, unless something else is wanted by then. */
async function patiently(ask, isLatest, say) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!error.pauseS || !isLatest()) throw error;
      say(`${error.message} Asking again in ${error.pauseS} s …`);
      await new Promise((done) => setTimeout(done, 1000 * error.pauseS));
      if (!isLatest()) throw error;
    }
  }
}

const nameOf = (files) => (files.length === 1 ? files[0].name : `${files.length} files`);

async function readFiles(files) {
  if (!files.length) return;
  const request = (wanted = { files, options: options() });
  await attempt("page", `Reading ${nameOf(files)} …`, async (isLatest, say) => {
    const pages = [];
    for (const [number, file] of files.entries()) {
      const which = files.length > 1 ? `file ${number + 1} of ${files.length}: ${file.name}` : file.name;
      const ask = () => {
        say(`Reading ${which} …`);
        return pagesOf(file, request);
      };
      try {
        pages.push(...(await patiently(ask, isLatest, say)));
      } catch (error) {
        if (!pages.length || !error.problem) throw error;
        pages.push(...files.slice(number).map((left) => notReadOf(left, error))); // what was read is not lost
        break;
      }
      if (!isLatest()) return;
    }
    const number = pages.findIndex((page) => !page.problem);
    await showPage({ request, pages, number: Math.max(number, 0) }, isLatest);
  });
}

/** Read one of the files; among several, one that cannot be read is a page with a problem. */
async function pagesOf(file, { files, options }) {
  try {
    return await read(file, options, key());
  } catch (error) {
    if (files.length === 1 || !isOfTheFile(error.problem)) throw error;
    return [notReadOf(file, error)];
  }
}

const notReadOf = (file, { problem }) => ({ file, source: { page: 1 }, problem });

/** Turn to a page of what is on the screen. Files that are being read meanwhile come to it as soon as they are read. */
async function turnTo(number, afterwards = () => {}) {
  const { request } = shown;
  await attempt("turn", "Drawing …", async (isLatest) => {
    const isWanted = () => isLatest() && shown.request === request;
    await showPage({ ...shown, number }, isWanted);
    if (isWanted()) await afterwards(isWanted);
  });
}

/** Go to the next character that is in doubt, on this page or one behind it. */
async function toDoubtful() {
  if (view.selectDoubtful()) return;
  const number = shown.pages.findIndex((page, at) => at > shown.number && hasDoubtful(page));
  if (number < 0) {
    told = "From here to the end nothing else is in doubt.";
    showState();
    return;
  }
  await turnTo(number, async (isWanted) => {
    await $("image").decode(); // the character is cut out of it
    if (isWanted()) view.selectDoubtful();
  });
}

/** Put a page on the screen once all of it is there, unless another was asked for meanwhile. */
async function showPage(next, isLatest) {
  const page = next.pages[next.number];
  const picture = page.problem ? null : await pictureOf(page, ofFile(page, next).length, (query) =>
    write([page.file], { ...next.request.options, ...query }, key()),
  );
  if (!isLatest()) return;
  shown = next;
  $("chosen").textContent = nameOf(next.request.files);
  $("pages").hidden = next.pages.length === 1;
  $("which").textContent = whichOf(page, next);
  $("previous").disabled = next.number === 0;
  $("next").disabled = next.number === next.pages.length - 1;
  $("reading").hidden = false;
  $("content").hidden = !picture;
  told = `${page.problem ? "" : howRead(page)} ${notRead(next)}`.trim();
  if (page.problem) tell(sentence(page.problem));
  else view.show(page, picture);
}

/** The pages of a page's file. */
const ofFile = ({ file }, { pages }) => pages.filter((page) => page.file === file);

function whichOf(page, next) {
  const [{ files }, pages] = [next.request, ofFile(page, next)];
  const which = `page ${pages.indexOf(page) + 1} of ${pages.length}`;
  if (files.length === 1) return which;
  const file = `file ${files.indexOf(page.file) + 1} of ${files.length}: ${page.file.name}`;
  return pages.length === 1 ? file : `${file}, ${which}`;
}

/** Name what has a problem in its place, wherever among the pages that is. */
function notRead({ pages }) {
  const names = pages
    .filter(({ problem }) => problem)
    .map(({ file, source }) => (source.page === 1 ? file.name : `${file.name} from page ${source.page} on`));
  return names.length ? `Not read: ${names.join(", ")}.` : "";
}

function howRead(page) {
  const ms = Object.values(page.timing_ms).reduce((sum, each) => sum + each, 0);
  const networks = [page.model, page.row_model].filter(Boolean).map(({ name, version }) => `${name} ${version}`);
  return `Read in ${ms.toFixed(0)} ms by ${networks.join(" and ")}.`;
}

/** Save the page on the screen where a format holds no more, otherwise all that was read. */
async function save() {
  const [format, { request, pages, number }] = [$("format").value, shown];
  const isOnePage = ["page", "png"].includes(format);
  const isRead = (file) => pages.some((page) => page.file === file && !page.problem);
  const files = isOnePage ? [pages[number].file] : request.files.filter(isRead);
  await attempt("save", "Writing …", async (isLatest, say) => {
    const which = isOnePage ? { pages: pages[number].source.page } : {};
    const suffix = { text: "txt", alto: "alto.xml", page: "page.xml" }[format] ?? format;
    const name = files.length === 1 ? files[0].name.replace(/\.[^.]*$/, "") : "pages";
    const writing = (some) => {
      const ask = () => {
        say("Writing …");
        return write(some, { ...request.options, format, ...which }, key());
      };
      return patiently(ask, isLatest, say);
    };
    const parts = format === "text" ? [textFile(pages)] : await inParts(files, writing);
    for (const [at, part] of parts.entries()) download(part, `${name}${parts.length > 1 ? `-${at + 1}` : ""}.${suffix}`);
  });
}

/** Write files as one, or as several of equal parts of them if that is too much for one request. */
async function inParts(files, writing) {
  try {
    return [await writing(files)];
  } catch (error) {
    if (files.length === 1 || !isTooMuch(error.problem)) throw error;
    const half = Math.ceil(files.length / 2);
    return [...(await inParts(files.slice(0, half), writing)), ...(await inParts(files.slice(half), writing))];
  }
}

function download(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href)); // once the browser has taken it
}

/** Write all pages as the service does, with what was corrected: a form feed is between pages. */
function textFile(pages) {
  return new Blob([pages.filter(({ problem }) => !problem).map((page) => `${textOf(page)}\n`).join("\f")]);
}

async function tellWhy() {
  const { page, glyph } = view;
  await attempt("why", "Asking …", async () => {
    const explanation = await explain(page.file, page.source.page, glyph.box, key());
    if (view.glyph === glyph) view.explain(explanation);
  });
}

async function correctRow(text) {
  const { page, row } = view;
  $("corrected").value = ""; // what was said of an earlier text
  await attempt("correct", "Sending …", async () => {
    try {
      const kept = await correct(page.file, page.source.page, row.box, text, key());
      [row.corrected, row.correction] = [kept.text, kept.id];
      if (view.row === row) $("corrected").value = whatIsTaught(kept);
    } catch (error) {
      row.correction ??= inTheWay(error.problem);
      throw error;
    } finally {
      view.showCorrected(row);
    }
  });
}

async function takeRowBack() {
  const { row } = view;
  await attempt("correct", "Taking it back …", async () => {
    await takeBack(row.correction, key());
    row.corrected = row.correction = undefined;
    view.showCorrected(row);
    if (view.row === row) $("corrected").value = "Taken back. The row can be corrected again.";
  });
}

function whatIsTaught({ glyphs, teaches }) {
  const some = `${teaches.glyphs} of its ${glyphs.length} characters singly: those whose place and ink are sure`;
  const singly = teaches.glyphs === glyphs.length ? "each of its characters singly" : some;
  return `Kept. It teaches the row as a whole, and ${singly}. Other formats than text are saved as they were read.`;
}

$("file").addEventListener("change", async ({ target }) => {
  const files = [...target.files];
  target.value = ""; // so that the same file can be chosen again
  await readFiles(files);
});
$("request").addEventListener("submit", (event) => event.preventDefault());
$("request").addEventListener("change", ({ target }) => {
  const isWanting = target.id === "key" && isFormer(); // what was refused is asked for again
  if (target.name || isWanting) readFiles(wanted.files);
});
$("previous").addEventListener("click", () => turnTo(shown.number - 1));
$("next").addEventListener("click", () => turnTo(shown.number + 1));
$("doubtful").addEventListener("click", toDoubtful);
$("copy").hidden = !navigator.clipboard; // browsers have it only over HTTPS and on the machine itself
$("copy").addEventListener("click", () => navigator.clipboard.writeText(textOf(view.page)));
$("save").addEventListener("click", save);
$("why").addEventListener("click", tellWhy);
$("correction").addEventListener("submit", (event) => {
  event.preventDefault();
  correctRow(event.target.elements.text.value);
});
$("take-back").addEventListener("click", takeRowBack);
document.addEventListener("paste", ({ target, clipboardData }) => {
  if (!target.closest("input")) readFiles([...clipboardData.files]);
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    $("drop").classList.toggle("over", name === "dragover");
    if (name === "drop") readFiles([...event.dataTransfer.files]);
  });
}
