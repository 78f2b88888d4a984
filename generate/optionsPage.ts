import { describeOptions } from "../classifier/src/config";

/** The text of `docs/options.md`, made from the one schema that checks the options of the classifier. */
export function optionsPage(): string {
    const rows = describeOptions().map((option) => [
        `\`${option.key}\``,
        `\`${option.env}\``,
        option.default,
        option.meaning,
    ]);
    const table = [
        ["Option", "Environment variable", "Default", "Meaning"],
        ["---", "---", "---", "---"],
        ...rows,
    ];
    return `# Options of the classifier

The service reads its options from environment variables when it starts. An empty variable counts as unset. If any value
is wrong the service does not start, and says so about all of them at once.

${table.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}

What belongs to a model rather than to the service (its name, labels, size, channel order, range) is said in the
\`model.yaml\` beside the model: see [custom-vision.md](custom-vision.md).

This page is generated from \`classifier/src/config.ts\`; after a change there, run \`npm run docs\`.
`;
}
