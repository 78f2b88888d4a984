const { availableParallelism } = require("node:os");

// Types are checked by tsc (`npm run check`), so the tests only need them stripped.
const commonJs = [
    "@swc/jest",
    { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
];

const cpus = availableParallelism();

// `npm test` finds or builds the Pulumi engine; a bare `npx jest` is for tests that need none.
const hasEngine = Boolean(process.env.EDGE_PULUMI);
if (!hasEngine) {
    process.stderr.write(
        "left out: *.engine.test.ts, as they need the Pulumi engine; run: npm test [file]\n",
    );
}

/** @type {import("jest").Config} */
module.exports = {
    testEnvironment: "<rootDir>/test/support/nodeEnvironment.js",
    transform: {
        "\\.ts$": commonJs,
        // Jest cannot load an ES module on Node 20, which the MQTT broker is.
        "/node_modules/aedes/.*\\.js$": commonJs,
    },
    transformIgnorePatterns: ["/node_modules/(?!aedes/)"],
    roots: ["<rootDir>/test"],
    // These take minutes, or need a Docker engine: npm run test:long, test:nightly, test:docker.
    testPathIgnorePatterns: [`\\.(long|nightly|docker${hasEngine ? "" : "|engine"})\\.test\\.ts$`],
    globalSetup: "<rootDir>/test/support/compile.js",
    testSequencer: "<rootDir>/test/support/longestFirst.js",
    reporters: ["default", "<rootDir>/test/support/plainSummary.js"],
    testTimeout: 180_000,
    // Most tests wait for processes of their own, so there is one more than there are cores.
    maxWorkers: cpus + 1,
};
