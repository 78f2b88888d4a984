/** What no name of a folder on the way to the project may hold, and who cannot take it. */
const refused = [
    { characters: "?", by: "the loader of TypeScript" },
    { characters: "\\", by: "Node" },
    { characters: ":", by: "npm, which puts folders of the project on PATH" },
    { characters: "\ufffd", by: "Node, which reads names as UTF-8" },
];

/**
 * The sentence for a folder in which the project cannot run, or undefined where it can.
 * @param {string} root
 */
function unusableFolder(root) {
    const found = refused.find(({ characters }) => root.includes(characters));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
    if (!found && !/[\0-\x1f\x7f]/.test(root)) return undefined;
    const what = found ? `a "${found.characters}", which is not taken by ${found.by}` : "a control character";
    return (
        `Expected the path of the project's folder to be one that Node and npm can take, found ${JSON.stringify(root)} ` +
        `with ${what}: rename the folder and repeat the command there.`
    );
}

module.exports = { unusableFolder };
