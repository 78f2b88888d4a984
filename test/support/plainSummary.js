const { relative } = require("node:path");

// The end of a run in a form that needs no knowledge of jest: what was left out, whose names say why, and how the rest
// went, as in "12 passed, 0 failed".
module.exports = class PlainSummary {
    constructor({ rootDir }) {
        this.root = rootDir;
    }

    onRunComplete(_contexts, results) {
        for (const { testFilePath, testResults } of results.testResults) {
            for (const { fullName, status } of testResults) {
                if (status === "pending")
                    process.stderr.write(`left out: ${relative(this.root, testFilePath)}: ${fullName}\n`);
            }
        }
        // A file that did not load has no failed test of its own, and is a failure all the same.
        const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
        process.stderr.write(`${results.numPassedTests} passed, ${failed} failed\n`);
    }
};
