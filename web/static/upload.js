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
/** @typedef {{form: HTMLFormElement, show: (done: number, line: string) => void, tell: (line: string) => void, gone: () => boolean, begun: (upload: Upload) => void}} Way */

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
  const busy = () => input.files.length > 0 && field.value === "";
  const begin = async () => {
    const mine = ++current;
    const gone = () => mine !== current;
    field.value = begun = "";
    shown.hidden = wait.hidden = true;
    if (input.files.length === 0) {
      return;
    }
    stop.hidden = false;
    try {
      const way = { form, gone, tell, show, begun: (upload) => { begun = upload.upload; } };
      const arrived = await carry(way, input.files[0]);
      field.value = arrived.upload;
      form.elements.namedItem("item").value = arrived.item;
      wait.hidden = true;
      show(1, "");
      tell(`All of it has arrived: ${amount(arrived.size)}.`);
    } catch (error) {
      if (!gone()) {
        tell(error instanceof Refused ? error.message : "This file cannot be read. Choose it again.");
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
    tell("Given up: nothing of the file is kept.");
    const answer = name === "" ? { ok: true } : await ask(form, `/api/uploads/${name}`, { method: "DELETE" }).catch(() => null);
    if (!answer?.ok) {
      tell("There was no answer. What has arrived is kept for 30 days, for you alone.");
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
    tell("The file has arrived already.");
  } else if (input.files.length > 0) { // chosen before this script listened
    begin();
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
    way.show(at / file.size, `${amount(at)} of ${amount(file.size)} have arrived.`);
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
    way.show(at / (file.size || 1), `Reading the file: ${amount(at)} of ${amount(file.size)}.`);
  }
  return { size: file.size, media: file.type, head, sha256: b64(whole.digest()) };
}

/** One's own upload of this very file that waits, or a new one. */
async function started(way, facts) {
  const item = way.form.elements.namedItem("item").value;
  const address = `/api/cases/${way.form.dataset.case}/uploads`;
  const waiting = await steadily(way, address);
  const same = waiting.find((one) => one.sha256 === facts.sha256 && one.size === facts.size && (item === "" || one.item === item));
  const body = JSON.stringify(item === "" ? facts : { ...facts, item });
  return same ?? steadily(way, address, { method: "POST", body, headers: { "Content-Type": "application/json" } });
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
      throw new Refused(said?.error ?? "The server does not take this file.");
    }
    const why = answer?.status === 401 ? "Your session has ended. Sign in in another window, and it goes on." : said?.error ?? "The line failed.";
    way.tell(`${why} Trying again in ${pause} ${pause === 1 ? "second" : "seconds"}; what has arrived is kept.`);
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
  return new Intl.NumberFormat("en", { style: "unit", unit, maximumFractionDigits: 1 }).format(bytes / of);
}

document.querySelectorAll(".upload").forEach((block) => attach(block.closest("form"), block));
