const { systemErrorText } = require("./systemError");

/** What a shell reports of a program that wrote to a pipe whose reader had left: 128 and the number of SIGPIPE. */
const readerLeft = 141;

/**
 * Ends this process where nobody reads what it writes any more, as in `edge local logs | head -1`: without a word and
 * with the exit code 141. Where it cannot be written (a full disk) the process ends with 1 and a sentence. `stop` ends it
 * where there is something to tidy up first.
 * @param {NodeJS.Process} process
 * @param {() => void} [stop] What to do before; without it the process ends at once.
 * @returns {{ closed: boolean }} Whether a reader has left.
 */
function endWithOutput(process, stop) {
    const output = { closed: false };
    for (const stream of [process.stdout, process.stderr]) {
        stream.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
            if (output.closed) return;
            output.closed = true;
            process.exitCode = error.code === "EPIPE" ? readerLeft : 1;
            if (error.code !== "EPIPE" && stream === process.stdout) {
                process.stderr.write(`${systemErrorText(error) ?? error.message}\n`);
            }
            if (stop) stop();
            else process.exit();
        });
    }
    return output;
}

/**
 * The same for a program without a way of its own to fail: what nobody catches is a sentence where the system said it,
 * and has its stack where not.
 * @param {NodeJS.Process} process
 */
function endWithSentence(process) {
    endWithOutput(process);
    process.on("uncaughtException", (error) => {
        process.stderr.write(`${systemErrorText(error) ?? error.stack ?? error}\n`);
        process.exit(1);
    });
}

module.exports = { endWithOutput, endWithSentence };
