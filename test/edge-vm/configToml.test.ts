import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Provisioning, renderConfigToml } from "../../edge-vm/configToml";
import { describeWith, sharedData } from "../support/sharedData";
import { configTomlSchema } from "./configTomlSchema";
import { parseConfigToml } from "./parseConfigToml";

const device = { hubHostName: "hub.azure-devices.net", deviceId: "edge-device" };
const keyUri = "file:///var/secrets/aziot/keyd/device-id";
const provisionings: Record<Provisioning["method"], Provisioning> = {
    sas: { method: "sas", ...device, keyUri },
    x509: { method: "x509", ...device, keyUri, certificateUri: "file:///etc/aziot/device-id.pem" },
    dps: { method: "dps", idScope: "0ne00ABCDEF", registrationId: "edge-device", keyUri },
};
const render = (method: Provisioning["method"]) =>
    renderConfigToml({ provisioning: provisionings[method], upstreamProtocol: "AmqpWs" });

describe("the config.toml of a device", () => {
    test("names the hub, and the key by its file", () => {
        expect(render("sas")).toBe(`auto_reprovisioning_mode = "OnErrorOnly"
allow_elevated_docker_permissions = false

[provisioning]
source = "manual"
iothub_hostname = "hub.azure-devices.net"
device_id = "edge-device"

[provisioning.authentication]
method = "sas"

[provisioning.authentication.device_id_pk]
uri = "file:///var/secrets/aziot/keyd/device-id"

[agent]
name = "edgeAgent"
type = "docker"

[agent.config]
image = "mcr.microsoft.com/azureiotedge-agent:1.6.8"

[agent.env]
UpstreamProtocol = "AmqpWs"

[image_garbage_collection]
enabled = true
cleanup_recurrence = "1d"
image_age_cleanup_threshold = "7d"
cleanup_time = "00:00"
`);
    });

    test("can name a certificate and its private key", () => {
        const { auto_reprovisioning_mode, provisioning } = parseConfigToml(render("x509"));
        expect(auto_reprovisioning_mode).toBe("OnErrorOnly");
        expect(provisioning).toEqual({
            source: "manual",
            iothub_hostname: "hub.azure-devices.net",
            device_id: "edge-device",
            authentication: {
                method: "x509",
                identity_cert: "file:///etc/aziot/device-id.pem",
                identity_pk: keyUri,
            },
        });
    });

    test("can name the provisioning service, which may move the device to another hub", () => {
        const { auto_reprovisioning_mode, provisioning } = parseConfigToml(render("dps"));
        expect(auto_reprovisioning_mode).toBe("Dynamic");
        expect(provisioning).toEqual({
            source: "dps",
            global_endpoint: "https://global.azure-devices-provisioning.net",
            id_scope: "0ne00ABCDEF",
            attestation: {
                method: "symmetric_key",
                registration_id: "edge-device",
                symmetric_key: { uri: keyUri },
            },
        });
    });

    test("is the same but for the provisioning, whatever that is", () => {
        const rest = (method: Provisioning["method"]) => {
            const { auto_reprovisioning_mode, provisioning, ...others } = parseConfigToml(render(method));
            return others;
        };
        expect(rest("x509")).toEqual(rest("sas"));
        expect(rest("dps")).toEqual(rest("sas"));
    });

    test.each(["Amqp", "AmqpWs", "Mqtt", "MqttWs"] as const)("has its agent talk %s", (upstreamProtocol) => {
        const text = renderConfigToml({ provisioning: provisionings.dps, upstreamProtocol });
        expect(parseConfigToml(text).agent?.env).toEqual({ UpstreamProtocol: upstreamProtocol });
    });

    test("keeps what looks like TOML inside a name where it belongs", () => {
        const deviceId = 'x"\n[agent.config]\nimage = "evil';
        const text = renderConfigToml({
            provisioning: { ...provisionings.sas, deviceId } as Provisioning,
            upstreamProtocol: "Mqtt",
        });
        expect(parseConfigToml(text)).toMatchObject({
            provisioning: { device_id: deviceId },
            agent: { config: { image: "mcr.microsoft.com/azureiotedge-agent:1.6.8" } },
        });
    });
});

