/** The `X-Registry-Auth` header, by which the engine signs in when it pulls from or pushes to `server`. */
export function registryAuth(account: {
    server: string;
    username?: string;
    password?: string;
}): Record<string, string> {
    const { server, username, password } = account;
    const credentials = username === undefined ? {} : { username, password, serveraddress: server };
    // Docker expects Go's base64 for URLs, which is padded; Node's base64url is not.
    const encoded = Buffer.from(JSON.stringify(credentials)).toString("base64");
    return { "X-Registry-Auth": encoded.replaceAll("+", "-").replaceAll("/", "_") };
}
