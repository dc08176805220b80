/**
 * The custodian's side: a request in, its terms in plain words, a signed decision out.
 */

import { promisedKey } from "./cases.js";
import { at, element, facts, foreign, offer, onSend, readField, say, show, takeTyped } from "./dom.js";
import { listedSeed, openKeyFile, withPin } from "./keyfiles.js";
import { decide } from "./opening.js";
import { quorum } from "./picture.js";
import { hasExactly } from "./reading.js";
import { need } from "./refusal.js";
import { memberOf, requireInForce, verifyChain } from "./rosters.js";
import { checkReason, checkTerms, openPacket, requirePresentEpoch } from "./terms.js";

const PACKET_PARTS = ["format", "vault", "opening", "recipient", "packet", "rosters"];

/** What is being decided: {keyFile, chain, terms, escrow, caseKey}, and the refusal's reason or null. */
let work = null;

/** Make the custodian's forms work. */
export function startCustodian() {
  onSend("custodian", "Opening your key file: this takes a few seconds.", async () => {
    work = await readRequest();
    at("terms-facts").replaceChildren(...described(work));
    at("compared-ask").hidden = work.keyFile.pin !== null;
    at("compared").checked = false;
    show("terms");
  });
  onSend("terms", "", async () => {
    const chosen = at("terms").querySelector("[name=decision]:checked");
    need(chosen !== null, "Choose whether you approve or refuse.");
    work.refusal = chosen.value === "refuse" ? at("refusal").value.trim() : null;
    if (work.refusal === null) {
      // Without a pin, a server could show a roster of its own making, in which this custodian's key stands.
      need(work.keyFile.pin !== null || at("compared").checked, "Compare the vault's six words first, and say so.");
      requireInForce(work.chain.newest, today());
    } else {
      checkReason(work.refusal);
    }
    at("confirm-says").replaceChildren(...consequence(work));
    at("confirm-yes").textContent = work.refusal === null ? "Hand over my share" : "Refuse";
    show("confirm");
  });
  onSend("confirm", "Signing.", async () => {
    const { terms, escrow, chain, keyFile, refusal } = work;
    const holder = { code: keyFile.code, signing: keyFile.signing, seed: listedSeed(keyFile, chain.newest) };
    const decision = await decide({ terms, escrow }, chain.newest, holder, refusal, today());
    at("decided-offers").replaceChildren(...offers(work, decision));
    show("decided");
    forget();
  });
  at("confirm-no").addEventListener("click", () => show("terms"));
  return { forget };
}

/** Today, in UTC as everywhere in the vault. */
export function today() {
  return new Date().toISOString().slice(0, 10);
}

/**
 * The six words and the version by which a vault's rosters are compared.
 * @param {import("./rosters.js").Chain} chain
 * @param {import("./rosters.js").Pin | null} pin
 */
export function vaultFacts({ newest, words }, pin) {
  const hint = pin === null
    ? "None was seen here before: compare these words by voice, or with your invitation. If one differs, stop."
    : "They continue what your file has seen before.";
  const runs = newest.expires < today() ? `It ran out on ${newest.expires}.` : `In force until ${newest.expires}.`;
  return [
    ["The vault's six words", element("span", { class: "words vault-words", translate: "no" }, words), hint],
    ["Roster", `Version ${newest.version}`, runs],
  ];
}

/** Why a file is offered anew. @param {import("./rosters.js").Chain} chain */
export function remembers({ newest }) {
  return `It remembers roster version ${newest.version}, so that nobody can show you an older one.`;
}

/** What is asked for, in words. @param {string} purpose @param {{key: string, code: string} | null} caseKey */
export function subject(purpose, caseKey) {
  return purpose === "identity" ? "the identity of one witness" : caseKey === null ? "a key of a case"
    : `the ${caseKey.key} key of case ${caseKey.code}`;
}

function forget() {
  if (work !== null) {
    [work.keyFile.signing, ...work.keyFile.pairs.map(({ seed }) => seed)].forEach((bytes) => bytes.fill(0));
  }
  work = null;
}

