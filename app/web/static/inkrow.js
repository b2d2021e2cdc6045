// What happens when: a file is chosen, an option changes, a page is turned, a row is corrected.

import { correct, explain, read, sentence, write } from "./http.js";
import { PageView, pictureOf } from "./reading.js";

const $ = (id) => document.getElementById(id);
const view = new PageView();
let chosen = null; // the file that was chosen last, read or not
let shown = null; // {file, pages, number}: what is on the screen
let told = "\u00a0"; // what is said of it while nothing is being done
const running = new Map(); // kind of work to the number of its latest
const doing = []; // sentences, the newest last

const options = () => Object.fromEntries(new FormData($("request")));
const key = () => $("key").value.trim();

/** Do work that the service may refuse, and say why if it does. Of work of one kind only the latest counts. */
async function attempt(kind, what, work) {
  const number = (running.get(kind) ?? 0) + 1;
  running.set(kind, number);
  const isLatest = () => running.get(kind) === number;
  doing.push(what);
  tell("");
  try {
    await work(isLatest);
  } catch (error) {
    if (isLatest()) tell(error.message);
  } finally {
    doing.splice(doing.indexOf(what), 1);
    showState();
  }
}

function tell(problem) {
  $("problem").textContent = problem;
  $("problem").hidden = !problem;
  showState();
}

function showState() {
  document.body.toggleAttribute("aria-busy", doing.length > 0);
  $("state").textContent = doing.at(-1) ?? told;
}

async function readFile(file) {
  if (!file) return;
  chosen = file;
  await attempt("page", `Reading ${file.name} …`, async (isLatest) => {
    await showPage({ file, pages: await read(file, options(), key()), number: 0 }, isLatest);
  });
}

async function turn(step) {
  await attempt("page", "Drawing …", (isLatest) => showPage({ ...shown, number: shown.number + step }, isLatest));
}

/** Put a page on the screen once all of it is there, unless another was asked for meanwhile. */
async function showPage(next, isLatest) {
  const page = next.pages[next.number];
  const picture = page.problem ? null : await pictureOf(page.source.page, next, (query) =>
    write(next.file, { ...options(), ...query }, key()),
  );
  if (!isLatest()) return;
  shown = next;
  $("chosen").textContent = next.file.name;
  $("pages").hidden = next.pages.length === 1;
  $("which").textContent = `page ${page.source.page}, ${next.number + 1} of ${next.pages.length}`;
  $("previous").disabled = next.number === 0;
  $("next").disabled = next.number === next.pages.length - 1;
  $("reading").hidden = false;
  $("content").hidden = !picture;
  told = page.problem ? "\u00a0" : howRead(page);
  if (page.problem) tell(sentence(page.problem));
  else view.show(page, picture);
}

function howRead(page) {
  const ms = Object.values(page.timing_ms).reduce((sum, each) => sum + each, 0);
  const networks = [page.model, page.row_model].filter(Boolean).map(({ name, version }) => `${name} ${version}`);
  return `Read in ${ms.toFixed(0)} ms by ${networks.join(" and ")}.`;
}

async function save() {
  const [format, { file, pages, number }] = [$("format").value, shown];
  await attempt("save", "Writing …", async () => {
    const perPage = ["page", "png"].includes(format) ? { pages: pages[number].source.page } : {};
    const suffix = { text: "txt", alto: "alto.xml", page: "page.xml" }[format] ?? format;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await write(file, { ...options(), format, ...perPage }, key()));
    link.download = `${file.name.replace(/\.[^.]*$/, "")}.${suffix}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href)); // once the browser has taken it
  });
}

async function tellWhy() {
  const [{ file }, { page, glyph }] = [shown, view];
  await attempt("why", "Asking …", async () => {
    const picture = await explain(file, page.source.page, glyph.box, key());
    if (view.glyph === glyph) await view.explain(picture);
  });
}

async function correctRow(text) {
  const [{ file }, { page, row }] = [shown, view];
  await attempt("correct", "Sending …", async () => {
    const { teaches } = await correct(file, page.source.page, row.box, text, key());
    if (view.row === row) {
      $("corrected").value = `Kept: it teaches ${teaches.glyphs} characters and ${teaches.rows} row.`;
    }
  });
}

$("file").addEventListener("change", async ({ target }) => {
  const file = target.files[0];
  target.value = ""; // so that the same file can be chosen again
  await readFile(file);
});
$("request").addEventListener("submit", (event) => event.preventDefault());
$("request").addEventListener("change", ({ target }) => {
  const isWanting = target.id === "key" && shown?.file !== chosen; // what was refused is asked for again
  if (target.name || isWanting) readFile(chosen);
});
$("previous").addEventListener("click", () => turn(-1));
$("next").addEventListener("click", () => turn(1));
$("copy").hidden = !navigator.clipboard; // browsers have it only over HTTPS and on the machine itself
$("copy").addEventListener("click", () => navigator.clipboard.writeText(view.page.text));
$("save").addEventListener("click", save);
$("why").addEventListener("click", tellWhy);
$("correction").addEventListener("submit", (event) => {
  event.preventDefault();
  correctRow(event.target.elements.text.value);
});
document.addEventListener("paste", ({ target, clipboardData }) => {
  if (!target.closest("input")) readFile(clipboardData.files[0]);
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    $("drop").classList.toggle("over", name === "dragover");
    if (name === "drop") readFile(event.dataTransfer.files[0]);
  });
}
