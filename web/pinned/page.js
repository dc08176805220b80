/**
 * The pinned page: one file, opened from disk, for custodians and requesters. It can talk to nobody.
 */

import { startCustodian } from "./custodian.js";
import { at, complain, say, show } from "./dom.js";
import { startReading } from "./entries.js";
import { forgetOpened, startCombining } from "./redeeming.js";
import { startAsking } from "./requester.js";
import { requireSigning } from "./signing.js";
import { startSpeaking, tell } from "./speaking.js";

/** Nothing that was typed, chosen or shown stays. */
function forget() {
  forgetOpened();
  document.querySelectorAll("form").forEach((form) => form.reset());
  document.querySelectorAll("[id$=-offers], [id$=-facts], [id$=-says], #passphrase-words, #asked-code, #alone-refusals")
    .forEach((place) => tell(place, null));
  complain(null);
  say(null);
}

startSpeaking();
const parts = [startCustodian(), startAsking(), startCombining(), startReading()];

document.querySelectorAll("[data-go]").forEach((button) => {
  button.addEventListener("click", async () => {
    try {
      await requireSigning();
      show(button.dataset.go);
    } catch (error) {
      complain(error.said);
    }
  });
});
at("leave").addEventListener("click", () => {
  parts.forEach((part) => part.forget());
  forget();
  show("start");
});
window.addEventListener("pagehide", () => {
  parts.forEach((part) => part.forget());
  forget();
  show("start");
});
