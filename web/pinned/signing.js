/**
 * Signed documents (docs/FORMATS.md §2.6): Ed25519 by the browser's WebCrypto, over the canonical document.
 */

import { b64, canonical, concat, label, unb64 } from "../static/sealing/encoding.js";
import { hasExactly, isObject } from "./reading.js";
import { need, Refusal, stop } from "./refusal.js";
import { _ } from "./speaking.js";

// RFC 8410: what stands before the seed in PKCS #8, the only form in which WebCrypto takes a private key.
const PKCS8 = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/**
 * @typedef {Record<string, any>} Document
 * @typedef {{by: string, signature: string}} Entry
 */

/** Refuses a browser that cannot sign. */
export async function requireSigning() {
  try {
    await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  } catch {
    throw new Refusal(_("This browser cannot sign (it lacks Ed25519): take a current Firefox, Chromium or Safari."));
  }
}

/**
 * The public half of a signing key.
 * @param {Uint8Array} seed 32 bytes
 * @returns {Promise<Uint8Array>} 32 bytes
 */
export async function signingPublic(seed) {
  const key = await crypto.subtle.importKey("pkcs8", concat(PKCS8, seed), "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", key);
  return unb64(x, 32);
}

/**
 * The document with one signature, by the bearer of code `by`.
 * @param {Document} document
 * @param {string} by
 * @param {Uint8Array} seed
 */
export async function sign(document, by, seed) {
  const key = await crypto.subtle.importKey("pkcs8", concat(PKCS8, seed), "Ed25519", false, ["sign"]);
  const signature = await crypto.subtle.sign("Ed25519", key, message(document));
  return { document, signatures: [{ by, signature: b64(new Uint8Array(signature)) }] };
}

/**
 * The document, of format `kind`, and its signatures, unverified. Refuses another shape.
 * @param {any} signed
 * @param {string} kind
 * @returns {{document: Document, entries: Entry[]}}
 */
export function readSigned(signed, kind) {
  const sentence = stop(_("This is not the signed document that belongs here."));
  need(hasExactly(signed, ["document", "signatures"]) && isObject(signed.document), sentence);
  const { document, signatures } = signed;
  need(document.format === `witness-vault/v1/${kind}` && Array.isArray(signatures), sentence);
  need(signatures.every((entry) => isObject(entry) && typeof entry.by === "string"), sentence);
  need(signatures.every(({ by }, at) => at === 0 || signatures[at - 1].by < by), sentence);
  return { document, entries: signatures };
}

/**
 * How many of `publics` signed; entries of others are ignored. Refuses when one of theirs does not hold.
 * @param {Document} document
 * @param {Entry[]} entries
 * @param {Map<string, Uint8Array>} publics by code
 */
export async function countSigners(document, entries, publics) {
  const known = entries.filter(({ by }) => publics.has(by));
  for (const entry of known) {
    await verify(document, entry, publics.get(entry.by));
  }
  return known.length;
}

/**
 * The document, signed by `by` alone. Refuses anything else.
 * @param {any} signed
 * @param {string} kind
 * @param {string} by
 * @param {Uint8Array} publicKey
 */
export async function readBy(signed, kind, by, publicKey) {
  const { document, entries } = readSigned(signed, kind);
  need(entries.length === 1 && entries[0].by === by, stop(_("A document is not signed by whom it names.")));
  await verify(document, entries[0], publicKey);
  return document;
}

/** @param {Document} document @param {Entry} entry @param {Uint8Array} publicKey */
async function verify(document, entry, publicKey) {
  let holds = false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    holds = await crypto.subtle.verify("Ed25519", key, unb64(entry.signature, 64), message(document));
  } catch {
    holds = false;
  }
  need(holds, stop(_("A signature does not hold.")));
}

/** @param {Document} document */
function message(document) {
  return concat(label("signature"), [0], canonical(document));
}
