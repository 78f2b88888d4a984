const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

/** What Node says of a failed system call: `EACCES: permission denied, open '/a'`, also inside a longer text. */
const onFiles = /\b(E[A-Z0-9]+): [a-z0-9 ,/-]+, (\w+)(?: '([^']*)'(?: -> '([^']*)')?)?/;
/** `spawn npm ENOENT` */
const onPrograms = /\bspawn (?:(.+) )?(E[A-Z0-9]+)\b/;
/** `listen EADDRINUSE: address already in use 127.0.0.1:80`, `connect ECONNREFUSED 127.0.0.1:80` */
const onAddresses = /\b(listen|connect|bind) (E[A-Z0-9]+)(?:: [a-z ,]*[a-z])?(?: ([^\s'"]*[\w\]]))?/;

/**
 * The text of an error with what the operating system said in it put as a sentence: what was expected, what was found,
 * what to do. What it did not say stays as it is; undefined where it said nothing that is known here.
 * @param {unknown} error
 * @returns {string | undefined}
 */
function systemErrorText(error) {
    const text = messageOf(error);
    const [, code, call = "", file, dest] = onFiles.exec(text) ?? [];
    if (code) return replaced(text, onFiles, fileSentence(code, call, file ?? pathOf(error), dest));
    const [, program = "the program", why] = onPrograms.exec(text) ?? [];
    if (why) return replaced(text, onPrograms, programSentence(why, program));
    const [, doing, fault, address = "the address"] = onAddresses.exec(text) ?? [];
    return fault ? replaced(text, onAddresses, addressSentence(fault, doing, address)) : undefined;
}

/**
 * Whether the system found something else at a path than there must be, such as a folder in place of a file.
 * @param {unknown} error
 */
function isWrongPath(error) {
    const [, code = ""] = onFiles.exec(messageOf(error)) ?? [];
    return ["EISDIR", "ENOTDIR", "ELOOP", "ENAMETOOLONG"].includes(code);
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 * @param {string | undefined} sentence
 */
function replaced(text, pattern, sentence) {
    const found = pattern.exec(text);
    if (!sentence || !found) return undefined;
    const after = text.slice(found.index + found[0].length);
    return (
        text.slice(0, found.index) + sentence + (sentence.endsWith(".") ? after.replace(/^\./, "") : after)
    );
}

/** @param {unknown} error */
function messageOf(error) {
    const { message } = /** @type {{ message?: unknown }} */ (error ?? {});
    return typeof message === "string" ? message : String(error);
}

/** @param {unknown} error */
function pathOf(error) {
    const { path: file } = /** @type {{ path?: unknown }} */ (error ?? {});
    return typeof file === "string" ? file : undefined;
}

/**
 * @param {string} code
 * @param {string} call
 * @param {string | undefined} file
 * @param {string | undefined} dest
 * @returns {string | undefined}
 */
function fileSentence(code, call, file, dest) {
    const what = file ? path.resolve(file) : "what was asked for";
    const target = dest ? path.resolve(dest) : what;
    switch (code) {
        case "EACCES":
        case "EPERM":
            return file ? notAllowed(dest && isOpenTo(what) ? target : what) : undefined;
        case "EISDIR":
            return file
                ? `Expected a file at ${what}, found a folder. Name a file, or move the folder away.`
                : "Expected a file, found a folder. Name a file.";
        case "ENOTDIR":
            return `Expected a folder at ${fileOnTheWay(what)}, found a file. Name a folder, or move the file away.`;
        case "ENOENT":
            return isLink(what)
                ? `Expected something at ${what}, found a link that leads nowhere. Remove it, or restore what it leads to.`
                : `Expected something at ${what}, found nothing there. Check how it is written.`;
        case "ELOOP":
            return `Expected ${what} to lead to a file or folder, found links that lead to each other. Remove them.`;
        case "EEXIST":
            return `Expected nothing at ${target} yet, found something. Move it away.`;
        case "ENOTEMPTY":
            return `Expected nothing in ${target}, found something. Move it away.`;
        case "ENAMETOOLONG":
            return `Expected a shorter name than ${what.slice(0, 60)}…. Choose another.`;
        case "ENOSPC":
        case "EDQUOT":
            return `Expected room to write ${file ? what : "the output"}, found ${code === "ENOSPC" ? "the disk full" : "the quota used up"}. Free some, then repeat the command.`;
        case "EROFS":
            return `Expected to write ${target}, found a file system that is read-only. Work on a copy in another folder.`;
        case "EXDEV":
            return `Expected ${what} and ${target} on one file system, found two. Choose places on one.`;
        case "EBUSY":
        case "ETXTBSY":
            return `Expected ${what} to be free, found it in use. End what uses it, then repeat the command.`;
        case "EMFILE":
        case "ENFILE":
            return `Expected to open ${what}, found too many files open. Raise the limit with: ulimit -n 4096`;
        case "EIO":
            return `Expected to ${call} ${what}, found that its disk or mount does not answer. Check it.`;
        default:
            return undefined;
    }
}

/**
 * @param {string} code
 * @param {string} program
 */
function programSentence(code, program) {
    switch (code) {
        case "ENOENT":
            return `Expected ${program} on PATH, found none. Install it, then repeat the command.`;
        case "EACCES":
        case "EPERM":
            return `Expected ${program} to be a program that this user may run, found none. Look at it and at the folders of PATH.`;
        case "ENOEXEC":
            return `Expected ${program} to be a program for this machine, found another file. Install the one for ${os.arch()}.`;
        case "E2BIG":
            return `Expected ${program} to take its arguments and environment, found them too long. Unset large variables.`;
        case "EAGAIN":
        case "ENOMEM":
        case "EMFILE":
            return `Expected to start ${program}, found no room for another process. End some, then repeat the command.`;
        default:
            return undefined;
    }
}

/**
 * @param {string} code
 * @param {string | undefined} doing
 * @param {string} address
 */
function addressSentence(code, doing, address) {
    switch (code) {
        case "EADDRINUSE":
            return `Expected ${address} to be free to listen on, found another process there. End it, or choose another port.`;
        case "EADDRNOTAVAIL":
            return `Expected ${address} to be an address of this machine, found that it is none. Choose another.`;
        case "EACCES":
            return `Expected to ${doing} on ${address}, found that this user may not. Choose a port from 1024 on.`;
        case "ECONNREFUSED":
            return `Expected an answer from ${address}, found nothing that listens there. Start it, or check the address.`;
        case "ETIMEDOUT":
        case "EHOSTUNREACH":
        case "ENETUNREACH":
            return `Expected an answer from ${address}, found no way to it. Check network and address.`;
        default:
            return undefined;
    }
}

/** @param {string} file */
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

/** @param {string} file */
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

module.exports = { isWrongPath, systemErrorText };
