import { tidyEnvironment } from "../setup/tidyEnvironment";
import { assertInstalled } from "./assertInstalled";

// For the processes that the program starts; it began in the one of whoever runs Pulumi.
tidyEnvironment(process.env);
assertInstalled();
// Loaded only now: its imports would fail with a sentence of Node's own. Pulumi calls it and takes its answer as outputs.
const { program } = require("./program") as typeof import("./program.js");
module.exports = () => program(process.env);
