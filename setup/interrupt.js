/** @type {NodeJS.Signals[]} */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Turns the signals that end a process into an AbortSignal, so that every step can stop its child and tidy up.
 * `ignore()` hands the signals back; `exit()` ends this process by the signal that came, as its caller expects.
 */
function onInterrupt() {
    const controller = new AbortController();
    /** @type {NodeJS.Signals | undefined} */
    let received;
    const stop = (/** @type {NodeJS.Signals} */ name) => {
        received = name;
        controller.abort(new Error(`interrupted by ${name}`));
    };
    for (const name of signals) process.on(name, stop);
    const ignore = () => {
        for (const name of signals) process.removeListener(name, stop);
    };
    return {
        signal: controller.signal,
        ignore,
        /** Stops as a signal would: nobody reads any more what this process writes. */
        stop: () => stop("SIGTERM"),
        exit() {
            ignore();
            process.kill(process.pid, received);
        },
    };
}

module.exports = { onInterrupt };
