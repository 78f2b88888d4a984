import { ownerMark } from "../../../infra/provider/ownerMark";

describe("the mark of a resource's owner", () => {
    const urn = (stack: string, name: string, type = "iotedge:index:Device") =>
        `urn:pulumi:${stack}::edge-classifier::${type}::${name}`;

    test("names project, stack and resource, and no component around it", () => {
        expect(ownerMark(urn("dev", "device"))).toBe("Created by Pulumi: edge-classifier/dev/device");
        expect(ownerMark(urn("dev", "device", "my:index:Site$iotedge:index:Device"))).toBe(
            ownerMark(urn("dev", "device")),
        );
        expect(ownerMark(urn("dev", "a::b"))).toBe("Created by Pulumi: edge-classifier/dev/a::b");
    });

    test("differs from stack to stack and from name to name, also where it is too long for a hub", () => {
        const long = "n".repeat(128);
        const marks = [urn("a", long), urn("b", long), urn("a", `${long}n`)].map(ownerMark);
        expect(new Set(marks).size).toBe(3);
        for (const mark of marks) expect(mark).toMatch(/^Created by Pulumi: [0-9a-f]{64}$/);
    });
});
