interface Part {
    name: string;
    content: Buffer;
    fileName?: string;
    type?: string;
}

/** A multipart body as bytes, so that a part can lack what `FormData` always writes. */
export function multipart(...parts: Part[]): { body: Buffer; headers: Record<string, string> } {
    const chunks = parts.flatMap(({ name, content, fileName, type }) => {
        const file = fileName === undefined ? "" : `; filename="${fileName}"`;
        const contentType = type === undefined ? "" : `Content-Type: ${type}\r\n`;
        const head = `--xyz\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${contentType}\r\n`;
        return [Buffer.from(head), content, Buffer.from("\r\n")];
    });
    return {
        body: Buffer.concat([...chunks, Buffer.from("--xyz--\r\n")]),
        headers: { "content-type": "multipart/form-data; boundary=xyz" },
    };
}
