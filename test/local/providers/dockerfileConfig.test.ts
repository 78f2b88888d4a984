import { dockerfileConfig } from "../../../local/providers/dockerfileConfig";
import { splitImageName } from "../../../local/providers/imageInputs";

test("the last stage of a Dockerfile is read, with its build arguments put in", () => {
    const text = [
        "FROM a AS build",
        "ENV EARLIER=1",
        'CMD ["earlier"]',
        "FROM b",
        "ARG TITLE=plain",
        'ARG NOTE="two words"',
        "ARG GIVEN=default",
        "WORKDIR /srv/$TITLE",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Docker's own syntax
        'ENV A=1 B="x ${GIVEN}"',
        'LABEL note="$NOTE" none="$MISSING"',
        "EXPOSE 80 53/udp",
        "USER node",
        'CMD ["node", "main.js"]',
    ].join("\n");
    expect(dockerfileConfig(text, { GIVEN: "given", OTHER: "o" })).toEqual({
        Cmd: ["node", "main.js"],
        WorkingDir: "/srv/plain",
        Env: ["A=1", "B=x given"],
        ExposedPorts: { "80/tcp": {}, "53/udp": {} },
        Labels: { note: "two words", none: "" },
    });
    expect(dockerfileConfig('FROM a\nCMD ["x"]', {}).WorkingDir).toBe("/");
});

test.each(["FROM a", "FROM a\nCMD node main.js", 'FROM a\nCMD ["a"]\nFROM b'])(
    "%j has no command",
    (text) => {
        expect(() => dockerfileConfig(text, {})).toThrow("a stage with a CMD in exec form");
    },
);

test("an image's name is taken apart, and must name a server and a tag", () => {
    expect(splitImageName("localhost:5000/team/app:v1.2")).toEqual({
        server: "localhost:5000",
        repository: "team/app",
        tag: "v1.2",
    });
    for (const name of ["app:v1", "r.io/app", "r.io/App:v1", "r.io/app:v1@sha256:ab", ""])
        expect(() => splitImageName(name)).toThrow("SERVER/REPOSITORY:TAG");
});
