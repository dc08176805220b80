/**
 * Custodians' signatures of the audit chain's end, by which a shortened chain is known (docs/FORMATS.md §11).
 */

import { b64, unb64 } from "../static/sealing/encoding.js";
import { hasExactly } from "./reading.js";
import { instead, need, stop } from "./refusal.js";
import { custodianKeys, dayNumber } from "./rosters.js";
import { countSigners, readSigned } from "./signing.js";
import { _ } from "./speaking.js";

const PARTS = ["format", "vault", "position", "link", "day", "custodian"];
const WRONG = stop(_("A custodian's signature of the chain's end does not hold."));

/** @typedef {{position: number, link: string, custodian: string, day: string}} Checkpoint */

/**
 * What a custodian of one of these rosters signed; null when none of them lists that custodian.
 * @param {any} signed
 * @param {import("./rosters.js").Roster[]} rosters
 * @returns {Promise<Checkpoint | null>}
 */
export function readCheckpoint(signed, rosters) {
  return instead(WRONG, async () => {
    const { document, entries } = readSigned(signed, "audit-checkpoint");
    const { vault, position, link, day, custodian } = document;
    need(hasExactly(document, PARTS) && vault === rosters.at(-1).vault && typeof custodian === "string", WRONG);
    need(Number.isSafeInteger(position) && position > 0 && !Number.isNaN(dayNumber(day)), WRONG);
    need(entries.length === 1 && entries[0].by === custodian && unb64(link, 32), WRONG);
    const keys = rosters.map((roster) => custodianKeys(roster).get(custodian)).filter((key) => key !== undefined);
    if (keys.length === 0) {
      return null;
    }
    const known = new Map(keys.map((key) => [b64(key), key]));
    const held = await Promise.all([...known.values()].map((key) => (
      countSigners(document, entries, new Map([[custodian, key]])).catch(() => 0))));
    need(held.includes(1), WRONG);
    return { position, link, custodian, day };
  });
}

/**
 * Refuses a chain, verified, that does not have what was signed, nor goes on from it.
 * @param {import("./audits.js").Link[]} links
 * @param {Checkpoint} signed
 */
export function requireContinued(links, { position, link, custodian }) {
  need(position <= links.length, _("The newest entries are missing: %(custodian)s signed entry %(place)s, and the last "
    + "one here is %(last)s. Tell the other custodians.", { custodian, place: position, last: links.length }));
  need(b64(links[position - 1].link) === link, _("The chain was rewritten: entry %(place)s is not the one that "
    + "%(custodian)s signed. Tell the other custodians.", { custodian, place: position }));
}
