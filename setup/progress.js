const { stripVTControlCharacters } = require("node:util");

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const heartbeatMs = 15_000;

/**
 * A step of something that takes a while.
 * @typedef {object} Step
 * @property {(doing: string, takes?: string) => void} doing
 *   Says what the step is at now and, if that is long, how long it usually takes, such as "about 3 minutes, once".
 * @property {(line: string) => void} latest Shows the latest line of a tool's output.
 * @property {(detail: string, remark?: string) => void} done
 *   Ends the step with what it came to; `remark` follows the time, such as "once".
 * @property {() => void} fail
 */

/**
 * Where people see how far a command is.
 * @typedef {object} Progress
 * @property {(title: string) => Step} begin Begins a step, which shows nothing before its first `doing`.
 * @property {(title: string, detail: string, time?: string) => void} done
 *   Writes one finished line: what it was about, what it came to, and how long it took where that matters.
 * @property {(sentence: string) => void} say
 */

/**
 * Progress on `stream`: on a terminal one line per step that keeps changing, elsewhere a line when a step starts,
 * a heartbeat every 15 s and a line when it ends. A step that has nothing to do is never begun and prints nothing.
 * Colours are for a terminal, unless NO_COLOR says otherwise, or EDGE_COLOR, which is what `tidyEnvironment` makes of
 * FORCE_COLOR.
 * @param {NodeJS.WriteStream} stream
 * @param {NodeJS.ProcessEnv} env
 * @returns {Progress}
 */
function createProgress(stream, env) {
    // A terminal that calls itself dumb takes no sequences, those that move the cursor neither.
    const isTerminal = stream.isTTY && env.TERM !== "dumb";
    const colours = (isTerminal || env.EDGE_COLOR === "always") && !env.NO_COLOR;
    const paint = (/** @type {number} */ code, /** @type {string} */ text) =>
        colours ? `\x1b[${code}m${text}\x1b[0m` : text;

    /** @type {Progress["done"]} */
    function done(title, detail, time) {
        stream.write(`${paint(32, "✔")} ${row(title, detail, time)}\n`);
    }

    /** @type {Progress["begin"]} */
    function begin(title) {
        const started = performance.now();
        const elapsed = () => duration(performance.now() - started);
        let now = { doing: "", latest: "" };
        const timer = setInterval(isTerminal ? redraw : heartbeat, isTerminal ? 120 : heartbeatMs);

        function redraw() {
            const frame = frames[Math.floor(performance.now() / 120) % frames.length];
            const line = `${frame} ${title.padEnd(22)} ${elapsed().padEnd(12)} ${now.doing}  ${now.latest}`;
            stream.write(`\r\x1b[2K${line.slice(0, (stream.columns || 80) - 1)}`);
        }
        function heartbeat() {
            stream.write(`… ${row(title, now.latest || now.doing, elapsed())}\n`);
        }
        function end() {
            clearInterval(timer);
            if (isTerminal) stream.write("\r\x1b[2K");
        }
        return {
            doing(doing, takes) {
                now = { doing: takes ? `${doing} (${takes})` : doing, latest: "" };
                if (isTerminal) redraw();
                else stream.write(`… ${row(title, now.doing)}\n`);
            },
            latest(line) {
                now.latest = stripVTControlCharacters(line);
            },
            done(detail, remark) {
                end();
                done(title, detail, [elapsed(), remark].filter(Boolean).join(", "));
            },
            fail() {
                end();
                stream.write(`${paint(31, "✘")} ${row(title, now.doing, elapsed())}\n`);
            },
        };
    }

    return { begin, done, say: (sentence) => void stream.write(`${sentence}\n`) };
}

/**
 * @param {string} title
 * @param {string} detail
 */
function row(title, detail, time = "") {
    return `${title.padEnd(22)} ${detail.padEnd(time ? 48 : 0)}${time && `  ${time}`}`;
}

/**
 * Milliseconds as "0.4 s", "24 s" or "2 min 50 s".
 * @param {number} ms
 */
function duration(ms) {
    if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
    const seconds = Math.round(ms / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

module.exports = { createProgress, duration };
