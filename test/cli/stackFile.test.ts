import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readStackFile } from "../../cli/stackFile";
import { checkSettings } from "../../infra/checkSettings";

const project = mkdtempSync(join(tmpdir(), "edge-stack-file-"));
afterAll(() => rmSync(project, { recursive: true }));

function read(config: string) {
    writeFileSync(join(project, "Pulumi.dev.yaml"), config);
    const found = readStackFile(project, "dev");
    if (!found) throw new Error("The file that was just written is not found.");
    return found;
}

test("a value is the text that `pulumi config --json` of engine 3.259 shows", () => {
    const { texts, azure } = read(`config:
  azure-native:location: westeurope
  azure-native:useMsi: true
  hostPort: 8080
  edge-classifier:config:deviceId: three
  edge-classifier:version: 1.50
  edge-classifier:hex: 0x10
  edge-classifier:flag: true
  edge-classifier:yes: yes
  edge-classifier:nothing:
  edge-classifier:text: "007"
  edge-classifier:list: [1, 1.50, true, null, yes, 0x10]
  edge-classifier:object: { b: 1, a: { c: [x] } }
  docker:host: tcp://other
`);
    expect(azure).toEqual({ location: "westeurope", useMsi: "true" });
    const { object, ...rest } = Object.fromEntries(texts);
    expect(rest).toEqual({
        hostPort: "8080",
        deviceId: "three",
        version: "1.5",
        hex: "16",
        flag: "true",
        yes: "yes",
        nothing: "",
        text: "007",
        list: '[1,1.5,true,null,"yes",16]',
    });
    // The engine sorts the keys, which a reader of JSON does not see.
    expect(JSON.parse(object ?? "")).toEqual({ a: { c: ["x"] }, b: 1 });
});

test("a setting with a secret at any depth counts as secret, and the rest of it can be checked", () => {
    const { texts, secrets } = read(`config:
  edge-classifier:deviceId: edge-1
  edge-classifier:moduleSecrets: { API_KEY: { secure: v1:abc } }
  edge-classifier:extraRegistries:
    shared: { address: r.example, username: u, password: { secure: v1:abc } }
  edge-classifier:proxy: { secure: v1:abc }
`);
    expect([...secrets].sort()).toEqual(["extraRegistries", "moduleSecrets", "proxy"]);
    expect(JSON.stringify([...texts])).not.toContain("v1:abc");
    const { problems, values } = checkSettings(texts, (key) => secrets.has(key));
    expect(problems).toEqual([]);
    expect(values.extraRegistries.shared).toMatchObject({ address: "r.example", username: "u" });
});

test("a secret that is encrypted whole has a stand-in of its form", () => {
    const { texts, secrets } = read(`config:
  edge-classifier:moduleSecrets: { secure: v1:abc }
  edge-classifier:extraRegistries: { secure: v1:abc }
  edge-classifier:devicePrivateKey: { secure: v1:abc }
`);
    expect(checkSettings(texts, (key) => secrets.has(key)).problems).toEqual([]);
});

test("only an object with a ciphertext and nothing else is a secret, in a list too", () => {
    const { texts, secrets } = read(`config:
  edge-classifier:moduleTwin: { secure: mode, level: 1 }
  edge-classifier:moduleEnv: { secure: 5 }
  edge-classifier:sshFrom: [{ secure: v1:abc }, 10.0.0.0/8]
  edge-classifier:deviceId: { secure: v1:abc }
  edge-classifier:hubSku: secure
`);
    expect(Object.fromEntries(texts)).toEqual({
        moduleTwin: '{"secure":"mode","level":1}',
        moduleEnv: '{"secure":5}',
        sshFrom: '["<secret: sshFrom>","10.0.0.0/8"]',
        deviceId: "",
        hubSku: "secure",
    });
    expect([...secrets].sort()).toEqual(["deviceId", "sshFrom"]);
});

test.each(["azure-native:location", "azure-native:config:location"])("%s is the region", (key) => {
    expect(
        read(`config:\n  ${key}: westeurope\n  azure:location: eastus\n  location: elsewhere\n`).azure,
    ).toEqual({ location: "westeurope" });
    expect(read("config:\n  edge-classifier:deviceId: d\n").azure).toEqual({});
});

test("what is encrypted of azure-native's is known by its name alone", () => {
    const { azure, azureSecrets } = read(`config:
  azure-native:clientId: an-app
  azure-native:clientSecret: { secure: v1:abc }
`);
    expect([azure, azureSecrets]).toEqual([{ clientId: "an-app" }, ["clientSecret"]]);
});

test.each([
    ["environment: [ours]\n", true],
    ["config: {}\n", false],
])("%j has environments of Pulumi ESC: %s", (text, expected) => {
    expect(read(text).hasEnvironments).toBe(expected);
});

test.each(["", "config:\n", "# nothing\n"])("%j sets nothing", (text) => {
    expect([...read(text).texts]).toEqual([]);
});

test("a stack without a file is none", () => expect(readStackFile(project, "other")).toBeUndefined());

test("what a stack says to Docker's provider is read by its namespace, without what is encrypted", () => {
    const { docker } = read(`config:
  docker:host: tcp://other
  docker:config:certPath: /certificates
  docker:keyMaterial: { secure: AAAB }
  dockerish:host: tcp://another
  edge-classifier:host: tcp://third
`);
    expect(Object.fromEntries(docker)).toEqual({
        host: "tcp://other",
        certPath: "/certificates",
    });
    expect(read("config:\n").docker.size).toBe(0);
});
