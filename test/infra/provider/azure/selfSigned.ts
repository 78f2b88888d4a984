import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Runs openssl; a password goes in by its standard input. */
export function openssl(args: string[], input = ""): void {
    execFileSync("openssl", args, { input: `${input}\n`, stdio: ["pipe", "ignore", "ignore"] });
}

/** Makes `NAME.crt` and its RSA key `NAME.key` in a folder, as one makes them for an application in Entra. */
export function selfSigned(folder: string, name: string): void {
    const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
    openssl(
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${name}`].concat([
            "-keyout",
            key,
            "-out",
            certificate,
        ]),
    );
}
