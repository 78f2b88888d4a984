import { covers, isSignedBy, parseSas, signSas } from "../../../../local/planes/sas";

const key = Buffer.from("0123456789abcdef0123456789abcdef").toString("base64");
const expiresAt = new Date("2030-01-01T00:00:00Z");

test("a token is signed as the service's documentation says: HMAC-SHA256 over the encoded resource and the expiry", () => {
    // The expected text was computed with openssl from the same key.
    expect(signSas({ resource: "localhost:8443", key, policy: "deployer", expiresAt })).toBe(
        "SharedAccessSignature sr=localhost%3A8443&sig=bxVwOXezPQNo4n%2B%2BCcZ%2BcsPZZyRhlTAe0NomqEGnWa4%3D&se=1893456000&skn=deployer",
    );
});

test("a token holds until its expiry, for the key that signed it and no other", () => {
    const token = parseSas(signSas({ resource: "localhost:8443/devices/d", key, expiresAt }));
    if (!token) throw new Error("not read");
    const other = Buffer.alloc(32).toString("base64");
    expect(token).toMatchObject({
        resource: "localhost:8443/devices/d",
        expiry: 1893456000,
        policy: undefined,
    });
    expect(isSignedBy(token, [key], new Date("2029-12-31T23:59:59Z"))).toBe(true);
    expect(isSignedBy(token, [other, key], new Date("2029-12-31T23:59:59Z"))).toBe(true);
    expect(isSignedBy(token, [key], expiresAt)).toBe(false);
    expect(isSignedBy(token, [other], new Date("2029-12-31T23:59:59Z"))).toBe(false);
    expect(isSignedBy({ ...token, expiry: token.expiry + 1 }, [key], new Date(0))).toBe(false);
    expect(isSignedBy(token, [], new Date(0))).toBe(false);
});

test.each([
    "",
    "Bearer abc",
    "SharedAccessSignature sr=a&sig=b",
    "SharedAccessSignature sr=a&sig=b&se=soon",
    "SharedAccessSignature sr=a&sr=b&sig=b&se=1",
    "SharedAccessSignature sr=a&sig=b&se=1&extra=1",
    "SharedAccessSignature sr=%ZZ&sig=b&se=1",
    "SharedAccessSignature sr=a&sig=b&se=1 ",
    // The service takes its scheme in this spelling alone.
    "sharedaccesssignature sr=a&sig=b&se=1",
    "SharedAccessSignature sr=a&sig=b&se=1.5",
    "SharedAccessSignature sr=&sig=b&se=1",
    "SharedAccessSignature sr=a&sig=&se=1",
    "SharedAccessSignature sr=a&sig=b&se=",
    "SharedAccessSignature SR=a&sig=b&se=1",
])("'%s' is no token", (text) => {
    expect(parseSas(text)).toBeUndefined();
});

test("a token is read in any order of its fields, with the name of a policy decoded", () => {
    expect(parseSas("SharedAccessSignature skn=a%20b&se=5&sig=c%3D&sr=d%2Fe")).toEqual({
        encodedResource: "d%2Fe",
        resource: "d/e",
        signature: "c=",
        expiry: 5,
        policy: "a b",
    });
});

test("a token covers its own resource and what lies below, at whole segments, on its own hub", () => {
    const host = "localhost:8443";
    expect(covers("localhost:8443", host, "/devices/d")).toBe(true);
    expect(covers("LOCALHOST:8443/", host, "/devices/d")).toBe(true);
    expect(covers("localhost", host, "/devices/d")).toBe(true);
    expect(covers("localhost:8443/devices/d", host, "/devices/d/modules/m")).toBe(true);
    expect(covers("localhost:8443/devices/d", host, "/devices/d")).toBe(true);
    expect(covers("localhost:8443/devices/d", host, "/devices/d2")).toBe(false);
    expect(covers("localhost:8443/devices/d", host, "/devices")).toBe(false);
    expect(covers("localhost:9000", host, "/devices/d")).toBe(false);
    expect(covers("example.org", host, "/devices/d")).toBe(false);
});
