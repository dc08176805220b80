/**
 * The requester's side, before the custodians decide: a request key, and a request.
 */

import { documentDigest, unb64 } from "../static/sealing/encoding.js";
import { recordId, remembers, sixWords, today, vaultFacts } from "./custodian.js";
import { at, element, facts, foreign, offer, onSend, readField, say, show, takeTyped } from "./dom.js";
import { ask } from "./opening.js";
import { hasExactly } from "./reading.js";
import { need, orRefuse } from "./refusal.js";
import { checkCode, newRequestKey, openRequestKey } from "./requestkeys.js";
import { pinOf, requireInForce, verifyChain } from "./rosters.js";
import { _, day, together } from "./speaking.js";
import { checkReason, LONGEST_LIFE } from "./terms.js";
import { fingerprint, OPENING_CODE_WORDS, PASSPHRASE_WORDS, randomWords } from "./words.js";

const HALF_A_RECORD = _("Copy the whole record, both parts and the full stop between them.");

/** A request key or a request under way. */
let work = null;

/** Make the requester's forms work. */
export function startAsking() {
  onSend("make", _("Checking the rosters."), async () => {
    const code = at("make-code").value.trim().toUpperCase();
    checkCode(code);
    work = { code, chain: await readRosters("make-rosters", null), passphrase: randomWords(PASSPHRASE_WORDS) };
    at("passphrase-facts").replaceChildren(facts(vaultFacts(work.chain, null)));
    at("passphrase-words").textContent = work.passphrase;
    show("passphrase");
  });
  onSend("passphrase", _("Making the key: this takes a few seconds."), async () => {
    const typed = at("passphrase-typed").value.trim().toLowerCase().split(/\s+/u).join(" ");
    need(typed === work.passphrase, _("These are not the six words: compare them with what you wrote down."));
    const made = await newRequestKey(work.code, work.chain.newest, work.passphrase);
    at("made-offers").replaceChildren(...await madeOffers(made));
    forget();
    at("passphrase-words").textContent = "";
    at("passphrase-typed").value = "";
    show("made");
  });
  onSend("ask", _("Opening your request key: this takes a few seconds."), async () => {
    work = await readAsking();
    at("asking-facts").replaceChildren(...described(work));
    show("asking");
  });
  onSend("asking", _("Signing."), async () => {
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
  const file = await readField("ask-key", _("Choose the file of your request key."));
  const passphrase = takeTyped("ask-passphrase", _("Type the passphrase of your request key."));
  const requestKey = await openRequestKey(file, passphrase);
  say(_("Checking the rosters."));
  const chain = await readRosters("ask-rosters", requestKey.pin);
  requireInForce(chain.newest, today());
  return { requestKey, chain, about: { purpose, record, escrow, reason } };
}

async function readRosters(id, pin) {
  const file = await readField(id, _("Choose the file of the vault's rosters."));
  need(hasExactly(file, ["format", "rosters"]) && file.format === "witness-vault/v1/roster-file",
    _("This is not the file of the vault's rosters: ask a custodian for it, or take it from your desk."));
  return verifyChain(file.rosters, pin);
}

function described({ requestKey: { code, pin }, chain, about }) {
  return [
    element("p", { class: "sentence" }, about.purpose === "identity"
      ? _("You, %(code)s, ask the custodians to open the identity of one witness.", { code })
      : _("You, %(code)s, ask the custodians to open a key of a case.", { code })),
    facts([
      [_("Why"), element("blockquote", { dir: "auto" }, foreign(about.reason))],
      [_("Record"), recordId(about.record)],
      [_("Until"), day(lastDay()), _("After that day a new request is needed.")],
      ...vaultFacts(chain, pin),
    ]),
  ];
}

async function madeOffers({ file, card }) {
  const words = fingerprint(await documentDigest(card.document));
  return [
    facts([[_("The card's six words"), sixWords(words),
      _("Read them to a custodian, by voice, after you have enrolled.")]]),
    offer({ title: _("The file of your request key"), name: "member.json", content: file, copied: false,
      says: _("Keep it on a medium of your own. With the passphrase, it asks in your name.") }),
    offer({ title: _("Your request card"), name: "request-card.json", content: card,
      says: _("It is public: paste it where you enrol.") }),
  ];
}

function askedOffers({ requestKey, chain }, { request, kept }) {
  const given = [
    offer({ title: _("Your opening file"), name: "opening.json", content: kept, copied: false,
      says: _("Keep it on this device or a medium of your own: with the code, it opens what the custodians hand "
        + "over.") }),
    offer({ title: _("Your request"), name: "request.json", content: request,
      says: _("Hand it in at your own desk, or with your own command line.") }),
  ];
  if (requestKey.pin === null || requestKey.pin.version < chain.newest.version) {
    given.push(offer({ title: _("The file of your request key, brought up to date"), name: "member.json", copied: false,
      content: { ...requestKey.file, pin: pinOf(chain.newest) },
      says: together(remembers(chain), _("Put it in the place of the old file.")) }));
  }
  return given;
}

function lastDay() {
  return new Date(Date.parse(today()) + LONGEST_LIFE * 86400000).toISOString().slice(0, 10);
}
