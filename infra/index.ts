import { assertInstalled } from "./assertInstalled";

assertInstalled();
// Loaded only now: its imports would fail with a sentence of Node's own. Pulumi calls it and takes its answer as outputs.
module.exports = (require("./program") as typeof import("./program.js")).program;
