import { servePlugin } from "../../provider-protocol/plugin";
import { folderVariable } from "../endpoints";
import { azureNative } from "./azureNative";
import { docker } from "./docker";
import { managementClient } from "./management";

/** Starts the stand-in for the provider `name`; the entry of every plugin in the private PULUMI_HOME. */
export function main(name: string, version: string): void {
    const { argv, env } = process;
    const engineAddress = argv.slice(2).findLast((argument) => !argument.startsWith("-"));
    if (!engineAddress) throw new Error("Expected the engine's address as the last argument, found none.");
    servePlugin(version, engineAddress, (log) => {
        switch (name) {
            case "azure-native":
                return azureNative(managementClient(localFolder(env)), env);
            case "docker":
                return docker(localFolder(env), log, env.DOCKER_HOST);
            default:
                throw new Error(`Expected the name of a stand-in, found ${name}.`);
        }
    });
}

function localFolder(env: NodeJS.ProcessEnv): string {
    const folder = env[folderVariable];
    if (folder) return folder;
    throw new Error(
        `Expected ${folderVariable} to name the folder of a local Azure, found none. ` +
            'Set the environment with: eval "$(npm run -s edge -- local env)"',
    );
}
