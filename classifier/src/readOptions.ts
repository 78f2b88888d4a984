import { describeOptions, type Options, optionsSchema } from "./config";

/**
 * Reads the options from environment variables. An empty variable counts as unset. Throws one error that names every
 * variable with a bad value.
 */
export function readOptions(environment: Record<string, string | undefined>): Options {
    const variables = new Map(describeOptions().map(({ key, env }) => [key, env]));
    const given = Object.fromEntries(
        [...variables].map(([key, env]) => [key, environment[env] || undefined]),
    );
    const parsed = optionsSchema.safeParse(given);
    const problems = (parsed.error?.issues ?? []).map(({ path, message }) => {
        const env = variables.get(String(path[0])) ?? "";
        return `${env}=${environment[env]} instead of ${message}`;
    });
    if (given.secondPredictionKey && !given.predictionKey) {
        problems.push("PREDICTION_KEY_2 without PREDICTION_KEY");
    }
    if (parsed.data && parsed.data.headersTimeoutSeconds > parsed.data.requestTimeoutSeconds) {
        problems.push("HEADERS_TIMEOUT_SECONDS beyond REQUEST_TIMEOUT_SECONDS");
    }
    if (!given.tlsCertFile !== !given.tlsKeyFile) {
        problems.push("only one of TLS_CERT_FILE and TLS_KEY_FILE");
    }
    if (!parsed.success || problems.length > 0) {
        throw new Error(
            // A value can fail several checks of the same sentence.
            `Expected valid options, found ${[...new Set(problems)].join("; ")}. Correct these environment variables, or ` +
                "leave them out for their defaults.",
        );
    }
    return parsed.data;
}
