const usage = `Sets up what is missing (npm packages, compiled code, the Pulumi engine), then runs a command.

  node setup/main.js                      set up only                          (npm run setup)
  node setup/main.js local [args…]        the way to a first prediction        (npm run local)
  node setup/main.js local stop           short for "edge local stop"
  node setup/main.js edge <command>       the operator's command               (npm run edge -- …)
  node setup/main.js test [args…]         all tests that need no cloud         (npm test)

Example:  node setup/main.js test test/setup/engine.test.ts

What is obtained for the engine is kept in \${XDG_CACHE_HOME:-~/.cache}/edge-classifier. Set EDGE_PULUMI_MIRROR
to the address of a folder with Pulumi's archives and checksums file to download from there instead.
`;

/**
 * What the command line asks for.
 * @typedef {object} CommandLine
 * @property {string} [help] The text that explains the command line, where that was asked for.
 * @property {string} [mistake] What is wrong with the command line, where something is.
 * @property {string[]} [node] Arguments for Node, relative to the project; undefined for set-up only.
 * @property {"engine" | "compiled"} [needs] The Pulumi engine and compiled code, compiled code alone, or neither.
 * @property {boolean} [exactEngine]
 * @property {boolean} [terse] Whether the engine's line is left out when nothing was done.
 * @property {"stdout" | "stderr"} [stream] Where the progress goes.
 */

/**
 * Reads the arguments of `setup/main.js`. `commands` are those of `edge`.
 * @param {readonly string[]} argv
 * @param {Readonly<Record<string, { needs?: "engine" | "compiled" }>>} commands
 * @returns {CommandLine}
 */
function readCommand([name, ...args], commands) {
    switch (name) {
        case undefined:
            return { needs: "engine", stream: "stdout" };
        case "--help":
        case "-h":
            return { help: usage };
        case "local": {
            const named = args[0] !== undefined && !args[0].startsWith("-");
            const edgeArgs = named ? ["local", ...args] : ["first-run", ...args];
            return { ...edge(edgeArgs, commands), stream: args.includes("--json") ? "stderr" : "stdout" };
        }
        case "edge":
            return { ...edge(args, commands), terse: true, stream: "stderr" };
        case "test":
            return {
                node: ["node_modules/jest/bin/jest.js", ...args],
                needs: asksForHelp(args) ? "compiled" : "engine",
                exactEngine: true,
                stream: "stderr",
            };
        default:
            return {
                mistake: `Expected local, edge, test or nothing, and found "${name}": see node setup/main.js --help.`,
            };
    }
}

/**
 * @param {readonly string[]} args
 * @param {Parameters<typeof readCommand>[1]} commands
 */
function edge(args, commands) {
    const words = args.filter((word) => word !== "help").join(" ");
    const asked = Object.keys(commands).findLast((name) => `${words} `.startsWith(`${name} `));
    const needs = asked === undefined ? undefined : commands[asked]?.needs;
    return {
        node: ["--require", "tsx/cjs", "cli/edge.ts", ...args],
        // Help is of the code, and nobody should wait for an engine to read it.
        needs: needs === "engine" && asksForHelp(args) ? /** @type {const} */ ("compiled") : needs,
    };
}

/** @param {readonly string[]} args */
function asksForHelp(args) {
    return args[0] === "help" || args.includes("--help") || args.includes("-h");
}

module.exports = { readCommand };
