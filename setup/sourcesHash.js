const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

/**
 * A SHA-256 in lower-case hex over the files named by `entries` (files, or folders with all they hold), relative to
 * `folder`. `dist/.sources` of a compiled package holds it, and the program computes it anew to refuse code that is
 * older than its source. The rule, to be kept the same wherever it is computed:
 *   1. Take every regular file whose own name and folders below the entry do not start with a dot.
 *   2. Write its path relative to `folder`, with "/" between the parts, and sort by UTF-16 code units.
 *   3. Hash, for each file in that order, the UTF-8 text `<path>\0<SHA-256 of its bytes, hex>\n`.
 * @param {string} folder
 * @param {readonly string[]} entries
 */
function sourcesHash(folder, entries) {
    const hash = createHash("sha256");
    for (const file of entries.flatMap((entry) => filesOf(folder, entry)).sort()) {
        const content = createHash("sha256").update(fs.readFileSync(path.join(folder, file)));
        hash.update(`${file}\0${content.digest("hex")}\n`);
    }
    return hash.digest("hex");
}

/**
 * @param {string} folder
 * @param {string} entry
 * @returns {string[]}
 */
function filesOf(folder, entry) {
    if (!fs.statSync(path.join(folder, entry)).isDirectory()) return [entry];
    return fs.readdirSync(path.join(folder, entry), { withFileTypes: true }).flatMap((child) => {
        const isSource = !child.name.startsWith(".") && (child.isFile() || child.isDirectory());
        return isSource ? filesOf(folder, `${entry}/${child.name}`) : [];
    });
}

module.exports = { sourcesHash };
