import { withoutSecrets } from "../../../../infra/provider/deploymentCheck/withoutSecrets";

describe("a text of a device or a service is shown without", () => {
    test.each([
        ["password=hunter2", "password=…"],
        ["Password: hunter2", "Password: …"],
        ["PASSWORD=hunter2;next", "PASSWORD=…;next"],
        ['{"password":"hunter2","username":"u"}', '{"password":…,"username":"u"}'],
        ['{"password": "hunter2 with spaces"}', '{"password": …}'],
        ["HostName=h;SharedAccessKey=a+b/c==;x", "HostName=h;SharedAccessKey=…;x"],
        ["sharedaccesskey=a+b/c==", "sharedaccesskey=…"],
        ["https://b.example/?sig=abc%3D&se=1", "https://b.example/?sig=…&se=1"],
        ["Token = abc", "Token = …"],
        ["secret:abc", "secret:…"],
        ["clientSecret=abc", "clientSecret=…"],
        ['two: token="a", password="b"', "two: token=…, password=…"],
        ["Authorization: Bearer ey.J-0_~+/=", "Authorization: Bearer …"],
        ["Authorization: Basic dTpw", "Authorization: Basic …"],
    ])("the secret in %s", (text, shown) => {
        expect(withoutSecrets(text)).toBe(shown);
    });

    test("its end, where it goes on for long, and a secret that the cut goes through", () => {
        expect(withoutSecrets("x".repeat(1000))).toBe("x".repeat(1000));
        expect(withoutSecrets("x".repeat(1001))).toBe(`${"x".repeat(1000)}…`);
        expect(withoutSecrets(`${"x".repeat(980)} "password":"${"y".repeat(99)}"`)).not.toContain("y");
    });

    test("nothing else", () => {
        const text = 'pull of r.azurecr.io/c:v1 failed: {"username":"u"}; unauthorized';
        expect(withoutSecrets(text)).toBe(text);
    });
});
