import { execFileSync } from "node:child_process";
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readClientCertificate } from "../../../../infra/provider/azure/clientCertificate";
import { openssl, selfSigned } from "./selfSigned";

let folder: string;
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "certificate-"));
    for (const name of ["own", "other"]) selfSigned(folder, name);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), "utf8");
function write(name: string, ...parts: string[]): string {
    writeFileSync(at(name), parts.join(""));
    return at(name);
}

describe("a client certificate", () => {
    test("is read with its key from one PEM file", async () => {
        const path = write("both.pem", read("own.crt"), read("own.key"));
        expect(await readClientCertificate(path)).toMatchObject({ certificate: readFileSync(path, "utf8") });
    });

    test("is read with a key that a password opens, and no other", async () => {
        openssl(
            ["rsa", "-aes256", "-passout", "stdin", "-in", at("own.key"), "-out", at("locked.key")],
            "s3cret",
        );
        const path = write("locked.pem", read("own.crt"), read("locked.key"));
        expect(await readClientCertificate(path, "s3cret")).toMatchObject({ certificatePassword: "s3cret" });
        for (const wrong of [undefined, "wr0ng"]) {
            const failure = await readClientCertificate(path, wrong).catch((error: Error) => error.message);
            expect(failure).toContain(`Expected the private key in ${path} to open with`);
            expect(failure).toContain("ARM_CLIENT_CERTIFICATE_PASSWORD");
            expect(failure).not.toMatch(/s3cret|wr0ng/);
        }
    });

    test("of a PKCS#12 file is refused with the command that makes a PEM file, which then is read", async () => {
        openssl(
            [
                "pkcs12",
                "-export",
                "-in",
                at("own.crt"),
                "-inkey",
                at("own.key"),
                "-out",
                at("own.pfx"),
                "-passout",
                "stdin",
            ],
            "s3cret",
        );
        const failure = await readClientCertificate(at("own.pfx"), "s3cret").catch(
            (error: Error) => error.message,
        );
        expect(failure).toMatch(/^Expected a PEM file .* found PKCS#12 \(a \.pfx or \.p12 file\)\./);
        expect(failure).not.toContain("s3cret");
        const [, command = ""] = /\((umask 077 && openssl .*)\)$/.exec(String(failure)) ?? [];
        copyFileSync(at("own.pfx"), at("CERTIFICATE.pfx"));
        execFileSync("sh", ["-c", `${command} -passin stdin`], { cwd: folder, input: "s3cret\n" });
        expect((await readClientCertificate(at("CERTIFICATE.pem"))).certificate).toContain("PRIVATE KEY");
    });

    test("is refused where anything of it is missing or does not go together", async () => {
        openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", at("ec.key")]);
        const failures: [string, RegExp][] = [
            [
                at("none.pem"),
                /^Expected a client certificate at .*none\.pem, found: ENOENT.*ARM_CLIENT_CERTIFICATE_PATH/,
            ],
            [write("text.pem", "hello"), /^Expected a PEM file .*text\.pem, found none\./],
            [at("own.crt"), /^Expected a private key beside the certificate in .*own\.crt, found none\./],
            [
                write("mixed.pem", read("other.crt"), read("own.key")),
                /^Expected the first certificate .* found another one\./,
            ],
            [
                write("ec.pem", read("own.crt"), read("ec.key")),
                /^Expected the private key in .* to be RSA.* found ec\./,
            ],
        ];
        for (const [path, sentence] of failures)
            await expect(readClientCertificate(path)).rejects.toThrow(sentence);
        // Certificates of issuers may follow.
        appendFileSync(write("chain.pem", read("own.key"), read("own.crt")), read("other.crt"));
        expect(await readClientCertificate(at("chain.pem"))).toMatchObject({
            certificatePassword: undefined,
        });
    });
});
