import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateProblems, certificateThumbprint } from "../../infra/deviceCertificate";
import { sentence } from "../../infra/problem";

let folder: string;
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "certificate-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A self-signed certificate as openssl makes it. */
function selfSigned(...extra: string[]): { pem: string; key: string } {
    const [certificate, key] = [join(folder, "device.pem"), join(folder, "key.pem")];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
    execFileSync(
        "openssl",
        ["req", "-x509", ...curve, "-subj", "/CN=edge-device", "-keyout", key, "-out", certificate, ...extra],
        { stdio: "ignore" },
    );
    return { pem: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
}

test("the thumbprint is the one that openssl shows", () => {
    const { pem } = selfSigned();
    const shown = execFileSync("openssl", ["x509", "-noout", "-fingerprint", "-sha256"], {
        input: pem,
        encoding: "utf8",
    });
    expect(certificateThumbprint(pem, "edge-device")).toBe(
        shown.trim().split("=").at(-1)?.replaceAll(":", ""),
    );
});

test.each([
    [
        "of another device",
        () => certificateThumbprint(selfSigned().pem, "other"),
        /common name, found "edge-device"\. Make one/,
    ],
    [
        "for servers only",
        () => certificateThumbprint(selfSigned("-addext", "extendedKeyUsage=serverAuth").pem, "edge-device"),
        /to be for client authentication/,
    ],
    [
        "that is none",
        () =>
            certificateThumbprint(
                "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
                "edge-device",
            ),
        /found one that cannot be read/,
    ],
])("a certificate %s is refused with a sentence", (_, act, sentence) => expect(act).toThrow(sentence));

test("a private key is taken for its own certificate only, and never shown", () => {
    const [first, second] = [selfSigned(), selfSigned()];
    const problems = (key: string) => certificateProblems(first.pem, "edge-device", key).map(sentence);
    expect(problems(first.key)).toEqual([]);
    expect(problems(second.key)).toEqual([
        "Expected devicePrivateKey to be the key of deviceCertificate, found that of another one. Set both from the same pair of files.",
    ]);
    expect(problems("secret text")).toEqual([expect.stringMatching(/^((?!secret text).)*cannot be read\.$/)]);
});
