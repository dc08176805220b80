#!/usr/bin/env bash
# Rebuild the vendored file in a temporary folder, compare it with CHECKSUMS, and only then put it here.
# Needs Node 20 or later with npm. Nothing is run at installation, and every package must have the hash in package-lock.json.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/{package.json,package-lock.json,hpke.entry.js,CHECKSUMS} "$work"
cp -R "$here/LICENSES" "$work"
cd "$work"

npm ci --ignore-scripts --no-audit --no-fund --silent
node_modules/.bin/esbuild hpke.entry.js --bundle --minify --format=esm --target=es2022 \
    --external:crypto --legal-comments=none --log-level=warning --outfile=hpke.min.js

if [[ "${1:-}" == "--accept" ]]; then
    sha256sum hpke.min.js hpke.entry.js package.json package-lock.json LICENSES/* > CHECKSUMS
fi
sha256sum --check --quiet CHECKSUMS
cp hpke.min.js CHECKSUMS "$here"
echo "hpke.min.js is as CHECKSUMS says."
