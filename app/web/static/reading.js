// One page that was read, on the screen: its picture with boxes, its text, and the character that is looked at. A row
// has the members `corrected`, its true text, once that was accepted, and `correction`, the id of what can be taken back.

const SVG = "http://www.w3.org/2000/svg";
const LEAST = 0.0005; // what is less likely is not worth a button
const DOUBTFUL = 0.8; // less sure than this is worth a look; the colours of boxes turn at the same confidence
const $ = (id) => document.getElementById(id);

export class PageView {
  #page;
  #glyphs = []; // {glyph, row, at: index in the row's text, span, rect}
  #selected = -1;

  constructor() {
    $("rows").addEventListener("click", (event) => this.#selectShown(event.target));
    $("boxes").addEventListener("click", (event) => this.#selectShown(event.target));
    $("rows").addEventListener("keydown", (event) => this.#move(event));
    $("alternatives").addEventListener("click", ({ target }) => this.#take(target.dataset.char));
  }

  get page() {
    return this.#page;
  }

  /** The character that is looked at. */
  get glyph() {
    return this.#glyphs[this.#selected]?.glyph;
  }

  /** Its row. */
  get row() {
    return this.#page.rows[this.#glyphs[this.#selected]?.row];
  }

  /** Show a page beside its picture, an address. */
  show(page, picture) {
    this.#page = page;
    this.#glyphs = [];
    this.#selected = -1;
    replaceAddress($("image"), picture);
    $("glyph").hidden = true;
    $("boxes").setAttribute("viewBox", `0 0 ${page.page.width} ${page.page.height}`);
    $("boxes").replaceChildren();
    $("rows").replaceChildren(...page.rows.map((row, number) => this.#row(row, number)));
    $("warnings").replaceChildren(...page.warnings.map(({ detail, box }) => this.#warning(detail, box)));
  }

  /** Look at the next character that is in doubt, in a row that was not corrected; returns whether there is one. */
  selectDoubtful() {
    const number = this.#glyphs.findIndex(
      ({ glyph, row }, at) => at > this.#selected && isDoubtful(glyph) && this.#page.rows[row].corrected === undefined,
    );
    this.#select(number);
    return number >= 0;
  }

  /** Show the true text of a row above what was read. */
  showCorrected(row) {
    const line = $("rows").children[this.#page.rows.indexOf(row)];
    if (line) this.#mark(line, row); // of a page that is not on the screen there is none
    if (row === this.row) this.#offerToTakeBack();
  }

  /** Show why the character was read as it was. */
  explain({ input, saliency, neighbours }) {
    $("seen").src = input;
    $("leaning").src = saliency.image;
    $("against").textContent = `where more ink would speak for ${saliency.of} (orange) or for ${saliency.against} (blue)`;
    $("alike").replaceChildren(...neighbours.map(({ char, image }) => Object.assign(new Image(), { src: image, alt: char })));
    $("reasons").hidden = false;
    $("reasons").scrollIntoView({ block: "nearest" });
  }

  #row(row, number) {
    const line = document.createElement("li");
    line.setAttribute("role", "group");
    this.#mark(line, row);
    let at = 0;
    for (const word of row.words) {
      for (const glyph of word.glyphs) {
        const span = document.createElement("span");
        span.textContent = glyph.char;
        span.id = `glyph-${this.#glyphs.length}`;
        span.setAttribute("role", "option");
        span.style.setProperty("--doubt", 1 - glyph.confidence);
        const rect = this.#rect(glyph.box, "glyph");
        for (const shown of [span, rect]) shown.dataset.number = this.#glyphs.length;
        this.#glyphs.push({ glyph, row: number, at: at++, span, rect });
        line.append(span);
      }
      line.append(" ");
      at++;
    }
    return line;
  }

  #mark(line, row) {
    line.setAttribute("aria-label", textOfRow(row));
    line.querySelector("ins")?.remove();
    const isOther = textOfRow(row) !== row.text;
    line.classList.toggle("corrected", isOther);
    if (isOther) line.prepend(Object.assign(document.createElement("ins"), { textContent: row.corrected }));
  }

  #warning(detail, box) {
    const item = document.createElement("li");
    item.textContent = `${detail[0].toUpperCase()}${detail.slice(1)}.`;
    if (box) this.#rect(box, "warning");
    return item;
  }

  #rect({ left, top, right, bottom }, kind) {
    const rect = document.createElementNS(SVG, "rect");
    const sides = { x: left, y: top, width: right - left, height: bottom - top, class: kind };
    for (const [name, value] of Object.entries(sides)) rect.setAttribute(name, value);
    $("boxes").append(rect);
    return rect;
  }

  #selectShown(target) {
    if (target.dataset?.number !== undefined) this.#select(Number(target.dataset.number));
  }

  #move(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1 };
    if (event.key in steps) this.#select(this.#selected + steps[event.key]);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.#toRow(event.key === "ArrowDown" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  #toRow(step) {
    const now = this.#glyphs[this.#selected];
    this.#select(now ? this.#glyphs.findIndex(({ row }) => row === now.row + step) : 0);
  }

  #select(number) {
    const [chosen, before] = [this.#glyphs[number], this.#glyphs[this.#selected]];
    if (!chosen) return;
    before?.span.removeAttribute("aria-selected");
    before?.rect.classList.remove("selected");
    chosen.span.setAttribute("aria-selected", "true");
    chosen.rect.classList.add("selected");
    this.#selected = number;
    $("rows").setAttribute("aria-activedescendant", chosen.span.id);
    $("glyph").hidden = false;
    $("reasons").hidden = true;
    if (before?.row !== chosen.row) {
      $("correction").elements.text.value = textOfRow(this.row);
      $("corrected").value = "";
      this.#offerToTakeBack();
    }
    this.#describe(chosen.glyph);
    $("glyph").scrollIntoView({ block: "nearest" });
    chosen.span.scrollIntoView({ block: "nearest" });
  }

  #offerToTakeBack() {
    $("take-back").hidden = !this.row.correction;
  }

  #describe({ char, confidence, box, alternatives }) {
    const others = alternatives.filter((other) => other.confidence >= LEAST);
    $("sure").textContent = `${char} with ${percent(confidence)}${others.length ? ", or else" : ""}`;
    $("alternatives").replaceChildren(
      ...others.map((other) => {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.char = other.char;
        button.textContent = `${other.char} ${percent(other.confidence)}`;
        button.title = "put it into the row below";
        return button;
      }),
    );
    drawCrop(box, this.#page.page.width);
  }

  /** Put another character into the row as it is to be corrected, where its place is still known. */
  #take(char) {
    if (char === undefined) return;
    const field = $("correction").elements.text;
    const chars = [...field.value];
    if (chars.length === [...this.row.text].length) {
      chars[this.#glyphs[this.#selected].at] = char;
      field.value = chars.join("");
    }
    field.focus();
  }
}

/** Has a page that was read a character in doubt, in a row that was not corrected? */
export function hasDoubtful({ rows = [] }) {
  return rows.some(
    ({ words, corrected }) => corrected === undefined && words.some(({ glyphs }) => glyphs.some(isDoubtful)),
  );
}

function isDoubtful({ confidence }) {
  return confidence < DOUBTFUL;
}

/** Return what a page says, line by line, with the true text of its corrected rows. */
export function textOf(page) {
  return page.rows.map(textOfRow).join("\n");
}

function textOfRow({ text, corrected }) {
  return corrected ?? text;
}

/**
 * Return the address of a page's picture: the file itself, or the page as the service sees it if browsers do not show
 * such a file, or if that has several pages, of which they show the first.
 */
export async function pictureOf({ file, source }, pagesOfFile, draw) {
  if (pagesOfFile === 1) {
    const address = URL.createObjectURL(file);
    if (await isShown(address)) return address;
    URL.revokeObjectURL(address);
  }
  return URL.createObjectURL(await draw({ format: "png", stage: "page", pages: source.page }));
}

async function isShown(address) {
  const image = new Image();
  image.src = address;
  return image.decode().then(() => true, () => false);
}

function replaceAddress(image, address) {
  URL.revokeObjectURL(image.src);
  image.src = address;
}

/** Draw a character with a quarter of its size around it. */
function drawCrop({ left, top, right, bottom }, pageWidth) {
  const [image, canvas] = [$("image"), $("crop")];
  const scale = image.naturalWidth / pageWidth; // the picture may be a smaller one than was read
  const side = 1.5 * Math.max(right - left, bottom - top) * scale;
  const [x, y] = [((left + right) * scale - side) / 2, ((top + bottom) * scale - side) / 2];
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, x, y, side, side, 0, 0, canvas.width, canvas.height);
}

function percent(p) {
  return p >= 0.9995 ? "over 99.9 %" : `${(100 * p).toFixed(p < 0.0995 ? 1 : 0)} %`;
}
