/**
 * The custodian's side: a request in, its terms in plain words, a signed decision out.
 */

import { keyName, promisedKey } from "./cases.js";
import { at, element, facts, foreign, offer, onSend, readField, say, show, takeTyped } from "./dom.js";
import { listedSeed, openKeyFile, withPin } from "./keyfiles.js";
import { decide } from "./opening.js";
import { quorum } from "./picture.js";
import { hasExactly } from "./reading.js";
import { need } from "./refusal.js";
import { memberOf, requireInForce, verifyChain } from "./rosters.js";
import { _, day, tell, together } from "./speaking.js";
import { checkReason, checkTerms, openPacket, requirePresentEpoch } from "./terms.js";

const PACKET_PARTS = ["format", "vault", "opening", "recipient", "packet", "rosters"];

/** What is being decided: {keyFile, chain, terms, escrow, caseKey}, and the refusal's reason or null. */
let work = null;

/** Make the custodian's forms work. */
export function startCustodian() {
  onSend("custodian", _("Opening your key file: this takes a few seconds."), async () => {
    work = await readRequest();
    at("terms-facts").replaceChildren(...described(work));
    at("compared-ask").hidden = work.keyFile.pin !== null;
    at("compared").checked = false;
    show("terms");
  });
  onSend("terms", null, async () => {
    const chosen = at("terms").querySelector("[name=decision]:checked");
    need(chosen !== null, _("Choose whether you approve or refuse."));
    work.refusal = chosen.value === "refuse" ? at("refusal").value.trim() : null;
    if (work.refusal === null) {
      // Without a pin, a server could show a roster of its own making, in which this custodian's key stands.
      need(work.keyFile.pin !== null || at("compared").checked,
        _("Compare the vault's six words first, and say so."));
      requireInForce(work.chain.newest, today());
    } else {
      checkReason(work.refusal);
    }
    tell(at("confirm-says"), consequence(work));
    tell(at("confirm-yes"), work.refusal === null ? _("Hand over my share") : _("Refuse"));
    show("confirm");
  });
  onSend("confirm", _("Signing."), async () => {
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
    ? _("None was seen here before: compare these words by voice, or with your invitation. If one differs, stop.")
    : _("They continue what your file has seen before.");
  const last = day(newest.expires);
  const runs = newest.expires < today() ? _("It ran out on %(last)s.", { last })
    : _("In force until %(last)s.", { last });
  return [
    [_("The vault's six words"), sixWords(words), hint],
    [_("Roster"), _("Version %(version)s", { version: newest.version }), runs],
  ];
}

/** Words to be read aloud, the same in every language. @param {string} words */
export function sixWords(words) {
  return element("span", { class: "words vault-words", translate: "no", lang: "en", dir: "ltr" }, words);
}

/** Why a file is offered anew. @param {import("./rosters.js").Chain} chain */
export function remembers({ newest }) {
  return _("It remembers roster version %(version)s, so that nobody can show you an older one.",
    { version: newest.version });
}

/** A record by its id. @param {string} id */
export function recordId(id) {
  return element("span", { class: "mono", dir: "ltr", translate: "no" }, id);
}

function forget() {
  if (work !== null) {
    [work.keyFile.signing, ...work.keyFile.pairs.map(({ seed }) => seed)].forEach((bytes) => bytes.fill(0));
  }
  work = null;
}

async function readRequest() {
  const file = await readField("packet", _("Choose the request."));
  const keys = await readField("key-file", _("Choose your key file."));
  need(hasExactly(file, PACKET_PARTS) && file.format === "witness-vault/v1/packet-file",
    _("This is not a request for a custodian: choose the file that your desk gave you."));
  const keyFile = await openKeyFile(keys, takeTyped("key-passphrase", _("Type the passphrase of your key file.")));
  say(_("Checking the rosters."));
  const chain = await verifyChain(file.rosters, keyFile.pin);
  const { newest, rosters } = chain;
  need(file.vault === newest.vault,
    _("This request belongs to another vault than its rosters: tell the custodians."));
  need(file.recipient === keyFile.code,
    _("This is not a request for your key file: choose the one that your own desk gave you."));
  const packet = await openPacket(listedSeed(keyFile, newest), file, keyFile.code);
  const terms = await checkTerms(packet.terms, newest, today());
  requirePresentEpoch(terms, rosters);
  const caseKey = terms.purpose === "case-key" ? await promisedKey(packet.case, terms, rosters) : null;
  return { keyFile, chain, terms, escrow: packet.escrow, caseKey, refusal: null };
}

function described({ keyFile, chain, terms, caseKey }) {
  const { threshold, custodians } = chain.newest;
  const opens = caseKey === null ? [] : keyFacts(caseKey, memberOf(chain.newest, terms.requester));
  const vault = vaultFacts(chain, keyFile.pin);
  // Whoever has seen no roster yet compares before reading on: without that, nothing below is certain.
  return [element("p", { class: "sentence" }, asked(terms, caseKey)), facts([
    ...(keyFile.pin === null ? vault : []),
    [_("Why"), element("blockquote", { dir: "auto" }, foreign(terms.reason))],
    [_("Asked"), _("On %(asked)s; it can be approved until %(last)s",
      { asked: day(terms.day), last: day(terms.expires) })],
    ...opens,
    [_("Record"), recordId(terms.record),
      _("Only this one is opened. The member has signed exactly what stands here.")],
    [_("Who decides"), quorum(threshold, custodians.size),
      _("%(needed)s of %(total)s custodians must approve. You are %(code)s.",
        { needed: threshold, total: custodians.size, code: keyFile.code })],
    ...(keyFile.pin === null ? [] : vault),
  ])];
}

function asked({ requester }, caseKey) {
  const who = foreign(requester);
  return caseKey === null ? _("The member %(who)s asks you to open the identity of one witness.", { who })
    : _("The member %(who)s asks you to open this key of case %(case)s: %(key)s.",
      { who, case: caseKey.code, key: keyName(caseKey.key) });
}

/** Which version of which key; a server that hides the newest version of a case is found out by whoever signed that. */
function keyFacts({ key, version, seen }, { code, role }) {
  const ends = key === "testimony" && role === "researcher";
  return [
    [_("Key"), _("%(key)s, version %(version)s, as version %(seen)s of the case has it",
      { key: keyName(key), version, seen }),
      _("If you have signed a later version of the case, refuse, and tell the custodians.")],
    ...(ends ? [[_("Deposit-only"), element("strong", {},
      _("This ends deposit-only for %(code)s, a researcher, who will read what witnesses said.", { code }))]] : []),
  ];
}

function consequence({ terms, caseKey, chain, refusal }) {
  const who = foreign(terms.requester);
  if (refusal !== null) {
    return _("You refuse. %(who)s will read your reason; your share stays with you.", { who });
  }
  const needed = chain.newest.threshold;
  return together(_("You hand over your share of this one record."), caseKey === null
    ? _("Once %(needed)s custodians have, %(who)s will learn who this witness is.", { needed, who })
    : _("Once %(needed)s custodians have, %(who)s will hold this key of case %(case)s: %(key)s.",
      { needed, who, case: caseKey.code, key: keyName(caseKey.key) }), _("It cannot be taken back."));
}

function offers({ keyFile, chain, refusal }, decision) {
  const given = [offer({
    title: refusal === null ? _("Your approval") : _("Your refusal"), name: "decision.json", content: decision,
    says: _("Hand in this file, or its text."),
  })];
  if (keyFile.pin === null || keyFile.pin.version < chain.newest.version) {
    given.push(offer({
      title: _("Your key file, brought up to date"), name: "key-file.json", content: withPin(keyFile, chain.newest),
      copied: false, says: together(remembers(chain), _("Put it in the place of the old file and of its copy.")),
    }));
  }
  return given;
}
