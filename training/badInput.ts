/** Says that the given pictures or settings cannot be trained on: what was expected, what was found, and what to do. */
export class BadInput extends Error {
    constructor(message: string, options?: ErrorOptions) {
        super(message, options);
        this.name = "BadInput";
    }
}
