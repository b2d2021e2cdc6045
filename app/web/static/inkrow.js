// What happens when: a file is chosen, an option changes, a page is turned, a row is corrected.

import { correct, explain, read, sentence, write } from "./http.js";
import { PageView, showBlob } from "./reading.js";

const $ = (id) => document.getElementById(id);
const view = new PageView();
let file = null; // that is shown
let pages = []; // of it
let shown = 0; // index of the page on the screen
let told = "\u00a0"; // what is said of the page while nothing is being done
let asked = 0; // number of the latest request: an answer that comes after a later one's is dropped

const options = () => Object.fromEntries(new FormData($("request")));
const key = () => $("key").value.trim();

/** Do something that the service may refuse, and say why if it does. */
async function attempt(doing, work) {
  const number = ++asked;
  const isLatest = () => number === asked;
  $("problem").hidden = true;
  $("state").textContent = doing;
  document.body.setAttribute("aria-busy", "true");
  try {
    return await work(isLatest);
  } catch (error) {
    if (isLatest()) tell(error.message);
  } finally {
    if (isLatest()) {
      document.body.removeAttribute("aria-busy");
      $("state").textContent = told;
    }
  }
}

function tell(problem) {
  $("problem").textContent = problem;
  $("problem").hidden = false;
}

async function readFile(chosen) {
  if (!chosen) return;
  await attempt(`Reading ${chosen.name} …`, async (isLatest) => {
    const found = await read(chosen, options(), key());
    if (!isLatest()) return;
    [file, pages] = [chosen, found];
    $("chosen").textContent = file.name;
    await showPage(0);
  });
}

async function showPage(number) {
  shown = number;
  const page = pages[number];
  $("pages").hidden = pages.length === 1;
  $("which").textContent = `page ${page.source.page}, ${number + 1} of ${pages.length}`;
  $("previous").disabled = number === 0;
  $("next").disabled = number === pages.length - 1;
  $("problem").hidden = true;
  if (page.problem) {
    tell(sentence(page.problem));
    told = "\u00a0";
    return;
  }
  await showPicture(page.source.page);
  view.show(page);
  $("reading").hidden = false;
  const ms = Object.values(page.timing_ms).reduce((sum, each) => sum + each, 0);
  const networks = [page.model, page.row_model].filter(Boolean).map(({ name, version }) => `${name} ${version}`);
  told = `Read in ${ms.toFixed(0)} ms by ${networks.join(" and ")}.`;
}

/** Show the file itself, or what the service drew of a page if it is none that browsers show. */
async function showPicture(number) {
  try {
    if (pages.length > 1) throw new Error("a browser would show the first page only");
    await showBlob($("image"), file);
  } catch {
    await showBlob($("image"), await write(file, { ...options(), format: "png", stage: "glyphs", pages: number }, key()));
  }
}

async function saveAs(format) {
  if (!format) return;
  await attempt("Writing …", async () => {
    const perPage = ["page", "png"].includes(format) ? { pages: pages[shown].source.page } : {};
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await write(file, { ...options(), format, ...perPage }, key()));
    link.download = `${file.name.replace(/\.[^.]*$/, "")}.${{ text: "txt", alto: "alto.xml", page: "page.xml" }[format] ?? format}`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}

async function tellWhy() {
  const { page, glyph } = view;
  await attempt("Asking …", async () => {
    await showBlob($("explanation"), await explain(file, page.source.page, glyph.box, key()));
    $("reasons").hidden = view.glyph !== glyph;
  });
}

async function correctRow(text) {
  const { page, row } = view;
  await attempt("Sending …", async () => {
    const { teaches } = await correct(file, page.source.page, row.box, text, key());
    $("corrected").value = `Kept: it teaches ${teaches.glyphs} characters and ${teaches.rows} row.`;
  });
}

$("file").addEventListener("change", ({ target }) => readFile(target.files[0]));
$("request").addEventListener("submit", (event) => event.preventDefault());
$("request").addEventListener("change", ({ target }) => target.name && readFile(file));
$("previous").addEventListener("click", () => attempt("Drawing …", () => showPage(shown - 1)));
$("next").addEventListener("click", () => attempt("Drawing …", () => showPage(shown + 1)));
$("copy").hidden = !navigator.clipboard; // browsers have it only over HTTPS and on the machine itself
$("copy").addEventListener("click", () => navigator.clipboard.writeText(pages[shown].text));
$("save").addEventListener("change", async ({ target }) => {
  await saveAs(target.value);
  target.value = "";
});
$("why").addEventListener("click", tellWhy);
$("correction").addEventListener("submit", (event) => {
  event.preventDefault();
  correctRow(event.target.elements.text.value);
});
document.addEventListener("paste", ({ clipboardData }) => readFile(clipboardData.files[0]));
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", name === "dragover");
    if (name === "drop") readFile(event.dataTransfer.files[0]);
  });
}
