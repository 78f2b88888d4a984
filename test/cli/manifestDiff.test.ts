import { manifestDiff } from "../../cli/manifestDiff";

const settings = (fields: object) => ({
    modulesContent: { $edgeAgent: { "properties.desired": { modules: { m: { settings: fields } } } } },
});
const env = (variables: Record<string, string>, module = "m") => ({
    modulesContent: {
        $edgeAgent: {
            "properties.desired": {
                modules: {
                    [module]: {
                        env: Object.fromEntries(
                            Object.entries(variables).map(([name, value]) => [name, { value }]),
                        ),
                    },
                },
            },
        },
    },
});

describe("the difference of two manifests", () => {
    test.each([
        ...[
            "https_proxy",
            "http_proxy",
            "HTTPS_PROXY",
            "HTTP_PROXY",
            "all_proxy",
            "ALL_PROXY",
            "Https_Proxy",
        ],
        ...["password", "DB_PASSWORD", "SMTP_PASSWD", "CLIENT_SECRET", "clientSecret", "API_TOKEN", "token"],
        ...[
            "ACCOUNT_CREDENTIAL",
            "ConnectionString",
            "STORAGE_CONNECTION_STRING",
            "PREDICTION_KEY",
            "apiKey",
        ],
    ])("tells that the variable %s changed, and neither value", (name) => {
        const changes = manifestDiff(env({ [name]: "hunter2" }), env({ [name]: "hunter3" }));
        expect(changes).toEqual([
            { path: `$edgeAgent.modules.m.env.${name}.value`, from: "<hidden>", to: "<hidden>" },
        ]);
    });

    test.each(["no_proxy", "LOG_LEVEL", "KEYBOARD", "TOKENS_PER_MINUTE", "PROXY_COUNT"])(
        "shows the variable %s, which is no secret",
        (name) => {
            expect(manifestDiff(env({ [name]: "one" }), env({ [name]: "two" }))).toEqual([
                expect.objectContaining({ from: "one", to: "two" }),
            ]);
        },
    );

    test("hides variables of a module that is itself called env", () => {
        const changes = manifestDiff(env({ API_KEY: "hunter2" }, "env"), env({ API_KEY: "hunter3" }, "env"));
        expect(changes).toEqual([expect.objectContaining({ from: "<hidden>", to: "<hidden>" })]);
    });

    test.each(["createOptions", "createoptions"])(
        "reads %s, and hides secret variables in Docker's own list of them",
        (spelling) => {
            const options = (password: string, level: string) =>
                settings({
                    [spelling]: JSON.stringify({
                        Env: [`DB_PASSWORD=${password}`, `LOG_LEVEL=${level}`, "https_proxy=http://u:p@x"],
                    }),
                });
            const path = "$edgeAgent.modules.m.settings.createOptions.Env";
            expect(manifestDiff(options("hunter2", "info"), options("hunter3", "debug"))).toEqual([
                { path: `${path}.0`, from: "DB_PASSWORD=<hidden>", to: "DB_PASSWORD=<hidden>" },
                { path: `${path}.1`, from: "LOG_LEVEL=info", to: "LOG_LEVEL=debug" },
            ]);
        },
    );

    test("is told field by field: changed, gone and new, false and empty values too", () => {
        const before = { a: 1, gone: false, list: [1, 2], empty: {}, same: { deep: null } };
        const after = { a: "1", new: 0, list: [1], empty: [], same: { deep: null } };
        expect(manifestDiff(before, after)).toEqual([
            { path: "a", from: 1, to: "1" },
            { path: "gone", from: false },
            { path: "list.1", from: 2 },
            { path: "empty", from: {}, to: [] },
            { path: "new", to: 0 },
        ]);
    });

    test("of createOptions that cannot be read is that of their text", () => {
        const changes = manifestDiff(
            settings({ createOptions: "{", image: "a" }),
            settings({ createOptions: "{}" }),
        );
        expect(changes.map(({ path }) => path)).toEqual([
            "$edgeAgent.modules.m.settings.createOptions",
            "$edgeAgent.modules.m.settings.image",
        ]);
    });
});
