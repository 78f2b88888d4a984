const config = require("./jest.long.config");

/** @type {import("jest").Config} */
module.exports = {
    ...config,
    testMatch: ["**/*.docker.test.ts"],
    // They share one engine, and look at everything in it.
    maxWorkers: 1,
};
