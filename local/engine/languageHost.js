#!/usr/bin/env node
// Runs a Node.js program for a Pulumi CLI that came without its own language host (one built from its Go module).
// Installed in the private PULUMI_HOME of the local Azure only. The engine starts it in the project's folder and gives
// its own address as the last argument; the host prints its port and then serves Pulumi's language protocol.
const { spawn } = require("node:child_process");
const { createRequire } = require("node:module");
const path = require("node:path");

const engineAddress = process.argv.slice(2).findLast((argument) => !argument.startsWith("-"));
// Everything comes from the SDK of the project, so that protocol and program are of one version.
const fromProject = createRequire(path.join(process.cwd(), "package.json"));
const fromSdk = createRequire(fromProject.resolve("@pulumi/pulumi"));
const grpc = fromSdk("@grpc/grpc-js");
const { LanguageRuntimeService } = fromSdk("./proto/language_grpc_pb");
const { GetRequiredPackagesResponse, RunResponse } = fromSdk("./proto/language_pb");
const { PluginInfo } = fromSdk("./proto/plugin_pb");
const { Empty } = fromSdk("google-protobuf/google/protobuf/empty_pb");

/** Exit code by which the SDK says that the error was already shown. */
const bailExitCode = 32;
let program;

function run({ request }, callback) {
    const response = new RunResponse();
    const info = request.getInfo();
    const folder = info?.getProgramDirectory() || request.getPwd();
    const options = info?.getOptions()?.toJavaScript() ?? {};
    const args = [
        ...(options.nodeargs ? String(options.nodeargs).split(" ") : []),
        createRequire(path.join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run"),
        ...["--monitor", request.getMonitorAddress(), "--engine", engineAddress],
        ...["--organization", request.getOrganization(), "--project", request.getProject()],
        ...["--root-directory", info?.getRootDirectory() || folder, "--stack", request.getStack()],
        ...["--pwd", folder, "--parallel", String(request.getParallel())],
        ...(request.getDryrun() ? ["--dry-run"] : []),
        info?.getEntryPoint() || ".",
        ...request.getArgsList(),
    ];
    program = spawn(process.execPath, args, {
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
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    console.log(port);
});

// An engine that was killed says nothing; neither host nor program must outlive it. It holds the other end of standard
// input, which closes when it dies, however early that is.
process.stdin
    .once("close", () => {
        program?.kill("SIGKILL");
        process.exit(1);
    })
    .resume();

// The engine closes its connection and then interrupts the host, for which it waits five seconds. The host does not wait
// for the connection in turn: now and then it sees the end of it only later. The program goes first.
for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
        program?.kill("SIGINT");
        process.exit(0);
    });
}
