/**
 * The requester's side, before the custodians decide: a request key, and a request.
 */

import { documentDigest, unb64 } from "../static/sealing/encoding.js";
import { remembers, subject, today, vaultFacts } from "./custodian.js";
import { at, element, facts, foreign, offer, onSend, readField, say, show, takeTyped } from "./dom.js";
import { ask } from "./opening.js";
import { hasExactly } from "./reading.js";
import { need, orRefuse } from "./refusal.js";
import { checkCode, newRequestKey, openRequestKey } from "./requestkeys.js";
import { pinOf, requireInForce, verifyChain } from "./rosters.js";
import { checkReason, LONGEST_LIFE } from "./terms.js";
import { fingerprint, OPENING_CODE_WORDS, PASSPHRASE_WORDS, randomWords } from "./words.js";

const HALF_A_RECORD = "Copy the whole record, both parts and the full stop between them.";

/** A request key or a request under way. */
let work = null;

/** Make the requester's forms work. */
export function startAsking() {
  onSend("make", "Checking the rosters.", async () => {
    const code = at("make-code").value.trim().toUpperCase();
    checkCode(code);
    work = { code, chain: await readRosters("make-rosters", null), passphrase: randomWords(PASSPHRASE_WORDS) };
    at("passphrase-facts").replaceChildren(facts(vaultFacts(work.chain, null)));
    at("passphrase-words").textContent = work.passphrase;
    show("passphrase");
  });
  onSend("passphrase", "Making the key: this takes a few seconds.", async () => {
    const typed = at("passphrase-typed").value.trim().toLowerCase().split(/\s+/u).join(" ");
    need(typed === work.passphrase, "These are not the six words: compare them with what you wrote down.");
    const made = await newRequestKey(work.code, work.chain.newest, work.passphrase);
    at("made-offers").replaceChildren(...await madeOffers(made));
    forget();
    at("passphrase-words").textContent = "";
    at("passphrase-typed").value = "";
    show("made");
  });
  onSend("ask", "Opening your request key: this takes a few seconds.", async () => {
    work = await readAsking();
    at("asking-facts").replaceChildren(...described(work));
    show("asking");
  });
  onSend("asking", "Signing.", async () => {
    const code = randomWords(OPENING_CODE_WORDS);
    const made = await ask(work.about, work.chain.newest, work.requestKey, { today: today(), last: lastDay(), code });
    at("asked-code").replaceChildren(...code.split(" ").map((word) => element("li", {}, word)));
    at("asked-offers").replaceChildren(...askedOffers(work, made));
    forget();
    show("asked");
  });
  at("asking-no").addEventListener("click", () => show("ask"));
  return { forget };
}

function forget() {
  work?.requestKey?.seed.fill(0);
  work = null;
}

async function readAsking() {
  const [record, escrow, ...more] = at("ask-record").value.trim().split(".");
  await orRefuse(HALF_A_RECORD, () => {
    need(more.length === 0 && escrow !== undefined, HALF_A_RECORD);
    unb64(record, 16);
    unb64(escrow, 32);
  });
  const reason = at("ask-reason").value.trim();
  checkReason(reason);
  const purpose = at("ask").querySelector("[name=purpose]:checked").value;
  const file = await readField("ask-key", "the file of your request key");
  const requestKey = await openRequestKey(file, takeTyped("ask-passphrase", "the passphrase of your request key"));
  say("Checking the rosters.");
  const chain = await readRosters("ask-rosters", requestKey.pin);
  requireInForce(chain.newest, today());
  return { requestKey, chain, about: { purpose, record, escrow, reason } };
}

async function readRosters(id, pin) {
  const file = await readField(id, "the file of the vault's rosters");
  need(hasExactly(file, ["format", "rosters"]) && file.format === "witness-vault/v1/roster-file",
    "This is not the file of the vault's rosters: ask a custodian for it, or take it from your desk.");
  return verifyChain(file.rosters, pin);
}

function described({ requestKey, chain, about }) {
  return [
    element("p", { class: "sentence" },
      `You, ${requestKey.code}, ask the custodians to open ${subject(about.purpose, null)}.`),
    facts([
      ["Why", element("blockquote", { dir: "auto" }, foreign(about.reason))],
      ["Record", element("span", { class: "mono", dir: "ltr" }, about.record)],
      ["Until", lastDay(), "After that day a new request is needed."],
      ...vaultFacts(chain, requestKey.pin),
    ]),
  ];
}

async function madeOffers({ file, card }) {
  const words = fingerprint(await documentDigest(card.document));
  return [
    facts([["The card's six words", element("span", { class: "words vault-words", translate: "no" }, words),
      "Read them to a custodian, by voice, after you have enrolled."]]),
    offer({ title: "The file of your request key", name: "member.json", content: file, copied: false,
      says: "Keep it on a medium of your own. With the passphrase, it asks in your name." }),
    offer({ title: "Your request card", name: "request-card.json", content: card,
      says: "It is public: paste it where you enrol." }),
  ];
}

function askedOffers({ requestKey, chain }, { request, kept }) {
  const given = [
    offer({ title: "Your opening file", name: "opening.json", content: kept, copied: false,
      says: "Keep it on this device or a medium of your own: with the code, it opens what the custodians hand over." }),
    offer({ title: "Your request", name: "request.json", content: request,
      says: "Hand it in at your own desk, or with your own command line." }),
  ];
  if (requestKey.pin === null || requestKey.pin.version < chain.newest.version) {
    given.push(offer({ title: "The file of your request key, brought up to date", name: "member.json", copied: false,
      content: { ...requestKey.file, pin: pinOf(chain.newest) },
      says: `${remembers(chain)} Put it in the place of the old file.` }));
  }
  return given;
}

function lastDay() {
  return new Date(Date.parse(today()) + LONGEST_LIFE * 86400000).toISOString().slice(0, 10);
}
