// The page that looks into the networks: each picture is an answer of the service, or a sentence that says why there is
// none. The networks are those that have weights to look at.

import { get } from "./http.js";

const $ = (id) => document.getElementById(id);
const key = () => $("key").value.trim();
const json = async (address, query) => (await get(address, query, key())).json();
let asked = 0; // pictures so far: of two that are asked for the same place, only the latter is shown
let shown; // the card of the network that is looked into
let doing = 0; // choices that are not yet shown whole

/** Fill a picture, or put what the service says instead of it below. */
async function show(id, address, query) {
  const [image, figure, number] = [$(id), $(id).closest("figure"), String(++asked)];
  const isLatest = () => image.dataset.asked === number;
  image.dataset.asked = number;
  figure.querySelector(".problem")?.remove();
  figure.setAttribute("aria-busy", "true");
  try {
    const blob = await (await get(address, query, key())).blob();
    if (!isLatest()) return;
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(blob);
    image.hidden = false;
  } catch (error) {
    if (!isLatest()) return;
    image.hidden = true;
    const sentence = document.createElement("p");
    sentence.className = "problem";
    sentence.textContent = error.message;
    figure.append(sentence);
  } finally {
    if (isLatest()) figure.removeAttribute("aria-busy");
  }
}

function fill(select, values, text = (value) => value) {
  const options = values.map((value) => new Option(text(value), value));
  select.replaceChildren(...options);
}

async function listModels() {
  const { models } = await json("models", {});
  const cards = await Promise.all(models.map(({ name, versions }) => json(`models/${name}/${versions.at(-1)}`, {})));
  const networks = models.filter((_, number) => cards[number].card.architecture?.classes !== undefined);
  fill($("model"), networks.flatMap(({ name, versions }) => versions.map((version) => `${name}/${version}`)));
  const { name, aliases } = networks.find((model) => model.name === "handprint") ?? networks[0];
  $("model").value = `${name}/${aliases.champion}`;
}

async function showModel() {
  const model = $("model").value;
  const { card } = await json(`models/${model}`, {});
  if (model !== $("model").value) return; // another was chosen meanwhile
  shown = card;
  $("description").textContent = `${card.description} ${card.alphabet.length} characters; licence ${card.licence}.`;
  await Promise.all([show("curves", "curves", { model, format: "svg" }), showLayers(model), showSplit()]);
}

async function showLayers(model) {
  const { layers } = await json("weights", { model });
  if (model !== $("model").value) return;
  fill($("layer"), layers.filter(({ weight }) => weight).map(({ layer }) => layer));
  await showLayer();
}

async function showLayer() {
  const query = { model: $("model").value, layer: $("layer").value, format: "png" };
  await Promise.all([show("trained", "weights", query), show("initial", "weights", { ...query, when: "initial" })]);
}

async function showSplit() {
  const query = { model: $("model").value, split: $("split").value };
  $("cell").hidden = true;
  await Promise.all([
    show("confusion", "confusion", { ...query, format: "png" }),
    show("calibration", "calibration", { ...query, format: "svg" }),
    showPairs({ ...query, top: 12 }),
    showCalibrated(query),
  ]);
}

async function showPairs(query) {
  const { most_confused: pairs, split } = await json("confusion", query);
  if (!isChosen(query)) return;
  $("pairs").replaceChildren(...pairs.map(pairItem));
  tellWhose("counted", split);
}

async function showCalibrated(query) {
  const { split } = await json("calibration", query);
  if (isChosen(query)) tellWhose("calibrated", split);
}

const isChosen = ({ model, split }) => model === $("model").value && split === $("split").value;

/** Say on whose writing something was measured. */
function tellWhose(id, split) {
  const data = shown.data?.name ?? "its data";
  const isImagined = [split, data].includes("synthetic");
  $(id).textContent = isImagined ? "On what imagined writers wrote." : `On what people wrote (${data}, split ${split}).`;
}

const visible = (char) => (char === " " ? "␣" : char);

function pairItem({ first, second, first_as_second: there, second_as_first: back, cell }) {
  const item = document.createElement("li");
  const [one, other] = [first, second].map(visible);
  const sentence = `${one} as ${other}: ${there}, ${other} as ${one}: ${back}`;
  if (!cell) {
    item.textContent = sentence;
    return item;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = sentence;
  button.addEventListener("click", () => {
    const [address, query] = cell.split("?");
    $("which").textContent = `${one}, read as ${other}`;
    $("cell").hidden = false;
    show("misread", address, { ...Object.fromEntries(new URLSearchParams(query)), format: "png" });
  });
  item.append(button);
  return item;
}

/** Do something, and tell at the top if the service refuses. */
const telling = (work) => async () => {
  doing++;
  document.body.setAttribute("aria-busy", "true");
  await work().catch((error) => ($("description").textContent = error.message));
  if (--doing === 0) document.body.removeAttribute("aria-busy");
};

$("model").addEventListener("change", telling(showModel));
$("split").addEventListener("change", telling(showSplit));
$("layer").addEventListener("change", telling(showLayer));
$("key").addEventListener("change", telling(start));
$("enlarge").addEventListener("click", ({ currentTarget }) => {
  currentTarget.setAttribute("aria-pressed", currentTarget.getAttribute("aria-pressed") === "false");
});
$("request").addEventListener("submit", (event) => event.preventDefault());

async function start() {
  await listModels();
  await showModel();
}

telling(start)();
