import {
    createOptionsCautions,
    createOptionsProblems,
} from "../../../infra/manifest/container/createOptionsProblems";
import { manifestCautions } from "../../../infra/manifest/manifestCautions";
import { twinProblems } from "../../../infra/manifest/twinProblems";
import { validateManifest } from "../../../infra/manifest/validateManifest";
import { goodManifest } from "./badManifests";

// biome-ignore lint/suspicious/noExplicitAny: a manifest is changed at will
type Loose = any;

/** What is said against a manifest whose agent part, or whole content, is changed. */
function problems(change: (agent: Loose, content: Loose) => void, judge = validateManifest): string[] {
    const manifest: Loose = structuredClone(goodManifest());
    change(manifest.modulesContent.$edgeAgent["properties.desired"], manifest.modulesContent);
    return judge(manifest);
}
const both = ["edgeAgent", "edgeHub"] as const;

describe("of edgeAgent and edgeHub each", () => {
    test.each(both)("the protocol is checked: %s", (name) => {
        expect(
            problems(({ systemModules }) => {
                systemModules[name].env = { UpstreamProtocol: { value: "Http" } };
            })[0],
        ).toBe(`Expected UpstreamProtocol of ${name} to be Amqp, AmqpWs, Mqtt or MqttWs, found "Http".`);
    });

    test.each(both)("a proxy needs WebSockets: %s", (name) => {
        const said = problems(({ systemModules }) => {
            for (const one of both) systemModules[one].env = { UpstreamProtocol: { value: "Mqtt" } };
            systemModules[name].env.https_proxy = { value: "http://p.example" };
        }, manifestCautions);
        expect(said).toEqual([
            `Expected UpstreamProtocol of ${name} to be AmqpWs or MqttWs because it has a proxy, found Mqtt.`,
        ]);
    });

    test("a protocol for one of them is advised against", () => {
        const said = problems(({ systemModules }) => {
            systemModules.edgeAgent.env = { UpstreamProtocol: { value: "MqttWs" } };
        }, manifestCautions);
        expect(said).toEqual([
            "Expected UpstreamProtocol to be the same for edgeAgent and edgeHub, found MqttWs and none.",
        ]);
    });

    test("a proxy without any protocol is advised against, too", () => {
        const said = problems(({ systemModules }) => {
            for (const one of both) systemModules[one].env = { https_proxy: { value: "http://p.example" } };
        }, manifestCautions);
        expect(said).toEqual(
            both.map(
                (name) =>
                    `Expected UpstreamProtocol of ${name} to be AmqpWs or MqttWs because it has a proxy, found none.`,
            ),
        );
    });

    test.each(["Amqp", "AmqpWs", "Mqtt", "MqttWs", "mqttws"])("the protocol may be %s", (value) => {
        const said = problems(({ systemModules }) => {
            for (const one of both) systemModules[one].env = { UpstreamProtocol: { value } };
        });
        expect(said).toEqual([]);
    });

    test.each(["AMQPX", "xAmqp", "Amqp Ws", "Ws"])("the protocol may not be %s", (value) => {
        const said = problems(({ systemModules }) => {
            for (const one of both) systemModules[one].env = { UpstreamProtocol: { value } };
        });
        expect(said).toHaveLength(2);
    });

    test.each(both)("image and create options are checked: %s", (name) => {
        expect(
            problems(({ systemModules }) => {
                systemModules[name].settings = { image: "A", createOptions: "{" };
            }),
        ).toEqual([
            expect.stringContaining(`the image of ${name}`),
            expect.stringContaining(`${name}.createOptions`),
        ]);
    });

    test("ports are held against those of modules, by their protocols", () => {
        const bind = (port: string, hostPort: string) =>
            JSON.stringify({
                ExposedPorts: { [port]: {} },
                HostConfig: { PortBindings: { [port]: [{ HostPort: hostPort }] } },
            });
        const bound = (ofHub: string, ofModule: string) =>
            problems(({ systemModules, modules }) => {
                systemModules.edgeHub.settings.createOptions = ofHub;
                modules.ImageClassifier.settings.createOptions = ofModule;
            });
        expect(bound(bind("443/tcp", "443"), bind("80/tcp", "443"))).toEqual([
            "Expected port 443/tcp of the device to be bound once, found it in edgeHub and ImageClassifier. The second would not start: give it another.",
        ]);
        expect(bound(bind("443/tcp", "443"), bind("80", "443"))).toHaveLength(1);
        expect(bound(bind("443/tcp", "443"), bind("443/udp", "443"))).toEqual([]);
        expect(bound(bind("443/tcp", "443"), bind("443/tcp", "444"))).toEqual([]);
        expect(bound(bind("443/tcp", "443"), bind("443/tcp", ""))).toEqual([]);
        expect(bound(bind("443/tcp", "443"), bind("443/tcp", "443-450"))).toEqual([]);
    });

    test.each([
        ["127.0.0.1", "192.168.0.4", 0],
        ["127.0.0.1", "127.0.0.1", 1],
        ["127.0.0.1", "0.0.0.0", 1],
        ["127.0.0.1", undefined, 1],
        ["::1", undefined, 1],
        ["::1", "127.0.0.1", 0],
        ["::", "0.0.0.0", 0],
    ])("a port is bound on an address: %s and %s", (one, other, count) => {
        const options = (address: string | undefined) =>
            JSON.stringify({
                ExposedPorts: { "80/tcp": {} },
                HostConfig: { PortBindings: { "80/tcp": [{ HostIp: address, HostPort: "80" }] } },
            });
        const said = problems(({ systemModules, modules }) => {
            systemModules.edgeHub.settings.createOptions = options(one);
            modules.ImageClassifier.settings.createOptions = options(other);
        });
        expect(said).toHaveLength(count);
    });
});

