const { unsupportedPlatform } = require("../../setup/platform");

const system = (platform: string, node: string) => ({ platform, versions: { node } });

test.each([
    ["linux", "20.19.0"],
    ["darwin", "22.3.1"],
    ["linux", "24.0.0"],
    ["linux", "20.19.6"],
    ["linux", "20.20.0"],
    ["linux", "21.0.0"],
    ["darwin", "22.0.0-nightly"],
])("%s with Node %s is supported", (platform, node) => {
    expect(unsupportedPlatform(system(platform, node))).toBeUndefined();
});

test("on Windows the way is WSL2", () => {
    expect(unsupportedPlatform(system("win32", "22.3.1"))).toMatch(/Linux and macOS.*WSL2.*wsl --install/);
});

test("any other system gets a sentence that names it", () => {
    expect(unsupportedPlatform(system("freebsd", "22.3.1"))).toBe(
        "This project runs on Linux and macOS, and this is freebsd: use one of those.",
    );
});

test.each(["20.18.3", "19.99.0", "18.20.0", "8.0.0"])(
    "Node %s is too old, and the sentence says what is needed",
    (node) => {
        expect(unsupportedPlatform(system("linux", node))).toMatch(
            `needs Node 20.19 or newer and this is Node ${node}: install`,
        );
    },
);
