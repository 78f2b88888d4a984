// Loaded before the provider: every wait takes a hundredth of its time, so that a test sees the end of all attempts.
const timers = require("node:timers/promises");
const { setTimeout: sleep } = timers;
timers.setTimeout = (ms, ...rest) => sleep(ms / 100, ...rest);
