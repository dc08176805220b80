/**
 * A file on its way into a case: read through once, then sent piece by piece, and gone on with after whatever broke it
 * off, also when the page was left and the same file is chosen again.
 *
 * The block around a file input (templates/_upload.html) shows how far it is. When all of it has arrived, its hidden
 * field names the upload, and the form may be sent; the file itself never goes with the form.
 */

import { b64 } from "./sealing/encoding.js";
import { ask } from "./session.js";
import { Sha256 } from "./sha256.js";

/** @typedef {{upload: string, item: string, size: number, sha256: string, needed: number, received: number}} Upload */
/** @typedef {{form: HTMLFormElement, show: (done: number, line: string) => void, tell: (line: string) => void, say: (what: string, parts?: Object) => string, gone: () => boolean, begun: (upload: Upload) => void}} Way */

const PIECE = 262144;
const MOST = 15; // pieces in one request
const QUICK = 4; // seconds: after a request that took less, the next one carries twice as much
const SLOW = 20; // and after one that took more, half
const PATIENCE = 10 * 60_000; // milliseconds: one piece, over a line of 4 kbit/s
const LONGEST_PAUSE = 60; // seconds

class Refused extends Error {} // what the server says of a file that it does not take
class Left extends Error {} // another file was chosen meanwhile, or this one given up

/**
 * @param {HTMLFormElement} form with the id of its case as `data-case`, and a field `item`
 * @param {HTMLElement} block as templates/_upload.html makes it
 */
function attach(form, block) {
  const find = (selector) => block.querySelector(selector);
  const [input, field] = [find("input[type=file]"), find("input[type=hidden]")];
  const [shown, bar, line, told, stop, wait] = ["[data-shown]", "progress", "[data-line]", "[role=status]", "button", ".wrong"].map(find);
  let current = 0; // which choice of a file is under way
  let begun = field.value; // the upload of it

  const show = (done, said) => { // how far it is: not read aloud each time
    shown.hidden = false;
    bar.value = done;
    line.textContent = said;
    told.textContent = "";
  };
  const tell = (said) => {
    shown.hidden = false;
    line.textContent = "";
    told.textContent = said;
  };
  /** A sentence of the page, with its parts set in. */
  const say = (what, parts = {}) => shown.dataset[`${what}Said`].replace(/\{(\w+)\}/g, (_, name) => parts[name]);
  const busy = () => input.files.length > 0 && field.value === "";
  const begin = async () => {
    const mine = ++current;
    const gone = () => mine !== current;
    field.value = begun = "";
    shown.hidden = wait.hidden = true;
    if (input.files.length === 0) {
      return;
    }
    stop.hidden = bar.hidden = false;
    try {
      const way = { form, gone, tell, show, say, begun: (upload) => { begun = upload.upload; } };
      const arrived = await carry(way, input.files[0]);
      field.value = arrived.upload;
      form.elements.namedItem("item").value = arrived.item;
      wait.hidden = true;
      show(1, "");
      tell(say("arrived", { size: amount(arrived.size) }));
    } catch (error) {
      if (!gone()) {
        tell(error instanceof Refused ? error.message : say("unreadable"));
        input.value = "";
      }
    }
  };
  const giveUp = async () => {
    const name = begun;
    current++;
    field.value = begun = input.value = "";
    stop.hidden = wait.hidden = true;
    show(0, "");
    tell(say("givenUp"));
    const answer = name === "" ? { ok: true } : await ask(form, `/api/uploads/${name}`, { method: "DELETE" }).catch(() => null);
    if (!answer?.ok) {
      tell(say("silent"));
    }
  };
  /** What the server holds of files that were chosen before: a page that was left, or drawn anew, knows none of them. */
  const recall = async () => {
    const waiting = await ask(form, uploadsOf(form)).then((answer) => answer.ok ? answer.json() : []).catch(() => []);
    const here = waiting.filter((one) => ours(form, one));
    if (here.length > 0 && current === 0) {
      const share = (one) => one.needed === 0 ? 1 : one.received / one.needed;
      const [only, other] = here;
      stop.hidden = bar.hidden = other !== undefined;
      begun = other === undefined ? only.upload : "";
      show(share(only), here.map((one) => say("here", { share: percent(share(one)), size: amount(one.size) })).join("\n"));
    }
  };

  input.removeAttribute("name"); // with this script a file never goes with the form
  input.addEventListener("change", begin);
  stop.addEventListener("click", giveUp);
  form.addEventListener("submit", (event) => {
    if (busy()) {
      event.preventDefault();
      wait.hidden = false;
      wait.focus();
    }
  });
  window.addEventListener("beforeunload", (event) => busy() && event.preventDefault());
  if (field.value !== "") { // the form came back with something to mend
    show(1, "");
    tell(say("kept"));
  } else if (input.files.length > 0) { // chosen before this script listened
    begin();
  } else {
    recall();
  }
}

