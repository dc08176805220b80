#!/usr/bin/env bash
# Rebuild the vendored files in a temporary folder, compare them with CHECKSUMS, and only then put them here.
# Needs Node 20.19 or later with npm. Nothing is run at installation, and every package must have the hash in package-lock.json.
set -euo pipefail

bundles=(hpke argon2)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/{package.json,package-lock.json,CHECKSUMS} "$here"/*.entry.js "$work"
cp -R "$here/LICENSES" "$work"
cd "$work"

npm ci --ignore-scripts --no-audit --no-fund --silent
for bundle in "${bundles[@]}"; do
    node_modules/.bin/esbuild "$bundle.entry.js" --bundle --minify --format=esm --target=es2022 \
        --external:crypto --legal-comments=none --log-level=warning --outfile="$bundle.min.js"
done

if [[ "${1:-}" == "--accept" ]]; then
    sha256sum "${bundles[@]/%/.min.js}" "${bundles[@]/%/.entry.js}" package.json package-lock.json LICENSES/* > CHECKSUMS
fi
sha256sum --check --quiet CHECKSUMS
cp "${bundles[@]/%/.min.js}" CHECKSUMS "$here"
echo "The vendored files are as CHECKSUMS says."
