#!/usr/bin/env node
// Runs Node.js programs and plugins for a Pulumi CLI that came without its own language host (one built from its Go
// module).
// Installed in the private PULUMI_HOME of the local Azure only. The engine starts it in the project's folder and gives
// its own address as the last argument; the host prints its port and then serves Pulumi's language protocol.
const { spawn } = require("node:child_process");
const { createRequire } = require("node:module");
const path = require("node:path");

const engineAddress = process.argv.slice(2).findLast((argument) => !argument.startsWith("-"));
// Everything comes from the SDK of the project, so that protocol and program are of one version.
const fromProject = createRequire(path.join(process.cwd(), "package.json"));
const fromSdk = createRequire(installedSdk());
const grpc = fromSdk("@grpc/grpc-js");
const { LanguageRuntimeService } = fromSdk("./proto/language_grpc_pb");
const { GetRequiredPackagesResponse, RunPluginResponse, RunResponse } = fromSdk("./proto/language_pb");
const { PluginInfo } = fromSdk("./proto/plugin_pb");
const { Empty } = fromSdk("google-protobuf/google/protobuf/empty_pb");

/** Exit code by which the SDK says that the error was already shown. */
const bailExitCode = 32;
/** The programs and plugins that run now. */
const children = new Set();

/** A clone that was not set up has none; Pulumi's own host says in its words that the SDK is not installed. */
function installedSdk() {
    try {
        return fromProject.resolve("@pulumi/pulumi");
    } catch (error) {
        if (error.code !== "MODULE_NOT_FOUND") throw error;
        console.error(
            `Expected the packages of ${process.cwd()} to be installed, found none. Run there: npm run setup`,
        );
        process.exit(1);
    }
}

function start(args, options) {
    const child = spawn(process.execPath, args, options);
    children.add(child);
    child.once("close", () => children.delete(child));
    return child;
}

function run({ request }, callback) {
    const response = new RunResponse();
    const info = request.getInfo();
    const folder = info?.getProgramDirectory() || request.getPwd();
    const options = optionsOf(info);
    const args = [
        ...options.nodeargs,
        createRequire(path.join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run"),
        ...["--monitor", request.getMonitorAddress(), "--engine", engineAddress],
        ...["--organization", request.getOrganization(), "--project", request.getProject()],
        ...["--root-directory", info?.getRootDirectory() || folder, "--stack", request.getStack()],
        ...["--pwd", folder, "--parallel", String(request.getParallel())],
        ...(request.getDryrun() ? ["--dry-run"] : []),
        info?.getEntryPoint() || ".",
        ...request.getArgsList(),
    ];
    const program = start(args, {
        cwd: folder,
        stdio: ["ignore", "inherit", "inherit"],
        env: { ...process.env, ...programEnvironment(request, options) },
    });
    program.on("error", (error) => callback(error));
    program.on("close", (code, signal) => {
        if (code === bailExitCode) response.setBail(true);
        else if (code !== 0) response.setError(`Program exited with ${signal ?? `code ${code}`}`);
        callback(null, response);
    });
}

/** What `runtime.options` of the project or plugin says. */
function optionsOf(info) {
    const { nodeargs, ...options } = info?.getOptions()?.toJavaScript() ?? {};
    return { ...options, nodeargs: nodeargs ? String(nodeargs).split(" ") : [] };
}

/**
 * Starts a plugin that is a folder with a PulumiPlugin.yaml or a PulumiPolicy.yaml, and answers what it writes, then its
 * exit code. Working directories and the order of arguments are those of Pulumi's own host.
 */
function runPlugin(call) {
    const { request } = call;
    const folder = request.getInfo()?.getProgramDirectory() || request.getProgram();
    const isPolicyPack = request.getKind() === "analyzer";
    const given = request
        .getEnvList()
        .map((line) => [line.split("=", 1)[0], line.slice(line.indexOf("=") + 1)]);
    const plugin = start(pluginArguments(request, folder, isPolicyPack), {
        cwd: isPolicyPack ? folder : request.getPwd(),
        // Its standard input closes when this host dies, which is how a plugin learns of that.
        stdio: "pipe",
        env: given.length > 0 ? Object.fromEntries(given) : process.env,
    });
    plugin.stdout.on("data", (chunk) => call.write(new RunPluginResponse().setStdout(chunk)));
    plugin.stderr.on("data", (chunk) => call.write(new RunPluginResponse().setStderr(chunk)));
    plugin.on("error", (error) => call.destroy(error));
    plugin.on("close", (code) => {
        call.write(new RunPluginResponse().setExitcode(code ?? 1));
        call.end();
    });
    call.on("cancelled", () => plugin.kill("SIGKILL"));
}

function pluginArguments(request, folder, isPolicyPack) {
    const { nodeargs, typescript } = optionsOf(request.getInfo());
    const fromPlugin = createRequire(path.join(folder, "package.json"));
    const given = request.getArgsList();
    if (isPolicyPack)
        return [...nodeargs, fromPlugin.resolve("@pulumi/pulumi/cmd/run-policy-pack"), ...given, folder];
    if (typescript === false)
        return [
            ...nodeargs,
            "-e",
            runPlain,
            "--",
            fromPlugin.resolve("@pulumi/pulumi/cmd/run-plugin/run"),
            folder,
            ...given,
        ];
    return [...nodeargs, fromPlugin.resolve("@pulumi/pulumi/cmd/run-plugin"), folder, ...given];
}

/** What `cmd/run-plugin` does, without the TypeScript compiler that it always loads. */
const runPlain = `
    const [runner, ...args] = process.argv.slice(1);
    const reportLoggedError = () => { process.exitCode = ${bailExitCode}; };
    const argv = { _: args.filter((argument) => !argument.startsWith("-")) };
    require(runner).run({ argv, programStarted() {}, reportLoggedError, typeScript: false });
`;

function programEnvironment(request, options) {
    // The SDK expects `namespace:config:key`; the engine sends `namespace:key`.
    const config = Object.fromEntries(
        request
            .getConfigMap()
            .toArray()
            .map(([key, value]) => [key.replace(":", ":config:"), value]),
    );
    return {
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        ...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
        ...(options.tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: String(options.tsconfig) } : {}),
    };
}

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(LanguageRuntimeService, {
    getPluginInfo: (_, callback) => {
        const info = new PluginInfo();
        info.setVersion(fromSdk("./package.json").version);
        callback(null, info);
    },
    getRequiredPackages: (_, callback) => callback(null, new GetRequiredPackagesResponse()),
    installDependencies: (call) => call.end(),
    cancel: (_, callback) => callback(null, new Empty()),
    run,
    runPlugin,
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    console.log(port);
});

// An engine that was killed says nothing; neither host nor what it started must outlive it. It holds the other end of standard
// input, which closes when it dies, however early that is.
process.stdin
    .once("close", () => {
        for (const child of children) child.kill("SIGKILL");
        process.exit(1);
    })
    .resume();

// The engine closes its connection and then interrupts the host, for which it waits five seconds. The host does not wait
// for the connection in turn: now and then it sees the end of it only later. What it started goes first.
for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
        for (const child of children) child.kill("SIGINT");
        process.exit(0);
    });
}