async function readRequest() {
  const file = await readField("packet", "the request");
  const keys = await readField("key-file", "your key file");
  need(hasExactly(file, PACKET_PARTS) && file.format === "witness-vault/v1/packet-file",
    "This is not a request for a custodian: choose the file that your desk gave you.");
  const keyFile = await openKeyFile(keys, takeTyped("key-passphrase", "the passphrase of your key file"));
  say("Checking the rosters.");
  const chain = await verifyChain(file.rosters, keyFile.pin);
  const { newest, rosters } = chain;
  need(file.vault === newest.vault, "This request belongs to another vault than its rosters: tell the custodians.");
  need(file.recipient === keyFile.code,
    "This is not a request for your key file: choose the one that your own desk gave you.");
  const packet = await openPacket(listedSeed(keyFile, newest), file, keyFile.code);
  const terms = await checkTerms(packet.terms, newest, today());
  requirePresentEpoch(terms, rosters);
  const caseKey = terms.purpose === "case-key" ? await promisedKey(packet.case, terms, rosters) : null;
  return { keyFile, chain, terms, escrow: packet.escrow, caseKey, refusal: null };
}

function described({ keyFile, chain, terms, caseKey }) {
  const { threshold, custodians } = chain.newest;
  const what = subject(terms.purpose, caseKey);
  const asked = element("p", { class: "sentence" },
    "The member ", foreign(terms.requester), ` asks you to open ${what}.`);
  const record = element("span", { class: "mono", dir: "ltr" }, terms.record);
  const opens = caseKey === null ? [] : keyFacts(caseKey, memberOf(chain.newest, terms.requester));
  const vault = vaultFacts(chain, keyFile.pin);
  // Whoever has seen no roster yet compares before reading on: without that, nothing below is certain.
  return [asked, facts([
    ...(keyFile.pin === null ? vault : []),
    ["Why", element("blockquote", { dir: "auto" }, foreign(terms.reason))],
    ["Asked", `On ${terms.day}; it can be approved until ${terms.expires}`],
    ...opens,
    ["Record", record, "Only this one is opened. The member has signed exactly what stands here."],
    ["Who decides", quorum(threshold, custodians.size),
      `${threshold} of ${custodians.size} custodians must approve. You are ${keyFile.code}.`],
    ...(keyFile.pin === null ? [] : vault),
  ])];
}

/** Which version of which key; a server that hides the newest version of a case is found out by whoever signed that. */
function keyFacts({ key, version, seen }, { code, role }) {
  const ends = key === "testimony" && role === "researcher";
  return [
    ["Key", `${key}, version ${version}, as version ${seen} of the case has it`,
      "If you have signed a later version of the case, refuse, and tell the custodians."],
    ...(ends ? [["Deposit-only", element("strong", {}, `This ends deposit-only for ${code}, a researcher, who will read `
      + "what witnesses said.")]] : []),
  ];
}

function consequence({ terms, caseKey, chain, refusal }) {
  const who = foreign(terms.requester);
  if (refusal !== null) {
    return ["You refuse. ", who, " will read your reason; your share stays with you."];
  }
  const last = terms.purpose === "identity" ? "will learn who this witness is"
    : `will hold ${subject(terms.purpose, caseKey)}`;
  return [`You hand over your share of this one record. Once ${chain.newest.threshold} custodians have, `, who,
    ` ${last}. It cannot be taken back.`];
}

function offers({ keyFile, chain, refusal }, decision) {
  const given = [offer({
    title: refusal === null ? "Your approval" : "Your refusal", name: "decision.json", content: decision,
    says: "Hand in this file, or its text.",
  })];
  if (keyFile.pin === null || keyFile.pin.version < chain.newest.version) {
    given.push(offer({
      title: "Your key file, brought up to date", name: "key-file.json", content: withPin(keyFile, chain.newest),
      copied: false, says: `${remembers(chain)} Put it in the place of the old file and of its copy.`,
    }));
  }
  return given;
}
