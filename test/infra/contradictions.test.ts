import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkSettings } from "../../infra/checkSettings";
import { sentence } from "../../infra/problem";
import { secretSettings } from "../../infra/settings";

const deviceCertificate = readFileSync(join(__dirname, "deviceCertificate.pem"), "utf8");
const prints = (...all: string[]) => JSON.stringify(all);
const [long, short] = ["a".repeat(64), "b".repeat(40)];
const edgeVm = { edgeVm: "true", sshPublicKey: "ssh-rsa AAAA" };
const x509 = { deviceAuth: "x509", deviceThumbprints: prints(long) };

/** What is said against settings, each by the key that it is about. */
function problems(settings: Record<string, string>): string[] {
    const found = new Map(Object.entries(settings));
    return checkSettings(found, (key) => key in secretSettings.shape).problems.map(sentence);
}
const about = (settings: Record<string, string>) =>
    problems(settings).map((text) =>
        /`?(\w+)`? to be|^Expected (deviceCertificate)/.exec(text)?.slice(1).find(Boolean),
    );

describe("settings that go together", () => {
    test.each<[string, Record<string, string>]>([
        ["a machine with its administrator's key", edgeVm],
        ["a check over HTTP of a machine", { ...edgeVm, check: "http" }],
        ["a check over HTTP of an address", { check: "http", deviceAddress: "camera" }],
        ["a proxy of a brought device", { proxy: "http://p.example" }],
        ["one thumbprint", x509],
        ["two of different lengths", { deviceAuth: "x509", deviceThumbprints: prints(long, short) }],
        ["a certificate of a brought device, without its key", { deviceAuth: "x509", deviceCertificate }],
        ["a certificate that is not used", { deviceCertificate, deviceId: "another" }],
        ["one enrollment", { provisioning: "dps-individual" }],
        ["a group", { provisioning: "dps-group" }],
        ["Entra without enrollments", { hubAuth: "entra" }],
        ["capitals without enrollments", { deviceId: "Camera" }],
    ])("are taken: %s", (_, settings) => {
        expect(problems(settings)).toEqual([]);
    });

    test.each<[string, Record<string, string>, string[]]>([
        ["a machine without a key", { edgeVm: "true" }, ["sshPublicKey"]],
        ["a machine behind a proxy", { ...edgeVm, proxy: "http://p.example" }, ["proxy"]],
        ["a check over HTTP of nobody", { check: "http" }, ["deviceAddress"]],
        ["neither certificate nor thumbprint", { deviceAuth: "x509" }, ["deviceCertificate"]],
        [
            "a machine with a thumbprint alone",
            { ...edgeVm, ...x509 },
            ["deviceCertificate", "devicePrivateKey"],
        ],
        [
            "a machine with a certificate without its key",
            { ...edgeVm, deviceAuth: "x509", deviceCertificate },
            ["devicePrivateKey"],
        ],
        ["a certificate with one enrollment", { ...x509, provisioning: "dps-individual" }, ["provisioning"]],
        ["a certificate with a group", { ...x509, provisioning: "dps-group" }, ["provisioning"]],
        ["Entra with one enrollment", { hubAuth: "entra", provisioning: "dps-individual" }, ["hubAuth"]],
        ["Entra with a group", { hubAuth: "entra", provisioning: "dps-group" }, ["hubAuth"]],
        [
            "capitals with one enrollment",
            { deviceId: "Camera", provisioning: "dps-individual" },
            ["be in lower"],
        ],
        ["capitals with a group", { deviceId: "Camera", provisioning: "dps-group" }, ["be in lower"]],
    ])("are refused: %s", (_, settings, keys) => {
        const found = about(settings);
        if (keys[0] === "be in lower")
            expect(problems(settings)[0]).toContain("`deviceId` to be in lower case");
        else expect(found).toEqual(keys);
    });

    test.each([
        ["two that are the same but for their letters", prints("a".repeat(40), "A".repeat(40))],
        ["three", prints(long, short, "c".repeat(40))],
        ["one of another length", prints("a".repeat(41))],
        ["one with another letter", prints("g".repeat(40))],
    ])("have no such thumbprints: %s", (_, deviceThumbprints) => {
        expect(problems({ deviceAuth: "x509", deviceThumbprints })).toEqual([
            expect.stringContaining("to be a list of one thumbprint or two different ones"),
        ]);
    });
});

describe("a setting ends where its last good value is:", () => {
    test.each<[string, string[], string[]]>([
        ["hostPort", ["1", "65535"], ["0", "65536", "1.5", '"80"']],
        ["registryRotation", ["1", "1000000"], ["0", "1000001"]],
        ["checkTimeoutSeconds", ["1", "86400"], ["0", "86401"]],
        ["memoryLimitMb", ["6"], ["5", "6.5"]],
        ["cpuLimit", ["0.01", "2"], ["0", "-1"]],
        ["logMaxFiles", ["1", "100"], ["0", "101"]],
        ["timeToLiveSecs", ["0", "2147483647"], ["-1", "2147483648"]],
        ["startupOrder", ["0", "4294967295"], ["-1", "4294967296"]],
        ["deviceId", ["a", "a".repeat(128), "A_b.c-1"], ["", "a".repeat(129), "a b", "a/b", "a:b"]],
        ["hubPolicy", ["a", "a".repeat(64), "!._-"], ["", "a".repeat(65), "a b"]],
        ["dnsLabel", ["", "abc", `a${"b".repeat(61)}c`], ["ab", `a${"b".repeat(62)}c`, "1bc", "ab-", "aBc"]],
        ["shutdownTime", ["", "00:00", "23:59"], ["24:00", "7:00", "12:60", "12:00x"]],
        ["logMaxSize", ["1k", "10m", "2g"], ["0m", "10", "10mb", "m"]],
        ["hostStorage", ["/a", "/a/b.c-d_e"], ["a", "/", "/a/", "/a b"]],
        ["proxy", ["http://p:1", "https://u:p@p/"], ["ftp://p", "http://", "http://p/x", "xhttp://p"]],
        [
            "runtimeVersion",
            ["1.6.2", "1.6.9", "1.6.10"],
            ["1.6.1", "1.6", "1.6.02", "1.7.2", "x1.6.2", "1.6.2-rc"],
        ],
        ["deviceAddress", ["", "a.b-c", "192.0.2.1", "[2001:db8::1]"], ["a/b", "a:80", "2001:db8::1"]],
        ["vmSize", ["", "Standard_B2ls_v2"], ["B2ls_v2", "standard_B2ls_v2", "Standard_"]],
        [
            "image",
            ["", "r.example/c:v1", "localhost:5000/a/b:1", `r.example/c@sha256:${"0".repeat(64)}`],
            [
                "c:v1",
                "r.example/c",
                `r.example/c@sha256:${"0".repeat(63)}`,
                "R.example/c:v1",
                "r.example/c:v1 ",
            ],
        ],
        [
            "hubId",
            ["", "/subscriptions/s/resourcegroups/g/providers/microsoft.devices/iothubs/h"],
            [
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h/x",
                "x/subscriptions/s/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h",
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Devices/IotHubs/",
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Devices/provisioningServices/h",
            ],
        ],
    ])("%s", (key, good, bad) => {
        for (const value of good) expect([value, problems({ [key]: value })]).toEqual([value, []]);
        for (const value of bad) expect([value, problems({ [key]: value })]).not.toEqual([value, []]);
    });
});
