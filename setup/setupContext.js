/**
 * What every step of the set-up is given.
 * @typedef {object} SetupContext
 * @property {string} root The folder of the project.
 * @property {NodeJS.ProcessEnv} env
 * @property {import("./progress").Progress} progress
 * @property {AbortSignal} signal Aborted when somebody interrupts the set-up.
 */
module.exports = {};
