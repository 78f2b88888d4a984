const config = require("./jest.long.config");

/** @type {import("jest").Config} */
module.exports = { ...config, testMatch: ["**/*.nightly.test.ts"] };
