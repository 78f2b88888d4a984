const NodeEnvironment = require("./nodeEnvironment");

/**
 * Stryker notes by which test each line is reached, and sees only tests that have run end: after a test that is left out,
 * what the next files do when they are loaded would count as that one's, and no mistake in a constant would be found.
 */
class MutantsEnvironment extends NodeEnvironment {
    async handleTestEvent({ name }) {
        if (name === "test_skip") this.global.__stryker__.currentTestId = undefined;
    }
}

module.exports = MutantsEnvironment;
