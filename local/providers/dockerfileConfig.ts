import {
    type Cmd,
    DockerfileParser,
    type Env,
    type Label,
    type Property,
    type PropertyInstruction,
} from "dockerfile-ast";

/** What a container's configuration says, as far as a Dockerfile's last stage sets it. */
export interface ImageConfig {
    readonly Cmd: string[];
    readonly WorkingDir: string;
    readonly Env: string[];
    readonly ExposedPorts: Record<string, object>;
    readonly Labels: Record<string, string>;
}

/**
 * Reads the last stage of a Dockerfile: WORKDIR, ENV, EXPOSE, LABEL and an exec-form CMD, with its build arguments put
 * in. What a process cannot honour (USER, HEALTHCHECK) is left out.
 */
export function dockerfileConfig(dockerfile: string, args: Record<string, string>): ImageConfig {
    const instructions = DockerfileParser.parse(dockerfile).getInstructions();
    const lastStage = instructions.slice(
        instructions.findLastIndex((one) => one.getKeyword() === "FROM") + 1,
    );
    const variables = new Map<string, string>();
    const expand = (text: string) =>
        text.replace(/\$\{(\w+)\}|\$(\w+)/g, (_, a, b) => variables.get(a ?? b) ?? "");
    const config = {
        Cmd: [] as string[],
        WorkingDir: "/",
        Env: [] as string[],
        ExposedPorts: {} as Record<string, object>,
        Labels: {} as Record<string, string>,
    };
    for (const instruction of lastStage) {
        const words = instruction.getArguments().map((argument) => argument.getValue());
        switch (instruction.getKeyword()) {
            case "ARG": {
                const [name = "", fallback = ""] = (words[0] ?? "").split(/=(.*)/s);
                variables.set(
                    name,
                    args[name] ??
                        unquote(words.length > 1 ? [fallback, ...words.slice(1)].join(" ") : fallback),
                );
                break;
            }
            case "WORKDIR":
                config.WorkingDir = expand(words[0] ?? "/");
                break;
            case "ENV":
                for (const [name, value] of pairs(instruction as Env, expand))
                    config.Env.push(`${name}=${value}`);
                break;
            case "LABEL":
                for (const [name, value] of pairs(instruction as Label, expand)) config.Labels[name] = value;
                break;
            case "EXPOSE":
                for (const port of words) config.ExposedPorts[port.includes("/") ? port : `${port}/tcp`] = {};
                break;
            case "CMD":
                config.Cmd = (instruction as Cmd).getJSONStrings().map((text) => unquote(text.getValue()));
                break;
        }
    }
    if (config.Cmd.length === 0) {
        throw new Error(
            'Expected the Dockerfile to end in a stage with a CMD in exec form, such as CMD ["node", "main.js"], found none.',
        );
    }
    return config;
}

function pairs(instruction: PropertyInstruction, expand: (text: string) => string): [string, string][] {
    return instruction
        .getProperties()
        .map((property: Property) => [property.getName(), expand(property.getValue() ?? "")]);
}

function unquote(text: string): string {
    return text.replace(/^"(.*)"$/s, "$1");
}
