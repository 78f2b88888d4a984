import { type Options, shownOptions } from "../../classifier/src/config";
import { readOptions } from "../../classifier/src/readOptions";

describe("an option that is not given, or empty, has its default:", () => {
    const MB = 1024 * 1024;
    const defaults: [keyof Options, env: string, Options[keyof Options]][] = [
        ["port", "PORT", 80],
        ["host", "HOST", "0.0.0.0"],
        ["modelDir", "MODEL_DIR", expect.stringMatching(/classifier\/model$/)],
        ["preprocessing", "PREPROCESSING", "exact"],
        ["probe", "PROBE", "stop"],
        ["maxPixels", "MAX_PIXELS", 50_000_000],
        ["workers", "WORKERS", undefined],
        ["maxRequests", "MAX_REQUESTS", undefined],
        ["maxRequestBytes", "MAX_REQUEST_BYTES", 64 * MB],
        ["maxConnections", "MAX_CONNECTIONS", 1024],
        ["maxScoreBytes", "MAX_SCORE_BYTES", 64 * MB],
        ["headersTimeoutSeconds", "HEADERS_TIMEOUT_SECONDS", 5],
        ["requestTimeoutSeconds", "REQUEST_TIMEOUT_SECONDS", 15],
        ["deadlineSeconds", "DEADLINE_SECONDS", 10],
        ["drainSeconds", "DRAIN_SECONDS", 8],
        ["selfCheckSeconds", "SELF_CHECK_SECONDS", 30],
        ["allowPrivateUrls", "ALLOW_PRIVATE_URLS", false],
        ["scoringModule", "SCORING_MODULE", undefined],
        ["page", "PAGE", "on"],
        ["logLevel", "LOG_LEVEL", "info"],
        ["predictionKey", "PREDICTION_KEY", undefined],
        ["secondPredictionKey", "PREDICTION_KEY_2", undefined],
        ["corsOrigins", "CORS_ORIGINS", undefined],
        ["tlsCertFile", "TLS_CERT_FILE", undefined],
        ["tlsKeyFile", "TLS_KEY_FILE", undefined],
    ];
    test.each(defaults)("%s", (key, env, value) => {
        expect(readOptions({})[key]).toEqual(value);
        expect(readOptions({ [env]: "" })[key]).toEqual(value);
    });

    test("and these are all that there are", () => {
        expect(Object.keys(readOptions({})).sort()).toEqual(defaults.map(([key]) => key).sort());
    });
});

describe("an option is read from its variable:", () => {
    const key = { PREDICTION_KEY: "a" };
    const files = { TLS_CERT_FILE: "cert.pem", TLS_KEY_FILE: "key.pem" };
    test.each<[Record<string, string>, Partial<Options>]>([
        [{ PORT: "0" }, { port: 0 }],
        [{ PORT: "65535" }, { port: 65535 }],
        [{ HOST: "::1" }, { host: "::1" }],
        [{ MODEL_DIR: "/models" }, { modelDir: "/models" }],
        [{ PREPROCESSING: "fast" }, { preprocessing: "fast" }],
        [{ PROBE: "warn" }, { probe: "warn" }],
        [{ PROBE: "off" }, { probe: "off" }],
        [{ MAX_PIXELS: "1" }, { maxPixels: 1 }],
        [{ WORKERS: "1" }, { workers: 1 }],
        [{ MAX_REQUESTS: "1" }, { maxRequests: 1 }],
        [{ MAX_REQUEST_BYTES: "1" }, { maxRequestBytes: 1 }],
        [{ MAX_CONNECTIONS: "1" }, { maxConnections: 1 }],
        [{ MAX_SCORE_BYTES: "1" }, { maxScoreBytes: 1 }],
        [{ HEADERS_TIMEOUT_SECONDS: "0.5" }, { headersTimeoutSeconds: 0.5 }],
        [{ REQUEST_TIMEOUT_SECONDS: "3600" }, { requestTimeoutSeconds: 3600 }],
        [{ DEADLINE_SECONDS: "0.1" }, { deadlineSeconds: 0.1 }],
        [{ DRAIN_SECONDS: "3600" }, { drainSeconds: 3600 }],
        [{ SELF_CHECK_SECONDS: "2" }, { selfCheckSeconds: 2 }],
        [{ ALLOW_PRIVATE_URLS: "true" }, { allowPrivateUrls: true }],
        [{ ALLOW_PRIVATE_URLS: "false" }, { allowPrivateUrls: false }],
        [{ SCORING_MODULE: "score.js" }, { scoringModule: "score.js" }],
        [{ PAGE: "off" }, { page: "off" }],
        [{ LOG_LEVEL: "debug" }, { logLevel: "debug" }],
        [{ LOG_LEVEL: "error" }, { logLevel: "error" }],
        [key, { predictionKey: "a" }],
        [
            { ...key, PREDICTION_KEY_2: "b" },
            { predictionKey: "a", secondPredictionKey: "b" },
        ],
        [{ CORS_ORIGINS: "*" }, { corsOrigins: ["*"] }],
        [
            { CORS_ORIGINS: "https://a.example, http://b.example:8080" },
            { corsOrigins: ["https://a.example", "http://b.example:8080"] },
        ],
        [files, { tlsCertFile: "cert.pem", tlsKeyFile: "key.pem" }],
        [
            { HEADERS_TIMEOUT_SECONDS: "9", REQUEST_TIMEOUT_SECONDS: "9" },
            { headersTimeoutSeconds: 9, requestTimeoutSeconds: 9 },
        ],
    ])("%j", (environment, expected) => {
        expect(readOptions(environment)).toEqual({ ...readOptions({}), ...expected });
    });
});