describe("a route", () => {
    const route = (expression: unknown, change: (modules: Loose) => void = () => {}) =>
        problems(({ modules }, content) => {
            change(modules);
            content.$edgeHub["properties.desired"].routes = { r: expression };
        });

    test("is checked also where it has a priority", () => {
        expect(route({ route: "FROM x INTO $upstream", priority: 0 })).toEqual([
            expect.stringMatching(/^Expected route r to come from /),
        ]);
        expect(route({ route: "FROM /messages/modules/camera/* INTO $upstream" })).toEqual([
            "Expected route r to name modules of the manifest (ImageClassifier), found camera.",
        ]);
    });

    test("may name its modules in either place, and hears of both", () => {
        const both = 'FROM /messages/modules/a/outputs/o INTO BrokeredEndpoint("/modules/b/inputs/i")';
        expect(route(both)).toHaveLength(2);
        const add = (modules: Loose) => {
            for (const name of ["a", "b"])
                modules[name] = { ...modules.ImageClassifier, settings: { image: "i:1" } };
        };
        expect(route(both, add)).toEqual([]);
    });

    test("may name its modules in any letter case of the path, and hears of them", () => {
        expect(route("FROM /Messages/Modules/camera/outputs/o INTO $upstream")).toHaveLength(1);
    });

    test.each([0, 9])("may have the priority %i", (priority) => {
        expect(route({ route: "FROM /* INTO $upstream", priority })).toEqual([]);
    });

    test.each([0, 4_294_967_295])("may live for %i s", (timeToLiveSecs) => {
        expect(route({ route: "FROM /* INTO $upstream", timeToLiveSecs })).toEqual([]);
    });
});

test.each([-1, 0, 2_147_483_647])("messages may live for %i s", (timeToLiveSecs) => {
    const said = problems((_, content) => {
        content.$edgeHub["properties.desired"].storeAndForwardConfiguration = { timeToLiveSecs };
    });
    expect(said).toEqual([]);
});

