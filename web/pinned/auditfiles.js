/**
 * An audit file, for one custodian's own device: all that is verified before an entry is opened (docs/FORMATS.md §11).
 */

import { b64 } from "../static/sealing/encoding.js";
import { verifyLinks } from "./audits.js";
import { readCheckpoint, requireContinued } from "./checkpoints.js";
import { hasExactly } from "./reading.js";
import { need } from "./refusal.js";
import { verifyChain } from "./rosters.js";
import { _ } from "./speaking.js";

export const NOT_ENTRIES = _("This is not a file of entries: choose the one that your desk gave you.");
const FORMAT = "witness-vault/v1/audit-file";
const PARTS = ["format", "vault", "custodian", "links", "entries", "checkpoints", "rosters"];
const NEWEST = 500;

/**
 * @typedef {{position: number, link: import("./audits.js").Link, entry: import("./audits.js").Entry | null}} Place
 * @typedef {{chain: import("./rosters.js").Chain, length: number, places: Place[], strangers: number,
 *            checkpoints: import("./checkpoints.js").Checkpoint[], reader: import("./audits.js").Reader}} AuditFile
 */

/**
 * The places of the file, newest first, and who signed which end. Refuses, naming the position, what does not hold.
 * @param {any} file
 * @param {import("./keyfiles.js").KeyFile} keyFile
 * @returns {Promise<AuditFile>}
 */
export async function verifyAuditFile(file, keyFile) {
  // (1) whose it is: the rosters, each from the one before, continue what the key file has seen
  const chain = await verifyChain(file.rosters, keyFile.pin);
  need(file.vault === chain.newest.vault,
    _("This file belongs to another vault than its rosters: tell the custodians."));
  need(file.custodian === keyFile.code,
    _("This file is not for your key file: choose the one that your own desk gave you."));
  // (2) the links, each from the one before
  const links = await verifyLinks(file.links);
  // (3) who signed which end
  need(Array.isArray(file.checkpoints), NOT_ENTRIES);
  const read = await Promise.all(file.checkpoints.map((signed) => readCheckpoint(signed, chain.rosters)));
  const checkpoints = read.filter((one) => one !== null);
  checkpoints.forEach((one) => requireContinued(links, one));
  // (4) the entries, each at its place
  const places = placed(file.entries, links);
  const strangers = read.length - checkpoints.length;
  return { chain, length: links.length, places, strangers, checkpoints, reader: readerOf(keyFile, chain) };
}

/** Whether this has the shape of an audit file; nothing of it is verified yet. @param {any} file */
export function isAuditFile(file) {
  return hasExactly(file, PARTS) && file.format === FORMAT;
}

/**
 * The places that the file must fill, newest first; one that it leaves empty has no entry.
 * @param {any} entries
 * @param {import("./audits.js").Link[]} links
 * @returns {Place[]}
 */
function placed(entries, links) {
  need(Array.isArray(entries) && entries.every(isEntry), NOT_ENTRIES);
  const held = new Map();
  let previous = 0;
  for (const entry of entries) {
    need(entry.position > previous && entry.position <= links.length,
      _("Entry %(place)s does not stand in its place: take the file again, or tell the other custodians.",
        { place: entry.position }));
    previous = entry.position;
    held.set(entry.position, entry);
  }
  const first = Math.min(entries[0]?.position ?? Infinity, Math.max(1, links.length - NEWEST + 1));
  return links.slice(first - 1).map((link, at) => (
    { position: first + at, link, entry: held.get(first + at) ?? null })).reverse();
}

/** @param {any} entry */
function isEntry(entry) {
  return hasExactly(entry, ["position", "body", "key"]) && Number.isSafeInteger(entry.position)
    && typeof entry.body === "string" && (entry.key === null || typeof entry.key === "string");
}

/**
 * @param {import("./keyfiles.js").KeyFile} keyFile
 * @param {import("./rosters.js").Chain} chain
 */
function readerOf({ code, pairs }, { rosters }) {
  const own = new Set(pairs.map((pair) => pair.public));
  const listed = rosters.filter(({ custodians }) => custodians.has(code)).map(({ custodians }) => custodians.get(code));
  const hasAll = listed.every(({ sealing }) => own.has(b64(sealing)));
  return { code, seeds: pairs.map(({ seed }) => seed).reverse(), hasAll, always: listed.length === rosters.length };
}
