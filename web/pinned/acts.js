/**
 * What was done, in plain words (docs/FORMATS.md §11). An act that is not known here is shown as it is called.
 */

const ACTS = {
  "recut proposed": "Asked for new figures of an incident",
  "recut signed": "Signed that an incident be counted anew",
  "recut withdrawn": "Took back the asking for new figures",
  "roster proposed": "Proposed a roster",
  "roster signed": "Signed a roster",
  "roster withdrawn": "Took back a roster",
  "invitations proposed": "Proposed invitations",
  "invitations signed": "Signed invitations",
  "invitations withdrawn": "Took back invitations",
  "case proposed": "Proposed a case",
  "case signed": "Signed a case",
  "case withdrawn": "Took back a case",
  "re-sharing begun": "Began to share every record anew",
  "re-sharing finished": "Finished sharing every record anew",
  "drill reported": "Reported a drill",
  "incident added": "Added an incident to a case",
  "match records listed": "Looked through the match records",
  "match records fetched": "Fetched match records",
  "partition handed in": "Handed in which records are of one person",
  "edition cut": "Cut an edition",
  "edition read": "Read an edition",
  "accounts read": "Read the accounts behind an edition's figures",
  "line opened": "Opened a line of a statement for a court",
  "source assessed": "Rated a source, moved or decided",
  "quotes read": "Read the quotes of a case",
  "quote proposed": "Proposed a quote of a testimony",
  "quote decided": "Decided on a quote",
  "patterns read": "Looked across incidents",
  "editions listed": "Looked through a case's editions",
  "testimonies listed": "Looked through a case's testimonies",
  "testimony read": "Read a testimony",
  "testimony handed over": "Handed a testimony over, out of the vault",
  "exports listed": "Looked at what left a case",
  "statement prepared": "Prepared a statement",
  "statement approved": "Approved a statement",
  "statement taken back": "Took back a statement before it was published",
  "statement published": "Signed a statement, which published it",
  "statement pulled": "Pulled a published statement",
  "opening requested": "Asked for an opening",
  "opening decided": "Decided on an opening",
  "opening handed over": "Took what an opening gave",
  "keys handed over": "Handed over keys of a case",
  "keys revoked": "Took a member's keys away",
  "absence announced": "Said how long they are away",
  "act refused": "Was refused",
  "more acts refused": "More acts were refused",
  "sign-ins failed": "Sign-ins failed",
};

/** @param {string} act */
export function inWords(act) {
  return Object.hasOwn(ACTS, act) ? ACTS[act] : act;
}