describe("the check of a config.toml", () => {
    const good = render("sas");
    test.each([
        ["an unknown key", `colour = "red"\n${good}`, 'Unrecognized key: "colour"'],
        ["an unknown key in a section", good.replace("uri =", "url ="), 'Unrecognized key: "url"'],
        ["a missing section", 'hostname = "x"\n', "provisioning"],
        ["an unknown method", good.replace('"sas"', '"password"'), "Expected 'sas' | 'x509'"],
        ["a path that is no URI", good.replace("file:///", "/"), "expected a URI"],
        [
            "a key both inside and by its file",
            good.replace("uri =", 'value = "a2V5"\nuri ='),
            "expected either uri or value",
        ],
        [
            "an inline key that is not base64",
            good.replace(/uri = .*/, 'value = "not base64!"'),
            "expected base64",
        ],
        [
            "a certificate without its key",
            render("x509").replace(/identity_pk.*\n/, ""),
            "expected identity_pk",
        ],
        ["a recurrence of hours", good.replace('"1d"', '"12h"'), "expected whole days"],
        [
            "a connection string with a part too many",
            '[provisioning]\nsource = "manual"\nconnection_string = ' +
                '"HostName=h;DeviceId=d;SharedAccessKey=a2V5;GatewayHostName=g"\n',
            "expected HostName=…;DeviceId=…;SharedAccessKey=…",
        ],
    ])("refuses %s", (_what, text, sentence) => {
        expect(() => parseConfigToml(text)).toThrow(sentence);
    });

    test("tells where a text is no TOML without showing what it holds", () => {
        const text = '[provisioning]\nconnection_string = "SharedAccessKey=a2V5" oops\n';
        expect(() => parseConfigToml(text)).toThrow(
            /Expected config\.toml to be TOML, found: .*\(line 2\)\.$/,
        );
        expect(() => parseConfigToml(text)).not.toThrow("a2V5");
    });

    test("takes a connection string of three parts in any order", () => {
        const text =
            '[provisioning]\nsource = "manual"\nconnection_string = "SharedAccessKey=a2V5;DeviceId=d;HostName=h"\n';
        expect(() => parseConfigToml(text)).not.toThrow();
    });
});

describeWith("iot-edge-schemas")("the check of a config.toml, against IoT Edge's own files", () => {
    const folder = sharedData("iot-edge-schemas");
    const goldens = join(folder, "config-toml-golden");
    test.each(readdirSync(goldens))("takes the tool's own example %s", (name) => {
        const text = readFileSync(join(goldens, name, "super-config.toml"), "utf8");
        expect(() => parseConfigToml(text)).not.toThrow();
    });

    test("knows every key of the template of 1.6", () => {
        const template = readFileSync(join(folder, "config.toml.edge.template-1.6.toml"), "utf8");
        const paths = keysOf(template);
        expect(paths.length).toBeGreaterThan(90);
        const schema = z.toJSONSchema(configTomlSchema) as JsonSchema;
        expect(paths.filter((path) => !knows(schema, path)).map((path) => path.join("."))).toEqual([]);
    });
});

interface JsonSchema {
    readonly properties?: Record<string, JsonSchema>;
    readonly additionalProperties?: boolean | JsonSchema;
    readonly anyOf?: JsonSchema[];
    readonly oneOf?: JsonSchema[];
}

/** The keys that a template shows, in comments and alternatives, each with the section it stands in. */
function keysOf(template: string): string[][] {
    let section: string[] = [];
    return template.split("\n").flatMap((line) => {
        const text = line.replace(/^[#\s]+/, "");
        const header = /^\[([\w.]+)\]/.exec(text)?.[1];
        if (header) {
            section = header.split(".");
            return [section];
        }
        const key = /^"?(\w+)"?\s*=\s*["[{\w]/.exec(text)?.[1];
        return key ? [[...section, key]] : [];
    });
}

function knows(schema: JsonSchema, [head, ...rest]: string[]): boolean {
    if (head === undefined) return true;
    const { properties, additionalProperties, anyOf = [], oneOf = [] } = schema;
    if ([...anyOf, ...oneOf].some((one) => knows(one, [head, ...rest]))) return true;
    if (properties && head in properties) return knows(properties[head] ?? {}, rest);
    return typeof additionalProperties === "object" && knows(additionalProperties, rest);
}
