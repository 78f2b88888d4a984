/** The `X-Registry-Auth` header: whom the engine is when it pulls from or pushes to `server`. */
export function registryAuth(account: {
    server: string;
    username?: string;
    password?: string;
}): Record<string, string> {
    const { server, username, password } = account;
    const credentials = username === undefined ? {} : { username, password, serveraddress: server };
    // Go's alphabet for URLs, which unlike Node's is padded.
    const encoded = Buffer.from(JSON.stringify(credentials)).toString("base64");
    return { "X-Registry-Auth": encoded.replaceAll("+", "-").replaceAll("/", "_") };
}