/**
 * @param {Way} way
 * @param {File} file
 * @returns {Promise<Upload>} of which all has arrived
 */
async function carry(way, file) {
  const facts = await read(way, file);
  let upload = await started(way, facts);
  way.begun(upload);
  let many = 1;
  while (upload.received < upload.needed) {
    const at = upload.received * PIECE;
    way.show(at / file.size, way.say("coming", { done: amount(at), size: amount(file.size) }));
    const before = performance.now();
    const request = { method: "PUT", body: file.slice(at, at + many * PIECE), headers: { "Content-Type": "application/octet-stream" } };
    upload = await steadily(way, `/api/uploads/${upload.upload}/${upload.received}`, request);
    many = paced(many, (performance.now() - before) / 1000);
  }
  return upload;
}

/** How many pieces the next request carries. */
function paced(many, seconds) {
  return seconds < QUICK ? Math.min(MOST, many * 2) : seconds > SLOW ? Math.max(1, many >> 1) : many;
}

/** What is said of a file before it is sent. Reads all of it, once. */
async function read(way, file) {
  const whole = new Sha256();
  let head = "";
  for (let at = 0; at === 0 || at < file.size; at += 4 * PIECE) {
    const part = new Uint8Array(await file.slice(at, at + 4 * PIECE).arrayBuffer());
    head ||= b64(new Uint8Array(await crypto.subtle.digest("SHA-256", part.slice(0, PIECE))));
    whole.update(part);
    left(way);
    way.show(at / (file.size || 1), way.say("reading", { done: amount(at), size: amount(file.size) }));
  }
  return { size: file.size, media: file.type, head, sha256: b64(whole.digest()) };
}

/** One's own upload of this very file that waits, or a new one. */
async function started(way, facts) {
  const item = way.form.elements.namedItem("item").value;
  const address = uploadsOf(way.form);
  const waiting = await steadily(way, address);
  const same = waiting.find((one) => one.sha256 === facts.sha256 && one.size === facts.size && ours(way.form, one));
  const body = JSON.stringify(item === "" ? facts : { ...facts, item });
  return same ?? steadily(way, address, { method: "POST", body, headers: { "Content-Type": "application/json" } });
}

function uploadsOf(form) {
  return `/api/cases/${form.dataset.case}/uploads`;
}

/** Whether an upload can be gone on with in this form: of its item, or of any while it is of none. */
function ours(form, upload) {
  const item = form.elements.namedItem("item").value;
  return item === "" || upload.item === item;
}

/** Asks until there is an answer, however long the line fails. Rejects with what the server says of the file itself. */
async function steadily(way, address, request) {
  for (let pause = 1; ; pause = Math.min(LONGEST_PAUSE, pause * 2)) {
    const answer = await ask(way.form, address, request, PATIENCE).catch(() => null);
    const said = await answer?.json().catch(() => null) ?? null;
    left(way);
    if (said !== null && (answer.ok || moved(address, said))) {
      return said;
    }
    if (answer !== null && ![401, 408, 409].includes(answer.status) && answer.status < 500) {
      throw new Refused(said?.error ?? way.say("refused"));
    }
    const why = answer?.status === 401 ? way.say("ended") : said?.error ?? way.say("failed");
    way.tell(`${why} ${way.say("again", { pause: measured(pause, "second") })}`);
    await passed(pause);
    left(way);
  }
}

/** Whether an answer that refuses a piece says that the file goes on elsewhere: the answer before it was lost. */
function moved(address, said) {
  return typeof said.received === "number" && !address.endsWith(`/${said.received}`);
}

function left(way) {
  if (way.gone()) {
    throw new Left();
  }
}

/** Some seconds, or less when the line is back. */
function passed(seconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
    window.addEventListener("online", resolve, { once: true });
  });
}

function amount(bytes) {
  const [unit, of] = bytes < 1e6 ? ["kilobyte", 1e3] : bytes < 1e9 ? ["megabyte", 1e6] : ["gigabyte", 1e9];
  return measured(bytes / of, unit);
}

function measured(many, unit) {
  return figures({ style: "unit", unit }).format(many);
}

/** Never all of it while something is missing. */
function percent(share) {
  return figures({ style: "percent" }).format(Math.floor(share * 100) / 100);
}

/** In the page's language, with the figures that stand on paper. */
function figures(how) {
  return new Intl.NumberFormat(`${document.documentElement.lang}-u-nu-latn`, { maximumFractionDigits: 1, ...how });
}

document.querySelectorAll(".upload").forEach((block) => attach(block.closest("form"), block));
