/**
 * The other half of web/static/sealing/: what custodians and requesters do elsewhere. For the tests only, never shipped.
 */

import { Aes256Gcm, CipherSuite, HkdfSha256, XWing } from "/static/vendor/hpke.min.js";
import { b64, context, documentDigest, hash, hkdf, label, unb64 } from "/static/sealing/encoding.js";

const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

export async function unseal(seed, kind, about, box) {
  expectMarker(box, "WV\x01\x01", 4 + 1120 + 16);
  const recipientKey = await suite.kem.deserializePrivateKey(seed);
  const opener = { recipientKey, enc: box.slice(4, 1124), info: context(kind, about) };
  return new Uint8Array(await suite.open(opener, box.slice(1124)));
}

export async function unlock(key, kind, about, locked) {
  expectMarker(locked, "WV\x01\x02", 4 + 32 + 32 + 16);
  const expanded = await hkdf(key, locked.slice(4, 36), label("locked"), 64);
  if (b64(expanded.slice(32)) !== b64(locked.slice(36, 68))) {
    throw new Error("another key");
  }
  const cipherKey = await crypto.subtle.importKey("raw", expanded.slice(0, 32), "AES-GCM", false, ["decrypt"]);
  const options = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: context(kind, about) };
  return new Uint8Array(await crypto.subtle.decrypt(options, cipherKey, locked.slice(68)));
}

export function combine(shares) {
  const indices = shares.map((share) => share[0]);
  if (shares.length < 2 || new Set(indices).size !== indices.length || indices.includes(0)
    || shares.some((share) => share.length !== 33)) {
    throw new Error("these shares do not belong together");
  }
  const secret = new Uint8Array(32);
  for (const share of shares) {
    const weight = indices.filter((other) => other !== share[0])
      .reduce((product, other) => times(product, times(other, inverse(other ^ share[0]))), 1);
    secret.forEach((byte, at) => { secret[at] = byte ^ times(share[at + 1], weight); });
  }
  return secret;
}

export async function openEscrow(record, seeds) {
  const { format, purpose, vault, record: id, epoch, roster, threshold } = record;
  const total = record.shares.length;
  const shares = record.shares.map(({ index, custodian, hash: named }) => ({ index, custodian, hash: named }));
  const bound = { format, purpose, vault, record: id, epoch, roster, threshold, shares };
  const escrow = b64(await documentDigest({ ...bound, locked: record.locked }));
  const handed = [];
  for (const { index, custodian, hash: named, sealed } of record.shares.filter((share) => share.index in seeds)) {
    const about = { purpose, vault, record: id, escrow, epoch, threshold, total, index, custodian };
    const share = await unseal(unb64(seeds[index]), "share", about, unb64(sealed));
    if (b64(await hash("share", share)) !== named) {
      throw new Error("not the share that the record names");
    }
    handed.push(share);
  }
  const padded = await unlock(combine(handed), "escrow", bound, unb64(record.locked));
  return padded.slice(4, 4 + new DataView(padded.buffer).getUint32(0));
}

function expectMarker(sealed, marker, shortest) {
  if (sealed.length < shortest || String.fromCharCode(...sealed.slice(0, 4)) !== marker) {
    throw new Error("another marker");
  }
}

// Long multiplication and reduction, on purpose not as web/static/sealing/shares.js does it.
function times(a, b) {
  let product = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= (b >> bit) & 1 ? a << bit : 0;
  }
  for (let bit = 15; bit >= 8; bit -= 1) {
    product ^= (product >> bit) & 1 ? 0x11b << (bit - 8) : 0;
  }
  return product;
}

function inverse(a) {
  return Array.from({ length: 255 }, (_, i) => i + 1).find((b) => times(a, b) === 1);
}
