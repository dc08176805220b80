/**
 * Brings the custodians' public keys into the page that seals to them. They lie at an address that names their content,
 * and so in what the browser keeps; until they are here, the page seals nothing, and says so.
 */

const block = document.getElementById("custodians");

async function bring() {
  const answer = await fetch(block.dataset.address).catch(() => null);
  if (answer?.ok && block.textContent === "") {
    block.textContent = await answer.text();
  }
}

window.addEventListener("online", bring);
bring();