describe("create options in chunks", () => {
    const settings = (chunks: object) =>
        problems(({ modules }) => {
            modules.ImageClassifier.settings = { image: "i:1", ...chunks };
        });
    const text = JSON.stringify({ Labels: { a: "x".repeat(600) } });

    test("may be spelt in either of the two ways that the schema has, and are read in both", () => {
        for (const name of ["createOptions", "createoptions"]) {
            expect(settings({ [name]: text.slice(0, 512), [`${name}01`]: text.slice(512) })).toEqual([]);
            expect(settings({ [name]: "{" })).toEqual([
                expect.stringContaining("to be a JSON object in a text"),
            ]);
        }
    });

    test("are one text of up to 4096 bytes, or parts of any length", () => {
        const long = JSON.stringify({ Labels: { a: "x".repeat(4096 - 19) } });
        expect(long).toHaveLength(4096);
        expect(settings({ createOptions: long })).toEqual([]);
        expect(settings({ createOptions: text.slice(0, 96), createOptions01: text.slice(96) })).toEqual([]);
    });

    test.each([
        [["createOptions", "createOptions1"], true],
        [["createOptions", "createOptions001", "CREATEOPTIONS2"], true],
        [["createOptions01", "createOptions02"], false],
        [["createOptions", "createOptions00"], false],
        [["createOptions", "createOptions1", "createOptions01"], false],
        [Array.from({ length: 11 }, (_, index) => `createOptions${index || ""}`), false],
        [
            Array.from(
                { length: 11 },
                (_, index) => `createOptions${index ? String(index).padStart(2, "0") : ""}`,
            ),
            true,
        ],
    ])("are joined by edgeAgent's numbers: %j", (names, joins) => {
        const pieces = names.map((_, at) =>
            text.slice(at * 50, at === names.length - 1 ? undefined : at * 50 + 50),
        );
        const said = settings(Object.fromEntries(names.map((name, at) => [name, pieces[at]])));
        expect(said).toEqual(joins ? [] : [expect.stringContaining("to have its parts without a gap")]);
    });

    test.each(["", " ", "null"])("may be none: %j", (createOptions) => {
        expect(settings({ createOptions })).toEqual([]);
    });
});

describe("create options", () => {
    const said = (options: object) => createOptionsProblems(options as Loose, "m");
    const advised = (options: object, imageExposes = false) =>
        createOptionsCautions(options as Loose, "m", imageExposes);

    test.each(["Env", "Cmd", "Entrypoint"])("have lists of texts: %s", (key) => {
        expect(said({ [key]: ["a", "b"] })).toEqual([]);
        expect(said({ [key]: null })).toEqual([]);
        expect(said({ [key]: "a" })).toEqual([`Expected m.${key} to be a list of texts, found a text.`]);
        expect(said({ [key]: ["a", 1] })).toEqual([`Expected m.${key}[1] to be a text, found the number 1.`]);
    });

    test.each(["Memory", "MemoryReservation", "MemorySwap", "NanoCpus", "CpuShares", "PidsLimit"])(
        "have whole numbers: %s",
        (key) => {
            expect(said({ HostConfig: { Memory: 64 * 1024 * 1024, [key]: 64 * 1024 * 1024 } })).toEqual([]);
            expect(said({ HostConfig: { [key]: null } })).toEqual([]);
            expect(said({ HostConfig: { [key]: "1" } })).toEqual([
                `Expected m.HostConfig.${key} to be a whole number${key.startsWith("Memory") ? " of bytes" : ""}, found "1".`,
            ]);
        },
    );

    test("have at least Docker's least memory, or none, which is no limit", () => {
        const least = 6 * 1024 * 1024;
        expect(said({ HostConfig: { Memory: least } })).toEqual([]);
        expect(said({ HostConfig: { Memory: 0 } })).toEqual([]);
        expect(said({ HostConfig: { Memory: least - 1 } })).toHaveLength(1);
    });

    test.each(["80", "80/tcp"])("expose a bound port as it is written or with its protocol: %s", (port) => {
        const options = (exposed: string) => ({
            ExposedPorts: { [exposed]: {} },
            HostConfig: { PortBindings: { [port]: [{ HostPort: "80" }] } },
        });
        expect(advised(options("80"))).toEqual([]);
        expect(advised(options("80/tcp"))).toEqual([]);
        expect(advised(options("80/udp"))).toEqual([
            "Expected m.ExposedPorts to have 80/tcp, which PortBindings binds, found none. Without it the port answers only where the image exposes it.",
        ]);
        expect(advised(options("81"), true)).toEqual([]);
        expect(said(options("81"))).toEqual([]);
    });

    test.each(["8080", "8080-8090", ""])("have texts of numbers for host ports: %s", (hostPort) => {
        const bound = {
            ExposedPorts: { "80/tcp": {} },
            HostConfig: { PortBindings: { "80/tcp": [{ HostPort: hostPort }] } },
        };
        expect(said(bound)).toEqual([]);
    });

    test.each(["0", "08080", "80a", "80-", "-80"])("have no other texts for host ports: %s", (hostPort) => {
        const bound = {
            ExposedPorts: { "80/tcp": {} },
            HostConfig: { PortBindings: { "80/tcp": [{ HostPort: hostPort }] } },
        };
        expect(said(bound)).toHaveLength(1);
    });

    test.each(["/a:/b", "/a:/b:ro", "volume:/b:rw,z"])("may bind %s", (bind) => {
        expect(said({ HostConfig: { Binds: ["/x:/y", bind] } })).toEqual([]);
    });

    test.each(["/a", "/a:b", ":/b", "/a:/b:", "/a:/b:ro:x"])("may not bind %s", (bind) => {
        expect(said({ HostConfig: { Binds: ["/x:/y", bind] } })).toHaveLength(1);
    });

    test("are seldom meant to be privileged, or to bind ports in the host's network", () => {
        expect(advised({ HostConfig: { Privileged: false } })).toEqual([]);
        expect(advised({ HostConfig: { NetworkMode: "host" } })).toEqual([]);
        expect(advised({ hostConfig: { privileged: true } })).toEqual([
            "Expected m.HostConfig without Privileged, found true. Give the module only the Devices that it needs; edgeAgent may take the right away.",
        ]);
        expect(
            advised({
                HostConfig: { NetworkMode: "host", PortBindings: { "80/tcp": [{ HostPort: "80" }] } },
            }),
        ).toEqual([
            "Expected m.HostConfig to have PortBindings or NetworkMode host, found both. In the host's network Docker passes over them.",
        ]);
    });

    test("do not show a text that may be secret", () => {
        expect(said({ Env: "hunter2" }).join()).not.toContain("hunter2");
    });
});

