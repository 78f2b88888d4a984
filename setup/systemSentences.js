const os = require("node:os");
const path = require("node:path");
const { fileOnTheWay, isLink, isOpenTo, notAllowed } = require("./closedPath");

// What the operating system's codes say, each as what was expected, what was found and what to do; undefined for others.

/**
 * Of a call on a file, or from one to another.
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
 * Of a program that could not be started.
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
 * Of a connection.
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

module.exports = { addressSentence, fileSentence, programSentence };
