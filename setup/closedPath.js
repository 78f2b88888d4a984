const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

/**
 * The sentence for a file that this user may not use: what on the way to it is closed, whose that is, and what opens it.
 * @param {string} file
 */
function notAllowed(file) {
    const blocked = blockedAt(file);
    const about = blocked === file ? "it" : blocked;
    const owner = fs.lstatSync(blocked, { throwIfNoEntry: false })?.uid;
    const { uid, name } = user();
    if (owner === undefined || owner === uid) {
        return `Expected to be allowed to use ${file}, found that ${name} may not, though ${about} is ${name}'s own. Allow it with: chmod u+rwX ${quoted(blocked)}`;
    }
    const whose =
        owner === 0 ? "root, as what a command run as root has made" : `the user with the number ${owner}`;
    return `Expected to be allowed to use ${file}, found that ${name} may not: ${about} belongs to ${whose}. Make it yours with: sudo chown -R ${uid} ${quoted(blocked)}`;
}

/**
 * The first on the way to a file that this user may not enter, or the file itself, or else the folder that it would be in.
 * @param {string} file
 */
function blockedAt(file) {
    const parents = [file];
    for (let at = path.dirname(file); at !== parents[0]; at = path.dirname(at)) parents.unshift(at);
    const closed = parents.find((at) => at !== file && isThere(at) && !isOpenTo(at, fs.constants.X_OK));
    if (closed) return closed;
    const { R_OK, W_OK } = fs.constants;
    if (isThere(file) && !isOpenTo(file, R_OK | W_OK)) return file;
    return parents.filter((at) => at !== file && isThere(at)).at(-1) ?? file;
}

/**
 * What is there of the way to a file.
 * @param {string} file
 */
function fileOnTheWay(file) {
    let at = file;
    while (at !== path.dirname(at) && !isThere(at)) at = path.dirname(at);
    return at;
}

/**
 * @param {string} file
 * @param {number} [mode]
 */
function isOpenTo(file, mode = fs.constants.R_OK | fs.constants.W_OK) {
    try {
        fs.accessSync(file, mode);
        return true;
    } catch {
        return false;
    }
}

/** @param {string} file */
function isThere(file) {
    try {
        return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
    } catch {
        return false;
    }
}

/** @param {string} file */
function isLink(file) {
    return isThere(file) && fs.lstatSync(file).isSymbolicLink();
}

function user() {
    const uid = process.getuid?.() ?? -1;
    try {
        return { uid, name: os.userInfo().username };
    } catch {
        // A user without an entry, as containers have them.
        return { uid, name: `the user with the number ${uid}` };
    }
}

/** @param {string} file */
function quoted(file) {
    return /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
}

module.exports = { fileOnTheWay, isLink, isOpenTo, notAllowed };
