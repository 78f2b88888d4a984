const net = require("node:net");

/** What stays on this machine; a library that matches names alone knows no other way to be told of it. */
const loopback = ["localhost", "127.0.0.1", "::1", "[::1]"];
/** Variables that name a proxy. grpc_proxy is read by gRPC alone, all of whose connections here are within this machine. */
const proxyNames = ["http_proxy", "https_proxy", "all_proxy", "grpc_proxy"].flatMap(inBothCases);

/**
 * The variables by which every program asks this machine itself without a proxy, as values to set and names to unset;
 * nothing where no proxy is named. `no_proxy=*` is understood alone by some, in a list by others and by gRPC for Node.js not
 * at all, so what it means is done instead: no proxy is named any more.
 * @param {Readonly<NodeJS.ProcessEnv>} env
 * @returns {{ set: Record<string, string>, unset: string[] }}
 */
function withoutProxyToSelf(env) {
    const exceptions = exceptionsOf(env);
    if (exceptions.includes("*")) return { set: {}, unset: [...proxyNames] };
    if (!proxyNames.some((name) => env[name])) return { set: {}, unset: [] };
    const value = [...new Set([...exceptions, ...loopback])].join(",");
    // gRPC for Node.js looks at no_proxy only where it has no list of its own.
    return { set: { NO_PROXY: value, no_proxy: value, no_grpc_proxy: value }, unset: [] };
}

/**
 * Makes `fetch` of this process go through the proxies that `env` names, with the exceptions that it names, as programs in
 * Go and curl do. Node's own does so only in its newest versions, and only where it is told to.
 * @param {Readonly<NodeJS.ProcessEnv>} env
 */
function useProxies(env) {
    if (!proxyNames.some((name) => env[name])) return;
    // Loaded only where it is needed: it takes a while, and a set-up begins without any packages.
    const { Agent, Dispatcher, ProxyAgent, fetch } = require("undici");
    /** @type {Map<string, import("undici").Dispatcher>} */
    const agents = new Map();
    const direct = new Agent();

    class ByAddress extends Dispatcher {
        /**
         * @override
         * @type {import("undici").Dispatcher["dispatch"]}
         */
        dispatch(options, handler) {
            const uri = proxyFor(new URL(String(options.origin)), env);
            if (uri === undefined) return direct.dispatch(options, handler);
            const agent = agents.get(uri) ?? new ProxyAgent({ uri, proxyTunnel: false });
            agents.set(uri, agent);
            return agent.dispatch(options, handler);
        }
    }
    const dispatcher = new ByAddress();
    const own = globalThis.fetch;
    /** @type {typeof globalThis.fetch} */
    const throughProxy = (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input);
        if (proxyFor(url, env) === undefined) return own(input, init);
        // Its own fetch with its own dispatcher: Node's may be of another version, whose parts do not go with these.
        return /** @type {any} */ (fetch)(input, { ...init, dispatcher });
    };
    globalThis.fetch = async (input, init) => throughProxy(input, init);
}

/**
 * The proxy through which `env` sends a request for `url`; undefined where it goes there directly.
 * @param {URL} url
 * @param {Readonly<NodeJS.ProcessEnv>} env
 */
function proxyFor(url, env) {
    const names = [url.protocol.replace(":", "_proxy"), "all_proxy"].flatMap(inBothCases);
    const name = names.find((each) => env[each]);
    if (name === undefined || isDirect(url, exceptionsOf(env))) return undefined;
    const value = env[name] ?? "";
    const proxy = value.includes("://") ? value : `http://${value}`;
    if (URL.canParse(proxy) && /^https?:/.test(proxy)) return proxy;
    // The value may hold a password.
    throw new Error(
        `Expected ${name} to be the address of an HTTP proxy such as http://proxy.example:3128, found another. ` +
            "Change it, or name the hosts that need none in no_proxy.",
    );
}

/**
 * The rules are those of Go's httpproxy: `example.com` stands for the host and all below it, `.example.com` for those below
 * it, with a port for that port only; addresses may be ranges.
 * @param {URL} url
 * @param {readonly string[]} exceptions
 */
function isDirect({ hostname, port, protocol }, exceptions) {
    const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
    if (host === "localhost" || isWithin(host, "127.0.0.0/8") || host === "::1") return true;
    const wantedPort = port || (protocol === "https:" ? "443" : "80");
    return exceptions.some((exception) => {
        if (exception === "*" || isWithin(host, exception)) return true;
        const [, name = "", itsPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(exception) ?? [];
        const bare = net.isIPv6(exception) ? exception : name.replace(/^\*(?=\.)/, "");
        if (itsPort !== undefined && bare === name && itsPort !== wantedPort) return false;
        return host === bare || host.endsWith(bare.startsWith(".") ? bare : `.${bare}`);
    });
}

/**
 * @param {string} host
 * @param {string} range
 */
function isWithin(host, range) {
    const [address = "", bits = ""] = range.split("/");
    const [family, ofHost] = [net.isIP(address), net.isIP(host)];
    if (!/^\d+$/.test(bits) || family === 0 || family !== ofHost) return false;
    if (Number(bits) > (family === 4 ? 32 : 128)) return false;
    const type = family === 4 ? "ipv4" : "ipv6";
    const list = new net.BlockList();
    list.addSubnet(address, Number(bits), type);
    return list.check(host, type);
}

/** @param {Readonly<NodeJS.ProcessEnv>} env */
function exceptionsOf({ no_proxy: lower = "", NO_PROXY: upper = "" }) {
    return `${upper},${lower}`
        .toLowerCase()
        .split(/[\s,]+/)
        .filter(Boolean);
}

/** @param {string} name */
function inBothCases(name) {
    return [name, name.toUpperCase()];
}

module.exports = { proxyFor, useProxies, withoutProxyToSelf };
