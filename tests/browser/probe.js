/**
 * What the tests ask of the browser, bytes in and out as b64. A refusal is an exception.
 */

import { seal } from "/static/sealing/boxes.js";
import { caseDocument, foundCase } from "/static/sealing/cases.js";
import { b64, canonical, context, documentDigest, hash, hkdf, pad, unb64 } from "/static/sealing/encoding.js";
import { entrust } from "/static/sealing/escrow.js";
import { sealingPublic } from "/static/sealing/keypairs.js";
import { lock } from "/static/sealing/locked.js";
import { split } from "/static/sealing/shares.js";
import { fingerprint } from "/static/sealing/words.js";
import * as opening from "./opening.js";

export const probe = {
  readB64: ({ b64: text }) => Array.from(unb64(text), (byte) => byte.toString(16).padStart(2, "0")).join(""),
  writeB64: ({ hex }) => b64(Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))),
  canonical: ({ json }) => b64(canonical(JSON.parse(json))),
  hash: async ({ kind, data }) => b64(await hash(kind, unb64(data))),
  context: ({ kind, about }) => b64(context(kind, about)),
  hkdf: async ({ key, salt, info, size }) => b64(await hkdf(unb64(key), unb64(salt), unb64(info), size)),
  pad: ({ data, size }) => b64(pad(unb64(data), size)),
  lock: ({ key, salt, kind, about, plaintext }) => drawing(salt ? [salt] : null, async () => (
    b64(await lock(unb64(key), kind, about, unb64(plaintext))))),
  unlock: async ({ key, kind, about, locked }) => b64(await opening.unlock(unb64(key), kind, about, unb64(locked))),
  split: ({ secret, coefficients, threshold, total }) => drawing(coefficients ?? null, async () => (
    split(unb64(secret), threshold, total).map(b64))),
  combine: ({ shares }) => b64(opening.combine(shares.map((share) => unb64(share)))),
  seal: async ({ public: key, kind, about, plaintext }) => b64(await seal(unb64(key), kind, about, unb64(plaintext))),
  unseal: async ({ seed, kind, about, box }) => b64(await opening.unseal(unb64(seed), kind, about, unb64(box))),
  entrust: ({ payload, ...secret }) => entrust({ ...secret, payload: unb64(payload) }),
  sealingPublic: async ({ seed }) => b64(await sealingPublic(unb64(seed))),
  words: ({ digest }) => fingerprint(unb64(digest)),
  caseDocument: ({ plan, brief, roster, born }) => caseDocument(plan, brief, roster, born),
  documentDigest: async ({ document }) => b64(await documentDigest(document)),
  foundCase: ({ plan, brief, roster }) => foundCase(plan, brief, roster),
  openEscrow: async ({ record, seeds }) => b64(await opening.openEscrow(record, seeds)),
};

/** Runs `action` while the browser's randomness gives these values, in turn; or its own. */
async function drawing(values, action) {
  if (values === null) {
    return action();
  }
  const left = values.map((value) => unb64(value));
  crypto.getRandomValues = (array) => { array.set(left.shift()); return array; };
  try {
    return await action();
  } finally {
    delete crypto.getRandomValues;
  }
}
