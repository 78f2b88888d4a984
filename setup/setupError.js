/** A failure the user can act on: its message is shown as it is, without a stack. */
class SetupError extends Error {}

module.exports = { SetupError };
