/**
 * What the tests ask of the pinned page's modules, bytes in and out as b64. A refusal is an exception.
 */

import { b64, unb64 } from "../../web/static/sealing/encoding.js";
import { sealingPublic } from "../../web/static/sealing/keypairs.js";
import { entryReader, verifyLinks } from "../../web/pinned/audits.js";
import { combine } from "../../web/pinned/combining.js";
import { unwrap, wrap } from "../../web/pinned/passphrases.js";
import { isPlain } from "../../web/pinned/plain.js";
import { parse } from "../../web/pinned/reading.js";
import { binding, checkRecord, recordFingerprint } from "../../web/pinned/records.js";
import { sign, signingPublic } from "../../web/pinned/signing.js";
import { unlock, unpad } from "../../web/pinned/unlocking.js";
import { unseal } from "../../web/pinned/unsealing.js";
import { fingerprint, openingKey, randomWords } from "../../web/pinned/words.js";
import { canonical } from "../../web/static/sealing/encoding.js";

globalThis.probe = {
  canonical: ({ json }) => b64(canonical(parse(json))),
  unpad: ({ padded }) => b64(unpad(unb64(padded))),
  unlock: async ({ key, kind, about, locked }) => b64(await unlock(unb64(key), kind, about, unb64(locked))),
  unseal: async ({ seed, kind, about, box }) => b64(await unseal(unb64(seed), kind, about, unb64(box))),
  combine: ({ shares }) => b64(combine(shares.map((share) => unb64(share)))),
  openEscrow,
  openEntry,
  chainEnd: async ({ links }) => {
    await verifyLinks(links);
    return links.at(-1)?.link ?? b64(new Uint8Array(32));
  },
  fingerprintOf: ({ record }) => recordFingerprint(record),
  words: ({ digest }) => fingerprint(unb64(digest)),
  openingKey: async ({ code }) => b64(await openingKey(code)),
  randomWords: ({ count }) => randomWords(count),
  isPlain: ({ text }) => isPlain(text),
  sealingPublic: async ({ seed }) => b64(await sealingPublic(unb64(seed))),
  signingPublic: async ({ seed }) => b64(await signingPublic(unb64(seed))),
  sign: ({ document, by, seed }) => sign(document, by, unb64(seed)),
  wrap: ({ secret, passphrase, factor, kind, about }) => wrap(unb64(secret), passphrase, unb64(factor), kind, about),
  unwrap: async ({ wrapped, passphrase, factor, kind, about }) => (
    b64(await unwrap(wrapped, passphrase, unb64(factor), kind, about))),
};

async function openEntry({ seed, code, entry }) {
  const open = await entryReader({ code, seeds: [unb64(seed)], hasAll: true, always: true });
  const { position, body, keys, commitment } = entry;
  const { state, body: read } = await open({ position, body, key: keys[code] ?? null }, {
    link: unb64(entry.link), commitment: unb64(commitment), decision: null });
  if (state !== "read") {
    throw new Error(state);
  }
  return b64(canonical(read));
}

async function openEscrow({ record, seeds }) {
  await checkRecord(record);
  const { purpose, vault, record: id, epoch, threshold, shares } = record;
  const escrow = await recordFingerprint(record);
  const handed = await Promise.all(shares.filter(({ index }) => index in seeds).map(({ index, custodian, sealed }) => {
    const about = { purpose, vault, record: id, escrow, epoch, threshold, total: shares.length, index, custodian };
    return unseal(unb64(seeds[index]), "share", about, unb64(sealed));
  }));
  return b64(unpad(await unlock(combine(handed), "escrow", binding(record), unb64(record.locked))));
}
