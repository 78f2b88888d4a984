import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isAdminUsername } from "../../edge-vm/adminUsername";
import { checkTimeOfDay } from "../../edge-vm/dailyShutdown";
import { machineKinds } from "../../edge-vm/machineKinds";
import { isAddressRange, securityRules } from "../../edge-vm/securityRules";

describe("the rules of a machine's openings", () => {
    const ranges = (count: number) => Array.from({ length: count }, (_, index) => `10.0.${index}.0/24`);

    test("keep their order and their hundred of priorities, closed openings too", () => {
        const rules = securityRules([
            { name: "ssh", port: 22, from: [] },
            { name: "http", port: 80, from: ranges(100) },
            { name: "metrics", port: 9100, from: ["198.51.100.7/32"] },
        ]);
        expect(rules).toHaveLength(101);
        expect(rules[0]).toMatchObject({ name: "http-1", priority: 200, sourceAddressPrefix: "10.0.0.0/24" });
        expect(rules[99]).toMatchObject({ name: "http-100", priority: 299 });
        expect(rules[100]).toMatchObject({ name: "metrics-1", priority: 300, destinationPortRange: "9100" });
    });

    test("are at most a hundred for one opening", () => {
        expect(() => securityRules([{ name: "ssh", port: 22, from: ranges(101) }])).toThrow(
            "Expected at most 100 ranges that may reach ssh, found 101.",
        );
    });

    test("refuse a range that is none by its place", () => {
        const openings = [
            { name: "ssh", port: 22, from: ["198.51.100.7/32"] },
            { name: "http", port: 80, from: ["198.51.100.7/32", "198.51.100.8"] },
        ];
        expect(() => securityRules(openings)).toThrow(
            'Expected the ranges that may reach http to be like 198.51.100.7/32, found "198.51.100.8".',
        );
    });
});

test.each([
    ...["0.0.0.0/0", "198.51.100.7/32", "10.0.0.0/8", "::/0", "2001:db8::1/128", "2001:db8::/48"],
    ...["::ffff:198.51.100.7/128"],
])("%s is a range of addresses", (text) => expect(isAddressRange(text)).toBe(true));

test.each([
    ...["", "/32", "198.51.100.7", "198.51.100.7/", "198.51.100.7/33", "198.51.100.256/32", "198.51.100/24"],
    ...[
        "2001:db8::/129",
        "2001:db8::",
        "g::/48",
        "10.0.0.0/8/8",
        "10.0.0.0/-1",
        " 10.0.0.0/8",
        "10.0.0.0/8 ",
    ],
    ...["10.0.0.0/0x8", "Internet/0"],
])("%j is no range of addresses", (text) => expect(isAddressRange(text)).toBe(false));

test.each(["edge", "_service", "a1", "fruit-lady", "fruit_lady", "b", "tester", "x".repeat(32)])(
    "%s may be the name of the administrator",
    (name) => expect(isAdminUsername(name)).toBe(true),
);

test.each([
    ...["", "x".repeat(33), "1st", "-x", "Edge", "fruit lady", "edge\n", "fruit.lady", "émile"],
    // https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update, osProfile.adminUsername.
    ...[
        "administrator",
        "admin",
        "user",
        "user1",
        "test",
        "user2",
        "test1",
        "user3",
        "admin1",
        "1",
        "123",
        "a",
    ],
    ...["actuser", "adm", "admin2", "aspnet", "backup", "console", "david", "guest", "john", "owner", "root"],
    ...["server", "sql", "support", "support_388945a0", "sys", "test2", "test3", "user4", "user5"],
])("%j may not be the name of the administrator", (name) => expect(isAdminUsername(name)).toBe(false));

test.each(["00:00", "09:59", "19:00", "20:05", "23:59"])("%s is a time of the day", (time) => {
    expect(() => checkTimeOfDay(time)).not.toThrow();
});

test.each(["24:00", "19:60", "9:00", "1900", "19:00:00", "19:0", "29:00", " 19:00", "19:00 ", "19:00\n", ""])(
    "%j is no time of the day",
    (time) => {
        expect(() => checkTimeOfDay(time)).toThrow(
            `Expected the time of the daily shutdown to be like 19:00, found "${time}".`,
        );
    },
);

test("the page on costs names the sizes that a machine has where none is set", () => {
    const page = readFileSync(join(__dirname, "../../docs/costs.md"), "utf8");
    for (const { size } of Object.values(machineKinds)) expect(page).toContain(size);
});
