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

// These need no engine, and would otherwise make a first reader wait minutes for it.
const edgeWithoutEngine = ["help", "model", "init", "doctor"];
// These look at what runs, or end it: they need neither the engine nor anything compiled.
const withoutProgram = /^(monitor|creds|local (stop|status|logs|reset))( |$)/;

/**
 * Reads the arguments of `setup/main.js`: `{ help }`, `{ mistake }`, or what to set up and run:
 * `node` (arguments for Node, relative to the project; undefined for set-up only), `needsEngine`, `needsCompiled` (false
 * where nothing that is compiled runs), `exactEngine`,
 * `terse` (the engine line is left out when nothing was done) and `stream` ("stdout" or "stderr") for the progress.
 */
function readCommand(argv) {
    const [name, ...args] = argv;
    const json = args.includes("--json");
    const asksForHelp = args.includes("--help") || args.includes("-h");
    switch (name) {
        case undefined:
            return { needsEngine: true, stream: "stdout" };
        case "--help":
        case "-h":
            return { help: usage };
        case "local": {
            const named = args.length > 0 && !args[0].startsWith("-");
            const edgeArgs = named ? ["local", ...args] : ["first-run", ...args];
            const needsProgram = !asksForHelp && runsProgram(edgeArgs);
            return {
                node: edge(edgeArgs),
                needsEngine: needsProgram,
                needsCompiled: needsProgram,
                stream: json ? "stderr" : "stdout",
            };
        }
        case "edge": {
            const needsProgram = runsProgram(args);
            const needsEngine =
                needsProgram && args.length > 0 && !asksForHelp && !edgeWithoutEngine.includes(args[0]);
            return {
                node: edge(args),
                needsEngine,
                needsCompiled: needsProgram,
                terse: true,
                stream: "stderr",
            };
        }
        case "test":
            return {
                node: ["node_modules/jest/bin/jest.js", ...args],
                needsEngine: !asksForHelp,
                exactEngine: true,
                stream: "stderr",
            };
        default:
            return {
                mistake: `Expected local, edge, test or nothing, and found "${name}": see node setup/main.js --help.`,
            };
    }
}

function runsProgram(args) {
    return !withoutProgram.test(args.join(" "));
}

function edge(args) {
    return ["--require", "tsx/cjs", "cli/edge.ts", ...args];
}

module.exports = { readCommand };
