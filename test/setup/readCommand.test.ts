import { commands } from "../../cli/commands";
import { readCommand } from "../../setup/command";

const edge = (...args: string[]) => ["--require", "tsx/cjs", "cli/edge.ts", ...args];
const jestLine = (...args: string[]) => ["node_modules/jest/bin/jest.js", ...args];

test.each([
    [[], { needs: "engine", stream: "stdout" }],
    [["local"], { node: edge("first-run"), needs: "engine", stream: "stdout" }],
    [["local", "--json"], { node: edge("first-run", "--json"), needs: "engine", stream: "stderr" }],
    [["local", "--help"], { node: edge("first-run", "--help"), needs: "compiled", stream: "stdout" }],
    [["local", "up"], { node: edge("local", "up"), needs: "engine", stream: "stdout" }],
    [["local", "up", "--json"], { node: edge("local", "up", "--json"), needs: "engine", stream: "stderr" }],
    [["local", "stop"], { node: edge("local", "stop"), needs: undefined, stream: "stdout" }],
    [["edge"], { node: edge(), needs: undefined, terse: true, stream: "stderr" }],
    [["edge", "local", "up"], { node: edge("local", "up"), needs: "engine", terse: true, stream: "stderr" }],
    [["test"], { node: jestLine(), needs: "engine", exactEngine: true, stream: "stderr" }],
    [["test", "-h"], { node: jestLine("-h"), needs: "compiled", exactEngine: true, stream: "stderr" }],
    [
        ["test", "a", "-t", "b"],
        { node: jestLine("a", "-t", "b"), needs: "engine", exactEngine: true, stream: "stderr" },
    ],
])("%j is read as what it asks for", (argv, expected) => {
    expect(readCommand(argv, commands)).toEqual(expected);
});

test.each([["--help"], ["-h"]])("%s explains the command line and sets nothing up", (word) => {
    expect(readCommand([word], commands)).toEqual({ help: expect.stringContaining("Example:") });
});

test.each(["deploy", "--json", "Local", "tests"])("%j is a mistake", (word) => {
    expect(readCommand([word], commands)).toEqual({
        mistake: `Expected local, edge, test or nothing, and found "${word}": see node setup/main.js --help.`,
    });
});

describe("what a command of edge needs", () => {
    test.each([
        ["local up", "engine"],
        ["local up --stack other", "engine"],
        ["local upstream", undefined],
        ["local up --help", "compiled"],
        ["local up -h", "compiled"],
        ["help local up", "compiled"],
        ["local help up", "engine"],
        ["local status", undefined],
        ["local status --help", undefined],
        ["manifest render", "compiled"],
        ["manifest", "compiled"],
        ["device install-script", "engine"],
        ["first-run", "engine"],
        ["firstrun", undefined],
        ["doctor --for local", "compiled"],
        ["--help", undefined],
    ])("%s: %s", (line, needs) => {
        expect(readCommand(["edge", ...line.split(" ")], commands).needs).toBe(needs);
    });
});
