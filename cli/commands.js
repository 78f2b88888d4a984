/**
 * A command of `edge`. Its code is loaded by `add`, only when the command line names it.
 * @typedef {object} EdgeCommand
 * @property {string} description
 * @property {"engine" | "compiled"} [needs]
 *   What the set-up makes sure of first: the Pulumi engine and compiled code, or compiled code alone.
 * @property {(parent: import("commander").Command) => void} [add] Missing where the table has the commands in it.
 */

/**
 * Every command of `edge`, by its words. `edge.ts` makes the command line of it, and the set-up, which runs before there
 * are any packages, reads here what a command needs; so this file is plain JavaScript and loads nothing by itself.
 * @type {Readonly<Record<string, EdgeCommand>>}
 */
const commands = {
    "first-run": {
        description: "bring the local stack up and classify the sample images with the deployed module",
        needs: "engine",
        add: (program) => require("./firstRun").addFirstRun(program),
    },
    local: {
        description: "the stack on the local Azure: no account, the same program",
    },
    "local up": {
        description: "create or update everything, and verify it",
        needs: "engine",
        add: (local) => require("./local/up").addUp(local),
    },
    "local base-image": {
        description: "make a base image for Docker builds from this machine's Node, where none can be pulled",
        add: (local) => require("./local/baseImage").addBaseImage(local),
    },
    "local preview": {
        description: "show what an update would change; nothing is changed",
        needs: "engine",
        add: (local) => require("./local/preview").addPreview(local),
    },
    "local destroy": {
        description: "take everything in the stack away",
        needs: "engine",
        add: (local) => require("./local/destroy").addDestroy(local),
    },
    "local start": {
        description: "start the local Azure, and the modules that ran on its device",
        needs: "engine",
        add: (local) => require("./local/start").addStart(local),
    },
    "local stop": {
        description: "stop the local Azure and its modules; what it knows stays",
        add: (local) => require("./local/stop").addStop(local),
    },
    "local status": {
        description: "show hub, registry, devices, modules and processes",
        add: (local) => require("./local/status").addStatus(local),
    },
    "local env": {
        description: "print the environment in which plain pulumi works on the stack",
        needs: "engine",
        add: (local) => require("./local/env").addEnv(local),
    },
    "local logs": {
        description: "print the log of the local Azure and of every module",
        add: (local) => require("./local/logs").addLogs(local),
    },
    "local reset": {
        description: "stop the stack and forget everything it has",
        add: (local) => require("./local/reset").addReset(local),
    },
    monitor: {
        description: "print the messages of devices and modules as they arrive at the local hub",
        add: (program) => require("./monitor").addMonitor(program),
    },
    creds: {
        description: "connection strings of the local hub and its devices",
        add: (program) => require("./creds").addCredsCommands(program),
    },
    device: {
        description: "a machine of your own as the edge device",
        needs: "engine",
        add: (program) => require("./device").addDeviceCommands(program),
    },
    manifest: {
        description: "the deployment manifest: what a device is told to run",
        needs: "compiled",
        add: (program) => require("./manifest").addManifestCommands(program),
    },
    model: {
        description: "the model that the classifier runs",
        needs: "compiled",
        add: (program) => require("./model").addModelCommands(program),
    },
    doctor: {
        description: "look at everything that an update needs, with a fix for each; nothing is created",
        needs: "compiled",
        add: (program) => require("./doctor").addDoctor(program),
    },
    init: {
        description: "write the configuration of a stack, from flags or by asking; nothing is created",
        needs: "compiled",
        add: (program) => require("./init").addInit(program),
    },
};

module.exports = { commands };
