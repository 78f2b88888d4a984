import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const saltLength = 12;
const tagLength = 16;

/** Signs data with the key of a module's identity; both are base64, as the signature is. */
export function sign(moduleKey: string, data: string): string {
    return hmac(moduleKey, Buffer.from(data, "base64")).toString("base64");
}

/** A module's secret key for encryption, and what binds a text to the module, its generation and its vector. */
export interface Seal {
    key: Buffer;
    boundTo: Buffer;
}

/** Makes the seal as edgelet does; `owner` is the module's name and generation, `vector` is base64. */
export function sealOf(moduleKey: string, owner: string, vector: string): Seal {
    const hash = createHash("sha256").update(Buffer.from(vector, "base64")).digest();
    return { key: hmac(moduleKey, "encryption"), boundTo: Buffer.concat([Buffer.from(owner), hash]) };
}

/** Encrypts by AES-GCM; plain and encrypted text are base64. */
export function encrypt({ key, boundTo }: Seal, plaintext: string): string {
    const salt = randomBytes(saltLength);
    const cipher = createCipheriv(algorithm, key, salt).setAAD(boundTo);
    const sealed = Buffer.concat([cipher.update(Buffer.from(plaintext, "base64")), cipher.final()]);
    return Buffer.concat([salt, cipher.getAuthTag(), sealed]).toString("base64");
}

/** Decrypts what `encrypt` made under the same seal; throws for anything else. */
export function decrypt({ key, boundTo }: Seal, ciphertext: string): string {
    const bytes = Buffer.from(ciphertext, "base64");
    const tagEnd = saltLength + tagLength;
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, saltLength))
        .setAAD(boundTo)
        .setAuthTag(bytes.subarray(saltLength, tagEnd));
    return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString("base64");
}

function hmac(key: string, data: string | Buffer): Buffer {
    return createHmac("sha256", Buffer.from(key, "base64")).update(data).digest();
}
