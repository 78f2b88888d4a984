const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { withoutProxyToSelf } = require("./proxies");

/** Variables that change how programs write, or what they load besides what they are told to. */
const unwanted = [
    /^(FORCE_COLOR|CLICOLOR_FORCE|GREP_OPTIONS|GREP_COLORS?|TAR_OPTIONS|GZIP|POSIXLY_CORRECT|CDPATH|ENV|BASH_ENV)$/,
    /^(DEBUG|DEBUG_COLORS|NODE_DEBUG|NODE_DEBUG_NATIVE|NODE_PENDING_DEPRECATION|NODE_PRESERVE_SYMLINKS)$/,
    /^(NODE_PATH|ESBUILD_BINARY_PATH|JEST_.*|TSX_.*|TS_NODE_.*|GRPC_.*)$/,
    // Options of every command of Pulumi, such as PULUMI_OPTION_SHOW_SECRETS.
    /^PULUMI_OPTION_/,
];

/** Options of npm that say where packages come from and who asks for them; all others say what npm does, as we do. */
const kindsOfSource =
    /^(.*registry|.*_auth.*|@.*|\/\/.*|cache|userconfig|globalconfig|(https?_)?proxy|noproxy|ca|cafile|cert|key|certfile|keyfile|strict_ssl|local_address|maxsockets|fetch_.*|offline|prefer_.*line|user_agent|replace_registry_host)$/i;

/** Options of Node that say how much it may take and whom it trusts; others load code, open ports or write. */
const keptNodeOptions =
    /^--((max|use|openssl|tls(?!-keylog)|dns|secure)-|(no-)?network-family-|(enable|force)-fips)/;

/**
 * Changes an environment, in place, to one in which programs answer as we read them: uncoloured, in English, with no code,
 * output or options that somebody wants in other programs, with no proxy to this machine itself, with a folder for
 * temporary files that is one. Every command and process of ours begins with it, and what it starts inherits it.
 * What colours people want is kept in EDGE_COLOR, for `createProgress`.
 * @param {NodeJS.ProcessEnv} env
 */
function tidyEnvironment(env) {
    const forced = env.FORCE_COLOR ?? env.CLICOLOR_FORCE;
    if (forced !== undefined) {
        if (/^(0|false|never)$/.test(forced)) env.NO_COLOR = "1";
        else if (!env.NO_COLOR) env.EDGE_COLOR = "always";
    }
    const { set, unset } = withoutProxyToSelf(env);
    Object.assign(env, set, { LC_ALL: "C" });
    for (const name of Object.keys(env)) {
        const npmOption = /^npm_config_(.*)/i.exec(name)?.[1]?.replaceAll("-", "_");
        const isUnwanted =
            npmOption === undefined
                ? unwanted.some((kind) => kind.test(name))
                : !kindsOfSource.test(npmOption);
        if (isUnwanted || unset.includes(name)) delete env[name];
    }
    for (const name of ["TMPDIR", "TMP", "TEMP"]) if (!isOwnFolder(env[name])) delete env[name];
    // A relative one would be another folder in each process.
    if (!path.isAbsolute(env.HOME ?? "")) env.HOME = homeOf();
    const options = nodeOptions(env.NODE_OPTIONS ?? "");
    if (options === "") delete env.NODE_OPTIONS;
    else env.NODE_OPTIONS = options;
}

/** @param {string | undefined} folder */
function isOwnFolder(folder) {
    if (!folder || !path.isAbsolute(folder)) return false;
    try {
        fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK);
        return fs.statSync(folder).isDirectory();
    } catch {
        // Not there, or another's.
        return false;
    }
}

/** Where a user without HOME is at home; somebody without an entry among the users is so in the temporary folder. */
function homeOf() {
    try {
        return os.userInfo().homedir;
    } catch {
        return os.tmpdir();
    }
}

/**
 * What we keep of NODE_OPTIONS, in its own form: words between blanks, or in double quotes.
 * @param {string} given
 */
function nodeOptions(given) {
    const words = given.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? [];
    let isKept = false;
    return words
        .filter((word) => {
            // A word that is no option is the value of the one before it.
            if (word.startsWith("-")) isKept = keptNodeOptions.test(word.replaceAll("_", "-"));
            return isKept;
        })
        .join(" ");
}

module.exports = { tidyEnvironment };
