// Loaded before the provider: it gives up on an answer after a twentieth of its time, 1.5 s for a hub.
const { timeout } = AbortSignal;
AbortSignal.timeout = (ms) => timeout.call(AbortSignal, ms / 20);
