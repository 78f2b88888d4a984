import { parse } from "yaml";
import { type InitAnswers, initFile } from "../../cli/initFile";
import { sentence } from "../../infra/problem";

const own: InitAnswers = {
    region: "westeurope",
    hubSku: "F1",
    device: "own",
    sshPublicKey: "",
    sshFrom: "",
    httpFrom: "",
    check: "none",
};
const vm: InitAnswers = {
    ...own,
    device: "vm",
    sshPublicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2u",
    sshFrom: "198.51.100.7/32, 203.0.113.0/24",
    check: "http",
};

test("the answers become a stack's configuration that the program takes", () => {
    const { text, problems } = initFile(vm);
    expect(problems).toEqual([]);
    expect(text).toMatch(/^# yaml-language-server: \$schema=infra\/stack\.schema\.json\n/);
    expect(parse(text)).toEqual({
        config: {
            "azure-native:location": "westeurope",
            "edge-classifier:hubSku": "F1",
            "edge-classifier:check": "http",
            "edge-classifier:edgeVm": true,
            "edge-classifier:sshPublicKey": vm.sshPublicKey,
            "edge-classifier:sshFrom": ["198.51.100.7/32", "203.0.113.0/24"],
            "edge-classifier:httpFrom": [],
        },
    });
    expect(initFile(own).problems).toEqual([]);
});

test.each<[string, Partial<InitAnswers>, RegExp]>([
    ["a tier without IoT Edge", { hubSku: "B1" }, /`hubSku` to be S1 or F1 or S2 or S3, found "B1"/],
    ["no key for the machine", { sshPublicKey: "" }, /`sshPublicKey` to be set because `edgeVm` is true/],
    ["a range that is none", { sshFrom: "anybody" }, /`sshFrom` to be a list of address ranges/],
    ["a region that is none", { region: "West Europe" }, /region to be one of Azure's names/],
    ["another kind of device", { device: "pi" }, /device to be own or vm, found "pi"/],
])("%s is refused in a sentence", (_, change, expected) => {
    const { problems } = initFile({ ...vm, ...change });
    expect(problems.map(sentence).join("\n")).toMatch(expected);
});
