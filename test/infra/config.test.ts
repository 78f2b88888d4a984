import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { type Config, readConfig } from "../../infra/config";
import { mockEngine, settled } from "../support/pulumiMocks";

async function configOf(settings: Record<string, string>, secret: string[] = []): Promise<Config> {
    const namespaced = Object.fromEntries(
        Object.entries(settings).map(([key, value]) => [`edge-classifier:${key}`, value]),
    );
    await mockEngine("dev", namespaced);
    pulumi.runtime.setAllConfig(
        namespaced,
        secret.map((key) => `edge-classifier:${key}`),
    );
    return readConfig({});
}

/** Of a device called edge-device; its key was thrown away. */
const certificate = readFileSync(join(__dirname, "deviceCertificate.pem"), "utf8");
const privateKey = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";

describe("the stack's configuration", () => {
    test("has the defaults that Pulumi.yaml documents", async () => {
        const schema = parse(readFileSync(join(__dirname, "../../Pulumi.yaml"), "utf8")).config;
        const documented = Object.entries(schema as Record<string, { default: unknown }>).map(
            ([key, { default: value }]) => [key, value],
        );
        const { devicePrivateKey, moduleSecrets, extraRegistries, ...plain } = await configOf({});
        const byDefault = Object.entries(plain).filter(([, value]) => value !== undefined);
        expect(Object.fromEntries(byDefault)).toEqual(Object.fromEntries(documented));
    });

    test("keeps secret leaves secret and the names around them plain", async () => {
        const { moduleSecrets, extraRegistries, proxy } = await configOf(
            {
                moduleSecrets: '{"PREDICTION_KEY":"a-key"}',
                extraRegistries: '{"shared":{"address":"r.example","username":"u","password":"a-password"}}',
                proxy: "http://user:pass@proxy.example:3128",
            },
            ["moduleSecrets", "extraRegistries", "proxy"],
        );
        expect(await settled(moduleSecrets.PREDICTION_KEY as pulumi.Output<string>)).toEqual({
            value: "a-key",
            secret: true,
        });
        expect(extraRegistries.shared).toMatchObject({ address: "r.example", username: "u" });
        expect((await settled(extraRegistries.shared?.password as pulumi.Output<string>)).secret).toBe(true);
        expect((await settled(proxy as pulumi.Output<string>)).secret).toBe(true);
        expect((await configOf({ proxy: "http://proxy.example:3128" })).proxy).toBe(
            "http://proxy.example:3128",
        );
    });

    test("is the same whether a default is left out or passed on by the engine", async () => {
        const schema = parse(readFileSync(join(__dirname, "../../Pulumi.yaml"), "utf8")).config;
        const passedOn = Object.entries(schema as Record<string, { default: unknown }>).map(
            ([key, { default: value }]) => [key, typeof value === "string" ? value : JSON.stringify(value)],
        );
        const { devicePrivateKey: _, ...plain } = await configOf(Object.fromEntries(passedOn));
        const { devicePrivateKey: __, ...unset } = await configOf({});
        expect(plain).toEqual(unset);
    });

    test.each([
        [
            "hubSku",
            "B1",
            'Expected config `hubSku` to be S1 or F1 or S2 or S3, found "B1". Set it with: pulumi config set hubSku VALUE',
        ],
        [
            "platform",
            "linux/arm",
            "Expected config `platform` to be linux/amd64 or linux/arm64 (onnxruntime has no 32-bit ARM; install the " +
                '64-bit system on such a device), found "linux/arm".',
        ],
        ["hostPort", "0", 'Expected config `hostPort` to be a whole number from 1 to 65535, found "0".'],
        [
            "hostPort",
            "eighty",
            'Expected config `hostPort` to be a whole number from 1 to 65535, found "eighty".',
        ],
        ["deviceId", "my device", 'found "my device"'],
        ["deviceAddress", "http://device", 'found "http://device"'],
        ["check", "maybe", 'Expected config `check` to be http or reported or none, found "maybe".'],
        ["checkTimeoutSeconds", "-1", 'found "-1"'],
        ["edgeVm", "yes", "Expected config `edgeVm` to be true or false"],
        [
            "sshPublicKey",
            "~/.ssh/id_ed25519.pub",
            "Expected config `sshPublicKey` to be an OpenSSH public key",
        ],
        [
            "adminUsername",
            "admin",
            "Expected config `adminUsername` to be a Linux user name that Azure does not reserve",
        ],
        ["vmSize", "large", 'found "large"'],
        ["dnsLabel", "My-Device", 'found "My-Device"'],
        [
            "sshFrom",
            "198.51.100.7",
            'Expected config `sshFrom` to be a list of address ranges such as ["198.51.100.7/32"]',
        ],
        ["httpFrom", '["198.51.100.7"]', "Expected config `httpFrom` to be a list of address ranges"],
        [
            "shutdownTime",
            "7 pm",
            'Expected config `shutdownTime` to be a time of the day such as 19:00, found "7 pm"',
        ],
        ["shutdownTimeZone", "<here>", 'found "<here>"'],
        ["hubAuth", "password", "Expected config `hubAuth` to be key or entra"],
        [
            "hubId",
            "my-hub",
            "Expected config `hubId` to be a resource id /subscriptions/…/resourceGroups/…/providers/Microsoft.Devices/IotHubs/NAME",
        ],
        ["registryId", "/subscriptions/1", "providers/Microsoft.ContainerRegistry/registries/NAME"],
        ["subnetId", "subnet", "providers/Microsoft.Network/virtualNetworks/NAME/subnets/NAME"],
        ["hubPolicy", "a policy", "Expected config `hubPolicy` to be the name of a shared access policy"],
        ["deviceStatus", "off", "Expected config `deviceStatus` to be enabled or disabled"],
        [
            "deviceTags",
            '["greenhouse"]',
            'Expected config `deviceTags` to be an object such as {"site": "greenhouse"}',
        ],
        ["deviceAuth", "tpm", "Expected config `deviceAuth` to be sas or x509"],
        [
            "deviceThumbprints",
            '["12"]',
            "Expected config `deviceThumbprints` to be a list of one thumbprint or two different ones",
        ],
        ["deviceCertificate", "device.pem", "Expected config `deviceCertificate` to be a certificate in PEM"],
        ["provisioning", "dps", "Expected config `provisioning` to be manual or dps-individual or dps-group"],
        [
            "image",
            "r.azurecr.io/c:v1@sha256:00",
            "Expected config `image` to be an image such as registry.azurecr.io/classifier@sha256:… " +
                "(a tag and a digest together are refused by edgeAgent)",
        ],
        ["deploy", "later", "Expected config `deploy` to be true or false"],
        ["whenOffline", "wait", "Expected config `whenOffline` to be fail or accept"],
        [
            "registryRotation",
            "0",
            "Expected config `registryRotation` to be a whole number from 1 to 1000000",
        ],
        [
            "moduleEnv",
            "[1]",
            "Expected config `moduleEnv` to be names and values such as {LOG_LEVEL: debug}, found a list.",
        ],
        ["moduleEnv", '{"A B":"1"}', "Expected each key of config `moduleEnv` to be a name of letters"],
        [
            "restartPolicy",
            "often",
            "Expected config `restartPolicy` to be never, on-failure, on-unhealthy or always",
        ],
        ["imagePullPolicy", "always", "Expected config `imagePullPolicy` to be on-create or never"],
        ["startupOrder", "-1", "Expected config `startupOrder` to be a whole number from 0 to 4294967295"],
        ["memoryLimitMb", "5", "Expected config `memoryLimitMb` to be a whole number of MiB from 6"],
        ["cpuLimit", "none", "Expected config `cpuLimit` to be a number of cores such as 1.5"],
        ["moduleTwin", "1", "Expected config `moduleTwin` to be properties such as {threshold: 0.8}"],
        ["logMaxSize", "10 MB", "Expected config `logMaxSize` to be a size such as 10m, 500k or 1g"],
        ["logMaxFiles", "0", "Expected config `logMaxFiles` to be a whole number from 1 to 100"],
        ["hostStorage", "storage", "Expected config `hostStorage` to be a folder of the device"],
        [
            "routes",
            '{"up":{"route":"FROM /* INTO $upstream","priority":10}}',
            "Expected config `routes.up.priority` to be a whole number from 0 to 9, found 10.",
        ],
        ["timeToLiveSecs", "-1", "Expected config `timeToLiveSecs` to be a whole number of seconds"],
        ["upstreamProtocol", "Http", "Expected config `upstreamProtocol` to be Amqp, AmqpWs, Mqtt or MqttWs"],
        [
            "proxy",
            "proxy.example",
            "Expected config `proxy` to be a proxy's URL such as http://proxy.example:3128",
        ],
        ["gateway", "yes", "Expected config `gateway` to be true or false"],
        [
            "proxy",
            "http://user:hunter2@proxy/path",
            "3128, found something else. Set it with: pulumi config set proxy VALUE",
        ],
        [
            "runtimeVersion",
            "1.5.0",
            "Expected config `runtimeVersion` to be an exact version 1.6.x from 1.6.2 on",
        ],
        ["extraModules", '{"m":{}}', "Expected config `extraModules.m.image` to be an image such as"],
        [
            "extraModules",
            '{"m":{"image":"a","ports":1}}',
            "Expected config `extraModules.m` to be an object without other keys than image",
        ],
    ])("refuses %s=%s with a sentence", async (key, value, sentence) => {
        await expect(configOf({ [key]: value })).rejects.toThrow(sentence);
    });

    test("refuses a key that it does not know and names the ones it does", async () => {
        await expect(configOf({ hubSkew: "F1" })).rejects.toThrow(
            /Expected config keys to be among resourceGroup, .*, found `hubSkew`\. Remove it with: pulumi config rm hubSkew/,
        );
    });

    test("says of a setting that was removed that it was, and how to take it out", async () => {
        await expect(configOf({ smallDevice: "true" })).rejects.toThrow(
            /^Expected no config `smallDevice`, which was removed, found it set\. .* Remove it with: pulumi config rm smallDevice$/,
        );
    });

    test("refuses a machine that nobody could administer", async () => {
        await expect(configOf({ edgeVm: "true" })).rejects.toThrow(
            "Expected config `sshPublicKey` to be set",
        );
    });

    test("refuses a check over HTTP of a device whose address is not known", async () => {
        await expect(configOf({ check: "http" })).rejects.toThrow(
            "Expected config `deviceAddress` to be set",
        );
    });

    test.each([
        [
            { deviceAuth: "x509" },
            "Expected config `deviceCertificate` to be set because `deviceAuth` is x509",
        ],
        [
            {
                deviceAuth: "x509",
                deviceThumbprints: `["${"a".repeat(40)}"]`,
                edgeVm: "true",
                sshPublicKey: "ssh-rsa AAAA",
            },
            "Expected config `deviceCertificate` to be set because `edgeVm` is true and `deviceAuth` is x509",
        ],
        [
            {
                deviceAuth: "x509",
                deviceCertificate: certificate,
                edgeVm: "true",
                sshPublicKey: "ssh-rsa AAAA",
            },
            "Expected config `devicePrivateKey` to be set because `edgeVm` is true and `deviceAuth` is x509",
        ],
        [
            { deviceAuth: "x509", deviceCertificate: certificate, provisioning: "dps-group" },
            "Expected config `provisioning` to be manual because `deviceAuth` is x509",
        ],
        [
            { deviceAuth: "x509", deviceCertificate: certificate, deviceId: "another" },
            'Expected deviceCertificate to have the device\'s name "another" as its common name, found "edge-device"',
        ],
        [
            { hubAuth: "entra", provisioning: "dps-group" },
            "Expected config `hubAuth` to be key because a provisioning service is linked to the hub by a key",
        ],
        [
            { deviceId: "Device", provisioning: "dps-individual" },
            "Expected config `deviceId` to be in lower case because it is a registration id",
        ],
    ])("refuses what does not go together: %j", async (together, sentence) => {
        await expect(configOf(together)).rejects.toThrow(sentence);
    });

    test("keeps a secret setting secret, and refuses it in clear without showing it", async () => {
        const { devicePrivateKey } = await configOf({ devicePrivateKey: privateKey }, ["devicePrivateKey"]);
        expect(await settled(devicePrivateKey)).toEqual({ value: privateKey, secret: true });
        const refused = configOf({ devicePrivateKey: privateKey });
        await expect(refused).rejects.toThrow(
            /^Expected config `devicePrivateKey` to be secret, found it in clear\. Set it with: pulumi config set --secret devicePrivateKey VALUE$/,
        );
        const wrong = configOf({ devicePrivateKey: "my key" }, ["devicePrivateKey"]);
        await expect(wrong).rejects.toThrow(
            "Expected config `devicePrivateKey` to be a private key in PEM, found something else.",
        );
    });

    test("refuses a plain setting that was set as a secret, since previews would show it", async () => {
        await expect(configOf({ deviceId: "edge" }, ["deviceId"])).rejects.toThrow(
            "Expected config `deviceId` in clear because previews show it, found it secret.",
        );
    });

    test("reports all problems at once", async () => {
        const refused = configOf({ hubSku: "B1", hostPort: "0", colour: "red" });
        await expect(refused).rejects.toThrow(/colour[\s\S]*hubSku[\s\S]*hostPort/);
    });
});
