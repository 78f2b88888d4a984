import { createHmac } from "node:crypto";
import { sharedAccessSignature } from "../../../../infra/provider/service/sharedAccessSignature";

const key = Buffer.from("a key whose signature has a plus, a slash and an equals sign").toString("base64");

/** The parts in their order, as whoever checks the signature reads them. */
function partsOf(hostName: string, now: number) {
    const [kind, text = ""] = sharedAccessSignature({ hostName, keyName: "ours", key }, now).split(" ");
    return { kind, parts: text.split("&").map((part) => part.split("=")) };
}

describe("a shared access signature", () => {
    test.each([
        ["hub.azure-devices.net", "hub.azure-devices.net"],
        ["localhost:8443", "localhost%3A8443"],
    ])("of %s is what the documentation's formula gives, for one hour", (hostName, resource) => {
        for (let second = 1_700_000_000; second < 1_700_000_040; second++) {
            const expiry = String(second + 3600);
            // learn: "Control access to IoT Hub with shared access signatures", security token structure.
            const signature = createHmac("sha256", Buffer.from(key, "base64"))
                .update(`${resource}\n${expiry}`)
                .digest("base64");
            expect(partsOf(hostName, second * 1000 + 999)).toEqual({
                kind: "SharedAccessSignature",
                parts: [
                    ["sr", resource],
                    ["sig", encodeURIComponent(signature)],
                    ["se", expiry],
                    ["skn", "ours"],
                ],
            });
        }
    });
});
