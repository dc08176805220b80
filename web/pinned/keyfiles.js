/**
 * A custodian's key file (docs/FORMATS.md §6): opened, and saved again with a newer pin. In the pinned page only, never
 * served.
 */

import { PUBLIC_SIZE } from "../static/sealing/boxes.js";
import { b64, documentDigest, unb64 } from "../static/sealing/encoding.js";
import { sealingPublic } from "../static/sealing/keypairs.js";
import { unwrap } from "./passphrases.js";
import { hasExactly } from "./reading.js";
import { need, orMistyped, orRefuse } from "./refusal.js";
import { pinOf, readPin } from "./rosters.js";
import { readBy, signingPublic } from "./signing.js";
import { _ } from "./speaking.js";

const FORMAT = "witness-vault/v1/key-file";
export const NOT_LISTED = _("This key file is not in the roster, or is another vault's: choose another.");
const NOT_ONE = _("This is not a key file of a custodian: choose the file %(file)s.", { file: "key-file.json" });
const SEED = 32;
const MOST_CARDS = 64;

/**
 * @typedef {{file: any, code: string, signing: Uint8Array, pairs: {seed: Uint8Array, public: string}[],
 *            pin: import("./rosters.js").Pin | null}} KeyFile
 */

/**
 * The custodian's code and keys. Refuses another file, a card that does not hold, and a wrong passphrase.
 * @param {any} file
 * @param {string} passphrase
 * @returns {Promise<KeyFile>}
 */
export async function openKeyFile(file, passphrase) {
  need(hasExactly(file, ["format", "cards", "pin", "wrapped"]) && file.format === FORMAT, NOT_ONE);
  need(Array.isArray(file.cards) && file.cards.length > 0 && file.cards.length <= MOST_CARDS, NOT_ONE);
  const pin = readPin(file.pin);
  const cards = await orRefuse(NOT_ONE, () => Promise.all(file.cards.map(readCard)));
  const about = { code: cards[0].code, cards: await Promise.all(cards.map(nameOf)) };
  const opened = await orMistyped(_("The passphrase does not open this key file: type it again."), () => (
    unwrap(file.wrapped, passphrase, new Uint8Array(0), "key-file", about)));
  need(opened.length === SEED * (cards.length + 1), NOT_ONE);
  const signing = opened.slice(0, SEED);
  const pairs = await Promise.all(cards.map(async (_, at) => {
    const seed = opened.slice((at + 1) * SEED, (at + 2) * SEED);
    return { seed, public: b64(await sealingPublic(seed)) };
  }));
  const presented = b64(await signingPublic(signing));
  need(cards.every((card, at) => card.signing === presented && card.sealing === pairs[at].public
    && card.code === about.code), NOT_ONE);
  return { file, code: about.code, signing, pairs, pin };
}

/**
 * The same key file, with this roster as the newest that its holder has seen.
 * @param {KeyFile} keyFile
 * @param {import("./rosters.js").Roster} roster
 */
export function withPin({ file }, roster) {
  return { ...file, pin: pinOf(roster) };
}

/**
 * The seed of the sealing pair that the roster lists for this custodian.
 * @param {KeyFile} keyFile
 * @param {import("./rosters.js").Roster} roster
 */
export function listedSeed({ code, pairs }, roster) {
  const listed = roster.custodians.get(code);
  const pair = pairs.find((one) => listed !== undefined && one.public === b64(listed.sealing));
  need(pair !== undefined, NOT_LISTED);
  return pair.seed;
}

/** @param {any} signed */
async function readCard(signed) {
  const { code, signing } = signed.document;
  const card = await readBy(signed, "custodian-card", code, unb64(signing, 32));
  need(hasExactly(card, ["format", "code", "sealing", "signing"]), NOT_ONE);
  unb64(card.sealing, PUBLIC_SIZE);
  return card;
}

/** @param {any} card */
async function nameOf(card) {
  return b64(await documentDigest(card));
}
