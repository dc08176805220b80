// Shows the six words of the link beside those of the server. The part of an address after its # sign is never sent,
// so these words come from whoever wrote the link. A person compares them with what was read aloud: this script only
// makes them legible, and says so when they differ.

const spoken = (text) => text.toLowerCase().split(/[^a-z]+/).filter(Boolean).join(" ");

const link = spoken(decodeURIComponent(location.hash.slice(1)));
const server = spoken(document.getElementById("words-of-server").textContent);
const whole = link.split(" ").length === 6;
const shown = document.getElementById("words-from-link");
shown.textContent = whole ? link : "";
shown.hidden = !whole;
document.getElementById("no-words").hidden = whole;
document.getElementById("words-differ").hidden = !whole || link === server;
