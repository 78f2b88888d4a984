/** What `describe` is, as far as it is called here. */
type Describe = (name: string, body: () => void) => void;

/**
 * `describe` where nothing is missing. Where something is, one test is left out in place of all, named after what they
 * need; the end of the run prints it in one line. (The body of `describe.skip` would be run, to know its tests.)
 */
export function describeUnless(missing: string | undefined): Describe {
    if (missing === undefined) return describe;
    return (name) => describe(name, () => test.skip(`(${missing})`, () => {}));
}
