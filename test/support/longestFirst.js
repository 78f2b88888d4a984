const Sequencer = require("@jest/test-sequencer").default;

/**
 * Tests that take whole stacks through the engine first, and of those the longest: begun last, it would have a core to
 * itself for minutes. Jest knows how long a test takes only where it ran before, and goes by the size of the file otherwise.
 */
module.exports = class LongestFirst extends Sequencer {
    sort(tests) {
        const sorted = super.sort(tests);
        const isLong = ({ path }) => /\.engine\.test\.ts$|\/killing\.long/.test(path);
        return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
    }
};
