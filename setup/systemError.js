const { addressSentence, fileSentence, programSentence } = require("./systemSentences");

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

module.exports = { isWrongPath, systemErrorText };