describe("the limits of a twin", () => {
    test.each<[string, unknown, number]>([
        ["a text of 4096 bytes", { a: "x".repeat(4096) }, 0],
        ["a text of 4097 bytes", { a: "x".repeat(4097) }, 1],
        ["a text of 4097 bytes in a list", { a: ["x".repeat(4097)] }, 1],
        ["a key of 1024 bytes", { ["k".repeat(1024)]: 1 }, 0],
        ["the largest number", { a: 2 ** 52 }, 0],
        ["the least number", { a: -(2 ** 52) }, 0],
        ["a number below the least", { a: -(2 ** 52) - 1 }, 1],
        ["a fraction beyond them", { a: 1e300 / 3 }, 1],
        ["null in a list", { a: [null] }, 1],
        ["null in an object in a list", { a: [{ b: null }] }, 1],
        ["ten objects deep", nested(10), 0],
        ["eleven objects deep", nested(11), 1],
        ["an empty key", { "": 1 }, 1],
        ["a key with $", { a$b: 1 }, 1],
        ["a key with #", { "a#b": 1 }, 1],
        ["a key with a space", { "a b": 1 }, 1],
        ["a key with a control character", { "a\u0007b": 1 }, 1],
        ["a key with one of the others", { "a\u0085b": 1 }, 1],
    ])("%s", (_, desired, count) => {
        expect(twinProblems(desired, "it")).toHaveLength(count);
    });

    test("are 32 KB for all of it, and not a byte more", () => {
        const of = (bytes: number) => {
            const members = Object.fromEntries(
                Array.from({ length: 8 }, (_, index) => [`k${index}`, "x".repeat(4000)]),
            );
            const rest = bytes - JSON.stringify({ ...members, k8: "" }).length;
            return { ...members, k8: "x".repeat(rest) };
        };
        expect(twinProblems(of(32 * 1024), "it")).toEqual([]);
        expect(twinProblems(of(32 * 1024 + 1), "it")).toEqual([
            "Expected the desired properties of it to have at most 32768 bytes, found 32769.",
        ]);
    });

    test("hold for every module that has desired properties, also below a path", () => {
        const said = problems((_, content) => {
            content.ImageClassifier = { "properties.desired.a.b": { c: null } };
        });
        expect(said).toEqual([
            "Expected ImageClassifier.a.b.c to have a value, found null. Leave the key out.",
        ]);
    });
});

function nested(depth: number): object {
    return depth === 0 ? {} : { d: nested(depth - 1) };
}
