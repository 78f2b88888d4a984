const config = require("./jest.config");

/** @type {import("jest").Config} */
module.exports = {
    ...config,
    testPathIgnorePatterns: [],
    testMatch: ["**/*.long.test.ts"],
    testTimeout: 600_000,
    // Each keeps a stack of its own at work.
    maxWorkers: "100%",
};
