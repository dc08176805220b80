/**
 * What the measurement of the pinned page calls: a whole approval, and the bare Argon2id that it cannot do without.
 */

import { argon2idAsync } from "../web/static/vendor/argon2.min.js";
import { listedSeed, openKeyFile } from "../web/pinned/keyfiles.js";
import { decide } from "../web/pinned/opening.js";
import { verifyChain } from "../web/pinned/rosters.js";
import { checkTerms, openPacket } from "../web/pinned/terms.js";

globalThis.bench = {
  bare: (passphrase) => timed(() => (
    argon2idAsync(passphrase, new Uint8Array(16), { m: 64 * 1024, t: 3, p: 1, dkLen: 32, asyncTick: 50 }))),
  approve: (file, packet, passphrase, today) => timed(async () => {
    const keyFile = await openKeyFile(file, passphrase);
    const { newest } = await verifyChain(packet.rosters, keyFile.pin);
    const seed = listedSeed(keyFile, newest);
    const { terms: signed, escrow } = await openPacket(seed, packet, keyFile.code);
    const terms = await checkTerms(signed, newest, today);
    await decide({ terms, escrow }, newest, { code: keyFile.code, signing: keyFile.signing, seed }, null, today);
  }),
};

/** In seconds. @param {() => Promise<unknown>} action */
async function timed(action) {
  const start = performance.now();
  await action();
  return (performance.now() - start) / 1000;
}