describe("a start is refused, with the variable and what is expected of it, by", () => {
    const seconds = "instead of a number of seconds above 0 and up to 3600";
    const whole = "instead of a whole number of at least 1";
    const origins = "instead of * or origins such as https://example.org, separated by commas";
    const tls = "only one of TLS_CERT_FILE and TLS_KEY_FILE";
    const bad: [Record<string, string>, string][] = [
        ...["-1", "65536", "80.5", "http"].map((PORT): [Record<string, string>, string] => [
            { PORT },
            `PORT=${PORT} instead of a whole number from 0 to 65535`,
        ]),
        ...[
            "MAX_PIXELS",
            "WORKERS",
            "MAX_REQUESTS",
            "MAX_REQUEST_BYTES",
            "MAX_CONNECTIONS",
            "MAX_SCORE_BYTES",
        ].flatMap((env) =>
            ["0", "1.5", "many"].map((value): [Record<string, string>, string] => [
                { [env]: value },
                `${env}=${value} ${whole}`,
            ]),
        ),
        ...["DEADLINE_SECONDS", "DRAIN_SECONDS", "SELF_CHECK_SECONDS"].flatMap((env) =>
            ["0", "-1", "3600.5", "soon"].map((value): [Record<string, string>, string] => [
                { [env]: value },
                `${env}=${value} ${seconds}`,
            ]),
        ),
        [{ HEADERS_TIMEOUT_SECONDS: "0" }, `HEADERS_TIMEOUT_SECONDS=0 ${seconds}`],
        [{ REQUEST_TIMEOUT_SECONDS: "3601" }, `REQUEST_TIMEOUT_SECONDS=3601 ${seconds}`],
        [{ HEADERS_TIMEOUT_SECONDS: "16" }, "HEADERS_TIMEOUT_SECONDS beyond REQUEST_TIMEOUT_SECONDS"],
        [{ REQUEST_TIMEOUT_SECONDS: "4" }, "HEADERS_TIMEOUT_SECONDS beyond REQUEST_TIMEOUT_SECONDS"],
        [{ PREPROCESSING: "quick" }, "PREPROCESSING=quick instead of exact or fast"],
        [{ PROBE: "STOP" }, "PROBE=STOP instead of stop, warn or off"],
        [{ ALLOW_PRIVATE_URLS: "1" }, "ALLOW_PRIVATE_URLS=1 instead of true or false"],
        [{ PAGE: "no" }, "PAGE=no instead of on or off"],
        [{ LOG_LEVEL: "trace" }, "LOG_LEVEL=trace instead of debug, info, warn or error"],
        [{ CORS_ORIGINS: "https://a.example/" }, `CORS_ORIGINS=https://a.example/ ${origins}`],
        [{ CORS_ORIGINS: "https://a.example,b" }, `CORS_ORIGINS=https://a.example,b ${origins}`],
        [{ CORS_ORIGINS: "x https://a.example" }, `CORS_ORIGINS=x https://a.example ${origins}`],
        [{ TLS_CERT_FILE: "cert.pem" }, tls],
        [{ TLS_KEY_FILE: "key.pem" }, tls],
        [{ TLS_CERT_FILE: "cert.pem", TLS_KEY_FILE: "" }, tls],
        [{ PREDICTION_KEY_2: "b" }, "PREDICTION_KEY_2 without PREDICTION_KEY"],
    ];
    test.each(bad)("%j", (environment, sentence) => {
        expect(() => readOptions(environment)).toThrow(
            `Expected valid options, found ${sentence}. Correct these environment variables, or leave them out for ` +
                "their defaults.",
        );
    });
});

describe("what anyone may see of the options", () => {
    test("is their values, and of each key only that it is set", () => {
        const options = readOptions({ PREDICTION_KEY: "one-key", PREDICTION_KEY_2: "two-key", PORT: "81" });
        expect(shownOptions(options)).toEqual({
            ...options,
            predictionKey: "set",
            secondPredictionKey: "set",
            port: 81,
        });
    });

    test("has no key where none is set", () => {
        const none = shownOptions(readOptions({}));
        expect([none.predictionKey, none.secondPredictionKey]).toEqual([undefined, undefined]);
        const one = shownOptions(readOptions({ PREDICTION_KEY: "one-key" }));
        expect([one.predictionKey, one.secondPredictionKey]).toEqual(["set", undefined]);
    });
});
