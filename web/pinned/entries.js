/**
 * A custodian reads who did what: the chain is verified, each entry opened here, and nothing of it kept.
 */

import { inWords } from "./acts.js";
import { isAuditFile, NOT_ENTRIES, verifyAuditFile } from "./auditfiles.js";
import { entryReader } from "./audits.js";
import { vaultFacts } from "./custodian.js";
import { at, element, facts, onSend, readField, say, show, takeTyped } from "./dom.js";
import { openKeyFile } from "./keyfiles.js";
import { badInWords, choices, isChosen, row, whoInWords } from "./lines.js";
import { need } from "./refusal.js";
import { _, day, together } from "./speaking.js";

const LARGEST = 64 * 1024 * 1024;
const AT_ONCE = 20;
const SAID_EACH = 100; // a screen reader says each
const SHOWN = 200;
const ALARMING = ["changed", "missing"];

/** What is shown: {lines, limit}, or null. `opening` tells one reading from the next, so that one can be left. */
let work = null;
let opening = 0;

/** Make the audit's forms work. */
export function startReading() {
  onSend("audit", _("Opening your key file: this takes a few seconds."), read);
  ["act", "actor"].forEach((part) => at(`entries-${part}`).addEventListener("change", () => {
    work.limit = SHOWN;
    list();
  }));
  at("entries-more").addEventListener("click", () => {
    const next = work.limit;
    work.limit += SHOWN;
    list();
    at("entries-rows").children[next]?.querySelector("th").focus();
  });
  at("entries-clear").addEventListener("click", () => {
    forget();
    at("audit").querySelector("form").reset();
    show("start");
    say(_("The entries are gone from this page. It kept nothing."));
  });
  return { forget };
}

function forget() {
  opening += 1;
  work = null;
  ["wrong", "facts", "rows", "act", "actor"].forEach((place) => at(`entries-${place}`).replaceChildren());
}

async function read() {
  const keys = await readField("audit-key", _("Choose your key file."));
  const file = await readField("audit-file", _("Choose the file of entries."), LARGEST);
  need(isAuditFile(file), NOT_ENTRIES);
  forget();
  const turn = opening;
  const keyFile = await openKeyFile(keys, takeTyped("audit-passphrase", _("Type the passphrase of your key file.")));
  try {
    say(_("Verifying the chain."));
    const verified = await verifyAuditFile(file, keyFile);
    const lines = await openAll(verified, turn);
    work = { lines, limit: SHOWN };
    describe(verified, keyFile.pin);
    offerChoices();
    show("entries");
    list();
  } finally {
    keyFile.signing.fill(0);
    keyFile.pairs.forEach(({ seed }) => seed.fill(0));
  }
}

/**
 * Every entry, opened a few at a time, so that the page can say how far it is, and be left.
 * @param {import("./auditfiles.js").AuditFile} verified
 * @param {number} turn
 * @returns {Promise<import("./lines.js").Line[]>}
 */
async function openAll({ places, reader }, turn) {
  const open = await entryReader(reader);
  const lines = [];
  for (const { position, link, entry } of places) {
    if (lines.length % SAID_EACH === 0) {
      say(_("Opening the entries: %(count)s of %(total)s.", { count: lines.length, total: places.length }));
    }
    if (lines.length % AT_ONCE === 0) {
      await new Promise((painted) => { setTimeout(painted, 0); });
      need(turn === opening, null);
    }
    const opened = entry === null ? { state: "missing", body: null } : await open(entry, link);
    lines.push({ position, ...opened });
  }
  need(turn === opening, null);
  return lines;
}

/**
 * @param {import("./auditfiles.js").AuditFile} verified
 * @param {import("./rosters.js").Pin | null} pin
 */
function describe(verified, pin) {
  const { chain, length, places } = verified;
  const bad = work.lines.filter(({ state }) => ALARMING.includes(state)).map(({ position }) => position);
  if (bad.length > 0) {
    at("entries-wrong").append(element("p", { class: "notice stop" }, element("strong", {}, badInWords(bad)),
      " ", _("Do not rely on the others either, and tell the other custodians, by voice.")));
  }
  const whole = _("The chain holds. Entries in it: %(count)s.", { count: length });
  const holds = element("p", { class: "sentence" }, length === 0 ? _("There is no entry yet.")
    : places.length === length ? whole : together(whole, _("Shown are the newest (%(count)s); of those before, the "
      + "file has the links alone.", { count: places.length })));
  const checked = facts([...vaultFacts(chain, pin), ...ends(verified)]);
  // Whoever has seen no roster yet compares the words before anything below means something.
  at("entries-facts").append(holds, pin === null ? checked
    : element("details", { class: "explain" }, element("summary", {}, _("What was checked")), checked));
}

/** Who signed which end. @param {import("./auditfiles.js").AuditFile} verified @returns {[import("./speaking.js").Message, Node, Node][]} */
function ends({ checkpoints, strangers }) {
  const signed = checkpoints.map(({ custodian, position, day: signedOn }) => element("span", { class: "line" },
    _("%(custodian)s signed entry %(place)s on %(day)s.", { custodian, place: position, day: day(signedOn) })));
  const others = strangers === 0 ? [] : [element("span", { class: "line" },
    _("Signatures of others, whom no roster here lists: %(count)s.", { count: strangers }))];
  const none = signed.length === 0 ? [_("No custodian’s signature shows where it ended.")] : [];
  const command = element("code", { dir: "ltr", translate: "no" }, "witness-vault audit sign");
  const hint = element("span", {}, _("This page remembers nothing. Whether entries after the last signature were "
    + "left out, your own program can tell: %(command)s", { command }));
  return [[_("Its end"), element("span", {}, ...signed, ...others, ...none), hint]];
}

function offerChoices() {
  const read = work.lines.filter(({ body }) => body !== null).map(({ body }) => body);
  at("entries-act").replaceChildren(...choices(_("Everything"), read.map(({ act }) => act), inWords));
  at("entries-actor").replaceChildren(...choices(_("Everybody"), read.map(({ actor }) => actor), whoInWords));
}

/** The lines that were chosen, the newest first, as many as are shown for now. */
function list() {
  const [act, actor] = [at("entries-act").value, at("entries-actor").value];
  const chosen = work.lines.filter(({ body }) => isChosen(act, body?.act) && isChosen(actor, body?.actor));
  const shown = chosen.slice(0, work.limit);
  at("entries-rows").replaceChildren(...shown.map(row));
  at("entries-more").hidden = shown.length === chosen.length;
  say(_("Shown: %(count)s of %(total)s entries.", { count: shown.length, total: work.lines.length }));
}
