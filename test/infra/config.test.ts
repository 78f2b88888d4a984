import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Config, readConfig } from "../../infra/config";
import { mockEngine } from "../support/pulumiMocks";

async function configOf(settings: Record<string, string>): Promise<Config> {
    const namespaced = Object.fromEntries(
        Object.entries(settings).map(([key, value]) => [`edge-classifier:${key}`, value]),
    );
    await mockEngine("dev", namespaced);
    return readConfig();
}

describe("the stack's configuration", () => {
    test("has the defaults that Pulumi.yaml documents", async () => {
        const schema = parse(readFileSync(join(__dirname, "../../Pulumi.yaml"), "utf8")).config;
        const documented = Object.entries(schema).map(([key, value]) => [
            key,
            (value as { default: unknown }).default,
        ]);
        expect(await configOf({})).toEqual(Object.fromEntries(documented));
    });

    test.each([
        [
            "hubSku",
            "B1",
            'Expected config `hubSku` to be S1 or F1, found "B1". Set it with: pulumi config set hubSku VALUE',
        ],
        [
            "platform",
            "linux/arm",
            'Expected config `platform` to be linux/amd64 or linux/arm64, found "linux/arm".',
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
    ])("refuses %s=%s with a sentence", async (key, value, sentence) => {
        await expect(configOf({ [key]: value })).rejects.toThrow(sentence);
    });

    test("refuses a key that it does not know and names the ones it does", async () => {
        await expect(configOf({ hubSkew: "F1" })).rejects.toThrow(
            /Expected config keys to be among hubSku, .*, found `hubSkew`\. Remove it with: pulumi config rm hubSkew/,
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

    test("reports all problems at once", async () => {
        const refused = configOf({ hubSku: "B1", hostPort: "0", colour: "red" });
        await expect(refused).rejects.toThrow(/colour[\s\S]*hubSku[\s\S]*hostPort/);
    });
});
