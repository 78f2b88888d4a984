import { servePlugin } from "../../provider-protocol/plugin";
import { useProxies } from "../../setup/proxies";
import { tidyEnvironment } from "../../setup/tidyEnvironment";
import { iotedge } from "./iotedge";
import { packageVersion } from "./providerSchema";

/** Serves the provider to the engine that started it, whose address is the last argument, or that attaches to it. */
export function main(): void {
    const { argv, env } = process;
    tidyEnvironment(env);
    useProxies(env);
    const engineAddress = argv.slice(2).findLast((argument) => !argument.startsWith("-"));
    servePlugin(packageVersion, engineAddress, (log) => iotedge(log, env));
}
