/** What training was given cannot be trained on; the message says what was expected, found and to do. */
export class BadInput extends Error {
    constructor(message: string, options?: ErrorOptions) {
        super(message, options);
        this.name = "BadInput";
    }
}
