/** See `engineCache.js`. */
export function cacheFolder(env?: NodeJS.ProcessEnv): string;
/** See `engineCache.js`. */
export function engineFolder(env: NodeJS.ProcessEnv): string;
